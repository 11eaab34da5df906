/** What of a tree has to be analysed: the walk, the hashes, and what the cache knows. Needs no compiler. */
import { join } from 'node:path';
import { environmentOf } from './cache/environment.js';
import {
  cachedFilesMax,
  externalsAreSame,
  identityOf,
  readManifest,
  writeManifest,
  type Manifest,
  type StoredFile,
} from './cache/manifest.js';
import { collectFiles, type Collected, type Skipped } from './projects/collect-files.js';
import { decodeSource, isAsStamped, readRaw, type RawSource } from './projects/read-source.js';
import { Texts } from './projects/texts.js';
import type { FileResult } from './analyse-file.js';
import type { TreeJob, TreeOutcome } from './tree-job.js';

export interface LookUp {
  readonly collected: Collected;
  /** Files that are left out, with the reason. */
  readonly skipped: readonly Skipped[];
  /** Files to analyse, by relative path. */
  readonly texts: Texts;
  /** sha256 of each of them. */
  readonly hashes: ReadonlyMap<string, string>;
  /** What the file system said of each of them. */
  readonly stamps: ReadonlyMap<string, string>;
  /** Files whose text, read later than they were looked at, is not the one that was stored. Grows. */
  readonly moved: ReadonlySet<string>;
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
  const stamps = new Map<string, string>();
  const unread: Record<string, StoredFile> = {};
  const moved = new Set<string>();
  let unchanged = isWhole(start);
  for (const file of collected.sources) {
    const path = join(job.root, file);
    const known = old?.files[file];
    const kept = known !== undefined && isAsStamped(path, known.stamp) ? known : null;
    const { hash, stamp, bytes, reason } = kept === null ? readRaw(path) : unreadYet(kept);
    const same = known?.hash === hash;
    if (!same) unchanged = false;
    const leave = (why: string): void => {
      skipped.push({ file, reason: why });
      unread[file] = { ...blank, hash, stamp, skipped: why };
    };
    const take = (text: string | (() => string)): void => {
      texts.set(file, text);
      hashes.set(file, hash);
      stamps.set(file, stamp);
    };
    if (same && known.skipped !== null) leave(known.skipped);
    else if (kept !== null) take(() => readLater(path, hash, () => moved.add(file)));
    else if (bytes === null) leave(reason);
    else if (same) take(() => bytes.toString('utf8'));
    else {
      const decoded = decodeSource(bytes);
      if ('reason' in decoded) leave(decoded.reason);
      else take(decoded.text);
    }
    await breathe();
  }
  return { ...start, skipped, texts, hashes, stamps, unread, unchanged, moved };
}

const blank = { shape: '', global: false, imports: [], alone: false, project: '', result: null } as const;

function unreadYet({ hash, stamp }: StoredFile): RawSource {
  return { hash, stamp, bytes: null, reason: '' };
}

/** For the types of others. It may have changed since it was looked at: then it is not what the cache holds any more. */
function readLater(path: string, hash: string, onMoved: () => void): string {
  const now = readRaw(path);
  if (now.hash !== hash) onMoved();
  return now.bytes === null ? '' : now.bytes.toString('utf8');
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
  const renewed = new Map<string, StoredFile>();
  for (const file of collected.sources) {
    const path = join(job.root, file);
    const known = old.files[file];
    if (known === undefined) return changed;
    if (!isAsStamped(path, known.stamp)) {
      const { hash, stamp } = readRaw(path);
      if (known.hash !== hash) return changed;
      if (stamp !== '') renewed.set(file, { ...known, stamp });
    }
    if (known.result === null) skipped.push({ file, reason: known.skipped ?? '' });
    else {
      hashes.set(file, known.hash);
      results.push(known.result.value);
    }
    await breathe();
  }
  if (renewed.size > 0 && start.cacheFile !== null)
    writeManifest(start.cacheFile, { ...old, files: { ...old.files, ...Object.fromEntries(renewed) } });
  const outcome = { skipped: [...skipped, ...old.problems], hashes, analysed: 0 };
  return { kind: 'unchanged', outcome, results };
}

/** Did the last run come to its end? */
function isWhole({ old }: Start): boolean {
  return old !== null && Object.keys(old.pending).length === 0;
}
