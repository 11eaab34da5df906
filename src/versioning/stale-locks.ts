/** A git that was killed leaves lock files behind, and then nobody can write that ref any more. */
import { realpath, rm, stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { isRatchetError } from '../errors.js';

/** git holds a ref lock for milliseconds; one this old has lost its owner. */
const staleMs = 10_000;

/**
 * Runs `work`; when it fails for a lock file below `root` that `mayRemove` allows and that has lost its owner, the
 * lock is removed and `work` runs once more. A younger lock stays: its fault is retryable.
 */
export async function pastStaleLocks<T>(
  root: string,
  mayRemove: (relativePath: string) => boolean,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const stderr = isRatchetError(error) ? error.data?.['stderr'] : null;
    const path =
      typeof stderr === 'string' ? /Unable to create '(.+\.lock)': File exists/.exec(stderr)?.[1] : null;
    if (path === null || path === undefined) throw error;
    const inside = relative(await realpath(root), await realpath(path).catch(() => path));
    if (inside.startsWith('..') || !mayRemove(inside.replaceAll('\\', '/'))) throw error;
    const info = await stat(path).catch(() => null); // gone: its owner lives and has finished
    if (info !== null && Date.now() - info.mtimeMs < staleMs) throw error;
    await rm(path, { force: true });
    return work();
  }
}
