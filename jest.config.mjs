/** One runner for all tests: real processes, ESM, swc. Slow suites live in test/e2e and test/practice. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/fixtures/'],
  modulePathIgnorePatterns: ['<rootDir>/examples', '<rootDir>/dist', '<rootDir>/.cache', '/fixtures/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  reporters: ['default', '<rootDir>/test/support/results-reporter.mjs'],
  testTimeout: 60_000,
  maxWorkers: 2,
  // The SDK's native runtime may keep a worker alive after its last test; CI must not wait for it.
  forceExit: Boolean(process.env.CI),
};
