/** The door of verification: workspace → evidence. */
export { createSandbox, type SandboxOptions } from './sandbox/create-sandbox.js';
export { listOutput, readOutput } from './sandbox/read-output.js';
export { detectTestPlan } from './detect-plan.js';
export { countTests, harnessDirectory, runSuite, type SuiteRequest, type SuiteRun } from './run-suite.js';
