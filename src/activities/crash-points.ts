/**
 * Faults on purpose: `RATCHET_CRASH_AT="apply:check-2=worker"` kills a process of the stack (SIGKILL) once, at a named
 * point of an activity: `<activity>:start`, `<activity>:check-<n>` (before its n-th write to a repository),
 * `<activity>:end` (work done, Temporal not told); several separated by commas. The crash matrix uses it; unset, it does nothing.
 */
import { openSync, closeSync, readFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { HomePaths } from '../config.js';
import { RatchetError } from '../errors.js';
import type { StackState } from '../stack/types.js';

/** Reports that a point was reached. */
export type CrashPoint = (name: string) => void;

/** @throws INVALID_INPUT when the variable is not `point=process`. */
export function createCrashPoint(specification: string | null, paths: HomePaths): CrashPoint {
  if (specification === null) return () => undefined;
  const points = specification.split(',').map(parsePoint);
  return (name) => {
    for (const { text, point, target } of points) {
      const marker = join(paths.scratch, `crashed-${text.replaceAll(/[^\w-]/g, '_')}`);
      if (name !== point || !firstTime(marker, paths.scratch)) continue;
      process.kill(target === 'worker' ? process.pid : pidOf(target, paths), 'SIGKILL');
    }
  };
}

function parsePoint(text: string): {
  readonly text: string;
  readonly point: string;
  readonly target: string;
} {
  const [, point, target] =
    /^([a-zA-Z]+:(?:start|end|check-\d+))=(worker|api|redis|temporal)$/.exec(text) ?? [];
  if (point === undefined || target === undefined) {
    throw new RatchetError(
      'INVALID_INPUT',
      `RATCHET_CRASH_AT: ${text} is not "<activity>:<point>=<process>".`,
      {
        where: 'RATCHET_CRASH_AT',
      },
    );
  }
  return { text, point, target };
}

/** The marker outlives the crash, so that the second attempt goes through. */
function firstTime(marker: string, directory: string): boolean {
  mkdirSync(directory, { recursive: true });
  try {
    closeSync(openSync(marker, 'wx'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function pidOf(name: string, paths: HomePaths): number {
  const state = JSON.parse(readFileSync(paths.stackState, 'utf8')) as StackState;
  const pid = state.processes.find((one) => one.name === name)?.pid;
  if (pid === null || pid === undefined)
    throw new RatchetError('INTERNAL', `${name} has no process to kill.`);
  return pid;
}
