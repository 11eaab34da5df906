/** The adapter that needs nothing: documents in the memory of this process, their vectors also on the disk. */
import { embeddedText, shortDigest } from './document-text.js';
import { createSearchIndex, type Entry, type SearchIndex } from './search-index.js';
import type { Known, MemoryIndex, MemoryQuery, Scope, Wanted } from './types.js';
import type { VectorFiles } from './vector-files.js';

export interface ProcessIndexOptions {
  /** Null: vectors are made anew after a restart. */
  readonly vectors: VectorFiles | null;
  readonly log?: ((line: string) => void) | undefined;
}

function wantedBy({ scopes, kinds, before }: Wanted): (entry: Entry) => boolean {
  const among = scopes === undefined ? null : new Set(scopes);
  return ({ scope, document: { kind, place } }) =>
    (among === null || among.has(scope)) &&
    (kinds === undefined || kinds.includes(kind)) &&
    (before === undefined || (place !== undefined && place < before));
}

const digestOf = (entry: Entry | null): string =>
  entry === null ? '' : shortDigest(embeddedText(entry.document));

export function createProcessIndex({ vectors: files, log }: ProcessIndexOptions): MemoryIndex {
  const index = createSearchIndex();
  const known = new Map<Scope, Known>();
  const tidied = new Set<Scope>();
  /** A disk that is full or gone costs vectors after the next start, and nothing now. */
  const orLog = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log?.(`memory: vectors were not kept: ${String(error)}`);
    }
  };
  const recover = async (scope: Scope): Promise<void> => {
    if (files === null || index.waiting(1, scope).length === 0) return;
    const kept = await files.read(scope);
    if (kept === null || (index.vectorModel !== null && index.vectorModel !== kept.model)) return;
    const bare = index.waiting(Infinity, scope);
    const found = bare.flatMap(({ entry, text }) => {
      const vector = kept.vectors.get(shortDigest(text));
      return vector === undefined ? [] : [[entry, vector] as const];
    });
    if (found.length > 0) index.give(kept.model, new Map(found));
    // What the file holds and the scope does not is not kept for later.
    if (!kept.whole || kept.vectors.size > found.length) tidied.add(scope);
  };
  const tidy = async (scope: Scope): Promise<void> => {
    if (files === null || !tidied.delete(scope)) return;
    const kept = index.vectorsOf(scope);
    const { vectorModel: model } = index;
    if (model === null || kept.size === 0) return files.remove(scope);
    const byText = new Map([...kept].map(([entry, vector]) => [digestOf(index.at(entry)), vector]));
    await files.write(scope, { model, dimension: [...kept.values()][0]?.length ?? 0, vectors: byText });
  };
  return {
    known: async (scope) => known.get(scope) ?? null,
    scopes: async () => [...new Set([...known.keys(), ...(files?.scopes() ?? [])])],
    async replace(scope, documents, now) {
      const before = index.vectorsOf(scope).size;
      index.replace(scope, documents);
      known.set(scope, now);
      if (index.vectorsOf(scope).size < before) tidied.add(scope);
      await orLog(async () => {
        await recover(scope);
        await tidy(scope);
      });
    },
    async remove(scope) {
      known.delete(scope);
      index.remove(scope);
      if (files !== null) await orLog(() => files.remove(scope));
    },
    get: async (scope, id) => index.get(scope, id),
    search: async (query: MemoryQuery & { readonly vector: Float32Array | null }) =>
      index.search({ text: query.text, vector: query.vector, limit: query.limit, wanted: wantedBy(query) }),
    waiting: async (limit) => index.waiting(limit).map(({ entry, text }) => ({ entry: String(entry), text })),
    async give(model, given) {
      const vectors = new Map([...given].map(([entry, vector]) => [Number(entry), vector]));
      index.give(model, vectors);
      if (files !== null) await orLog(() => keep(files, index, model, vectors));
    },
    async forgetVectors() {
      index.forgetVectors();
    },
    state: async () => ({ documents: index.size, vectors: index.vectors, model: index.vectorModel }),
    async close() {
      known.clear();
    },
  };
}

/** Writes new vectors behind those of their scopes. */
async function keep(
  files: VectorFiles,
  index: SearchIndex,
  model: string,
  vectors: ReadonlyMap<number, Float32Array>,
): Promise<void> {
  const scopes = new Map<Scope, Map<string, Float32Array>>();
  for (const [number, vector] of vectors) {
    const entry = index.at(number);
    if (entry === null) continue;
    const own = scopes.get(entry.scope) ?? new Map<string, Float32Array>();
    scopes.set(entry.scope, own.set(digestOf(entry), vector));
  }
  for (const [scope, own] of scopes)
    await files.add(scope, { model, dimension: [...own.values()][0]?.length ?? 0, vectors: own });
}
