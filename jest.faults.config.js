import { base } from './jest.config.js';

/** Long runs in which real processes are killed. */
export default {
  ...base,
  testMatch: ['<rootDir>/{libs,contexts,apps}/**/*.fault-spec.ts'],
  maxWorkers: 1,
  testTimeout: 300_000,
};
