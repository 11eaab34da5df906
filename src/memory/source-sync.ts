/** Keeps the index as the sources are: looks at marks first, and reads only what changed. */
import type { SearchIndex } from './search-index.js';
import { sessionDocuments } from './session-documents.js';
import type { RepositorySource, Scope, SessionSource } from './types.js';

const looksAtOnce = 32;

export const sessionScope = (id: string): Scope => `session:${id}`;
export const repositoryScope = (id: string): Scope => `repository:${id}`;

interface Sources {
  readonly sessions: SessionSource;
  readonly repositories: RepositorySource;
  readonly log?: (line: string) => void;
}

interface Known {
  readonly mark: string;
  /** Messages that were read. */
  readonly messages: number;
  /** Milliseconds since 1970; Infinity: it does not expire. */
  readonly endsAt: number;
}

export class SourceSync {
  readonly #sources: Sources;
  readonly #index: SearchIndex;
  readonly #changed: () => void;
  readonly #known = new Map<Scope, Known>();
  readonly #reading = new Map<Scope, Promise<void>>();

  constructor(
    sources: Sources,
    { index, changed }: { readonly index: SearchIndex; readonly changed: () => void },
  ) {
    this.#sources = sources;
    this.#index = index;
    this.#changed = changed;
  }

  /** @param enough with so many messages indexed, nothing is read; null: the newest state is wanted */
  async session(id: string, enough: number | null): Promise<void> {
    const scope = sessionScope(id);
    if (enough !== null && (this.#known.get(scope)?.messages ?? 0) >= enough) return;
    await this.#once(scope, () => this.#readSession(id));
  }

  async sessions(): Promise<void> {
    const ids = await this.#sources.sessions.ids();
    const present = new Set<Scope>(ids.map(sessionScope));
    for (const scope of this.#known.keys())
      if (scope.startsWith('session:') && !present.has(scope)) this.#forget(scope);
    for (let at = 0; at < ids.length; at += looksAtOnce)
      await Promise.all(ids.slice(at, at + looksAtOnce).map((id) => this.session(id, null)));
  }

  async repository(id: string): Promise<void> {
    try {
      await this.#once(repositoryScope(id), () => this.#readRepository(id));
    } catch (error) {
      // A source that is away: what is indexed of it still answers.
      this.#sources.log?.(`memory: ${id} could not be read: ${String(error)}`);
    }
  }

  /** Forgets what was deleted or has expired meanwhile. */
  async prune(): Promise<void> {
    for (const [scope, { endsAt }] of this.#known) {
      if (!scope.startsWith('session:')) continue;
      const id = scope.slice('session:'.length);
      // A directory that cannot be read for now is no reason to forget.
      const mark = await this.#sources.sessions.mark(id).catch(() => '');
      if (mark === null || endsAt <= Date.now()) this.#forget(scope);
    }
  }

  async #readSession(id: string): Promise<void> {
    const scope = sessionScope(id);
    const mark = await this.#sources.sessions.mark(id);
    const known = this.#known.get(scope);
    if (known !== undefined && known.mark === mark && known.endsAt > Date.now()) return;
    const view = mark === null ? null : await this.#sources.sessions.read(id);
    if (view === null) return this.#forget(scope);
    const { messages, expiresAt } = view.session;
    const endsAt = expiresAt === null ? Infinity : Date.parse(expiresAt);
    this.#known.set(scope, { mark: view.mark, messages, endsAt });
    this.#index.replace(scope, sessionDocuments(view));
    this.#changed();
  }

  async #readRepository(id: string): Promise<void> {
    const scope = repositoryScope(id);
    const mark = await this.#sources.repositories.mark(id);
    if (mark === null) return this.#forget(scope);
    if (this.#known.get(scope)?.mark === mark) return;
    const documents = await this.#sources.repositories.read(id);
    this.#known.set(scope, { mark, messages: 0, endsAt: Infinity });
    this.#index.replace(scope, documents);
    this.#changed();
  }

  /** One reader of a scope at a time; who comes meanwhile waits for the same reading. */
  #once(scope: Scope, read: () => Promise<void>): Promise<void> {
    const known = this.#reading.get(scope);
    if (known !== undefined) return known;
    const begun = read().finally(() => this.#reading.delete(scope));
    this.#reading.set(scope, begun);
    return begun;
  }

  #forget(scope: Scope): void {
    if (this.#known.delete(scope)) this.#index.remove(scope);
  }
}
