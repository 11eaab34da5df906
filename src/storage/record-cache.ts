/** What was read of records, kept until it changes: a file by its mark, a list by the mark of its directory. */
import type { Stats } from 'node:fs';

/** Bytes of files whose values are kept. */
const bytesMax = 64 * 1024 * 1024;
/**
 * A directory that changed lately may change again within the same tick of the file system's clock, so a list is kept
 * only when the last change is older than this; and not for long, as a file edited in place leaves its directory as it is.
 */
const settledMs = 2_000;
const listMs = 5_000;

export interface DatedFile {
  readonly name: string;
  readonly info: Stats;
}

interface Kept {
  readonly mark: string;
  readonly value: unknown;
}
interface List {
  readonly changedAt: number;
  readonly until: number;
  readonly limit: number;
  readonly values: readonly unknown[];
}

export interface RecordCache {
  /** The value as it is in the file, frozen: it is everybody's. */
  read(path: string, info: Stats, read: () => Promise<unknown>): Promise<unknown>;
  /** The first `limit` values as they were listed; null when the directory may hold others now. */
  listed(directory: string, folder: Stats, limit: number): readonly unknown[] | null;
  /** @param folder as it was before the values were read */
  keepList(directory: string, folder: Stats, limit: number, values: readonly unknown[]): void;
}

export function createRecordCache(): RecordCache {
  const values = new Map<string, Kept>();
  const lists = new Map<string, List>();
  let bytes = 0;

  return {
    async read(path, info, read) {
      // Records are replaced as whole files, so a new one has another inode.
      const mark = `${info.ino} ${info.size} ${info.mtimeMs}`;
      const known = values.get(path);
      if (known?.mark === mark) return known.value;
      const value = frozen(await read());
      bytes += info.size;
      if (bytes > bytesMax) {
        values.clear();
        bytes = info.size;
      }
      values.set(path, { mark, value });
      return value;
    },
    listed(directory, { mtimeMs }, limit) {
      const known = lists.get(directory);
      if (known?.changedAt !== mtimeMs || known.until < Date.now() || known.limit < limit) return null;
      return known.values.slice(0, limit);
    },
    keepList(directory, { mtimeMs }, limit, values) {
      if (Date.now() - mtimeMs < settledMs) return;
      lists.set(directory, { changedAt: mtimeMs, until: Date.now() + listMs, limit, values });
    },
  };
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
