/** The few statistics of the performance gate. Pure; every random draw comes from a seed. */

/** mulberry32: a small seeded generator, good enough for resampling. Returns numbers in [0, 1). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The middle value (mean of the two middle ones); NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Share cut off at each end: robust like a median, and nearly as efficient as a mean. */
const trimShare = 0.2;

/** Mean of the middle 60 %. Sorts its argument in place. */
function trimmedMeanInPlace(values: Float64Array): number {
  values.sort();
  const cut = Math.floor(values.length * trimShare);
  let sum = 0;
  for (let index = cut; index < values.length - cut; index += 1) sum += values[index] ?? 0;
  return sum / (values.length - 2 * cut);
}

/** Mean of the middle 60 %; NaN for none. */
export function trimmedMean(values: readonly number[]): number {
  return trimmedMeanInPlace(Float64Array.from(values));
}

export interface Interval {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * Percentile bootstrap of the trimmed mean (Efron 1979), one-sided error `alpha` at each end.
 * @param resamples number of resamples; the tail quantiles need at least 2 / alpha of them.
 */
export function bootstrap(
  values: readonly number[],
  options: { readonly alpha: number; readonly seed: number; readonly resamples?: number },
): Interval {
  const { alpha, seed, resamples = 2_000 } = options;
  const random = createRandom(seed);
  const drawn = new Float64Array(values.length);
  const means = new Float64Array(resamples);
  for (let round = 0; round < resamples; round += 1) {
    for (let index = 0; index < drawn.length; index += 1) {
      drawn[index] = values[Math.floor(random() * values.length)] ?? Number.NaN;
    }
    means[round] = trimmedMeanInPlace(drawn);
  }
  means.sort();
  const at = (share: number): number =>
    means[Math.min(resamples - 1, Math.max(0, Math.floor(share * resamples)))] ?? Number.NaN;
  return { estimate: trimmedMean(values), lower: at(alpha), upper: at(1 - alpha) };
}

/** Least-squares slope of y over x; NaN for fewer than two different x. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return variance === 0 ? Number.NaN : covariance / variance;
}
