/** The stored results of the last analysis of a tree, and what they depend on. One file per scope, written whole. */
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { StoredResult } from './stored-result.js';

export interface StoredFile {
  readonly hash: string;
  /** What the file system said of the file when it had this hash, see `fileStamp`; '' = it cannot be believed. */
  readonly stamp: string;
  /** See shape.ts; '' for files that were left out. */
  readonly shape: string;
  readonly global: boolean;
  /** Files of the tree that this file's types come from directly: resolved imports, and what fixes read. */
  readonly imports: readonly string[];
  /** Its result comes from its own text alone, whatever its imports say. Its types may come from them all the same. */
  readonly alone: boolean;
  readonly project: string;
  /** Null for files that were left out. */
  readonly result: StoredResult | null;
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

type Header = Omit<Manifest, 'files'> & {
  readonly body: { readonly length: number; readonly digest: string };
  readonly files: Readonly<
    Record<string, Omit<StoredFile, 'result'> & { readonly at: readonly [number, number] | null }>
  >;
};

/** Null when there is none, or when it is damaged: a cache that cannot be read is no cache. */
export function readManifest(path: string): Manifest | null {
  try {
    const whole = readFileSync(path);
    const end = whole.indexOf(10);
    const body = whole.subarray(end + 1);
    const header = JSON.parse(whole.toString('utf8', 0, end)) as Header;
    if (body.length !== header.body.length || digestOf([body]) !== header.body.digest) return null;
    const files = Object.fromEntries(
      Object.entries(header.files).map(([file, { at, ...rest }]) => {
        const result = at === null ? null : StoredResult.read(body.subarray(...at));
        return [file, { ...rest, result }];
      }),
    );
    return { ...header, files };
  } catch {
    return null;
  }
}

/**
 * One line about everything, then the results as they are, so that a run that keeps most of them copies bytes.
 * Temporary file and rename: a killed process leaves the old manifest or the new one.
 */
export function writeManifest(path: string, manifest: Manifest): void {
  const parts: Buffer[] = [];
  let length = 0;
  const files = Object.fromEntries(
    Object.entries(manifest.files).map(([file, { result, ...rest }]) => {
      if (result === null) return [file, { ...rest, at: null }];
      const start = length;
      parts.push(result.bytes);
      length += result.bytes.length;
      return [file, { ...rest, at: [start, length] }];
    }),
  );
  const header = { ...manifest, files, body: { length, digest: digestOf(parts) } };
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...parts]));
  renameSync(temporary, path);
}

function digestOf(parts: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

export function stampOf(path: string): string {
  try {
    const { size, mtimeMs } = statSync(path);
    return `${size}:${mtimeMs}`;
  } catch {
    return 'absent';
  }
}

/** A change this close to the look may leave the times as they are: coarse file systems count in two seconds. */
const racyMs = 2_500;

/**
 * Tells a file from every other content of it, as git's index does: size, times and number. The time of the last change
 * of status is among them, because programs can set the other one back.
 */
export function fileStamp({ size, mtimeMs, ctimeMs, ino }: Stats): string {
  const racy = Date.now() - Math.max(mtimeMs, ctimeMs) < racyMs;
  return racy ? '' : `${size}:${mtimeMs}:${ctimeMs}:${ino}`;
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

/**
 * Changes whenever the code in the directory does: the analyser's own identity without a version to forget. A build says
 * itself what it was made from; otherwise every file is asked.
 */
export function stampOfCode(directory: string): string {
  const build = /^(.*[\\/]dist)[\\/]/.exec(join(directory, '/'))?.[1];
  if (build !== undefined)
    try {
      return readFileSync(join(build, '.stamp'), 'utf8');
    } catch {
      // Not our build, or one that is being made.
    }
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
  const reached = new Set<string>();
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
      if (!reached.has(importer)) {
        reached.add(importer);
        moved.push(importer);
        if (manifest.files[importer]?.alone !== true) stale.add(importer);
      }
  return new Set([...hashes.keys()].filter((file) => !stale.has(file)));
}
