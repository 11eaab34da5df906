/** The door of verification: workspace → evidence. */
export { createSandbox, type SandboxOptions } from './sandbox/create-sandbox.js';
export { listOutput, readOutput } from './sandbox/read-output.js';
