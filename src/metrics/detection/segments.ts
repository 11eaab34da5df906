/**
 * Where the level of a series changes: seeded binary segmentation (Kovács, Bühlmann, Li, Munk 2020) with the narrowest
 * interval over the threshold first (Baranowski, Chen, Fryzlewicz 2019). Deterministic; O(n log n). Pure.
 */

const decay = Math.SQRT2;

/** Sums up to each place, so that any mean is two look-ups. */
class Sums {
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  constructor(values: Float64Array) {
    this.#sums = new Float64Array(values.length + 1);
    this.#squares = new Float64Array(values.length + 1);
    for (const [index, value] of values.entries()) {
      this.#sums[index + 1] = (this.#sums[index] ?? 0) + value;
      this.#squares[index + 1] = (this.#squares[index] ?? 0) + value * value;
    }
  }
  sum(from: number, to: number): number {
    return (this.#sums[to] ?? 0) - (this.#sums[from] ?? 0);
  }
  mean(from: number, to: number): number {
    return this.sum(from, to) / Math.max(1, to - from);
  }
  /** Squared distance from the mean. */
  error(from: number, to: number): number {
    const squares = (this.#squares[to] ?? 0) - (this.#squares[from] ?? 0);
    return Math.max(0, squares - this.sum(from, to) ** 2 / Math.max(1, to - from));
  }
}

interface Split {
  readonly at: number;
  /** Difference of the means in standard errors. */
  readonly score: number;
}

/** The best place to split [from, to) in two, no part shorter than `least`. */
function bestSplit(sums: Sums, from: number, to: number, least: number, longRun: number): Split | null {
  let best: Split | null = null;
  const [n, total] = [to - from, sums.sum(from, to)];
  for (let at = from + least; at <= to - least; at += 1) {
    const [n1, left] = [at - from, sums.sum(from, at)];
    const difference = Math.abs(left / n1 - (total - left) / (n - n1));
    const score = (difference * Math.sqrt((n1 * (n - n1)) / n)) / longRun;
    if (best === null || score > best.score) best = { at, score };
  }
  return best;
}

/** Intervals of all lengths, each layer shorter by √2 and overlapping by half. */
function seeds(n: number, least: number): [from: number, to: number][] {
  const intervals: [number, number][] = [];
  for (let length = n; length >= 2 * least; length = Math.floor(length / decay)) {
    const count = Math.max(1, 2 * Math.ceil(n / length) - 1);
    const shift = count === 1 ? 0 : (n - length) / (count - 1);
    for (let index = 0; index < count; index += 1) {
      const from = Math.floor(index * shift);
      intervals.push([from, Math.min(n, from + length)]);
    }
  }
  return intervals;
}

export interface Segmentation {
  /** First index of each new level, ascending. */
  readonly splits: readonly number[];
  readonly scores: readonly number[];
}

/** @param threshold standard errors that a difference must exceed @param least points of the shortest level */
export function segment(
  values: Float64Array,
  longRun: number,
  threshold: number,
  least: number,
): Segmentation {
  const sums = new Sums(values);
  const over = seeds(values.length, least)
    .map(([from, to]) => ({ from, to, split: bestSplit(sums, from, to, least, longRun) }))
    .filter(({ split }) => split !== null && split.score > threshold)
    .toSorted((a, b) => a.to - a.from - (b.to - b.from) || (b.split?.score ?? 0) - (a.split?.score ?? 0));
  const chosen: number[] = [];
  for (const { from, to, split } of over) {
    if (split === null || chosen.some((at) => at > from && at < to)) continue;
    chosen.push(split.at);
  }
  return settle(
    sums,
    values.length,
    chosen.toSorted((a, b) => a - b),
    { longRun, threshold, least },
  );
}

/** Moves each split to the best place between its neighbours; the weakest goes until all are over the threshold. */
function settle(
  sums: Sums,
  n: number,
  first: readonly number[],
  { longRun, threshold, least }: { longRun: number; threshold: number; least: number },
): Segmentation {
  let splits = [...first];
  for (;;) {
    const moved: Split[] = [];
    for (const [index] of splits.entries()) {
      const from = moved.at(-1)?.at ?? 0;
      const best = bestSplit(sums, from, splits[index + 1] ?? n, least, longRun);
      moved.push(best ?? { at: splits[index] ?? 0, score: 0 });
    }
    const weakest = Math.min(...moved.map(({ score }) => score));
    if (moved.length === 0 || weakest > threshold)
      return { splits: moved.map(({ at }) => at), scores: moved.map(({ score }) => score) };
    splits = moved.filter(({ score }) => score !== weakest).map(({ at }) => at);
  }
}

/** Does a line (or a bent one) from `from` to `to` explain the points as well as these levels do? By Schwarz's criterion. */
export function isRamp(
  values: Float64Array,
  from: number,
  to: number,
  splits: readonly number[],
  rho: number,
): boolean {
  const sums = new Sums(values);
  const n = to - from;
  const edges = [from, ...splits, to];
  let levels = 0;
  for (let index = 0; index + 1 < edges.length; index += 1)
    levels += sums.error(edges[index] ?? 0, edges[index + 1] ?? 0);
  const middle = (n - 1) / 2;
  const mean = (n * n - 1) / 12;
  // Orthogonal: a straight line and the bend of one; growth that is even is bent on a logarithmic scale.
  let [line, bend, bends] = [0, 0, 0];
  for (let index = 0; index < n; index += 1) {
    const [u, y] = [index - middle, values[from + index] ?? 0];
    const curve = u * u - mean;
    line += u * y;
    bend += curve * y;
    bends += curve * curve;
  }
  const explained = line ** 2 / Math.max(1, n * mean) + bend ** 2 / Math.max(1, bends);
  const rest = Math.max(0, sums.error(from, to) - explained);
  // Correlated points are fewer than they seem.
  const points = Math.max(4, (n * (1 - rho)) / (1 + rho));
  const cost = (error: number, parameters: number): number =>
    points * Math.log(error / n + Number.EPSILON) + parameters * Math.log(points);
  return cost(rest, 3) < cost(levels, 2 * splits.length + 1);
}
