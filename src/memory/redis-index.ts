/** The adapter over Redis with its search module: one index for all processes, kept as long as Redis keeps its data. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { RatchetError, isRatchetError } from '../errors.js';
import { isReady } from '../redis-ready.js';
import { termsOf } from './analyse-text.js';
import { embeddedText, keyOf, shortDigest, wordsOf } from './document-text.js';
import { bounds } from './policy.js';
import { lostWord, memoryKeys as keys, type MemoryRedis } from './redis-scripts.js';
import { plainTerm, scopeTag, searchRedis, vectorBytes } from './redis-search.js';
import type { Known, MemoryDocument, MemoryIndex, Scope } from './types.js';
import { unit } from './vector-index.js';

const documentsAtOnce = 100;
const lockMs = 30_000;
const lockPollMs = 20;
/** Longer than a model takes for a few texts; then somebody else may try. */
const takenMs = 30_000;

const Kept = z.object({ mark: z.string(), messages: z.number(), endsAt: z.number().nullable() });

const createText = [
  ...[
    'FT.CREATE',
    keys.textIndex,
    'ON',
    'HASH',
    'PREFIX',
    '1',
    keys.documents,
    'NOOFFSETS',
    'STOPWORDS',
    '0',
  ],
  ...['SCHEMA', 't', 'TEXT', 'NOSTEM', 's', 'TAG', 'k', 'TAG', 'p', 'NUMERIC'],
] as const;
const createVectors = (dimension: number) =>
  [
    ...['FT.CREATE', keys.vectorIndex, 'ON', 'HASH', 'PREFIX', '1', keys.documents, 'SCHEMA'],
    ...['v', 'VECTOR', 'FLAT', '6', 'TYPE', 'FLOAT32', 'DIM', String(dimension), 'DISTANCE_METRIC', 'COSINE'],
    ...['s', 'TAG', 'k', 'TAG', 'p', 'NUMERIC'],
  ] as const;

const isThere = /already exists/i;
const isMissing = /unknown index|no such index|not found/i;

/** True when the server has the module's commands; asked of the server, never guessed from a version. */
export async function hasSearch(redis: MemoryRedis): Promise<boolean> {
  if (!(await isReady(redis))) throw away('no connection');
  const [info] = (await redis.call('COMMAND', 'INFO', 'FT.SEARCH')) as readonly unknown[];
  return info !== null && info !== undefined;
}

const away = (cause: unknown): RatchetError =>
  new RatchetError('REDIS_UNAVAILABLE', `Memory in Redis does not answer: ${String(cause)}`, { cause });

export function createRedisIndex(redis: MemoryRedis): MemoryIndex {
  return new RedisIndex(redis);
}

class RedisIndex implements MemoryIndex {
  readonly #redis: MemoryRedis;

  constructor(redis: MemoryRedis) {
    this.#redis = redis;
  }

