/** Which adapter answers: Redis where it has the search module, this process where it has not or is away. */
import { RatchetError, isRatchetError } from '../errors.js';
import { createEmbedder, type Embedder } from './embedder.js';
import { createProcessIndex } from './process-index.js';
import { createRedisIndex, hasSearch } from './redis-index.js';
import { openMemoryRedis } from './redis-scripts.js';
import { SourceSync } from './source-sync.js';
import type { Embed, MemoryIndex, RepositorySource, SessionSource } from './types.js';
import { createVectorFiles } from './vector-files.js';

/** Redis that was away, or had no module, is looked at again after this. */
const againMs = 10_000;

export interface IndexOptions {
  /** `auto` asks the server what it can; the others are somebody's decision. */
  readonly mode: 'auto' | 'redis' | 'process';
  readonly redisUrl: string | null;
  /** Where the adapter in the process keeps its vectors; null: nowhere. */
  readonly vectorDirectory: string | null;
}

export interface Engine {
  readonly kind: 'redis' | 'process';
  readonly index: MemoryIndex;
  readonly embedder: Embedder;
  readonly sync: SourceSync;
}

export interface Engines {
  /** @throws REDIS_UNAVAILABLE only where Redis was decided on */
  use<T>(work: (engine: Engine) => Promise<T>): Promise<T>;
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface EngineParts {
  readonly sessions: SessionSource;
  readonly repositories: RepositorySource;
  readonly embed: Embed;
  readonly index?: IndexOptions;
  readonly log?: (line: string) => void;
  readonly now?: () => number;
}

const inProcess: IndexOptions = { mode: 'process', redisUrl: null, vectorDirectory: null };

function createEngine(kind: Engine['kind'], index: MemoryIndex, parts: EngineParts): Engine {
  const embedder = createEmbedder(index, parts.embed);
  const sync = new SourceSync(parts, { index, changed: () => embedder.nudge() });
  return { kind, index, embedder, sync };
}

export function createEngines(parts: EngineParts): Engines {
  const { log, index: options = inProcess } = parts;
  const { mode, redisUrl, vectorDirectory } = options;
  if (mode === 'redis' && redisUrl === null)
    throw new RatchetError('INVALID_INPUT', 'RATCHET_MEMORY=redis needs a Redis.', {
      where: 'RATCHET_MEMORY',
      mend: 'Set REDIS_URL, or RATCHET_MEMORY=auto.',
    });
  const redis = mode === 'process' || redisUrl === null ? null : openMemoryRedis(redisUrl);
  const made = new Map<Engine['kind'], Engine>();
  const engineOf = (kind: Engine['kind'], make: () => MemoryIndex): Engine => {
    const engine = made.get(kind) ?? createEngine(kind, make(), parts);
    made.set(kind, engine);
    return engine;
  };
  const local = (): Engine =>
    engineOf('process', () =>
      createProcessIndex({
        vectors: vectorDirectory === null ? null : createVectorFiles(vectorDirectory),
        log,
      }),
    );
  let usable: boolean | null = null;
  let lookAgainAt = 0;
  const pick = async (): Promise<Engine> => {
    if (redis === null) return local();
    if (mode === 'auto' && usable !== true) {
      if (Date.now() < lookAgainAt) return local();
      lookAgainAt = Date.now() + againMs;
      usable = await hasSearch(redis).catch(() => false);
      if (!usable) return local();
    }
    return engineOf('redis', () => createRedisIndex(redis));
  };
  return {
    async use(work) {
      const engine = await pick();
      try {
        return await work(engine);
      } catch (error) {
        const isAway = isRatchetError(error) && error.code === 'REDIS_UNAVAILABLE';
        if (engine.kind !== 'redis' || mode === 'redis' || !isAway) throw error;
        log?.(`${error.message} Memory goes on in this process.`);
        usable = null;
        lookAgainAt = Date.now() + againMs;
        return work(local());
      }
    },
    async settled() {
      for (const { embedder } of made.values()) await embedder.settled();
    },
    async close() {
      for (const { embedder, index } of made.values()) {
        embedder.close();
        await index.close();
      }
      redis?.disconnect();
    },
  };
}
