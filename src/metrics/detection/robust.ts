/** Robust figures that the detector stands on. Pure. */

/** The middle value; NaN for none. */
export function median(values: readonly number[] | Float64Array): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Standard deviation of normal data by the median absolute deviation. */
export function spread(values: readonly number[] | Float64Array): number {
  const middle = median(values);
  return 1.4826 * median(Float64Array.from(values, (value) => Math.abs(value - middle)));
}

const lagFar = 12;
const rhoMaximum = 0.95;

export interface Noise {
  /** Standard deviation of one point. */
  readonly deviation: number;
  /** Correlation of neighbours, 0…0.95. */
  readonly rho: number;
  /** Standard deviation of a mean of n points is this by √n. */
  readonly longRun: number;
}

/**
 * The noise of a series from its own differences, so that a few steps in it do not count as noise: neighbours give
 * γ0 − γ1, points far apart γ0; an autoregression of order 1 gives the long-run deviation from these two.
 */
export function noiseOf(values: Float64Array): Noise {
  const differences = (lag: number): Float64Array =>
    Float64Array.from(
      { length: Math.max(0, values.length - lag) },
      (_, at) => (values[at + lag] ?? 0) - (values[at] ?? 0),
    );
  const near = spread(differences(1)) / Math.SQRT2;
  const far = values.length > 4 * lagFar ? spread(differences(lagFar)) / Math.SQRT2 : near;
  const deviation = Math.max(near, far);
  const rho = deviation > 0 ? Math.min(rhoMaximum, Math.max(0, 1 - (near / deviation) ** 2)) : 0;
  return { deviation, rho, longRun: deviation * Math.sqrt((1 + rho) / (1 - rho)) };
}

/** Single points far from their neighbours are drawn to within `reach` of the median around them. */
export function withoutSpikes(values: Float64Array, reach: number, half = 3): Float64Array {
  return Float64Array.from(values, (value, at) => {
    const around = median(values.subarray(Math.max(0, at - half), at + half + 1));
    return Math.min(around + reach, Math.max(around - reach, value));
  });
}

export interface Slope {
  /** Per unit of x. */
  readonly slope: number;
  readonly lower: number;
  readonly upper: number;
}

const slopePoints = 240;
const normal99 = 2.576;

/**
 * Theil–Sen slope, the median over all pairs, with the 99 % interval of Sen (1968) by Kendall's variance; that is made
 * wider by `inflate` where neighbours are correlated. Long series are thinned to medians of equal parts.
 */
export function theilSen(x: Float64Array, y: Float64Array, inflate = 1): Slope {
  const part = Math.max(1, Math.ceil(x.length / slopePoints));
  const xs: number[] = [];
  const ys: number[] = [];
  for (let from = 0; from < x.length; from += part) {
    xs.push(median(x.subarray(from, from + part)));
    ys.push(median(y.subarray(from, from + part)));
  }
  const n = xs.length;
  const slopes: number[] = [];
  for (let i = 0; i < n; i += 1)
    for (let j = i + 1; j < n; j += 1) {
      const run = (xs[j] ?? 0) - (xs[i] ?? 0);
      if (run > 0) slopes.push(((ys[j] ?? 0) - (ys[i] ?? 0)) / run);
    }
  const sorted = Float64Array.from(slopes).sort();
  const reach = normal99 * inflate * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const at = (place: number): number =>
    sorted[Math.max(0, Math.min(sorted.length - 1, Math.round(place)))] ?? Number.NaN;
  return {
    slope: median(sorted),
    lower: at((sorted.length - reach) / 2),
    upper: at((sorted.length + reach) / 2),
  };
}
