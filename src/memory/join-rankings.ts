/** Two rankings of documents → what is found, with the reasons; the same for every adapter. */
import { fuse, fusion } from './policy.js';

export interface ByWords<T> {
  readonly entry: T;
  /** Terms of the question that the document has. */
  readonly terms: readonly string[];
}

export interface Joined<T> {
  readonly entry: T;
  readonly score: number;
  readonly why: string;
}

/** How deep each ranking has to be for an answer of this length. */
export const depthOf = (limit: number): number => Math.max(fusion.depth, limit);

/** @param byMeaning null when there is no vector to compare with */
export function joinRankings<T>(
  byWords: readonly ByWords<T>[],
  byMeaning: readonly T[] | null,
  limit: number,
): readonly Joined<T>[] {
  const rankings = [
    { weight: fusion.words, entries: byWords.map(({ entry }) => entry) },
    ...(byMeaning === null ? [] : [{ weight: fusion.vectors, entries: byMeaning }]),
  ];
  const terms = new Map(byWords.map((one) => [one.entry, one.terms]));
  return fuse(rankings)
    .slice(0, limit)
    .map(({ entry, score, ranks: [, meaning = null] }) => {
      const shared = terms.get(entry) ?? [];
      const why = [
        ...(shared.length === 0 ? [] : [`words: ${shared.slice(0, 8).join(', ')}`]),
        ...(meaning === null ? [] : [`meaning: rank ${meaning}`]),
      ].join('; ');
      return { entry, score, why };
    });
}
