/** Starts one bounded process tree and waits for its end. The only place that spawns bubblewrap. */
import { spawn, type ChildProcess } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { RatchetError } from '../../errors.js';
import type { LimitName, Limits, SandboxResult } from '../types.js';
import { tryCreate, type Cgroup, type CgroupHost } from './cgroups.js';
import { childrenOf } from './process-tree.js';
import { bytesBelow, watchTree } from './watchdog.js';

export interface TreeRequest {
  readonly bwrap: string;
  /** All words after bwrap. */
  readonly argv: readonly string[];
  readonly limits: Limits;
  /** Host directories that the tree can write. */
  readonly writable: readonly string[];
  readonly cgroups: CgroupHost | null;
  /** Ends the tree at once; the call then throws its reason. */
  readonly signal: AbortSignal;
}

/**
 * The starting shell: joins the control groups, sets the per-process limits, becomes bubblewrap. It runs with an
 * empty environment, so that nothing of ours is left in the memory of the sandbox's first process.
 */
const starter = [
  'while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs" || exit 98; shift; done; shift',
  'ulimit -c 0; ulimit -n 4096 2>/dev/null; ulimit -t "$1"; ulimit -f "$2"; ulimit -d "$3"; shift 3',
  'exec "$@"',
].join('\n');

/** How long after the kill the pipes may stay open before they are cut, ms. */
const pipeGraceMs = 1_000;

/** Runs the tree to its end. @throws RatchetError STOPPED or CANCELLED (the abort reason) when `signal` fires. */
export async function runTree(request: TreeRequest): Promise<SandboxResult> {
  throwIfAborted(request.signal);
  const cgroup = request.cgroups === null ? null : await tryCreate(request.cgroups, request.limits);
  try {
    const result = await supervise(request, cgroup);
    throwIfAborted(request.signal);
    return result;
  } finally {
    await cgroup?.remove();
  }
}

function start(request: TreeRequest, cgroup: Cgroup | null): ChildProcess {
  const { limits } = request;
  const bounds = [
    // Per process and coarse: the watchdog, which counts the whole tree, should speak first.
    String(Math.ceil(limits.cpuSeconds) + 2),
    String(Math.max(1, Math.floor(limits.fileBytes / 512))),
    // Address space in use but not resident counts here: half as much again as the bound on resident memory.
    String(Math.ceil((limits.memoryBytes * 1.5) / 1024)),
  ];
  const words = ['-c', starter, 'sh', ...(cgroup?.directories ?? []), '--', ...bounds, request.bwrap];
  return spawn('/bin/sh', [...words, ...request.argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {},
    cwd: '/',
  });
}

function supervise(request: TreeRequest, cgroup: Cgroup | null): Promise<SandboxResult> {
  return new Promise((resolve, reject) => {
    const writable = request.writable.map((directory) => ({ directory, before: bytesBelow(directory) }));
    const began = performance.now();
    const child = start(request, cgroup);
    const pid = child.pid;
    let limit: LimitName | null = null;
    let ended: { code: number | null; signal: string | null; wallMs: number } | null = null;
    const kill = (): void => killTree(child);
    const exceeded = (name: LimitName): void => {
      limit ??= name;
      kill();
    };
    const output = collectOutput(child, request.limits.outputBytes, () => exceeded('output'));
    const watch =
      pid === undefined ? null : watchTree({ pid, limits: request.limits, cgroup, writable, exceeded });
    const wall = setTimeout(() => exceeded('wall'), request.limits.wallMs);
    request.signal.addEventListener('abort', kill, { once: true });
    if (request.signal.aborted) kill();
    let grace: NodeJS.Timeout | null = null;
    const release = (): void => {
      clearTimeout(wall);
      if (grace !== null) clearTimeout(grace);
      watch?.stop();
      request.signal.removeEventListener('abort', kill);
    };
    child.once('error', (error) => {
      release();
      reject(
        new RatchetError('SANDBOX_UNAVAILABLE', `The sandbox did not start: ${error.message}.`, {
          cause: error,
        }),
      );
    });
    child.once('exit', (code, signal) => {
      ended = { code, signal, wallMs: performance.now() - began };
      watch?.stop();
      grace = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, pipeGraceMs);
    });
    child.once('close', () => {
      release();
      if (limit === null && cgroup?.outOfMemory() === true) limit = 'memory';
      if (limit === null && cgroup?.outOfTasks() === true) limit = 'processes';
      // Between two looks of the watchdog: its own allocation failed at the bound on address space.
      const failed = ended !== null && ended.code !== 0;
      if (limit === null && failed && (cgroup?.peakBytes() ?? 0) > request.limits.memoryBytes)
        limit = 'memory';
      const killed = limit !== null || ended?.signal !== null;
      resolve({
        exitCode: killed ? null : (ended?.code ?? null),
        signal: limit === null ? (ended?.signal ?? null) : 'SIGKILL',
        limit,
        ...output.finish(),
        wallMs: ended?.wallMs ?? performance.now() - began,
        cpuMs: watch?.cpuMs() ?? null,
        peakRssBytes: watch?.peakRssBytes() ?? null,
      });
    });
  });
}

/** Kills the sandbox's first process (with it its whole process namespace) and bubblewrap itself. */
function killTree(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  for (const pid of childrenOf(child.pid)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Already gone, or owned by another user: bubblewrap's own death ends it (--die-with-parent).
    }
  }
  child.kill('SIGKILL');
}

interface Collected {
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

/** Keeps the first `bytes` of both streams together; calls `full` when there is more. */
function collectOutput(child: ChildProcess, bytes: number, full: () => void): { finish: () => Collected } {
  const kept: { out: Buffer[]; err: Buffer[] } = { out: [], err: [] };
  let size = 0;
  let truncated = false;
  const take = (into: Buffer[]) => (chunk: Buffer) => {
    const room = bytes - size;
    if (room > 0) into.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    size += chunk.length;
    if (size > bytes && !truncated) {
      truncated = true;
      full();
    }
  };
  child.stdout?.on('data', take(kept.out));
  child.stderr?.on('data', take(kept.err));
  return {
    finish: () => ({
      stdout: Buffer.concat(kept.out).toString('utf8'),
      stderr: Buffer.concat(kept.err).toString('utf8'),
      truncated,
    }),
  };
}

function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  const reason: unknown = signal.reason;
  throw reason instanceof RatchetError
    ? reason
    : new RatchetError('CANCELLED', 'The run was cancelled.', { cause: reason });
}
