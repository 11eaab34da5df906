/** One installation per key at a time: inside this process by a map, between processes by a lock directory. */
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RatchetError, toRatchetError } from '../../errors.js';

const running = new Map<string, Promise<unknown>>();
const pollMs = 200;
/** A lock without an owner's number is as old as its directory; older than this it is left over. */
const orphanMs = 30_000;

/** Runs `work` while nobody else runs it for the same directory and key. */
export async function withLock<T>(
  directory: string,
  key: string,
  signal: AbortSignal,
  waitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const lock = join(directory, `${key}.lock`);
  const before = running.get(lock) ?? Promise.resolve();
  const mine = before
    .catch(() => undefined)
    .then(async () => {
      await acquire(lock, signal, waitMs);
      try {
        return await work();
      } finally {
        await rm(lock, { recursive: true, force: true });
      }
    });
  const settled = mine.catch(() => undefined);
  running.set(lock, settled);
  try {
    return await mine;
  } finally {
    if (running.get(lock) === settled) running.delete(lock);
  }
}

async function acquire(lock: string, signal: AbortSignal, waitMs: number): Promise<void> {
  const until = Date.now() + waitMs;
  for (;;) {
    if (signal.aborted) throw toRatchetError(signal.reason, 'CANCELLED');
    try {
      await mkdir(lock);
      await writeFile(join(lock, 'owner'), String(process.pid));
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (!(await isHeld(lock))) await rm(lock, { recursive: true, force: true });
    else if (Date.now() > until) {
      throw new RatchetError(
        'TIMEOUT',
        'Another process has been installing the same dependencies for too long.',
        {
          where: lock,
          mend: 'Wait for it, or end it and try again.',
        },
      );
    } else await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Is the owner of a lock alive? */
async function isHeld(lock: string): Promise<boolean> {
  const owner = Number(await readFile(join(lock, 'owner'), 'utf8').catch(() => ''));
  if (!Number.isInteger(owner) || owner <= 0) {
    const found = await stat(lock).catch(() => null);
    return found !== null && Date.now() - found.mtimeMs < orphanMs;
  }
  try {
    process.kill(owner, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
