/** The door of storage. */
export { createArtifactStore } from './artifacts.js';
export { createRecordStore } from './records.js';
export type * from './types.js';
export { writeBackup } from './upkeep/backup.js';
export { planPrune, prune, type PrunePlan } from './upkeep/prune.js';
export { restoreBackup } from './upkeep/restore.js';
