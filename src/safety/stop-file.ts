/** The first layer of the emergency stop: a file. Whatever cannot be read counts as stopped. */
import { readFile, rm, stat } from 'node:fs/promises';
import { sha256 } from '../canonical.js';
import { errnoOf, writeAtomically } from '../disk.js';
import type { StopState } from './types.js';

/** A stop with its identity. */
export type Stop = StopState & { readonly id: string };

const keptLifts = 100;

/** Reads the stop file: null = no file = running. A file made by hand (`touch STOP`) stops just as well. */
export async function readStopFile(file: string): Promise<Stop | null> {
  let text = '';
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    const reason = `The stop file cannot be read (${code ?? 'unknown error'}).`;
    return { by: 'unknown', reason, at: await timeOf(file), id: `unreadable-${code ?? ''}` };
  }
  const parsed = parseStop(text);
  if (parsed?.id !== undefined) return { ...parsed, id: parsed.id };
  const at = parsed?.at ?? (await timeOf(file));
  const id = sha256(`${text}\n${at}`).slice(0, 32);
  return { by: parsed?.by ?? 'unknown', reason: parsed?.reason ?? 'A stop file is present.', at, id };
}

/** A stop from its JSON text; null when it is not one. */
export function parseStop(text: string): StopState | null {
  try {
    const value = JSON.parse(text) as Partial<StopState>;
    const { by, reason, at, id } = value;
    if (typeof by !== 'string' || typeof reason !== 'string' || typeof at !== 'string') return null;
    return typeof id === 'string' ? { by, reason, at, id } : { by, reason, at };
  } catch {
    return null; // the caller treats it as a stop of unknown origin
  }
}

/** Writes the stop file atomically. @throws RatchetError DISK_FULL */
export function writeStopFile(file: string, stop: Stop): Promise<void> {
  return writeAtomically(file, `${JSON.stringify(stop)}\n`, 0o644);
}

/** Removes the stop file, whatever it is. */
export async function removeStopFile(file: string): Promise<void> {
  await rm(file, { force: true, recursive: true });
}

/** Ids of stops that were lifted here, newest last: a late copy of one of them must not stop again. */
export async function readLifts(file: string): Promise<string[]> {
  try {
    const ids = JSON.parse(await readFile(`${file}.lifted`, 'utf8')) as unknown;
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return []; // none yet, or damaged: then a copy in Redis stops once more, which is the safe side
  }
}

/** Remembers lifted stops. */
export async function rememberLifts(file: string, ids: readonly string[]): Promise<void> {
  const all = [...new Set([...(await readLifts(file)), ...ids])].slice(-keptLifts);
  await writeAtomically(`${file}.lifted`, `${JSON.stringify(all)}\n`, 0o644);
}

async function timeOf(file: string): Promise<string> {
  const info = await stat(file).catch(() => null); // the stop matters, not its time
  return new Date(info?.mtimeMs ?? 0).toISOString();
}
