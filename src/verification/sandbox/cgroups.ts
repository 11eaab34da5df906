/** Control groups, version 2 or 1, where this process may create them: hard bounds on memory and tasks, CPU time. */
import { readFile, rmdir, writeFile } from 'node:fs/promises';
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Limits } from '../types.js';

/** Where groups can be made on this host. */
export interface CgroupHost {
  readonly version: 1 | 2;
  /** Parent directories; for version 1 one per controller. */
  readonly memory: string;
  readonly pids: string;
  readonly cpu: string | null;
}

/** What one run's group can tell. */
export interface Cgroup {
  /** Directories whose `cgroup.procs` the starting shell writes itself into. */
  readonly directories: readonly string[];
  /** CPU time of all its processes so far, ms. */
  cpuMs(): number | null;
  /** Has the kernel killed a process for memory? */
  outOfMemory(): boolean;
  /** Most memory ever charged to it, bytes; null where the kernel does not tell. */
  peakBytes(): number | null;
  /** Has the kernel refused a new task? */
  outOfTasks(): boolean;
  remove(): Promise<void>;
}

/** Kernel bound on tasks (threads count): every node process has about a dozen. */
const tasksPerProcess = 12;

/** Probes by creating and removing a group; null when this process may not. */
export async function findCgroups(): Promise<CgroupHost | null> {
  for (const host of await candidates()) {
    const group = await tryCreate(host, { memoryBytes: 1 << 28, processes: 8, scratchBytes: 0 });
    if (group === null) continue;
    await group.remove();
    return host;
  }
  return null;
}

/** Creates the group of one run. Null when it cannot be made (the watchdog then bounds the run alone). */
export async function tryCreate(
  host: CgroupHost,
  limits: Pick<Limits, 'memoryBytes' | 'processes' | 'scratchBytes'>,
): Promise<Cgroup | null> {
  const name = `ratchet-${randomUUID()}`;
  const memory = join(host.memory, name);
  const pids = join(host.pids, name);
  const cpu = host.cpu === null ? null : join(host.cpu, name);
  const directories = [...new Set([memory, pids, ...(cpu === null ? [] : [cpu])])];
  try {
    for (const directory of directories) mkdirSync(directory);
    // Files of the overlay's upper layer and /tmp are memory too: they have their own bound (the watchdog).
    const bytes = String(Math.floor(limits.memoryBytes + limits.scratchBytes));
    await writeFile(join(memory, host.version === 2 ? 'memory.max' : 'memory.limit_in_bytes'), bytes);
    await writeFile(join(pids, 'pids.max'), String(limits.processes * tasksPerProcess + 16));
    if (host.version === 2) await writeFile(join(memory, 'memory.swap.max'), '0').catch(() => undefined);
    return openGroup(host, directories, memory, pids, cpu);
  } catch {
    // No right to write here, or a controller is missing: the caller falls back.
    for (const directory of directories) await rmdir(directory).catch(() => undefined);
    return null;
  }
}

function openGroup(
  host: CgroupHost,
  directories: readonly string[],
  memory: string,
  pids: string,
  cpu: string | null,
): Cgroup {
  return {
    directories,
    cpuMs() {
      if (host.version === 2) {
        const usage = /^usage_usec (\d+)/m.exec(read(join(memory, 'cpu.stat')));
        return usage === null ? null : Number(usage[1]) / 1000;
      }
      const text = cpu === null ? '' : read(join(cpu, 'cpuacct.usage'));
      return text === '' ? null : Number(text) / 1e6;
    },
    outOfMemory() {
      const file = host.version === 2 ? 'memory.events' : 'memory.oom_control';
      const kills = /^oom_kill (\d+)/m.exec(read(join(memory, file)));
      return kills !== null && Number(kills[1]) > 0;
    },
    peakBytes() {
      const text = read(join(memory, host.version === 2 ? 'memory.peak' : 'memory.max_usage_in_bytes'));
      return text === '' ? null : Number(text);
    },
    outOfTasks() {
      const refused = /^max (\d+)/m.exec(read(join(pids, 'pids.events')));
      return refused !== null && Number(refused[1]) > 0;
    },
    async remove() {
      // Killed processes leave a group only when they are reaped: a few short attempts.
      for (const directory of directories) await removeGroup(directory);
    },
  };
}

async function removeGroup(directory: string): Promise<void> {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    try {
      rmdirSync(directory);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      await new Promise((resolve) => setTimeout(resolve, 5 + attempt * 2));
    }
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The group may be gone already; an absent number is reported as such.
    return '';
  }
}

async function candidates(): Promise<CgroupHost[]> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const own = await readFile('/proc/self/cgroup', 'utf8').catch(() => '');
  const pathOf = (controller: string): string =>
    own.split('\n').flatMap((line) => {
      const [, names = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      return names.split(',').includes(controller) ? [path] : [];
    })[0] ?? '/';
  const one = new Map<string, string>();
  let two: string | null = null;
  for (const line of mounts.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const point = left.split(' ')[4] ?? '';
    const [type = '', , options = ''] = right.split(' ');
    if (type === 'cgroup2') two = point;
    if (type === 'cgroup') for (const option of options.split(',')) one.set(option, point);
  }
  const hosts: CgroupHost[] = [];
  for (const root of two === null ? [] : [join(two, pathOf('')), two]) {
    hosts.push({ version: 2, memory: root, pids: root, cpu: root });
  }
  const memory = one.get('memory');
  const pids = one.get('pids');
  if (memory !== undefined && pids !== undefined) {
    const cpu = one.get('cpuacct') ?? null;
    const nested = (point: string, controller: string): string => join(point, pathOf(controller));
    hosts.push({
      version: 1,
      memory: nested(memory, 'memory'),
      pids: nested(pids, 'pids'),
      cpu: cpu === null ? null : nested(cpu, 'cpuacct'),
    });
    hosts.push({ version: 1, memory, pids, cpu });
  }
  return hosts;
}
