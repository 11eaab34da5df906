/** What the analysis child and its parent say to each other (structured clone over the IPC channel). */
import type { FileResult } from '../analyse-file.js';
import type { TreeJob } from '../tree-job.js';
import type { Skipped } from '../projects/collect-files.js';

export interface ChildJob {
  readonly job: TreeJob;
  /** URL of a module that exports `fixers`; null = none. */
  readonly fixersModule: string | null;
  /** The cache file that the parent has read (see `identityOf`): what it holds need not be sent. */
  readonly parentHas: string;
}
export type ChildMessage =
  | { readonly kind: 'project'; readonly id: string }
  | { readonly kind: 'projectDone'; readonly id: string }
  | { readonly kind: 'results'; readonly results: readonly FileResult[] }
  | { readonly kind: 'kept'; readonly files: readonly string[] }
  | { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly step: string }
  | {
      readonly kind: 'end';
      readonly skipped: readonly Skipped[];
      readonly hashes: readonly (readonly [string, string])[];
      readonly analysed: number;
    }
  | { readonly kind: 'fault'; readonly message: string };
