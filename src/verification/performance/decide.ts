/**
 * The stopping rule of the performance gate, fixed beforehand. Pure.
 *
 * Pairs of base and candidate are looked at 6, 10, 20, 40 and 80 pairs, never in between. Each look spends its part of
 * the error: one-sided 0.11 %, 0.1 %, 0.4 %, 1 % and 2 %, together 3.6 % for a true ratio of exactly 1.05, and far less
 * for 1.00. The first look asks for complete separation: that all six processes of one side beat all six of the other
 * has a chance of 1 in 924 when the sides are exchangeable, whatever the noise looks like.
 */
import { bootstrap, type Interval } from './statistics.js';

/** Pairs at each look and the one-sided error it may spend. */
export const looks = [
  { pairs: 6, alpha: 1 / 924 },
  { pairs: 10, alpha: 0.001 },
  { pairs: 20, alpha: 0.004 },
  { pairs: 40, alpha: 0.01 },
  { pairs: 80, alpha: 0.02 },
] as const;

/** The smallest gain that counts. */
export const minimumGain = 1.05;
/** A ratio below this is a loss. */
export const lossBound = 0.95;
/** One-sided error of the bound that ends a hopeless measurement early; it can only cost power, never a false pass. */
const giveUpAlpha = 0.025;

/** Natural logarithms of base time / candidate time, one per pair, and of identical code against itself. */
export interface Series {
  readonly gain: readonly number[];
  readonly control: readonly number[];
  /** Natural logarithms of the times themselves. */
  readonly base: readonly number[];
  readonly candidate: readonly number[];
}

export type Finding = 'faster' | 'slower' | 'same' | 'undecided';

/** What one look saw; ratios, not logarithms. */
export interface Look {
  readonly finding: Finding;
  /** May the measurement end here? */
  readonly stop: boolean;
  readonly pairs: number;
  readonly alpha: number;
  readonly ratio: Interval;
  readonly control: Interval;
}

const ratios = ({ estimate, lower, upper }: Interval): Interval => ({
  estimate: Math.exp(estimate),
  lower: Math.exp(lower),
  upper: Math.exp(upper),
});

/** More resamples where the tail is thin. */
const resamplesFor = (alpha: number): number => Math.max(2_000, Math.ceil(10 / alpha));

const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

/**
 * The first look: separated only when the gap between the sides is larger than the spread within each, and than the
 * gain that counts. Its interval is the whole range of ratios between a process of one side and one of the other.
 */
function separation(series: Series): Look {
  const { base, candidate } = series;
  const lower = Math.min(...base) - Math.max(...candidate);
  const upper = Math.max(...base) - Math.min(...candidate);
  const noise = Math.max(spread(base), spread(candidate));
  const { estimate } = bootstrap(series.gain, { alpha: 0.5, seed: 0, resamples: 1 });
  const found = {
    pairs: series.gain.length,
    alpha: looks[0].alpha,
    ratio: ratios({ estimate, lower, upper }),
    control: ratios({ estimate: 0, lower: -noise, upper: noise }),
  };
  if (lower > Math.max(Math.log(minimumGain), noise)) return { ...found, finding: 'faster', stop: true };
  if (upper < Math.min(Math.log(lossBound), -noise)) return { ...found, finding: 'slower', stop: true };
  return { ...found, finding: 'undecided', stop: false };
}

/** Judges the series at one of the planned looks. */
export function look(series: Series, index: number, seed: number): Look {
  if (index === 0) return separation(series);
  const { alpha, pairs: planned } = looks[Math.min(index, looks.length - 1)] ?? looks[1];
  const resamples = resamplesFor(alpha);
  const ratio = ratios(bootstrap(series.gain, { alpha, seed, resamples }));
  const control = ratios(bootstrap(series.control, { alpha, seed: seed + 1, resamples }));
  const wide = ratios(bootstrap(series.gain, { alpha: giveUpAlpha, seed }));
  const pairs = series.gain.length;
  const common = { pairs, alpha, ratio, control };
  const last = index >= looks.length - 1;
  if (ratio.lower > Math.max(minimumGain, control.upper)) return { ...common, finding: 'faster', stop: true };
  if (ratio.upper < Math.min(lossBound, control.lower)) return { ...common, finding: 'slower', stop: true };
  const loss = ratio.estimate < lossBound;
  const hopeless =
    wide.upper < minimumGain ||
    (planned >= 20 && ratio.estimate < 1.02) ||
    (planned >= 40 && ratio.estimate < minimumGain);
  if (hopeless && !loss) return { ...common, finding: 'same', stop: true };
  return { ...common, finding: 'undecided', stop: last };
}
