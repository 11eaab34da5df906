/** Reads the logs of the stack's processes. */
import { closeSync, existsSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { homePaths, type Config } from '../config.js';
import { RatchetError } from '../errors.js';

export interface ReadLogsOptions {
  /** Name of a process; absent: all, in turn. */
  readonly name?: string | undefined;
  /** How many of the last lines of each. */
  readonly lines: number;
  /** Go on with what is written from now, until aborted. */
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onLine: (line: { readonly name: string; readonly text: string }) => void;
}

const chunkBytes = 256 * 1024;

/**
 * Prints the last lines of one log or all.
 * @throws RatchetError NOT_FOUND when there is no such log.
 */
export async function readLogs(config: Config, options: ReadLogsOptions): Promise<void> {
  const known = logNames(config);
  const { name } = options;
  if (name !== undefined && !known.includes(name)) {
    throw new RatchetError('NOT_FOUND', `There is no log named "${name}".`, {
      where: homePaths(config.home).logs,
      mend: known.length === 0 ? 'Start the stack with `ratchet up`.' : `Known: ${known.join(', ')}.`,
    });
  }
  const followed = (name === undefined ? known : [name]).map((one) => {
    const path = logPath(config, one);
    return { name: one, path, position: statSync(path).size, rest: '' };
  });
  for (const one of followed) {
    for (const text of tailOf(config, one.name, options.lines)) options.onLine({ name: one.name, text });
  }
  while (options.follow === true && options.signal?.aborted !== true) {
    await delay(200);
    for (const one of followed) {
      const size = statSync(one.path, { throwIfNoEntry: false })?.size ?? 0;
      if (size < one.position) one.position = 0; // it was rotated
      if (size === one.position) continue;
      const text = one.rest + readAt(one.path, one.position, Math.min(size - one.position, chunkBytes));
      one.position = Math.min(size, one.position + chunkBytes);
      const lines = text.split('\n');
      one.rest = lines.pop() ?? '';
      for (const line of lines) options.onLine({ name: one.name, text: line });
    }
  }
}

/** The last lines of one log; none when it does not exist. */
export function tailOf(config: Config, name: string, lines: number): string[] {
  const path = logPath(config, name);
  if (!existsSync(path)) return [];
  const { size } = statSync(path);
  const start = Math.max(0, size - chunkBytes);
  return readAt(path, start, size - start)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-lines);
}

function logNames(config: Config): string[] {
  const { logs } = homePaths(config.home);
  if (!existsSync(logs)) return [];
  return readdirSync(logs)
    .filter((file) => file.endsWith('.log'))
    .map((file) => file.slice(0, -4))
    .sort();
}

const logPath = (config: Config, name: string): string => join(homePaths(config.home).logs, `${name}.log`);

function readAt(path: string, position: number, length: number): string {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(length);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, length, position));
  } finally {
    closeSync(file);
  }
}
