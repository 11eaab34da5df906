/**
 * The durable record of conversations: one file each, one operation a line, only ever appended to. A line that a crash
 * cut short is passed over; a conversation without its file is gone.
 */
import { constants, type Stats } from 'node:fs';
import { open, mkdir, readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFault, errnoOf, syncDirectory, writeAtomically } from '../disk.js';
import { RatchetError } from '../errors.js';
import { applyOperation } from './policy.js';
import { Operation, type ConversationState } from './types.js';

const bytesMaximum = 512 * 1024 * 1024;
const sessionsMaximum = 10_000;
const suffix = '.jsonl';

export interface Journal {
  /** Makes the file. @throws CONFLICT when there is one */
  create(id: string, operations: readonly Operation[]): Promise<number>;
  /**
   * Adds lines, whole or not at all, and makes them durable. Answers the file's size before and after, and its mark
   * after. @throws NOT_FOUND
   */
  append(
    id: string,
    operations: readonly Operation[],
  ): Promise<{ readonly before: number; readonly after: number; readonly mark: string }>;
  /** Everything, oldest first, and the size that was read; null when there is no such conversation. */
  read(id: string): Promise<{ readonly state: ConversationState; readonly size: number } | null>;
  /** Bytes and mark; null when there is no such conversation. */
  seen(id: string): Promise<{ readonly size: number; readonly mark: string } | null>;
  /** Changes with every write, also with a file put in its place; null when there is no such conversation. */
  mark(id: string): Promise<string | null>;
  /** Replaces the file by what is left after clearing: what was said is no longer on the disk. */
  rewrite(id: string, operations: readonly Operation[]): Promise<number>;
  remove(id: string): Promise<void>;
  ids(): Promise<readonly string[]>;
}

const linesOf = (operations: readonly Operation[]): Buffer =>
  // A new line first: what follows a line that a crash cut short must not be glued to it.
  Buffer.from(operations.map((operation) => `\n${JSON.stringify(operation)}`).join(''), 'utf8');

function replay(text: string): ConversationState | null {
  let state: ConversationState | null = null;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const operation = operationOf(line);
    if (operation !== null) state = applyOperation(state, operation);
  }
  return state;
}

function operationOf(line: string): Operation | null {
  try {
    const parsed = Operation.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    // Cut short by a crash: the writer was never told that it was kept.
    return null;
  }
}

export function createJournal(directory: string): Journal {
  const pathOf = (id: string): string => {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(id)) throw unknown(id);
    return join(directory, `${id}${suffix}`);
  };
  return {
    create: (id, operations) => create(directory, pathOf(id), id, linesOf(operations)),
    append: (id, operations) => append(pathOf(id), id, linesOf(operations)),
    async read(id) {
      const path = pathOf(id);
      try {
        if ((await stat(path)).size > bytesMaximum)
          throw new RatchetError('CORRUPT', `The conversation ${id} is too large to be read.`, {
            where: path,
          });
        const bytes = await readFile(path);
        const state = replay(bytes.toString('utf8'));
        return state === null ? null : { state, size: bytes.length };
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') return null;
        throw diskFault(error, path);
      }
    },
    async seen(id) {
      const stats = await look(pathOf(id));
      return stats === null ? null : { size: stats.size, mark: markOf(stats) };
    },
    async mark(id) {
      const stats = await look(pathOf(id));
      return stats === null ? null : markOf(stats);
    },
    async rewrite(id, operations) {
      const bytes = linesOf(operations);
      await writeAtomically(pathOf(id), bytes);
      return bytes.length;
    },
    async remove(id) {
      await rm(pathOf(id), { force: true });
      await syncDirectory(directory);
    },
    async ids() {
      try {
        const names = await readdir(directory);
        return names
          .filter((name) => name.endsWith(suffix) && !name.startsWith('.'))
          .map((name) => name.slice(0, -suffix.length))
          .slice(0, sessionsMaximum);
      } catch (error) {
        if (errnoOf(error) === 'ENOENT') return [];
        throw diskFault(error, directory);
      }
    },
  };
}

const markOf = ({ ino, birthtimeMs, size }: Stats): string => `${ino}-${birthtimeMs}-${size}`;

async function look(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw diskFault(error, path);
  }
}

async function create(directory: string, path: string, id: string, bytes: Buffer): Promise<number> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.appendFile(bytes);
      await handle.datasync();
      return bytes.length;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errnoOf(error) === 'EEXIST')
      throw new RatchetError('CONFLICT', `There is a conversation ${id} already.`, { where: id });
    throw diskFault(error, path);
  } finally {
    await syncDirectory(directory);
  }
}

async function append(
  path: string,
  id: string,
  bytes: Buffer,
): Promise<{ readonly before: number; readonly after: number; readonly mark: string }> {
  let handle;
  try {
    // Without O_CREAT: a reply to a conversation that was deleted must not bring it back.
    handle = await open(path, constants.O_APPEND | constants.O_WRONLY);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw unknown(id);
    throw diskFault(error, path);
  }
  try {
    // One write call: the kernel keeps the lines of two writers apart.
    const { bytesWritten } = await handle.write(bytes);
    if (bytesWritten !== bytes.length)
      throw new RatchetError('DISK_FULL', `The disk is full: ${path} could not be written.`, { where: path });
    await handle.datasync();
    const stats = await handle.stat();
    return { before: stats.size - bytes.length, after: stats.size, mark: markOf(stats) };
  } catch (error) {
    throw diskFault(error, path);
  } finally {
    await handle.close();
  }
}

function unknown(id: string): RatchetError {
  return new RatchetError('NOT_FOUND', `There is no conversation ${id.slice(0, 80)}.`, {
    where: id.slice(0, 80),
    mend: 'List them: GET /api/sessions.',
  });
}
