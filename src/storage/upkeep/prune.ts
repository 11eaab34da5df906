/**
 * What may go: ended work that nothing refers to any more. Mark and sweep over content addresses: every digest that a
 * record, the audit log or a reached artifact names is kept, so the evidence of every change that landed is.
 */
import { readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../disk.js';
import { RatchetError } from '../../errors.js';
import type { RecordKind, RecordStore } from '../types.js';
import type { UpkeepOptions } from './backup.js';

const day = 24 * 3_600_000;
/** Something that was written lately may be named by a record that is not written yet. */
const freshMs = day;
const scannedBytesMax = 64 * 1024 * 1024;
const digest = /[0-9a-f]{64}/g;

/** Kinds that age; the stages that are an end which nothing later looks at. Others are kept for ever. */
const aging: Partial<Record<RecordKind, ReadonlySet<string>>> = {
  cycles: new Set(['finished', 'failed', 'stopped']),
  analyses: new Set(['finished', 'cancelled', 'failed']),
  patchTrials: new Set(['finished', 'cancelled', 'stopped', 'failed']),
  nights: new Set(['finished', 'failed', 'stopped']),
  // Refused, rejected and rolled back ones stay: they keep the same idea from being proposed again.
  proposals: new Set(['inconclusive', 'expired', 'stale', 'stopped', 'failed']),
};

export interface PruneItem {
  readonly kind: 'record' | 'artifact';
  /** Path below the home. */
  readonly path: string;
  readonly bytes: number;
}

export interface PrunePlan {
  readonly items: readonly PruneItem[];
  readonly bytes: number;
  readonly kept: { readonly records: number; readonly artifacts: number };
}

interface Place {
  readonly home: string;
  readonly records: string;
  readonly artifacts: string;
  readonly audit: string;
}

const namesIn = async (directory: string): Promise<string[]> => {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
};

function stageOf(text: string, path: string): string {
  try {
    const record = JSON.parse(text) as { stage?: unknown } | null;
    return typeof record?.stage === 'string' ? record.stage : '';
  } catch (error) {
    throw new RatchetError('CORRUPT', `The record ${path} is damaged: it is not JSON.`, {
      where: path,
      mend: 'Move the file away, or get it back from a back-up; then prune again.',
      cause: error,
    });
  }
}

async function recordsOf(place: Place, before: number) {
  const old: PruneItem[] = [];
  const texts: string[] = [];
  for (const kind of await namesIn(place.records))
    for (const name of await namesIn(join(place.records, kind))) {
      if (!name.endsWith('.json')) continue;
      const path = join(place.records, kind, name);
      const [text, info] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
      const ends = aging[kind as RecordKind];
      const stage = stageOf(text, path);
      if (ends?.has(stage) && info.mtimeMs < before)
        old.push({ kind: 'record', path: path.slice(place.home.length + 1), bytes: info.size });
      else texts.push(text);
    }
  return { old, texts };
}

/** All digests that are reached from these texts, through artifacts that are JSON. */
async function reached(place: Place, texts: readonly string[], signal?: AbortSignal): Promise<Set<string>> {
  const seen = new Set<string>();
  const waiting = [...texts];
  for (let text = waiting.pop(); text !== undefined; text = waiting.pop()) {
    signal?.throwIfAborted();
    for (const [name] of text.matchAll(digest)) {
      if (seen.has(name)) continue;
      seen.add(name);
      const path = join(place.artifacts, name.slice(0, 2), name.slice(2));
      const info = await stat(path).catch(() => null); // digests of other things than artifacts
      if (info === null || info.size > scannedBytesMax) continue;
      const inside = await readFile(path, 'utf8');
      if (/^\s*[[{]/.test(inside)) waiting.push(inside);
    }
  }
  return seen;
}

/**
 * Looks, and removes nothing.
 * @param place absolute paths
 * @param days age in days after which ended work may go; at least 1
 * @throws RatchetError INVALID_INPUT, CORRUPT for a record that cannot be read: nothing is judged on half a picture
 */
export async function planPrune(place: Place, days: number, options: UpkeepOptions = {}): Promise<PrunePlan> {
  if (!Number.isFinite(days) || days < 1)
    throw new RatchetError('INVALID_INPUT', `${days} is no number of days from 1 on.`, {
      where: '--older-than',
    });
  options.onProgress?.('reading records');
  const { old, texts } = await recordsOf(place, Date.now() - days * day);
  const audit = await readFile(place.audit, 'utf8').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error;
  });
  options.onProgress?.('following digests');
  const marked = await reached(place, [...texts, audit], options.signal);
  const items: PruneItem[] = [...old];
  let kept = 0;
  for (const prefix of await namesIn(place.artifacts))
    for (const rest of await namesIn(join(place.artifacts, prefix))) {
      const path = join(place.artifacts, prefix, rest);
      const info = await stat(path).catch(() => null); // went meanwhile
      if (info === null) continue;
      const own = /^[0-9a-f]{2}$/.test(prefix) && /^[0-9a-f]{62}$/.test(rest);
      if (!own || marked.has(prefix + rest) || info.mtimeMs > Date.now() - freshMs) kept += 1;
      else items.push({ kind: 'artifact', path: path.slice(place.home.length + 1), bytes: info.size });
    }
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
  return { items, bytes, kept: { records: texts.length, artifacts: kept } };
}

/**
 * Removes what a plan names. Records go first: an artifact without its record is found by the next run, a record without
 * its artifact would lead nowhere. A record that was written again since the plan stays.
 */
export async function prune(
  place: Place,
  plan: PrunePlan,
  store: RecordStore,
  options: UpkeepOptions = {},
): Promise<{ readonly removed: number; readonly bytes: number }> {
  let removed = 0;
  let bytes = 0;
  const ordered = plan.items.toSorted((a, b) => (a.kind === b.kind ? 0 : a.kind === 'record' ? -1 : 1));
  for (const item of ordered) {
    options.signal?.throwIfAborted();
    const path = join(place.home, item.path);
    const info = await stat(path).catch(() => null); // went meanwhile
    if (info === null || info.size !== item.bytes) continue;
    if (item.kind === 'record') {
      const [kind = '', name = ''] = item.path.split('/').slice(-2);
      await store.remove(kind as RecordKind, name.replace(/\.json$/, ''));
    } else await rm(path, { force: true });
    removed += 1;
    bytes += item.bytes;
    if (removed % 500 === 0) options.onProgress?.(`removed ${removed} of ${ordered.length}`);
  }
  return { removed, bytes };
}
