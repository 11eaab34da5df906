/** The first few of many by score: one pass with a small heap, so that most are looked at and never kept. */

/** What was scored: `scores[at]` belongs to `entries[at]`, for the first `size`. */
export interface Scored {
  readonly scores: Float64Array;
  readonly entries: ArrayLike<number>;
  readonly size: number;
}

export interface Best {
  readonly entry: number;
  readonly score: number;
}

/** Keeps the `length` largest of what it was given; the least of them is at the top. */
class LeastFirst {
  readonly #heap: Float64Array;
  #size = 0;

  constructor(length: number) {
    this.#heap = new Float64Array(length);
  }

  /** What has to be passed to be kept. */
  get bar(): number {
    return this.#size < this.#heap.length ? -Infinity : (this.#heap[0] ?? -Infinity);
  }

  add(value: number): void {
    const heap = this.#heap;
    if (this.#size < heap.length) {
      let at = this.#size;
      this.#size += 1;
      while (at > 0) {
        const above = (at - 1) >> 1;
        const other = heap[above] ?? 0;
        if (other <= value) break;
        heap[at] = other;
        at = above;
      }
      heap[at] = value;
      return;
    }
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && (heap[below + 1] ?? 0) < (heap[below] ?? 0)) below += 1;
      const other = heap[below] ?? 0;
      if (other >= value) break;
      heap[at] = other;
      at = below;
    }
    heap[at] = value;
  }
}

/**
 * The first `limit` by score, then by `tie`. Who is wanted is asked only of those that may be among them, and
 * what cannot be among them is never sorted with its ties.
 */
export function bestOf(
  { scores, entries, size }: Scored,
  limit: number,
  wanted: (entry: number) => boolean,
  tie: (left: number, right: number) => number,
): readonly Best[] {
  if (limit < 1) return [];
  const kept = new LeastFirst(limit);
  const places: number[] = [];
  for (let at = 0; at < size; at += 1) {
    const score = scores[at] ?? 0;
    const { bar } = kept;
    if (score < bar || !wanted(entries[at] ?? 0)) continue;
    places.push(at);
    if (score > bar) kept.add(score);
  }
  const least = kept.bar;
  return places
    .filter((at) => (scores[at] ?? 0) >= least)
    .map((at) => ({ entry: entries[at] ?? 0, score: scores[at] ?? 0 }))
    .sort((left, right) => right.score - left.score || tie(left.entry, right.entry))
    .slice(0, limit);
}
