/** Who a pid is: numbers are reused, so a process is known by its pid and its start time together. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Every process of a stack carries this variable with the stack's home; children inherit it. */
export const stackMark = 'RATCHET_STACK_HOME';

/** The start of a process as its system counts it; null when no such process runs (a zombie counts as gone). */
export function startOf(pid: number): string | null {
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  return process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
}

/** Is this the same process as the one recorded? */
export function isSame(pid: number | null, start: string | null): boolean {
  return pid !== null && start !== null && startOf(pid) === start;
}

function startOnLinux(pid: number): string | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null; // no such process
  }
  // The name is in brackets and may hold anything, also brackets: fields are counted after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // The first thread of a dying process is a zombie while others still hold its ports and files: not gone yet.
  if ((fields[0] === 'Z' && Number(fields[17]) <= 1) || fields[0] === 'X') return null;
  return `${bootId()}/${fields[19] ?? ''}`;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8);
  } catch {
    return ''; // hidden in some containers; the tick count alone has to do
  }
}

function startByPs(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 5_000,
    }).trim();
    return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '');
  } catch {
    return null; // ps ends with 1 when there is no such process
  }
}
