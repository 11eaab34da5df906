/** Locks between processes by a file that names its holder, so that a killed holder blocks nobody. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { diskFault, errnoOf } from './disk.js';
import { RatchetError, toRatchetError } from './errors.js';

/** A holder on another host counts as dead when it has not touched its lock for so long. */
const foreignStaleMs = 60_000;
const heartbeatMs = 10_000;
/** A stealer killed in mid-steal leaves its guard; after so long it is taken away. */
const guardStaleMs = 5_000;

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process where the system tells it: guards against a reused pid. */
  readonly started: string | null;
  readonly token: string;
}

const queues = new Map<string, Promise<unknown>>();

/** How to wait for a lock. */
export interface LockWait {
  /** How long to wait for another process before TIMEOUT; 30 s by default. */
  readonly waitMs?: number;
  /** Ends the waiting, not the work. */
  readonly signal?: AbortSignal;
}

/**
 * Runs `work` while holding the lock file. Within a process callers wait in order; between processes by the file.
 * The lock of a dead process is taken over.
 * @throws RatchetError TIMEOUT naming the holder, CANCELLED when aborted while waiting, DISK_FULL.
 */
export async function withLock<T>(path: string, work: () => Promise<T>, wait: LockWait = {}): Promise<T> {
  const before = queues.get(path) ?? Promise.resolve();
  const mine = turnOf(before, wait.signal).then(() => holdFile(path, work, wait));
  // The caller sees the error through `mine`; whoever comes next waits for all that came before.
  const settled = Promise.allSettled([before, mine]);
  queues.set(path, settled);
  try {
    return await mine;
  } finally {
    if (queues.get(path) === settled) queues.delete(path);
  }
}

/** Resolves when the turn has come. @throws RatchetError CANCELLED when aborted before. */
async function turnOf(before: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return void (await before);
  let onAbort = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    signal.addEventListener('abort', onAbort, { once: true });
  });
  await Promise.race([before, aborted]);
  signal.removeEventListener('abort', onAbort);
  if (signal.aborted) throw toRatchetError(signal.reason, 'CANCELLED');
}

async function holdFile<T>(path: string, work: () => Promise<T>, wait: LockWait): Promise<T> {
  const token = randomUUID();
  await acquire(path, token, wait);
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined); // a missed heartbeat only matters to other hosts
  }, heartbeatMs);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    const holder = await readHolder(path);
    if (holder?.token === token) await rm(path, { force: true });
  }
}

async function acquire(path: string, token: string, { waitMs = 30_000, signal }: LockWait): Promise<void> {
  const started = await startOf(process.pid);
  const me: Holder = { pid: process.pid, host: hostname(), started, token };
  const deadline = performance.now() + waitMs;
  await mkdir(dirname(path), { recursive: true });
  for (let pause = 2; ; pause = Math.min(pause * 2, 50)) {
    if (await create(path, me)) {
      await sweep(path);
      return;
    }
    if (await isStale(path)) {
      await removeStale(path);
      continue;
    }
    if (signal?.aborted === true) throw toRatchetError(signal.reason, 'CANCELLED');
    if (performance.now() > deadline) {
      const holder = await readHolder(path);
      throw new RatchetError('TIMEOUT', `${path} is held by process ${holder?.pid ?? 'unknown'}.`, {
        where: path,
        mend: 'Repeat when the other run has ended.',
      });
    }
    await sleep(pause);
  }
}

/** The lock appears with its whole content or not at all: written aside, then linked. */
async function create(path: string, me: Holder): Promise<boolean> {
  const temporary = `${path}.${me.token.slice(0, 8)}`;
  try {
    await writeFile(temporary, JSON.stringify(me), { flag: 'wx', mode: 0o600 });
    await link(temporary, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw diskFault(error, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A process killed while it wrote its claim aside leaves that file: whoever holds the lock next takes it away. */
async function sweep(path: string): Promise<void> {
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix) || !/^[0-9a-f]{8}$/.test(name.slice(prefix.length))) continue;
    const aside = join(dirname(path), name);
    const holder = await readHolder(aside);
    if (holder !== null && holder.host === hostname() && !(await isAlive(holder)))
      await rm(aside, { force: true });
  }
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch {
    return null; // gone, or not ours to read: the caller then looks at its age
  }
}

async function ageMs(path: string): Promise<number | null> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return null; // gone
  }
}

async function isStale(path: string): Promise<boolean> {
  const holder = await readHolder(path);
  const age = await ageMs(path);
  if (age === null) return false;
  if (holder === null || holder.host !== hostname()) return age > foreignStaleMs;
  return !(await isAlive(holder));
}

async function isAlive(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return false;
  }
  const started = await startOf(holder.pid);
  return started === null || holder.started === null || started === holder.started;
}

/** Only one process at a time may take a dead lock away, and it looks again before it does. */
async function removeStale(path: string): Promise<void> {
  const guard = `${path}.steal`;
  try {
    await (await open(guard, 'wx', 0o600)).close();
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw diskFault(error, guard);
    if (((await ageMs(guard)) ?? 0) > guardStaleMs) await rm(guard, { force: true });
    await sleep(5);
    return;
  }
  try {
    if (await isStale(path)) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/** Start time of a process in clock ticks (Linux), null where the system does not tell. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null; // no /proc here
  }
}
