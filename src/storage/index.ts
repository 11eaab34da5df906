/** The door of storage. */
export { createArtifactStore } from './artifacts.js';
export { createRecordStore } from './records.js';
export type * from './types.js';
