/** BM25 over documents that come and go, exact; entries are numbers of their owner. */
import { questionTerms, termsOf } from './analyse-text.js';
import { bestOf, type Best } from './best-of.js';
import { termGain, termWeight } from './policy.js';

export interface WordIndex {
  /** The entry must not be there yet. */
  add(entry: number, text: string): void;
  remove(entry: number): void;
  /** Best first; only entries with a term of the question. */
  search(
    question: string,
    limit: number,
    wanted: (entry: number) => boolean,
    /** Who stands first of two with the same score. */
    tie?: (left: number, right: number) => number,
  ): readonly (Best & { readonly terms: readonly string[] })[];
  readonly size: number;
}

/** Of a document that is gone; its postings stay until its index is made anew. */
const gone = -1;

export function createWordIndex(): WordIndex {
  return new Words();
}

/** Documents have slots in the order of their coming, so that what is counted for them stands in flat arrays. */
class Words implements WordIndex {
  /** Term → slot, count, slot, count, … by rising slot. */
  readonly #postings = new Map<string, number[]>();
  readonly #slots = new Map<number, number>();
  readonly #entries: number[] = [];
  readonly #lengths: number[] = [];
  #total = 0;
  /** By slot; all 0 between two questions. */
  #scores = new Float64Array(0);

  get size(): number {
    return this.#slots.size;
  }

  add(entry: number, text: string): void {
    const terms = termsOf(text);
    const slot = this.#entries.length;
    const counts = new Map<string, number>();
    for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const [term, count] of counts) {
      const list = this.#postings.get(term);
      if (list === undefined) this.#postings.set(term, [slot, count]);
      else list.push(slot, count);
    }
    this.#slots.set(entry, slot);
    this.#entries.push(entry);
    this.#lengths.push(terms.length);
    this.#total += terms.length;
  }

  remove(entry: number): void {
    const slot = this.#slots.get(entry);
    if (slot === undefined) return;
    this.#total -= this.#lengths[slot] ?? 0;
    this.#lengths[slot] = gone;
    this.#slots.delete(entry);
  }

  search(
    question: string,
    limit: number,
    wanted: (entry: number) => boolean,
    tie: (left: number, right: number) => number = (left, right) => left - right,
  ): ReturnType<WordIndex['search']> {
    const terms = questionTerms(question).flatMap((term) => {
      const list = this.#postings.get(term);
      return list === undefined ? [] : [{ term, list }];
    });
    if (this.#scores.length < this.#entries.length) this.#scores = new Float64Array(this.#entries.length * 2);
    const touched: number[] = [];
    for (const { list } of terms) this.#score(list, touched);
    const scored = {
      scores: Float64Array.from(touched, (slot) => this.#scores[slot] ?? 0),
      entries: touched.map((slot) => this.#entries[slot] ?? 0),
      size: touched.length,
    };
    for (const slot of touched) this.#scores[slot] = 0;
    return bestOf(scored, limit, wanted, tie).map((best) => {
      const slot = this.#slots.get(best.entry) ?? gone;
      return { ...best, terms: terms.filter(({ list }) => has(list, slot)).map(({ term }) => term) };
    });
  }

  /** Adds what a term gives to each document that has it; who had nothing before is noted. */
  #score(list: readonly number[], touched: number[]): void {
    const [scores, lengths] = [this.#scores, this.#lengths];
    const mean = this.#total / Math.max(1, this.size);
    let live = 0;
    for (let at = 0; at < list.length; at += 2) if ((lengths[list[at] ?? 0] ?? gone) !== gone) live += 1;
    const weight = termWeight(this.size, live);
    for (let at = 0; at < list.length; at += 2) {
      const slot = list[at] ?? 0;
      const length = lengths[slot] ?? gone;
      if (length === gone) continue;
      const before = scores[slot] ?? 0;
      if (before === 0) touched.push(slot);
      scores[slot] = before + termGain(weight, list[at + 1] ?? 0, length, mean);
    }
  }
}

/** Whether a document is in a term's list: slots rise, so that halving finds it. */
function has(list: readonly number[], slot: number): boolean {
  let [low, high] = [0, list.length / 2];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle * 2] ?? 0) < slot) low = middle + 1;
    else high = middle;
  }
  return list[low * 2] === slot;
}
