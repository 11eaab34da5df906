/** Watches one running tree against its limits, every 20 to 100 ms, with or without control groups. */
import { readdirSync, lstatSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LimitName, Limits } from '../types.js';
import type { Cgroup } from './cgroups.js';
import { sampleTree } from './process-tree.js';

export interface Watch {
  readonly peakRssBytes: () => number | null;
  readonly cpuMs: () => number | null;
  readonly stop: () => void;
}

export interface WatchRequest {
  readonly pid: number;
  readonly limits: Limits;
  readonly cgroup: Cgroup | null;
  /** Host directories that the tree can write; each may grow by `limits.scratchBytes`. */
  readonly writable: readonly { readonly directory: string; readonly before: number }[];
  /** Called once, with the bound that was crossed. */
  readonly exceeded: (limit: LimitName) => void;
}

const tickMsMax = 80;

/** Starts watching; `stop` ends it. */
export function watchTree(request: WatchRequest): Watch {
  const { limits, cgroup, pid } = request;
  let peak: number | null = null;
  let cpuSampled = 0;
  let ticks = 0;
  let timer: NodeJS.Timeout | null = null;
  const grown = ({ directory, before }: { directory: string; before: number }): boolean =>
    bytesBelow(directory, before + limits.scratchBytes) > before + limits.scratchBytes;
  const look = (): LimitName | null => {
    const sample = sampleTree(pid, limits.processes);
    if (sample.residentBytes > (peak ?? 0) && sample.processes > 0) peak = sample.residentBytes;
    cpuSampled = Math.max(cpuSampled, sample.cpuMs);
    if (sample.processes > limits.processes || cgroup?.outOfTasks() === true) return 'processes';
    if (sample.privateBytes > limits.memoryBytes || cgroup?.outOfMemory() === true) return 'memory';
    if ((cgroup?.cpuMs() ?? cpuSampled) > limits.cpuSeconds * 1000) return 'cpu';
    if (sample.inner !== null && filesExceed(sample.inner, limits.scratchBytes)) return 'output';
    if (ticks % 8 === 7 && request.writable.some(grown)) return 'output';
    return null;
  };
  const tick = (): void => {
    const limit = look();
    ticks += 1;
    if (limit !== null) request.exceeded(limit);
    else timer = setTimeout(tick, Math.min(tickMsMax, 20 + ticks * 10));
  };
  timer = setTimeout(tick, 20);
  return {
    peakRssBytes: () => peak,
    cpuMs: () => cgroup?.cpuMs() ?? (cpuSampled > 0 ? cpuSampled : null),
    stop: () => {
      if (timer !== null) clearTimeout(timer);
    },
  };
}

const tmpfsMagic = 0x01021994;

/** Bytes written to the overlay's upper layer (it lives in the sandbox's root, a tmpfs), seen from outside. */
function filesExceed(inner: number, bytes: number): boolean {
  try {
    const path = `/proc/${inner}/root`;
    const root = statfsSync(path);
    // While it starts, that process still has the host's root.
    if (root.type !== tmpfsMagic || statSync(path).dev === statSync('/').dev) return false;
    return (root.blocks - root.bfree) * root.bsize > bytes;
  } catch {
    // Not readable from outside (other user) or gone: the memory bound still holds, these files are memory.
    return false;
  }
}

/** Bytes on disk below a directory, at most 20,000 entries, without node_modules. Links are not followed. */
export function bytesBelow(directory: string, enough = Number.POSITIVE_INFINITY): number {
  let sum = 0;
  let seen = 0;
  const walk = (at: string): void => {
    for (const name of readdirSync(at)) {
      seen += 1;
      if (seen > 20_000 || sum > enough) return;
      const path = join(at, name);
      const found = lstatSync(path);
      sum += found.blocks * 512;
      if (found.isDirectory() && name !== 'node_modules') walk(path);
    }
  };
  try {
    walk(directory);
  } catch {
    // Files come and go while the tree runs; the next look counts again.
  }
  return sum;
}
