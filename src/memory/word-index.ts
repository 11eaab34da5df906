/** BM25 over documents that come and go, exact; entries are numbers of their owner. */
import { questionTerms, termsOf } from './analyse-text.js';
import { bestOf, termGain, termWeight } from './policy.js';

interface Postings {
  readonly slots: number[];
  readonly counts: number[];
}

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
  ): readonly { readonly entry: number; readonly score: number; readonly terms: readonly string[] }[];
  readonly size: number;
}

export function createWordIndex(): WordIndex {
  const postings = new Map<string, Postings>();
  const lengths = new Map<number, number>();
  let total = 0;
  return {
    get size() {
      return lengths.size;
    },
    add(entry, text) {
      const terms = termsOf(text);
      const counts = new Map<string, number>();
      for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
      for (const [term, count] of counts) {
        const known = postings.get(term) ?? { slots: [], counts: [] };
        known.slots.push(entry);
        known.counts.push(count);
        postings.set(term, known);
      }
      lengths.set(entry, terms.length);
      total += terms.length;
    },
    remove(entry) {
      // Its postings stay until its index is made anew; without a length it counts for nothing.
      total -= lengths.get(entry) ?? 0;
      lengths.delete(entry);
    },
    search(question, limit, wanted, tie = (left, right) => left - right) {
      const mean = total / Math.max(1, lengths.size);
      const scores = new Map<number, number>();
      const because = new Map<number, string[]>();
      for (const term of questionTerms(question)) {
        const list = postings.get(term);
        if (list === undefined) continue;
        const live = list.slots.reduce((sum, entry) => sum + (lengths.has(entry) ? 1 : 0), 0);
        const weight = termWeight(lengths.size, live);
        for (const [at, entry] of list.slots.entries()) {
          const length = lengths.get(entry);
          if (length === undefined || !wanted(entry)) continue;
          const count = list.counts[at] ?? 0;
          const gain = termGain(weight, count, length, mean);
          scores.set(entry, (scores.get(entry) ?? 0) + gain);
          const terms = because.get(entry);
          if (terms === undefined) because.set(entry, [term]);
          else terms.push(term);
        }
      }
      const all = [...scores].map(([entry, score]) => ({ entry, score }));
      return bestOf(all, limit, tie).map((one) => ({ ...one, terms: because.get(one.entry) ?? [] }));
    },
  };
}
