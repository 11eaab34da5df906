/**
 * What can be found again. Conversations and repositories are read when somebody asks about them, indexed in this
 * process, and forgotten with their source; the journals, git and the records stay the truth.
 */
import type { ConversationSession, Memory } from '../conversation/types.js';
import { createEmbedder } from './embedder.js';
import { createSearchIndex } from './search-index.js';
import { repositoryScope, sessionScope, SourceSync } from './source-sync.js';
import type {
  Embed,
  Found,
  MemoryDocument,
  MemoryQuery,
  RepositorySource,
  Scope,
  SessionSource,
} from './types.js';

const pruneMs = 30_000;
const companionCharacters = 400;

export interface MemoryOptions {
  readonly sessions: SessionSource;
  readonly repositories: RepositorySource;
  readonly embed: Embed;
  /** What went wrong behind the answers. */
  readonly log?: (line: string) => void;
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
  state(): { readonly documents: number; readonly vectors: number; readonly model: string | null };
  close(): void;
}

export function createMemory(options: MemoryOptions): MemoryRoom {
  const index = createSearchIndex();
  const embedder = createEmbedder(index, options.embed);
  const sync = new SourceSync(options, { index, changed: () => embedder.nudge() });
  const prune = setInterval(() => void sync.prune(), pruneMs);
  prune.unref();
  const find = async ({ text, limit, scopes, wanted, signal }: MemoryQuery): Promise<readonly Found[]> => {
    if (text.trim() === '' || index.size === 0) return [];
    const among = scopes === undefined ? null : new Set(scopes);
    const vector = await embedder.question(text.slice(0, 2_000), signal);
    return index.search({
      ...{ text: text.slice(0, 10_000), vector, limit },
      wanted: ({ scope, document }) =>
        (among === null || among.has(scope)) && (wanted === undefined || wanted(document)),
    });
  };
  return {
    async recall({ text, session, covered, limit, signal }) {
      if (covered === 0 || session.temporary) return [];
      await sync.session(session.id, covered);
      const found = await find({
        ...{ text, limit: limit * 2, scopes: [sessionScope(session.id)], signal },
        wanted: ({ kind, place = covered }) => kind === 'message' && place < covered,
      });
      return withCompanions(found, (scope, id) => index.get(scope, id)).slice(0, limit);
    },
    async knowledge({ text, repositoryId, limit, signal }) {
      const scope = repositoryScope(repositoryId);
      const reading = sync.repository(repositoryId);
      if (!index.has(scope)) return null;
      void reading;
      return find({ text, limit, scopes: [scope], signal });
    },
    async search({ text, limit, session, repository, kinds, signal }) {
      const all = session === undefined && repository === undefined;
      if (all) await sync.sessions();
      else if (session !== undefined) await sync.session(session, null);
      if (repository !== undefined) await sync.repository(repository);
      const scopes = [
        ...(session === undefined ? [] : [sessionScope(session)]),
        ...(repository === undefined ? [] : [repositoryScope(repository)]),
      ];
      return find({
        ...{ text, limit, signal, scopes: all ? undefined : scopes },
        ...(kinds === undefined ? {} : { wanted: ({ kind }: MemoryDocument) => kinds.includes(kind) }),
      });
    },
    readRepository: (id) => sync.repository(id),
    settled: () => embedder.settled(),
    state: () => ({ documents: index.size, vectors: index.vectors, model: index.vectorModel }),
    close() {
      clearInterval(prune);
      embedder.close();
    },
  };
}

/** A question that was found brings the beginning of its answer, and an answer its question. */
function withCompanions(
  found: readonly Found[],
  get: (scope: Scope, id: string) => MemoryDocument | null,
): readonly Found[] {
  const seen = new Set<string>();
  return found.flatMap((one) => {
    const { turn } = one.document;
    if (turn === undefined) return [one];
    if (seen.has(turn)) return [];
    seen.add(turn);
    const own = one.document.source;
    const other = get(one.scope, own.endsWith('-u') ? `${turn}-a` : `${turn}-u`);
    if (other === null || other.source === own) return [one];
    const text = own.endsWith('-u')
      ? `${one.document.text}\n${other.text.slice(0, companionCharacters)}`
      : `${other.text.slice(0, companionCharacters)}\n${one.document.text}`;
    return [{ ...one, document: { ...one.document, text } }];
  });
}
