/** Ends what a killed supervisor left behind, before a new one starts on the same data. */
import { readFileSync, readdirSync } from 'node:fs';
import { killGroup } from './managed-process.js';
import { stackMark, startOf } from './process-identity.js';
import { waitUntil } from './readiness.js';
import { isAlive, readState } from './state-file.js';

/**
 * Ends (SIGKILL) every process that belongs to the stack of `home` and is neither this process nor an ancestor.
 * Known from stack.json, by pid and start time; on Linux also by the mark in the environment, which covers what was
 * started but not yet written down. Returns the ended pids.
 */
export async function endOrphans(home: string): Promise<number[]> {
  const own = ancestors();
  const recorded = (readState(home)?.processes ?? []).filter(isAlive).map(({ pid }) => pid ?? 0);
  const orphans = [...new Set([...recorded, ...marked(home)])].filter((pid) => pid > 1 && !own.has(pid));
  for (const pid of orphans) kill(pid);
  // A database that is still open elsewhere must not be opened again.
  await waitUntil(() => Promise.resolve(orphans.every((pid) => startOf(pid) === null)), {
    timeoutMs: 10_000,
    everyMs: 20,
  });
  return orphans;
}

function kill(pid: number): void {
  killGroup(pid, 'SIGKILL'); // when it leads a group
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function marked(home: string): number[] {
  if (process.platform !== 'linux') return [];
  const mark = `\0${stackMark}=${home}\0`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => `\0${read(`/proc/${name}/environ`)}`.includes(mark))
    .map(Number);
}

/** This process and those it was started by: `ratchet up` may itself run inside a stack (a test, a script). */
function ancestors(): Set<number> {
  const chain = new Set([process.pid, process.ppid]);
  if (process.platform !== 'linux') return chain;
  let pid = process.ppid;
  while (pid > 1) {
    const stat = read(`/proc/${pid}/stat`);
    pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
    if (!Number.isInteger(pid) || chain.has(pid)) break;
    chain.add(pid);
  }
  return chain;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // gone, or another user's
  }
}
