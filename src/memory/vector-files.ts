/**
 * Vectors on the disk, one file a scope, so that a restart asks the model for nothing again. A file says whose vectors
 * it holds; they are found by the digest of their text, and go with their scope. Everything can be lost or damaged.
 */
import { mkdirSync, readdirSync, rmSync, openSync, closeSync, readSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { errnoOf, writeAtomically } from '../disk.js';
import { shortDigest } from './document-text.js';
import type { Scope } from './types.js';

const suffix = '.vec';
const headBytes = 512;
const digestBytes = 16;
const sumBytes = 4;
/** 50,000 vectors of 4,096 dimensions take 800 MB; what is larger is not ours. */
const bytesMaximum = 1024 * 1024 * 1024;

export interface KeptVectors {
  readonly model: string;
  readonly dimension: number;
  /** By the digest of the text. */
  readonly vectors: ReadonlyMap<string, Float32Array>;
}

export interface VectorFiles {
  scopes(): readonly Scope[];
  /** `whole`: nothing behind the vectors is damaged or cut short, so that more can be added. */
  read(scope: Scope): Promise<(KeptVectors & { readonly whole: boolean }) | null>;
  /** Adds to what is there of the same model, and replaces what is there of another. */
  add(scope: Scope, kept: KeptVectors): Promise<void>;
  /** Writes the file anew: what is not given is gone. */
  write(scope: Scope, kept: KeptVectors): Promise<void>;
  remove(scope: Scope): Promise<void>;
}

interface Head {
  readonly scope: Scope;
  readonly model: string;
  readonly dimension: number;
}

const headOf = (head: Head): Buffer => Buffer.from(`${JSON.stringify(head).padEnd(headBytes - 1)}\n`, 'utf8');

function parseHead(bytes: Buffer): Head | null {
  try {
    const head = JSON.parse(bytes.subarray(0, headBytes).toString('utf8')) as Partial<Head>;
    const { scope, model, dimension = 0 } = head;
    return scope === undefined || model === undefined || dimension < 1 ? null : { scope, model, dimension };
  } catch {
    return null;
  }
}

function recordsOf({ dimension, vectors }: KeptVectors): Buffer {
  return Buffer.concat(
    [...vectors].flatMap(([digest, vector]) => {
      if (vector.length !== dimension) return [];
      const bytes = Buffer.from(Float32Array.from(vector).buffer);
      const sum = Buffer.alloc(sumBytes);
      sum.writeUInt32LE(crc32(bytes));
      return [Buffer.from(digest, 'hex'), sum, bytes];
    }),
  );
}

/** Reads to the first record that is damaged or cut short. */
function parseRecords(bytes: Buffer, dimension: number) {
  const vectors = new Map<string, Float32Array>();
  const size = digestBytes + sumBytes + dimension * 4;
  let end = headBytes;
  for (; end + size <= bytes.length; end += size) {
    const from = end + digestBytes + sumBytes;
    const own = bytes.subarray(from, end + size);
    if (crc32(own) !== bytes.readUInt32LE(end + digestBytes)) break;
    const vector = new Float32Array(dimension);
    for (let d = 0; d < dimension; d += 1) vector[d] = own.readFloatLE(d * 4);
    vectors.set(bytes.subarray(end, end + digestBytes).toString('hex'), vector);
  }
  return { vectors, end };
}

function readHead(path: string): Head | null {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(headBytes);
    return readSync(file, bytes, 0, headBytes, 0) === headBytes ? parseHead(bytes) : null;
  } finally {
    closeSync(file);
  }
}

/** Files that are no vectors of ours are removed: the directory is ours alone. */
function scopesIn(directory: string): Set<Scope> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const scopes = new Set<Scope>();
  for (const name of readdirSync(directory).filter((one) => one.endsWith(suffix))) {
    const path = join(directory, name);
    const head = readHead(path);
    if (head === null) rmSync(path, { force: true });
    else scopes.add(head.scope);
  }
  return scopes;
}

export function createVectorFiles(directory: string): VectorFiles {
  let known: Set<Scope> | null = null;
  const scopes = (): Set<Scope> => (known ??= scopesIn(directory));
  const pathOf = (scope: Scope): string => join(directory, `${shortDigest(scope)}${suffix}`);
  const whole = async (path: string): Promise<Buffer | null> => {
    try {
      return (await stat(path)).size > bytesMaximum ? null : await readFile(path);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null;
      throw error;
    }
  };
  const files: VectorFiles = {
    scopes: () => [...scopes()],
    async read(scope) {
      const bytes = await whole(pathOf(scope));
      const head = bytes === null ? null : parseHead(bytes);
      if (bytes === null || head?.scope !== scope) return null;
      const { model, dimension } = head;
      const { vectors, end } = parseRecords(bytes, dimension);
      return { model, dimension, vectors, whole: end === bytes.length };
    },
    async add(scope, kept) {
      const path = pathOf(scope);
      const head = scopes().has(scope) ? readHeadOrNull(path) : null;
      if (head?.model !== kept.model || head.dimension !== kept.dimension) return files.write(scope, kept);
      // One write call: the kernel keeps the records of two processes apart.
      await appendFile(path, recordsOf(kept));
    },
    async write(scope, kept) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const { model, dimension } = kept;
      const head = headOf({ scope, model, dimension });
      if (head.length !== headBytes) return;
      await writeAtomically(pathOf(scope), Buffer.concat([head, recordsOf(kept)]));
      scopes().add(scope);
    },
    async remove(scope) {
      await rm(pathOf(scope), { force: true });
      known?.delete(scope);
    },
  };
  return files;
}

function readHeadOrNull(path: string): Head | null {
  try {
    return readHead(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}
