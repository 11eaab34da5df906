/**
 * The cache of unpacked executables. Each directory carries `part.json` with the sha256 of every file; a file whose
 * stat changed since it was last hashed is hashed again, so a damaged cache is noticed and a warm one costs nothing.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Wheel } from './manifest.js';
import type { UnpackedFile } from './unpack-wheel.js';

const CacheRecord = z.object({
  schemaVersion: z.literal(1),
  wheel: z.string(),
  wheelSha256: z.string(),
  files: z.array(
    z.object({ path: z.string(), sha256: z.string(), bytes: z.number(), stat: z.string().nullable() }),
  ),
});
type CacheRecord = z.infer<typeof CacheRecord>;

/** What the cache says about a wheel. */
export type Cached =
  | { readonly kind: 'ready'; readonly directory: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'corrupt'; readonly why: string };

/** Where a wheel's files live inside the cache. */
export function cacheDirectory(parts: string, wheel: Wheel): string {
  return join(parts, wheel.file.replace(/\.whl$/, ''));
}

/** Looks a wheel up, hashing what changed since the last look. */
export async function lookUp(parts: string, wheel: Wheel): Promise<Cached> {
  const directory = cacheDirectory(parts, wheel);
  if (statSync(directory, { throwIfNoEntry: false }) === undefined) return { kind: 'absent' };
  const record = readRecord(directory);
  if (record === null) return { kind: 'corrupt', why: 'its record part.json is missing or unreadable' };
  if (record.wheelSha256 !== wheel.sha256) return { kind: 'corrupt', why: 'it comes from another wheel' };
  let rehashed = false;
  const files: CacheRecord['files'] = [];
  for (const wanted of wheel.files) {
    const file = record.files.find(({ path }) => path === wanted.to);
    if (file === undefined) return { kind: 'corrupt', why: `${wanted.to} is not recorded` };
    const path = join(directory, file.path);
    const stat = statOf(path);
    if (stat === null) return { kind: 'corrupt', why: `${wanted.to} is missing` };
    if (stat !== file.stat) {
      if ((await sha256Of(path)) !== file.sha256) {
        return { kind: 'corrupt', why: `${wanted.to} is not what was unpacked` };
      }
      rehashed = true;
    }
    files.push({ ...file, stat });
  }
  if (rehashed) writeRecordOrLeave(directory, { ...record, files });
  return { kind: 'ready', directory };
}

/** Writes the record of a freshly unpacked directory. */
export function recordUnpacked(directory: string, wheel: Wheel, files: readonly UnpackedFile[]): void {
  writeRecord(directory, {
    schemaVersion: 1,
    wheel: wheel.file,
    wheelSha256: wheel.sha256,
    files: files.map((file) => ({ ...file, stat: null })),
  });
}

/** sha256 of a file, in hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

function readRecord(directory: string): CacheRecord | null {
  try {
    return CacheRecord.parse(JSON.parse(readFileSync(join(directory, 'part.json'), 'utf8')));
  } catch {
    return null; // absent or damaged: the caller says so
  }
}

function writeRecord(directory: string, record: CacheRecord): void {
  const draft = join(directory, `part.json.${process.pid}`);
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(draft, join(directory, 'part.json'));
}

/** A cache on a read-only disk stays usable; it is only hashed each time. */
function writeRecordOrLeave(directory: string, record: CacheRecord): void {
  try {
    writeRecord(directory, record);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EROFS' && code !== 'EACCES' && code !== 'EPERM' && code !== 'ENOSPC') throw error;
  }
}

function statOf(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat?.isFile() !== true) return null;
  return [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join('/');
}
