import { base } from './jest.config.js';

/** What takes long: kits against servers, real processes that are killed, what waits for leases to end. */
export default {
  ...base,
  testMatch: ['<rootDir>/{libs,contexts,apps,docs}/**/*.fault-spec.ts'],
  maxWorkers: 1,
  testTimeout: 300_000,
};
