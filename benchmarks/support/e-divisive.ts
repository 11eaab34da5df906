/**
 * The published method that the detector is compared with: E-divisive (Matteson, James 2014) with splits inside windows
 * and Welch's t-test for significance, as Hunter does (Fleming et al. 2023: window 50, p 0.001). Written from the papers.
 */

const window = 50;
const least = 5;
/** Two-sided p of 0.001 for as many degrees of freedom as the windows have. */
const tMinimum = 3.5;

interface Moments {
  readonly mean: number;
  readonly variance: number;
  readonly n: number;
}
function moments(values: readonly number[]): Moments {
  const n = values.length;
  const mean = values.reduce((sum, one) => sum + one, 0) / n;
  return { n, mean, variance: values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, n - 1) };
}
function welch(a: readonly number[], b: readonly number[]): number {
  const [one, other] = [moments(a), moments(b)];
  return Math.abs(one.mean - other.mean) / Math.sqrt(one.variance / one.n + other.variance / other.n + 1e-12);
}

/** The split of greatest energy distance, |x − y| as its measure. */
function bestOf(values: readonly number[], from: number, to: number): number | null {
  const n = to - from;
  if (n < 2 * least) return null;
  // Sums of distances from each point to those left of it and right of it, kept up to date as the split moves.
  let [within, across, right] = [0, 0, 0];
  const distance = (i: number, j: number): number => Math.abs((values[i] ?? 0) - (values[j] ?? 0));
  for (let i = from; i < to; i += 1) for (let j = i + 1; j < to; j += 1) right += distance(i, j);
  let best: { readonly at: number; readonly q: number } | null = null;
  for (let at = from; at < to - 1; at += 1) {
    let [toLeft, toRight] = [0, 0];
    for (let j = from; j < at; j += 1) toLeft += distance(at, j);
    for (let j = at + 1; j < to; j += 1) toRight += distance(at, j);
    within += toLeft;
    right -= toRight;
    across += toRight - toLeft;
    const [m, k] = [at + 1 - from, to - at - 1];
    if (m < least || k < least) continue;
    const energy = (2 * across) / (m * k) - (2 * within) / (m * (m - 1)) - (2 * right) / (k * (k - 1));
    const q = ((m * k) / (m + k)) * energy;
    if (best === null || q > best.q) best = { at: at + 1, q };
  }
  return best?.at ?? null;
}

/** Indexes of the first points of new levels. */
export function eDivisive(values: readonly number[]): number[] {
  const found = new Set<number>();
  for (let from = 0; from < values.length; from += window / 2) {
    const to = Math.min(values.length, from + window);
    const at = bestOf(values, from, to);
    if (at !== null && welch(values.slice(from, at), values.slice(at, to)) > tMinimum) found.add(at);
  }
  // Weak ones go, the weakest first, until each is significant between its neighbours.
  let splits = [...found].toSorted((a, b) => a - b);
  for (;;) {
    const edges = [0, ...splits, values.length];
    const scores = splits.map((at, index) => {
      const [before, after] = [values.slice(edges[index] ?? 0, at), values.slice(at, edges[index + 2])];
      return before.length < 2 || after.length < 2 ? 0 : welch(before, after);
    });
    const weakest = Math.min(...scores);
    if (splits.length === 0 || weakest > tMinimum) return splits;
    splits = splits.filter((_, index) => scores[index] !== weakest);
  }
}
