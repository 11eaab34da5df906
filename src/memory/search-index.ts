/** Documents of many scopes, found by words and, as far as they have vectors, by meaning. Everything is in memory. */
import { embeddedText, keyOf, wordsOf } from './document-text.js';
import { depthOf, joinRankings } from './join-rankings.js';
import { bounds } from './policy.js';
import type { Found, MemoryDocument, Scope } from './types.js';
import { createVectorIndex, type VectorIndex } from './vector-index.js';
import { createWordIndex, type WordIndex } from './word-index.js';

/** Entries that are gone but still in the postings, before the index of words is made anew. */
const staleMaximum = 2_000;

export interface Entry {
  readonly scope: Scope;
  readonly document: MemoryDocument;
}

export interface SearchOrder {
  readonly text: string;
  readonly vector: Float32Array | null;
  readonly limit: number;
  readonly wanted: (entry: Entry) => boolean;
}

export interface SearchIndex {
  /** What the scope holds from now on; documents that stay as they were keep their vectors. */
  replace(scope: Scope, documents: readonly MemoryDocument[]): void;
  remove(scope: Scope): void;
  has(scope: Scope): boolean;
  get(scope: Scope, id: string): MemoryDocument | null;
  /** What is under a number; null when it is gone. */
  at(entry: number): Entry | null;
  search(order: SearchOrder): readonly Found[];
  /** Entries that have no vector yet, with the text to embed. */
  waiting(limit: number, scope?: Scope): readonly { readonly entry: number; readonly text: string }[];
  /** Vectors of another model or dimension make all others void. Entries that are gone meanwhile are passed over. */
  give(model: string, vectors: ReadonlyMap<number, Float32Array>): void;
  /** The vectors of a scope, of length 1, by entry. */
  vectorsOf(scope: Scope): ReadonlyMap<number, Float32Array>;
  /** All documents wait for their vectors again. */
  forgetVectors(): void;
  readonly vectorModel: string | null;
  readonly size: number;
  readonly vectors: number;
}

export function createSearchIndex(): SearchIndex {
  return new Documents();
}

class Documents implements SearchIndex {
  #words: WordIndex = createWordIndex();
  #vectors: VectorIndex | null = null;
  #model: string | null = null;
  readonly #entries = new Map<number, Entry>();
  readonly #scopes = new Map<Scope, Map<string, number>>();
  /** Entries without a vector. */
  readonly #bare = new Set<number>();
  #next = 1;
  #stale = 0;

  get vectorModel(): string | null {
    return this.#model;
  }
  get size(): number {
    return this.#entries.size;
  }
  get vectors(): number {
    return this.#vectors?.size ?? 0;
  }
  at(entry: number): Entry | null {
    return this.#entries.get(entry) ?? null;
  }
  has(scope: Scope): boolean {
    return this.#scopes.has(scope);
  }
  get(scope: Scope, id: string): MemoryDocument | null {
    return this.#entries.get(this.#scopes.get(scope)?.get(id) ?? 0)?.document ?? null;
  }

