/** The stored results of the last analysis of a tree, and what they depend on. One file per scope, written whole. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileResult } from '../analyse-file.js';

export interface StoredFile {
  readonly hash: string;
  /** See shape.ts; '' for files that were left out. */
  readonly shape: string;
  readonly global: boolean;
  /** Files of the tree that this file's types come from directly: resolved imports, and what fixes read. */
  readonly imports: readonly string[];
  readonly project: string;
  readonly result: FileResult | null;
  readonly skipped: string | null;
}
export interface Manifest {
  /** Everything that is the same for all files: analyser, options, list of files, configurations, dependencies. */
  readonly environment: string;
  /** Absolute paths outside the tree (or in node_modules) that types came from → size and time. */
  readonly externals: Readonly<Record<string, string>>;
  readonly problems: readonly { readonly file: string; readonly reason: string }[];
  readonly files: Readonly<Record<string, StoredFile>>;
  /** Files that an interrupted run had not come to: relative path → hash of the text it saw. */
  readonly pending: Readonly<Record<string, string>>;
}

/** Larger trees are analysed without a cache: one document could not hold them. */
export const cachedFilesMax = 60_000;

export function manifestPath(cacheDirectory: string, scope: string): string {
  const name = createHash('sha256').update(scope).digest('hex').slice(0, 32);
  return join(cacheDirectory, 'analysis', `${name}.json`);
}

/** Null when there is none, or when it is unreadable: a cache that cannot be read is no cache. */
export function readManifest(path: string): Manifest | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch {
    return null;
  }
}

/** Temporary file and rename: a killed process leaves the old manifest or the new one. */
export function writeManifest(path: string, manifest: Manifest): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, JSON.stringify(manifest));
  renameSync(temporary, path);
}

export function stampOf(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path);
    return `${size}:${mtimeMs}`;
  } catch {
    return 'absent';
  }
}

/** Tells one written manifest from every other: each is a new file. */
export function identityOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino}:${size}:${mtimeMs}`;
  } catch {
    return 'absent';
  }
}

/** Changes whenever a file of the directory does: the analyser's own identity without a version to forget. */
export function stampOfDirectory(directory: string): string {
  const hash = createHash('sha256');
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted();
  for (const name of names) hash.update(`${name} ${stampOf(join(directory, name))}\n`);
  return hash.digest('hex');
}

export function externalsAreSame(manifest: Manifest): boolean {
  return Object.entries(manifest.externals).every(([path, stamp]) => stampOf(path) === stamp);
}

/**
 * The files whose results can be taken as they are. A file is stale when its text changed, when it is new, or when
 * the shape of anything it depends on (directly or not) may have changed.
 */
export function freshFiles(
  manifest: Manifest,
  hashes: ReadonlyMap<string, string>,
  shapeNow: (file: string) => string,
): ReadonlySet<string> {
  const stale = new Set<string>();
  const moved: string[] = [];
  for (const [file, hash] of hashes) {
    const stored = manifest.files[file];
    if (stored?.hash === hash) continue;
    stale.add(file);
    if (stored === undefined) {
      if (manifest.pending[file] !== hash) return new Set();
    } else if (stored.shape === '' || shapeNow(file) !== stored.shape) {
      if (stored.global || stored.result === null) return new Set();
      moved.push(file);
    }
  }
  const importers = new Map<string, string[]>();
  for (const [file, stored] of Object.entries(manifest.files))
    for (const imported of stored.imports) {
      const list = importers.get(imported);
      if (list === undefined) importers.set(imported, [file]);
      else list.push(file);
    }
  for (let at = moved.pop(); at !== undefined; at = moved.pop())
    for (const importer of importers.get(at) ?? [])
      if (!stale.has(importer)) {
        stale.add(importer);
        moved.push(importer);
      }
  return new Set([...hashes.keys()].filter((file) => !stale.has(file)));
}
