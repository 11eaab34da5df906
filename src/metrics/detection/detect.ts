/**
 * What happened to a series: changes of level and a trend, each with how sure that is. The method, its constants and what
 * it is compared with are in docs/monitoring.md and `npm run bench:metrics`. Pure and deterministic.
 */
import { median, noiseOf, theilSen, withoutSpikes, type Noise } from './robust.js';
import { withoutSeason } from './seasons.js';
import { isRamp, segment } from './segments.js';

const day = 86_400_000;

export interface DetectOptions {
  /** A change or trend smaller than this share of the level is none. */
  readonly effectMinimum?: number;
  /** Standard errors. */
  readonly threshold?: number;
  /** Points of the shortest level. */
  readonly least?: number;
}

export interface ChangePoint {
  /** First instant of the new level, ms since 1970. */
  readonly at: number;
  readonly index: number;
  /** Medians. */
  readonly before: number;
  readonly after: number;
  /** after by before. */
  readonly factor: number;
  /** Difference in standard errors; above 5 chance is no explanation for a series of this length. */
  readonly score: number;
}

export interface Trend {
  readonly from: number;
  readonly to: number;
  /** Share of the level by which the series grows a day; negative: it shrinks. 99 % interval. */
  readonly perDay: number;
  readonly lower: number;
  readonly upper: number;
  /** Value at the end by value at the beginning, along the line. */
  readonly factor: number;
}

export interface Detection {
  readonly points: number;
  readonly seasonal: boolean;
  /** Usual deviation of one point, as share of the level. */
  readonly noise: number;
  readonly changes: readonly ChangePoint[];
  readonly trends: readonly Trend[];
}

const pointsMinimum = 12;
/** Never surer than this: a series without any noise would make everything a change. */
const noiseMinimum = 1e-4;
const spikeReach = 3;
const trendPoints = 24;

const nothing = (points: number): Detection => ({
  points,
  seasonal: false,
  noise: 0,
  changes: [],
  trends: [],
});

/** A scale on which shares are differences: logarithms where all is positive, else shares of the median. */
function scaled(
  values: readonly number[],
): { scale: Float64Array; back: (difference: number) => number } | null {
  if (values.every((value) => value > 0))
    return { scale: Float64Array.from(values, Math.log), back: (difference) => Math.exp(difference) };
  const level = median(values.map((value) => Math.abs(value)));
  if (level === 0) return null;
  return { scale: Float64Array.from(values, (value) => value / level), back: (difference) => 1 + difference };
}

interface Prepared {
  readonly at: readonly number[];
  readonly values: Float64Array;
  readonly noise: Noise;
  readonly effect: number;
  readonly back: (difference: number) => number;
}

function trendOf({ at, values, noise, effect, back }: Prepared, from: number, to: number): Trend | null {
  if (to - from < trendPoints) return null;
  const start = at[from] ?? 0;
  const end = at[to - 1] ?? start;
  const x = Float64Array.from({ length: to - from }, (_, index) => ((at[from + index] ?? 0) - start) / day);
  const inflate = Math.sqrt((1 + noise.rho) / (1 - noise.rho));
  const { slope, lower, upper } = theilSen(x, values.subarray(from, to), inflate);
  const isSure = lower > 0 || upper < 0;
  const whole = slope * ((end - start) / day);
  if (!isSure || Math.abs(whole) < Math.max(effect, noise.deviation)) return null;
  const share = (one: number): number => back(one) - 1;
  return {
    from: start,
    to: end,
    perDay: share(slope),
    lower: share(lower),
    upper: share(upper),
    factor: back(whole),
  };
}

/** Levels that climb like stairs, and are a ramp: the runs of splits that a line explains better. */
function ramps({ values, noise }: Prepared, splits: readonly number[]): [first: number, last: number][] {
  const n = values.length;
  const edges = [0, ...splits, n];
  const mean = (index: number): number => {
    const part = values.subarray(edges[index] ?? 0, edges[index + 1] ?? n);
    return part.reduce((sum, value) => sum + value, 0) / Math.max(1, part.length);
  };
  const directions = splits.map((_, index) => Math.sign(mean(index + 1) - mean(index)));
  const found: [number, number][] = [];
  for (let first = 0; first < splits.length; first += 1) {
    let last = first;
    while (last + 1 < splits.length && directions[last + 1] === directions[first]) last += 1;
    const from = edges[first] ?? 0;
    const until = edges[last + 2] ?? n;
    // The level before the stairs may be flat: then the ramp begins with the first of them.
    const inner = last > first ? (splits[first] ?? 0) : from;
    if (isRamp(values, from, until, splits.slice(first, last + 1), noise.rho)) found.push([first, last]);
    else if (last - first >= 2 && isRamp(values, inner, until, splits.slice(first + 1, last + 1), noise.rho))
      found.push([first, last]);
    first = last;
  }
  return found;
}

/** @param at ascending, ms since 1970 @param values as many; what is not finite must be left out before */
export function detect(
  at: readonly number[],
  values: readonly number[],
  { effectMinimum = 0.05, threshold = 5, least = 5 }: DetectOptions = {},
): Detection {
  const usable = scaled(values);
  if (values.length < pointsMinimum || usable === null) return nothing(values.length);
  const { values: calm, seasonal } = withoutSeason(at, usable.scale);
  const raw = noiseOf(calm);
  const smooth = withoutSpikes(calm, spikeReach * Math.max(raw.deviation, noiseMinimum));
  const known = noiseOf(smooth);
  const noise = {
    rho: known.rho,
    deviation: Math.max(known.deviation, noiseMinimum),
    longRun: Math.max(known.longRun, noiseMinimum),
  };
  const effect = Math.log1p(effectMinimum);
  const prepared: Prepared = { at, values: smooth, noise, effect, back: usable.back };
  const { splits, scores } = segment(smooth, noise.longRun, threshold, least);

  const sloping = ramps(prepared, splits);
  const isSloping = (index: number): boolean =>
    sloping.some(([first, last]) => index >= first && index <= last);
  const edges = [0, ...splits, values.length];
  const changes = splits.flatMap((split, index): ChangePoint[] => {
    if (isSloping(index)) return [];
    const level = (from: number, to: number): number => median(smooth.subarray(from, to));
    const difference = level(split, edges[index + 2] ?? values.length) - level(edges[index] ?? 0, split);
    if (Math.abs(difference) < effect) return [];
    const before = median(values.slice(edges[index] ?? 0, split));
    return [
      {
        ...{ at: at[split] ?? 0, index: split, before, score: scores[index] ?? 0 },
        ...{
          after: median(values.slice(split, edges[index + 2] ?? values.length)),
          factor: usable.back(difference),
        },
      },
    ];
  });
  const spans = sloping.map(([first, last]): [number, number] => [
    edges[first] ?? 0,
    edges[last + 2] ?? values.length,
  ]);
  const lastEdge = edges.at(-2) ?? 0;
  if (!spans.some(([, to]) => to === values.length)) spans.push([lastEdge, values.length]);
  const trends = spans.map(([from, to]) => trendOf(prepared, from, to)).filter((one) => one !== null);
  return { points: values.length, seasonal, noise: usable.back(noise.deviation) - 1, changes, trends };
}
