/** What the analysis of one tree is asked, and what it tells while it runs. */
import type { FileResult } from './analyse-file.js';
import type { StoredResult } from './cache/stored-result.js';
import type { Compat } from './metrics/cognitive.js';
import type { Skipped } from './projects/collect-files.js';

/** Plain data: can be sent to a child process. */
export interface TreeJob {
  readonly root: string;
  readonly compat: Compat;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly rules: readonly string[] | null;
  /** Path of the manifest; null = no cache. */
  readonly cacheFile: string | null;
  /** Identity of the analyser and its options. */
  readonly identity: string;
  /** Projects that are not to be analysed as usual (after a child ran out of memory). */
  readonly modes: Readonly<Record<string, 'done' | 'untyped' | 'giveUp'>>;
}
export interface TreeSink {
  readonly onProject: (id: string) => void;
  readonly onProjectDone: (id: string) => void;
  readonly onResult: (result: FileResult) => void;
  /** A result that was in the cache, and which cache file that was. */
  readonly onKept: (file: string, result: StoredResult, cacheStamp: string) => void;
  readonly onProgress: (done: number, total: number, step: string) => void;
  /** Awaited every 50 ms of work at most; throws to end the run. */
  readonly breathe: () => Promise<void>;
}
export interface TreeOutcome {
  readonly skipped: readonly Skipped[];
  readonly hashes: ReadonlyMap<string, string>;
  /** Files whose results were not taken from the cache. */
  readonly analysed: number;
}
