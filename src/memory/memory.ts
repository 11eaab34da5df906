/**
 * What can be found again. Conversations and repositories are read when somebody asks about them, indexed in this
 * process, and forgotten with their source; the journals, git and the records stay the truth.
 */
import type { ConversationSession, Memory } from '../conversation/types.js';
import { createEngines, type Engine, type IndexOptions } from './engines.js';
import { repositoryScope, sessionScope } from './source-sync.js';
import type {
  Embed,
  Found,
  IndexState,
  MemoryDocument,
  MemoryIndex,
  MemoryQuery,
  RepositorySource,
  SessionSource,
} from './types.js';

const pruneMs = 30_000;
const companionCharacters = 400;

export interface MemoryOptions {
  readonly sessions: SessionSource;
  readonly repositories: RepositorySource;
  readonly embed: Embed;
  /** Default: in this process, and nothing on the disk. */
  readonly index?: IndexOptions;
  /** What went wrong behind the answers. */
  readonly log?: (line: string) => void;
  /** Milliseconds since 1970, by which conversations expire. */
  readonly now?: () => number;
}

export interface MemorySearch extends Pick<MemoryQuery, 'text' | 'limit' | 'signal'> {
  readonly session?: string | undefined;
  readonly repository?: string | undefined;
  readonly kinds?: readonly Memory['kind'][] | undefined;
}

export interface MemoryRoom {
  /** What was said earlier in this conversation and is not in the prompt any more. */
  recall(order: {
    readonly text: string;
    readonly session: ConversationSession;
    readonly covered: number;
    readonly limit: number;
    readonly signal?: AbortSignal;
  }): Promise<readonly Found[]>;
  /** What is known of a repository; null while it is read for the first time, which happens behind the answer. */
  knowledge(order: {
    readonly text: string;
    readonly repositoryId: string;
    readonly limit: number;
    readonly signal?: AbortSignal;
  }): Promise<readonly Found[] | null>;
  /** Searches everything, as it is now: what was deleted is not found. */
  search(order: MemorySearch): Promise<readonly Found[]>;
  /** Reads a repository, when that is needed; ends when it is indexed. */
  readRepository(id: string): Promise<void>;
  /** Ends when every document has its vector, or there is no model for it. */
  settled(): Promise<void>;
  /** What is kept, and where. */
  state(): Promise<IndexState & { readonly index: Engine['kind'] }>;
  /** Forgets a conversation that was cleared or deleted, now and not at the next look. */
  forget(sessionId: string): Promise<void>;
  /** Forgets what was deleted or has expired; done by itself every 30 s. */
  prune(): Promise<void>;
  close(): Promise<void>;
}

async function find({ index, embedder }: Engine, query: MemoryQuery): Promise<readonly Found[]> {
  const { text, signal } = query;
  if (text.trim() === '') return [];
  const vector = await embedder.question(text.slice(0, 2_000), signal);
  return index.search({ ...query, text: text.slice(0, 10_000), vector });
}

async function search(
  engine: Engine,
  { text, limit, session, repository, kinds, signal }: MemorySearch,
): Promise<readonly Found[]> {
  const { sync } = engine;
  const all = session === undefined && repository === undefined;
  if (all) await sync.sessions();
  else if (session !== undefined) await sync.session(session, null);
  if (repository !== undefined) await sync.repository(repository);
  const scopes = [
    ...(session === undefined ? [] : [sessionScope(session)]),
    ...(repository === undefined ? [] : [repositoryScope(repository)]),
  ];
  return find(engine, { text, limit, signal, kinds, scopes: all ? undefined : scopes });
}

/** An answer is worth more than what it could have been reminded of. */
async function orWithout<T>(work: Promise<T>, otherwise: T, log: MemoryOptions['log']): Promise<T> {
  try {
    return await work;
  } catch (error) {
    log?.(`memory: answered without it: ${String(error)}`);
    return otherwise;
  }
}

export function createMemory(options: MemoryOptions): MemoryRoom {
  const { log } = options;
  const engines = createEngines(options);
  const room: MemoryRoom = {
    async recall({ text, session, covered, limit, signal }) {
      if (covered === 0 || session.temporary) return [];
      const recalled = engines.use(async (engine) => {
        await engine.sync.session(session.id, covered);
        const scopes = [sessionScope(session.id)];
        const found = await find(engine, {
          ...{ text, limit: limit * 2, scopes, kinds: ['message'], before: covered, signal },
        });
        return (await withCompanions(found, engine.index)).slice(0, limit);
      });
      return orWithout(recalled, [], log);
    },
    async knowledge({ text, repositoryId, limit, signal }) {
      const scope = repositoryScope(repositoryId);
      const known = engines.use(async (engine) => {
        // Behind the answer, which is not to fail with it; the next question reads again what could not be read.
        engine.sync.repository(repositoryId).catch((error: unknown) => {
          log?.(`memory: ${repositoryId} was not read: ${String(error)}`);
        });
        if ((await engine.index.known(scope)) === null) return null;
        return find(engine, { text, limit, scopes: [scope], signal });
      });
      return orWithout(known, null, log);
    },
    search: (order) => engines.use((engine) => search(engine, order)),
    readRepository: (id) => engines.use((engine) => engine.sync.repository(id)),
    settled: () => engines.settled(),
    state: () => engines.use(async ({ index, kind }) => ({ ...(await index.state()), index: kind })),
    forget: (id) => engines.use(({ index }) => index.remove(sessionScope(id))),
    prune: () => engines.use(({ sync }) => sync.prune()),
    async close() {
      clearInterval(prune);
      await engines.close();
    },
  };
  const prune = setInterval(() => {
    room.prune().catch((error: unknown) => log?.(`memory: not pruned: ${String(error)}`));
  }, pruneMs);
  prune.unref();
  return room;
}

/** A question that was found brings the beginning of its answer, and an answer its question. */
async function withCompanions(
  found: readonly Found[],
  index: Pick<MemoryIndex, 'get'>,
): Promise<readonly Found[]> {
  const seen = new Set<string>();
  const firsts = found.filter(({ document: { turn } }) => {
    if (turn === undefined) return true;
    const isFirst = !seen.has(turn);
    seen.add(turn);
    return isFirst;
  });
  return Promise.all(
    firsts.map(async (one) => {
      const { turn, source: own, text } = one.document;
      if (turn === undefined) return one;
      const other = await index.get(one.scope, own.endsWith('-u') ? `${turn}-a` : `${turn}-u`);
      if (other === null || other.source === own) return one;
      const both: MemoryDocument = {
        ...one.document,
        text: own.endsWith('-u')
          ? `${text}\n${other.text.slice(0, companionCharacters)}`
          : `${other.text.slice(0, companionCharacters)}\n${text}`,
      };
      return { ...one, document: both };
    }),
  );
}
