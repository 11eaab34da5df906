/** Keeps the index as the sources are: looks at marks first, and reads only what changed. */
import { sessionDocuments } from './session-documents.js';
import type { MemoryIndex, RepositorySource, Scope, SessionSource } from './types.js';

const looksAtOnce = 32;

export const sessionScope = (id: string): Scope => `session:${id}`;
export const repositoryScope = (id: string): Scope => `repository:${id}`;

interface Sources {
  readonly sessions: SessionSource;
  readonly repositories: RepositorySource;
  readonly log?: (line: string) => void;
  readonly now?: () => number;
}

export class SourceSync {
  readonly #sources: Sources;
  readonly #index: MemoryIndex;
  readonly #changed: () => void;
  readonly #now: () => number;
  readonly #reading = new Map<Scope, Promise<void>>();

  constructor(
    sources: Sources,
    { index, changed }: { readonly index: MemoryIndex; readonly changed: () => void },
  ) {
    this.#sources = sources;
    this.#index = index;
    this.#changed = changed;
    this.#now = sources.now ?? Date.now;
  }

  /** @param enough with so many messages indexed, nothing is read; null: the newest state is wanted */
  async session(id: string, enough: number | null): Promise<void> {
    const scope = sessionScope(id);
    if (enough !== null && ((await this.#index.known(scope))?.messages ?? 0) >= enough) return;
    await this.#once(scope, () => this.#readSession(id));
  }

  async sessions(): Promise<void> {
    const ids = await this.#sources.sessions.ids();
    const present = new Set<Scope>(ids.map(sessionScope));
    for (const scope of await this.#index.scopes())
      if (scope.startsWith('session:') && !present.has(scope)) await this.#index.remove(scope);
    for (let at = 0; at < ids.length; at += looksAtOnce)
      await Promise.all(ids.slice(at, at + looksAtOnce).map((id) => this.session(id, null)));
  }

  /** What is indexed of a source that is away still answers. */
  async repository(id: string): Promise<void> {
    await this.#once(repositoryScope(id), () => this.#readRepository(id));
  }

  /** Forgets what was deleted or has expired meanwhile. */
  async prune(): Promise<void> {
    for (const scope of await this.#index.scopes()) {
      if (!scope.startsWith('session:')) continue;
      const id = scope.slice('session:'.length);
      const endsAt = (await this.#index.known(scope))?.endsAt ?? Infinity;
      // A directory that cannot be read for now is no reason to forget.
      const mark = await this.#sources.sessions.mark(id).catch(() => '');
      if (mark === null || endsAt <= this.#now()) await this.#index.remove(scope);
    }
  }

  async #readSession(id: string): Promise<void> {
    const scope = sessionScope(id);
    const mark = await this.#sources.sessions.mark(id);
    const known = await this.#index.known(scope);
    if (known !== null && known.mark === mark && (known.endsAt ?? Infinity) > this.#now()) return;
    const view = mark === null ? null : await this.#sources.sessions.read(id);
    if (view === null) return this.#index.remove(scope);
    const { messages, expiresAt } = view.session;
    await this.#index.replace(scope, sessionDocuments(view), {
      ...{ mark: view.mark, messages, endsAt: expiresAt === null ? null : Date.parse(expiresAt) },
    });
    this.#changed();
  }

  async #readRepository(id: string): Promise<void> {
    const scope = repositoryScope(id);
    const read = await this.#readSource(id);
    if (read === 'away' || read === 'same') return;
    if (read === 'gone') return this.#index.remove(scope);
    await this.#index.replace(scope, read.documents, { mark: read.mark, messages: 0, endsAt: null });
    this.#changed();
  }

  async #readSource(id: string) {
    const known = await this.#index.known(repositoryScope(id));
    try {
      const mark = await this.#sources.repositories.mark(id);
      if (mark === null) return 'gone';
      return known?.mark === mark ? 'same' : { mark, documents: await this.#sources.repositories.read(id) };
    } catch (error) {
      this.#sources.log?.(`memory: ${id} could not be read: ${String(error)}`);
      return 'away';
    }
  }

  /** One reader of a scope at a time; who comes meanwhile waits for the same reading. */
  #once(scope: Scope, read: () => Promise<void>): Promise<void> {
    const known = this.#reading.get(scope);
    if (known !== undefined) return known;
    const begun = read().finally(() => this.#reading.delete(scope));
    this.#reading.set(scope, begun);
    return begun;
  }
}
