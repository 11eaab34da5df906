/** Documents of many scopes, found by words and, as far as they have vectors, by meaning. Everything is in memory. */
import { fuse, fusion } from './policy.js';
import type { Found, MemoryDocument, Scope } from './types.js';
import { createVectorIndex, type VectorIndex } from './vector-index.js';
import { createWordIndex, type WordIndex } from './word-index.js';

/** Documents at once; the newest scopes push nothing out, what is over the bound is not taken. */
const documentsMaximum = 200_000;
const vectorsMaximum = 50_000;
/** Entries that are gone but still in the postings, before the index of words is made anew. */
const staleMaximum = 2_000;
/** Vectors see this much of a text. */
const embeddedCharacters = 800;

interface Entry {
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
  search(order: SearchOrder): readonly Found[];
  /** Entries that have no vector yet, with the text to embed. */
  waiting(limit: number): readonly { readonly entry: number; readonly text: string }[];
  /** Vectors of another model or dimension make all others void. Entries that are gone meanwhile are passed over. */
  give(model: string, vectors: ReadonlyMap<number, Float32Array>): void;
  /** All documents wait for their vectors again. */
  forgetVectors(): void;
  readonly vectorModel: string | null;
  readonly size: number;
  readonly vectors: number;
}

const wordsOf = ({ text, words = '' }: MemoryDocument): string => `${words}\n${text}`;

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
      } else if (this.#entries.size < documentsMaximum) {
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

  waiting(limit: number): readonly { readonly entry: number; readonly text: string }[] {
    const found: { entry: number; text: string }[] = [];
    if (this.vectors >= vectorsMaximum) return found;
    for (const entry of this.#bare) {
      if (found.length >= limit) break;
      const document = this.#entries.get(entry)?.document;
      if (document !== undefined)
        found.push({ entry, text: document.text.trim().slice(0, embeddedCharacters) });
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
  const depth = Math.max(fusion.depth, limit);
  const byWords = words.search(text, depth, among);
  const byMeaning =
    vector === null || vectors?.dimension !== vector.length ? null : vectors.search(vector, depth, among);
  const rankings = [
    { weight: fusion.words, entries: byWords.map(({ entry }) => entry) },
    ...(byMeaning === null ? [] : [{ weight: fusion.vectors, entries: byMeaning.map(({ entry }) => entry) }]),
  ];
  const terms = new Map(byWords.map((one) => [one.entry, one.terms]));
  return fuse(rankings)
    .slice(0, limit)
    .flatMap(({ entry: number, score, ranks: [, meaning = null] }) => {
      const entry = entries.get(number);
      if (entry === undefined) return [];
      const shared = terms.get(number) ?? [];
      const why = [
        ...(shared.length === 0 ? [] : [`words: ${shared.slice(0, 8).join(', ')}`]),
        ...(meaning === null ? [] : [`meaning: rank ${meaning}`]),
      ].join('; ');
      return [{ ...entry, score, why }];
    });
}
