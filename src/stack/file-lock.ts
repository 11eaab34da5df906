/**
 * A lock between processes: a file that names its owner by pid and start time. The file appears with its content in
 * one step (link), so nobody reads a half-written one; an owner that is gone loses the lock.
 */
import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { RatchetError } from '../errors.js';
import { isSame, startOf } from './process-identity.js';

const Owner = z.object({ pid: z.number().int(), start: z.string(), token: z.string() });
type Owner = z.infer<typeof Owner>;

export interface FileLock {
  /** Gives the lock back; a lock that somebody else has taken over meanwhile is left alone. */
  release(): void;
}

/** Reads who holds a lock; null when it is free, its owner is gone, or the file is unreadable. */
export function lockOwner(path: string): { pid: number } | null {
  const owner = read(path);
  return owner !== null && isSame(owner.pid, owner.start) ? { pid: owner.pid } : null;
}

/** Takes the lock or returns null at once when a living process holds it. */
export function tryLock(path: string): FileLock | null {
  mkdirSync(dirname(path), { recursive: true });
  const mine: Owner = { pid: process.pid, start: startOf(process.pid) ?? '', token: randomUUID() };
  const draft = `${path}.${mine.token}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    if (!place(draft, path) && !(reclaim(path) && place(draft, path))) return null;
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    release() {
      if (read(path)?.token === mine.token) rmSync(path, { force: true });
    },
  };
}

/**
 * Waits for the lock.
 * @throws RatchetError TIMEOUT after `timeoutMs`, CANCELLED when aborted.
 */
export async function lockFile(
  path: string,
  options: {
    readonly timeoutMs: number;
    readonly signal?: AbortSignal | undefined;
    readonly onWait?: (owner: number | null) => void;
  },
): Promise<FileLock> {
  const deadline = Date.now() + options.timeoutMs;
  for (let waited = false; ; waited = true) {
    const lock = tryLock(path);
    if (lock !== null) return lock;
    if (!waited) options.onWait?.(lockOwner(path)?.pid ?? null);
    if (options.signal?.aborted === true) throw new RatchetError('CANCELLED', 'Interrupted.');
    if (Date.now() > deadline) {
      throw new RatchetError('TIMEOUT', `Another process holds the lock ${path}.`, {
        where: path,
        mend: `Wait for process ${lockOwner(path)?.pid ?? 'unknown'} or end it.`,
      });
    }
    await delay(100);
  }
}

function read(path: string): Owner | null {
  try {
    return Owner.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null; // absent, or not a lock of ours
  }
}

function place(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes a lock whose owner is gone. Two reclaimers must not remove each other's new lock, so a guard file makes the
 * check and the removal one step; a guard older than ten seconds belongs to somebody who died in between.
 */
function reclaim(path: string): boolean {
  if (lockOwner(path) !== null) return false;
  const guard = `${path}.reclaim`;
  try {
    closeSync(openSync(guard, 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const age = Date.now() - (statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > 10_000) rmSync(guard, { force: true });
    return false;
  }
  try {
    if (lockOwner(path) !== null) return false;
    rmSync(path, { force: true });
    return true;
  } finally {
    rmSync(guard, { force: true });
  }
}
