/** The door of calibration: how often the gates are wrong, measured with changes whose right verdict is known. */
export { createLedger, type Ledger } from './ledger.js';
export { makePlan, type PlanRequest } from './make-plan.js';
export { runPlan, type Judge, type RunOutcome, type RunRequest } from './run-plan.js';
export { faults, treeFaults, worthless, type TreeView } from './traps/index.js';
export { slowDowns } from './slow/index.js';
export * from './policy.js';
export type * from './types.js';
