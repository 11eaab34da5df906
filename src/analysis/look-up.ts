/** What of a tree has to be analysed: the walk, the hashes, and what the cache knows. Needs no compiler. */
import { join } from 'node:path';
import { environmentOf } from './cache/environment.js';
import {
  cachedFilesMax,
  externalsAreSame,
  identityOf,
  readManifest,
  type Manifest,
  type StoredFile,
} from './cache/manifest.js';
import { collectFiles, type Collected, type Skipped } from './projects/collect-files.js';
import { decodeSource, readRaw } from './projects/read-source.js';
import { Texts } from './projects/texts.js';
import type { FileResult } from './analyse-file.js';
import type { TreeJob, TreeOutcome } from './tree-job.js';

export interface LookUp {
  readonly collected: Collected;
  /** Files that are left out, with the reason. */
  readonly skipped: readonly Skipped[];
  /** Files to analyse, by relative path; bytes of the snapshot. */
  readonly texts: Texts;
  /** sha256 of each of them. */
  readonly hashes: ReadonlyMap<string, string>;
  /** Files that are left out, as the cache stores them. */
  readonly unread: Readonly<Record<string, StoredFile>>;
  /** Null without a cache. */
  readonly cacheFile: string | null;
  /** Which cache file was read. */
  readonly cacheStamp: string;
  readonly environment: string;
  /** The last analysis, when the analyser and everything outside the files are the same. */
  readonly old: Manifest | null;
  /** Nothing changed: every result is in `old`. */
  readonly unchanged: boolean;
}

/** What is known before any source file was read. */
interface Start {
  readonly collected: Collected;
  readonly cacheFile: string | null;
  readonly cacheStamp: string;
  readonly environment: string;
  readonly old: Manifest | null;
}

function begin(job: TreeJob): Start {
  const collected = collectFiles(job.root, job);
  const cacheFile = collected.sources.length > cachedFilesMax ? null : job.cacheFile;
  const environment = cacheFile === null ? '' : environmentOf(job.root, collected, job.identity);
  const cacheStamp = cacheFile === null ? '' : identityOf(cacheFile);
  const stored = cacheFile === null ? null : readManifest(cacheFile);
  const old = stored?.environment === environment && externalsAreSame(stored) ? stored : null;
  return { collected, cacheFile, cacheStamp, environment, old };
}

export async function lookUp(job: TreeJob, breathe: () => Promise<void>): Promise<LookUp> {
  const start = begin(job);
  const { collected, old } = start;
  const skipped = [...collected.skipped];
  const texts = new Texts();
  const hashes = new Map<string, string>();
  const unread: Record<string, StoredFile> = {};
  let unchanged = isWhole(start);
  for (const file of collected.sources) {
    const { hash, bytes, reason } = readRaw(join(job.root, file));
    const known = old?.files[file];
    const same = known?.hash === hash;
    if (!same) unchanged = false;
    const leave = (why: string): void => {
      skipped.push({ file, reason: why });
      unread[file] = leftOut(hash, why);
    };
    if (bytes === null) leave(reason);
    else if (same && known.skipped !== null) leave(known.skipped);
    else {
      const decoded = same ? { text: bytes } : decodeSource(bytes);
      if ('reason' in decoded) leave(decoded.reason);
      else {
        texts.set(file, decoded.text);
        hashes.set(file, hash);
      }
    }
    await breathe();
  }
  return { ...start, skipped, texts, hashes, unread, unchanged };
}

/** The answer of the cache alone, or what of it can be used all the same. */
export type Recall =
  | { readonly kind: 'unchanged'; readonly outcome: TreeOutcome; readonly results: readonly FileResult[] }
  | { readonly kind: 'changed'; readonly old: Manifest | null; readonly cacheStamp: string };

/** Ends at the first file that changed, keeps no text, and needs neither compiler nor child process. */
export async function recall(job: TreeJob, breathe: () => Promise<void>): Promise<Recall> {
  const start = begin(job);
  const { collected, old, cacheStamp } = start;
  const changed = { kind: 'changed', old, cacheStamp } as const;
  if (old === null || !isWhole(start)) return changed;
  const skipped = [...collected.skipped];
  const hashes = new Map<string, string>();
  const results: FileResult[] = [];
  for (const file of collected.sources) {
    const { hash } = readRaw(join(job.root, file));
    const known = old.files[file];
    if (known?.hash !== hash) return changed;
    if (known.result === null) skipped.push({ file, reason: known.skipped ?? '' });
    else {
      hashes.set(file, hash);
      results.push(known.result);
    }
    await breathe();
  }
  const outcome = { skipped: [...skipped, ...old.problems], hashes, analysed: 0 };
  return { kind: 'unchanged', outcome, results };
}

/** Did the last run come to its end? */
function isWhole({ old }: Start): boolean {
  return old !== null && Object.keys(old.pending).length === 0;
}

function leftOut(hash: string, reason: string): StoredFile {
  return { hash, shape: '', global: false, imports: [], project: '', result: null, skipped: reason };
}
