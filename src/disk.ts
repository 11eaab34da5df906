/** Writing files so that a crash or a full disk leaves the old content or the new, never a half. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join, basename } from 'node:path';
import { RatchetError, toRatchetError } from './errors.js';

/** The errno name of a thrown system error, else null. */
export function errnoOf(error: unknown): string | null {
  // By shape, not by class: under a test runner the system's errors come from another realm.
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Turns a system error into a fault: a full disk or quota is DISK_FULL, all else `INTERNAL`. */
export function diskFault(error: unknown, path: string): RatchetError {
  const code = errnoOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new RatchetError('DISK_FULL', `The disk is full: ${path} could not be written.`, {
      where: path,
      mend: 'Free some space and repeat; nothing was half-written.',
      cause: error,
    });
  }
  return toRatchetError(error);
}

/**
 * Replaces a file's content by temp file, fsync and rename; makes the directories above it.
 * @param mode permission bits of the new file, default 0600
 * @throws RatchetError DISK_FULL; the old content stays.
 */
export async function writeAtomically(path: string, bytes: Uint8Array | string, mode = 0o600): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 80)}.${randomUUID().slice(0, 8)}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first error is the one that matters
    throw diskFault(error, path);
  }
}

/** Makes a rename in this directory durable. Some file systems refuse to sync a directory; that is no loss of data. */
export async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = errnoOf(error);
    if (code !== 'EINVAL' && code !== 'EPERM' && code !== 'EISDIR' && code !== 'EACCES') throw error;
  }
}