  replace(scope: Scope, documents: readonly MemoryDocument[]): void {
    const before = this.#scopes.get(scope) ?? new Map<string, number>();
    const after = new Map<string, number>();
    for (const document of documents) {
      if (after.has(document.id)) continue;
      const known = before.get(document.id);
      const old = known === undefined ? undefined : this.#entries.get(known)?.document;
      if (known !== undefined && old !== undefined && wordsOf(old) === wordsOf(document)) {
        this.#entries.set(known, { scope, document });
        after.set(document.id, known);
        before.delete(document.id);
      } else if (this.#entries.size < bounds.documents) {
        after.set(document.id, this.#add(scope, document));
      }
    }
    for (const number of before.values()) this.#drop(number);
    this.#scopes.set(scope, after);
    this.#tidy();
  }

  remove(scope: Scope): void {
    for (const number of this.#scopes.get(scope)?.values() ?? []) this.#drop(number);
    this.#scopes.delete(scope);
    this.#tidy();
  }

  search(order: SearchOrder): readonly Found[] {
    return search({ words: this.#words, vectors: this.#vectors, entries: this.#entries }, order);
  }

  waiting(limit: number, scope?: Scope): readonly { readonly entry: number; readonly text: string }[] {
    const found: { entry: number; text: string }[] = [];
    if (this.vectors >= bounds.vectors) return found;
    const among = scope === undefined ? this.#bare : (this.#scopes.get(scope)?.values() ?? []);
    for (const entry of among) {
      if (found.length >= limit) break;
      const document = this.#bare.has(entry) ? this.#entries.get(entry)?.document : undefined;
      if (document !== undefined) found.push({ entry, text: embeddedText(document) });
    }
    return found;
  }

  give(by: string, given: ReadonlyMap<number, Float32Array>): void {
    const dimension = [...given.values()][0]?.length ?? 0;
    if (dimension === 0) return;
    if (this.#vectors !== null && (this.#vectors.dimension !== dimension || this.#model !== by))
      this.forgetVectors();
    this.#vectors ??= createVectorIndex(dimension);
    this.#model = by;
    for (const [entry, vector] of given) {
      if (!this.#entries.has(entry) || vector.length !== dimension) continue;
      this.#vectors.set(entry, vector);
      this.#bare.delete(entry);
    }
  }

  vectorsOf(scope: Scope): ReadonlyMap<number, Float32Array> {
    const found = new Map<number, Float32Array>();
    for (const entry of this.#scopes.get(scope)?.values() ?? []) {
      const vector = this.#vectors?.get(entry);
      if (vector !== undefined) found.set(entry, vector);
    }
    return found;
  }

  forgetVectors(): void {
    this.#vectors = null;
    this.#model = null;
    for (const number of this.#entries.keys()) this.#bare.add(number);
  }

  #add(scope: Scope, document: MemoryDocument): number {
    const number = this.#next;
    this.#next += 1;
    this.#entries.set(number, { scope, document });
    this.#words.add(number, wordsOf(document));
    this.#bare.add(number);
    return number;
  }

  #drop(number: number): void {
    this.#words.remove(number);
    this.#vectors?.remove(number);
    this.#entries.delete(number);
    this.#bare.delete(number);
    this.#stale += 1;
  }

  #tidy(): void {
    if (this.#stale < staleMaximum || this.#stale < this.#entries.size) return;
    this.#words = createWordIndex();
    for (const [number, { document }] of this.#entries) this.#words.add(number, wordsOf(document));
    this.#stale = 0;
  }
}

interface Parts {
  readonly words: WordIndex;
  readonly vectors: VectorIndex | null;
  readonly entries: ReadonlyMap<number, Entry>;
}

function search({ words, vectors, entries }: Parts, { text, vector, limit, wanted }: SearchOrder): Found[] {
  const among = (number: number): boolean => {
    const entry = entries.get(number);
    return entry !== undefined && wanted(entry);
  };
  const keyAt = (number: number): string => {
    const entry = entries.get(number);
    return entry === undefined ? '' : keyOf(entry.scope, entry.document.id);
  };
  // Numbers come from the order of reading, keys do not: equal scores stand in the same order after every restart.
  const tie = (left: number, right: number): number => (keyAt(left) < keyAt(right) ? -1 : 1);
  const depth = depthOf(limit);
  const byWords = words.search(text, depth, among, tie);
  const byMeaning =
    vector === null || vectors?.dimension !== vector.length
      ? null
      : vectors.search(vector, depth, among, tie).map(({ entry }) => entry);
  return joinRankings(byWords, byMeaning, limit).flatMap(({ entry: number, score, why }) => {
    const entry = entries.get(number);
    return entry === undefined ? [] : [{ ...entry, score, why }];
  });
}
