/** Small JSON records, one file each: `<directory>/<kind>/<id>.json`. */
import type { Stats } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFault, errnoOf, syncDirectory, writeAtomically } from '../disk.js';
import { RatchetError } from '../errors.js';
import { withLock } from '../lock.js';
import { createRecordCache, type DatedFile, type RecordCache } from './record-cache.js';
import type { RecordKind, RecordStore } from './types.js';

const kinds: Readonly<Record<RecordKind, true>> = {
  repositories: true,
  cycles: true,
  proposals: true,
  changes: true,
  baselines: true,
  trials: true,
  patchTrials: true,
  analyses: true,
  nights: true,
  calibrations: true,
  calibrationRuns: true,
  learning: true,
  autonomy: true,
  modelRuns: true,
  modelUsage: true,
  alerts: true,
  reports: true,
};
const idPattern = /^[A-Za-z0-9_.~-]{1,128}$/;
const listMaximum = 10_000;
/** One record is read whole; a larger file is a sign of damage. */
const recordBytesMaximum = 64 * 1024 * 1024;

/** What `createRecordStore` may be told. */
export interface RecordStoreOptions {
  /** Keeps what was read, frozen, until its file changes: for a process that reads the same again and again. */
  readonly cached?: boolean;
}

/** A record store in a directory; kinds are directories made when first written. */
export function createRecordStore(
  directory: string,
  { cached = false }: RecordStoreOptions = {},
): RecordStore {
  const cache = cached ? createRecordCache() : null;
  const pathOf = (kind: RecordKind, id: string): string => {
    if (!(kind in kinds)) throw new RatchetError('INVALID_INPUT', `There are no records of kind ${kind}.`);
    if (!idPattern.test(id) || /^\.+$/.test(id)) {
      throw new RatchetError('INVALID_INPUT', `${JSON.stringify(id.slice(0, 160))} is no usable id.`, {
        mend: 'Use 1 to 128 of the characters A-Z a-z 0-9 _ . ~ -',
      });
    }
    return join(directory, kind, `${id}.json`);
  };
  const lockOf = (kind: RecordKind, id: string): string => join(directory, kind, '.locks', id);
  const write = (path: string, value: unknown): Promise<void> =>
    writeAtomically(path, `${JSON.stringify(value, null, 1)}\n`);
  return {
    async get<T>(kind: RecordKind, id: string) {
      const path = pathOf(kind, id);
      if (cache === null) return readRecord<T>(path);
      const found = await statOf(path);
      return found === null ? null : ((await cache.read(path, found, () => readRecord(path))) as T | null);
    },
    async put<T>(kind: RecordKind, id: string, value: T) {
      const path = pathOf(kind, id);
      await withLock(lockOf(kind, id), () => write(path, value));
    },
    async update<T>(kind: RecordKind, id: string, change: (current: T | null) => T | null) {
      const path = pathOf(kind, id);
      return withLock(lockOf(kind, id), async () => {
        const current = await readRecord<T>(path);
        const next = change(current);
        if (next === null) return current;
        await write(path, next);
        return next;
      });
    },
    async list<T>(kind: RecordKind, limit = 200) {
      pathOf(kind, 'any');
      return listRecords<T>(join(directory, kind), Math.min(Math.max(limit, 0), listMaximum), cache);
    },
    async remove(kind, id) {
      const path = pathOf(kind, id);
      await withLock(lockOf(kind, id), async () => {
        await rm(path, { force: true });
        await syncDirectory(join(directory, kind));
      });
    },
  };
}

async function readRecord<T>(path: string): Promise<T | null> {
  let text: string;
  try {
    if ((await stat(path)).size > recordBytesMaximum) throw corrupt(path, 'it is too large');
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw diskFault(error, path);
  }
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw corrupt(path, 'it is not JSON', error);
  }
}

function corrupt(path: string, why: string, cause?: unknown): RatchetError {
  return new RatchetError('CORRUPT', `The record ${path} is damaged: ${why}.`, {
    where: path,
    mend: 'Move the file away; git and Temporal keep the truth.',
    cause,
  });
}

async function statOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw diskFault(error, path);
  }
}

/** A record that vanishes between listing and reading is left out; a damaged one is named by its fault. */
async function listRecords<T>(directory: string, limit: number, cache: RecordCache | null): Promise<T[]> {
  const folder = await statOf(directory);
  if (folder === null) return [];
  const known = cache?.listed(directory, folder, limit) ?? null;
  if (known !== null) return [...known] as T[];
  const files = await datedFiles(directory);
  const records = await Promise.all(
    files.slice(0, limit).map(({ name, info }) => {
      const path = join(directory, name);
      return cache === null ? readRecord(path) : cache.read(path, info, () => readRecord(path));
    }),
  );
  const there = records.filter((record) => record !== null);
  cache?.keepList(directory, folder, limit, there);
  return there as T[];
}

/** The files of a directory, the one that was written last first. */
async function datedFiles(directory: string): Promise<readonly DatedFile[]> {
  let names: string[];
  try {
    names = (await readdir(directory)).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw diskFault(error, directory);
  }
  const dated = await Promise.all(
    names.map(async (name) => {
      const info = await stat(join(directory, name)).catch(() => null); // removed meanwhile
      return info === null ? [] : [{ name, info }];
    }),
  );
  return dated.flat().toSorted((a, b) => b.info.mtimeMs - a.info.mtimeMs || (a.name < b.name ? -1 : 1));
}
