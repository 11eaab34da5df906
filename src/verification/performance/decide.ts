/**
 * The stopping rule of the performance gate, fixed beforehand. Pure.
 *
 * Pairs of base and candidate are looked at 10, 20, 40 and 80 pairs, never in between. Each look spends its part of the
 * error: one-sided 0.1 %, 0.4 %, 1 % and 2 %, together 3.5 % for a true ratio of exactly 1.05, and far less for 1.00.
 */
import { bootstrap, type Interval } from './statistics.js';

/** Pairs at each look and the one-sided error it may spend. */
export const looks = [
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

/** Judges the series at one of the planned looks. */
export function look(series: Series, index: number, seed: number): Look {
  const { alpha, pairs: planned } = looks[Math.min(index, looks.length - 1)] ?? looks[0];
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