  known(scope: Scope): Promise<Known | null> {
    return this.#ask(async (redis) => {
      const kept = await redis.hget(keys.known, scope);
      const parsed = kept === null ? null : Kept.safeParse(JSON.parse(kept));
      return parsed?.success === true ? parsed.data : null;
    });
  }

  scopes(): Promise<readonly Scope[]> {
    return this.#ask(async (redis) => (await redis.hkeys(keys.known)) as Scope[]);
  }

  replace(scope: Scope, documents: readonly MemoryDocument[], known: Known): Promise<void> {
    return this.#ask(async (redis) => {
      await create(redis, createText);
      await this.#holding(scope, JSON.stringify(known), async (change) => {
        const before = await redis.hgetall(keys.register(scope));
        const room = bounds.documents - Number(await redis.hget(keys.totals, 'n'));
        await change(changesTo(scope, before, documents, room));
      });
    });
  }

  remove(scope: Scope): Promise<void> {
    return this.#ask((redis) =>
      this.#holding(scope, '', async (change) => {
        await change(changesTo(scope, await redis.hgetall(keys.register(scope)), [], 0));
      }),
    );
  }

  get(scope: Scope, id: string): Promise<MemoryDocument | null> {
    return this.#ask(async (redis) => {
      const kept = await redis.hget(keys.documents + keyOf(scope, id), 'j');
      return kept === null ? null : parseDocument(kept);
    });
  }

  search(query: Parameters<MemoryIndex['search']>[0]): ReturnType<MemoryIndex['search']> {
    return this.#ask(async (redis) => {
      const { vector } = query;
      const dimension = vector === null ? null : await redis.hget(keys.totals, 'dimension');
      const joined = await searchRedis(
        redis,
        query,
        vector !== null && dimension === String(vector.length) ? vector : null,
      );
      const bodies = await Promise.all(joined.map(({ entry }) => redis.hget(entry, 'j')));
      return joined.flatMap(({ entry, score, why }, at) => {
        const body = bodies[at];
        // Deleted at this moment.
        if (body === null || body === undefined) return [];
        const document = parseDocument(body);
        const scope = entry.slice(keys.documents.length, -document.id.length - 1) as Scope;
        return [{ scope, document, score, why }];
      });
    });
  }

  waiting(limit: number): ReturnType<MemoryIndex['waiting']> {
    return this.#ask(async (redis) => {
      if ((await this.state()).vectors >= bounds.vectors) return [];
      const taken = await redis.memoryTake(keys.bare, limit, Date.now(), takenMs);
      return taken.map(([key, words, body]) => ({
        entry: `${words} ${key}`,
        text: embeddedText(parseDocument(body)),
      }));
    });
  }

  give(model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void> {
    return this.#ask(async (redis) => {
      const dimension = [...vectors.values()][0]?.length ?? 0;
      if (dimension === 0) return;
      const [by, size] = await redis.hmget(keys.totals, 'model', 'dimension');
      if (by !== null && (by !== model || size !== String(dimension))) await this.forgetVectors();
      await redis.hset(keys.totals, { model, dimension });
      await create(redis, createVectors(dimension));
      for (const [entry, vector] of vectors) {
        if (vector.length !== dimension) continue;
        const at = entry.indexOf(' ');
        const [words, key] = [entry.slice(0, at), entry.slice(at + 1)];
        await redis.memoryGive(keys.bare, key, words, vectorBytes(unit(vector)));
      }
    });
  }

  forgetVectors(): Promise<void> {
    return this.#ask(async (redis) => {
      await redis.hdel(keys.totals, 'model', 'dimension');
      await redis.call('FT.DROPINDEX', keys.vectorIndex).catch((error: unknown) => {
        if (!isMissing.test(String(error))) throw error;
      });
      let cursor = '0';
      do {
        const [next, found] = await redis.scan(cursor, 'MATCH', `${keys.documents}*`, 'COUNT', 500);
        cursor = next;
        if (found.length > 0) await redis.memoryStrip(found.length + 1, keys.bare, ...found);
      } while (cursor !== '0');
    });
  }

  state(): ReturnType<MemoryIndex['state']> {
    return this.#ask(async (redis) => {
      const [[n = null, model = null], bare] = await Promise.all([
        redis.hmget(keys.totals, 'n', 'model'),
        redis.zcard(keys.bare),
      ]);
      const documents = Number(n);
      return { documents, vectors: model === null ? 0 : Math.max(0, documents - bare), model };
    });
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }

  /** Every fault of Redis is one of ours; an index that somebody dropped or flushed is made again, once. */
  async #ask<T>(work: (redis: MemoryRedis) => Promise<T>): Promise<T> {
    try {
      if (!(await isReady(this.#redis))) throw away('no connection');
      try {
        return await work(this.#redis);
      } catch (error) {
        if (!isMissing.test(String(error))) throw error;
        await this.#createIndexes();
        return await work(this.#redis);
      }
    } catch (error) {
      throw isRatchetError(error) ? error : away(error);
    }
  }

  async #createIndexes(): Promise<void> {
    await create(this.#redis, createText);
    const dimension = Number(await this.#redis.hget(keys.totals, 'dimension'));
    if (dimension > 0) await create(this.#redis, createVectors(dimension));
  }

  /** One writer of a scope among all processes; one that was too slow is told so by its next write. */
  async #holding(
    scope: Scope,
    known: string,
    work: (change: (changes: readonly Change[]) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const lock = keys.lock(scope);
    const token = randomUUID();
    const end = performance.now() + lockMs;
    while ((await this.#redis.set(lock, token, 'PX', lockMs, 'NX')) === null) {
      // Somebody else has written just this.
      if (known !== '' && (await this.#redis.hget(keys.known, scope)) === known) return;
      if (performance.now() > end) throw away(`${scope} is being written for ${lockMs / 1_000} s`);
      await new Promise((resolve) => {
        setTimeout(resolve, lockPollMs);
      });
    }
    const names = [lock, keys.register(scope), keys.terms, keys.totals, keys.bare];
    try {
      await work(async (changes) => {
        for (let at = 0; at < changes.length; at += documentsAtOnce) {
          const part = JSON.stringify(changes.slice(at, at + documentsAtOnce));
          await this.#redis.memoryChange(...names, token, lockMs, part);
        }
      });
      await this.#redis.memorySettle(lock, keys.known, token, lockMs, scope, known);
    } catch (error) {
      // The other one has read the same source, later.
      if (!String(error).includes(lostWord)) throw error;
    }
  }
}

type Change =
  | { readonly id: string; readonly key: string; readonly gone: true }
  | (Readonly<Record<'digest' | 'words' | 't' | 's' | 'k' | 'j', string>> & {
      readonly id: string;
      readonly key: string;
      readonly p?: number;
    });

/** What has to be written so that the scope holds these documents. @param room for new ones */
function changesTo(
  scope: Scope,
  before: Readonly<Record<string, string>>,
  documents: readonly MemoryDocument[],
  room: number,
): readonly Change[] {
  const changes: Change[] = [];
  const seen = new Set<string>();
  let fresh = 0;
  const tag = scopeTag(scope);
  for (const document of documents) {
    const { id, kind, place } = document;
    if (seen.has(id)) continue;
    if (before[id] === undefined && fresh >= room) continue;
    seen.add(id);
    const body = JSON.stringify(document);
    const digest = shortDigest(body);
    if (before[id] === digest) continue;
    if (before[id] === undefined) fresh += 1;
    const words = wordsOf(document);
    changes.push({
      ...{ id, key: keys.documents + keyOf(scope, id), digest, words: shortDigest(words), j: body },
      ...{ t: termsOf(words).map(plainTerm).join(' '), s: tag, k: kind },
      ...(place === undefined ? {} : { p: place }),
    });
  }
  for (const id of Object.keys(before))
    if (!seen.has(id)) changes.push({ id, key: keys.documents + keyOf(scope, id), gone: true });
  return changes;
}

// Written by us: a body that is none is a damaged Redis, and said as such.
const parseDocument = (body: string): MemoryDocument => JSON.parse(body) as MemoryDocument;

async function create(redis: MemoryRedis, command: readonly [string, ...string[]] | readonly string[]) {
  const [name = '', ...rest] = command;
  try {
    await redis.call(name, ...rest);
  } catch (error) {
    if (!isThere.test(String(error))) throw error;
  }
}
