/** The door of memory: what was said and what is known, found by words and by meaning. */
export { createMemory, type MemoryRoom, type MemorySearch } from './memory.js';
export {
  changeDocument,
  fileDocuments,
  findingDocuments,
  namesInDiff,
  pathsToRemember,
} from './repository-documents.js';
export { createRepositorySource, type KnownCode } from './repository-source.js';
export type { IndexOptions } from './engines.js';
export { createSearchIndex, type SearchIndex } from './search-index.js';
export * from './types.js';
