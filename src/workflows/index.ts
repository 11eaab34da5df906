/** All workflows that the worker bundles. */
export { conversation } from './conversation.js';
export { improvementCycle } from './improvement-cycle.js';
export { nightly } from './nightly.js';
export { proposal } from './proposal.js';
export { rollback } from './rollback.js';
export { watch } from './watch.js';
export { trial } from './patch-trial.js';
