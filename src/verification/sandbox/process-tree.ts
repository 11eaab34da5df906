/** Looks at a process tree through /proc: how many processes, how much memory. Bounded work per look. */
import { readFileSync, readdirSync } from 'node:fs';

const pageBytes = 4096;
const ticksPerSecond = 100;

/** One look at a tree. */
export interface TreeSample {
  readonly processes: number;
  /** Private (anonymous) memory of all processes. */
  readonly privateBytes: number;
  /** Private memory plus the largest shared part: the tree's resident memory without counting pages twice. */
  readonly residentBytes: number;
  /** CPU time of living processes and their reaped children, ms. */
  readonly cpuMs: number;
  /** The first process inside the sandbox (its root directory is the sandbox's). */
  readonly inner: number | null;
}

/** Sums the tree under `root`, reading at most `bound` processes. The starter processes themselves do not count. */
export function sampleTree(root: number, bound: number): TreeSample {
  let processes = 0;
  let privateBytes = 0;
  let sharedMax = 0;
  let cpuMs = 0;
  let inner: number | null = null;
  const queue: { pid: number; depth: number }[] = [{ pid: root, depth: 0 }];
  for (let next = queue.shift(); next !== undefined && processes <= bound; next = queue.shift()) {
    const { pid, depth } = next;
    if (depth === 1) inner ??= pid;
    if (depth >= 2) processes += 1;
    const memory = readNumbers(`/proc/${pid}/statm`);
    const shared = (memory[2] ?? 0) * pageBytes;
    privateBytes += Math.max(0, (memory[1] ?? 0) * pageBytes - shared);
    sharedMax = Math.max(sharedMax, shared);
    cpuMs += cpuOf(pid);
    for (const child of childrenOf(pid)) queue.push({ pid: child, depth: depth + 1 });
  }
  return { processes, privateBytes, residentBytes: privateBytes + sharedMax, cpuMs, inner };
}

/** Direct children of a process, over all its threads. */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readNumbers(`/proc/${pid}/task/${task}/children`),
    );
  } catch {
    // It ended between two looks.
    return [];
  }
}

function cpuOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
    return (ticks * 1000) / ticksPerSecond;
  } catch {
    // It ended between two looks.
    return 0;
  }
}

function readNumbers(path: string): number[] {
  try {
    return readFileSync(path, 'latin1').split(/\s+/).filter(Boolean).map(Number);
  } catch {
    // It ended between two looks.
    return [];
  }
}
