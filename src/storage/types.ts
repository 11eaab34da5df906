/** Storage ports: content-addressed artifacts and small JSON records. Pure contract. */
import type { Digest } from '../versioning/types.js';

/** Content-addressed, immutable bytes under sha256. */
export interface ArtifactStore {
  /** Writes atomically; writing the same bytes twice is the same as once. */
  put(bytes: Uint8Array | string): Promise<Digest>;
  /** Throws NOT_FOUND, or CORRUPT when the bytes do not hash to the digest. */
  get(digest: Digest): Promise<Uint8Array>;
  putJson(value: unknown): Promise<Digest>;
  getJson<T>(digest: Digest): Promise<T>;
  has(digest: Digest): Promise<boolean>;
}

export type RecordKind =
  | 'repositories'
  | 'cycles'
  | 'proposals'
  | 'changes'
  | 'baselines'
  | 'trials'
  | 'patchTrials'
  | 'analyses'
  | 'nights'
  | 'calibrations'
  | 'calibrationRuns'
  | 'learning'
  | 'autonomy'
  | 'modelRuns'
  | 'modelUsage'
  | 'alerts'
  | 'reports';

/** Small JSON documents by kind and id; every write is atomic. A projection: git and Temporal stay the truth. */
export interface RecordStore {
  get<T>(kind: RecordKind, id: string): Promise<T | null>;
  put<T>(kind: RecordKind, id: string, value: T): Promise<void>;
  /** Reads, changes and writes under a lock; `change` returning null leaves the record alone. */
  update<T>(kind: RecordKind, id: string, change: (current: T | null) => T | null): Promise<T | null>;
  /** Newest first by modification, bounded. */
  list<T>(kind: RecordKind, limit?: number): Promise<T[]>;
  remove(kind: RecordKind, id: string): Promise<void>;
}
