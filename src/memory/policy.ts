/** How documents are scored: BM25 (Robertson and Zaragoza 2009), and how two rankings become one: weighted
 * reciprocal-rank fusion (Cormack, Clarke and Büttcher 2009). Pure. */

/** The constant of the method, and what each side weighs; chosen on Cranfield (benchmarks/README.md). */
export const fusion = { constant: 60, words: 1, vectors: 0.7, depth: 100 } as const;

export interface Ranking<T> {
  readonly weight: number;
  /** Best first. */
  readonly entries: readonly T[];
}

/** Scores from 0 to 1: 1 is first in every ranking. */
export function fuse<T>(
  rankings: readonly Ranking<T>[],
  constant: number = fusion.constant,
): readonly { readonly entry: T; readonly score: number; readonly ranks: readonly (number | null)[] }[] {
  const scores = new Map<T, { score: number; ranks: (number | null)[] }>();
  const most = rankings.reduce((sum, { weight }) => sum + weight / (constant + 1), 0);
  for (const [which, { weight, entries }] of rankings.entries()) {
    for (const [at, entry] of entries.entries()) {
      const known = scores.get(entry) ?? { score: 0, ranks: rankings.map(() => null) };
      known.score += weight / (constant + at + 1);
      known.ranks[which] = at + 1;
      scores.set(entry, known);
    }
  }
  return [...scores]
    .map(([entry, { score, ranks }]) => ({ entry, score: most === 0 ? 0 : score / most, ranks }))
    .sort((a, b) => b.score - a.score);
}

/** What memory holds at most; what is over a bound is not taken. Distinct terms of a question are counted too. */
export const bounds = { documents: 200_000, vectors: 50_000, terms: 200 } as const;

const k1 = 1.5;
const b = 0.75;

/** @param having documents with the term, of `all` */
export const termWeight = (all: number, having: number): number =>
  Math.log(1 + (all - having + 0.5) / (having + 0.5));

/** What a term adds to a document's score. @param mean length of all documents, in terms, like `length` */
export const termGain = (weight: number, count: number, length: number, mean: number): number =>
  (weight * count * (k1 + 1)) / (count + k1 * (1 - b + (b * length) / mean));
