/** What runs under a process and how much it holds, from /proc; other systems are asked through ps. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

const psMs = 5_000;

/** pid → parent, of all processes that can be read. Processes that end meanwhile are left out. */
function parents(): ReadonlyMap<number, number> {
  if (process.platform !== 'linux') {
    const listed = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8', timeout: psMs });
    const pairs = listed
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number));
    return new Map(pairs.map(([pid = 0, parent = 0]) => [pid, parent]));
  }
  const found = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // "pid (name) state ppid …": the name may hold spaces and brackets. Z: ended, not yet collected.
      const [state = '', parent = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state !== 'Z') found.set(Number(name), Number(parent));
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return found;
}

/** All pids below a process, at any depth. */
export function descendantsOf(pid: number): readonly number[] {
  const parentOf = parents();
  const below = (candidate: number): boolean => {
    for (let at = parentOf.get(candidate), depth = 0; at !== undefined && depth < 64; depth += 1) {
      if (at === pid) return true;
      at = parentOf.get(at);
    }
    return false;
  };
  return [...parentOf.keys()].filter(below);
}

/** Resident memory of one process in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], {
    encoding: 'utf8',
    timeout: psMs,
  });
  return Number(kilobytes.trim()) * 1024;
}

/** Processor time of one process in milliseconds, all its threads; null where /proc is not. */
export function processorMs(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime and stime, in ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
