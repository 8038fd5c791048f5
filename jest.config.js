import { availableParallelism } from 'node:os';

/** Tests run on the TypeScript sources of every workspace; no build is needed but for the tests that start processes. */
export const base = {
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@gesta/source', 'node', 'node-addons'] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/.*/dist/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2023',
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

export default {
  ...base,
  // Much of a test is waiting: three workers keep two cores busy.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  // Timing fails no test: a machine may have other things to do.
  testTimeout: 30_000,
  testMatch: ['<rootDir>/{libs,contexts,apps,bench,docker,docs}/**/*.spec.ts'],
};
