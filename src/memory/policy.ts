/** How two rankings become one: weighted reciprocal-rank fusion (Cormack, Clarke and Büttcher 2009). Pure. */

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
