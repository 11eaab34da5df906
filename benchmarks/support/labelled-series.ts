/** Labelled synthetic series: what happens in them is known, because a seed made it happen. Thirty days, one point an hour. */

const points = 720;
const hour = 3_600_000;
const start = Date.UTC(2026, 0, 5);

export type SeriesKind =
  | 'white noise'
  | 'correlated noise'
  | 'heavy tails'
  | 'daily pattern'
  | 'spikes'
  | 'step'
  | 'small step'
  | 'step in correlated noise'
  | 'step in a daily pattern'
  | 'step with spikes'
  | 'step and back'
  | 'very correlated noise'
  | 'hard step'
  | 'late step'
  | 'ramp';

export interface LabelledSeries {
  readonly kind: SeriesKind;
  readonly seed: number;
  readonly at: readonly number[];
  readonly values: readonly number[];
  /** Indexes of the first points of new levels. */
  readonly changes: readonly number[];
  readonly ramp: boolean;
}

/** Numbers below 1 that a seed decides (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Recipe {
  readonly rho?: number;
  readonly tails?: boolean;
  readonly daily?: boolean;
  readonly spikes?: boolean;
  /** Sizes of steps as shares of the level. */
  readonly steps?: readonly number[];
  readonly ramp?: number;
  readonly deviation?: number;
  /** Within the last day. */
  readonly late?: boolean;
}

const recipes: Readonly<Record<SeriesKind, Recipe>> = {
  'white noise': {},
  'correlated noise': { rho: 0.7 },
  'heavy tails': { tails: true },
  'daily pattern': { daily: true },
  spikes: { spikes: true },
  step: { steps: [0.3] },
  'small step': { steps: [0.12] },
  'step in correlated noise': { rho: 0.6, steps: [0.4] },
  'step in a daily pattern': { daily: true, steps: [0.3] },
  'step with spikes': { spikes: true, steps: [0.3] },
  'step and back': { steps: [0.4, -0.4] },
  'very correlated noise': { rho: 0.9 },
  'hard step': { steps: [0.08], deviation: 0.15 },
  'late step': { steps: [0.35], late: true },
  ramp: { ramp: 0.8 },
};
export const seriesKinds = Object.keys(recipes) as SeriesKind[];

/** One series; the same for the same kind and seed. */
export function labelledSeries(kind: SeriesKind, seed: number): LabelledSeries {
  const random = uniform(seed * 7_919 + seriesKinds.indexOf(kind));
  const gauss = (): number => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  const { rho = 0, tails, daily, spikes, steps = [], ramp = 0, deviation = 0.1, late } = recipes[kind];
  const size = (share: number): number =>
    share * (0.8 + 0.4 * random()) * (steps.length === 1 && random() < 0.3 ? -1 : 1);
  const sizes = steps.map(size);
  const [first = 0, second = 0] = sizes;
  const places =
    sizes.length === 2
      ? [Math.floor(180 + 60 * random()), Math.floor(420 + 60 * random())]
      : sizes.map(() => Math.floor(late === true ? points - 24 + 16 * random() : 120 + 480 * random()));
  // A step back leads to where it began.
  const heights = sizes.length === 2 ? [first, -first] : [first, second];
  let carried = 0;
  const values = Array.from({ length: points }, (_, index) => {
    carried = rho * carried + Math.sqrt(1 - rho * rho) * gauss() * deviation;
    const noise = tails === true ? Math.exp(2.5 * deviation * gauss()) - 1 : carried;
    const level = places.reduce((sum, place, step) => (index >= place ? sum + (heights[step] ?? 0) : sum), 1);
    const season = daily === true ? 0.35 * Math.sin(((index % 24) / 24) * 2 * Math.PI) : 0;
    const spike = spikes === true && random() < 0.02 ? 3 * random() : 0;
    return 100 * Math.max(0.05, (level + (ramp * index) / points + season + spike) * (1 + noise));
  });
  const at = values.map((_, index) => start + index * hour);
  return { kind, seed, at, values, changes: places, ramp: ramp !== 0 };
}

/** Mean and deviation of a first day; an alarm for three points in a row beyond three deviations, until it is back. */
export function fixedThreshold(values: readonly number[]): number[] {
  const base = values.slice(0, 48);
  const mean = base.reduce((sum, one) => sum + one, 0) / base.length;
  const deviation = Math.sqrt(base.reduce((sum, one) => sum + (one - mean) ** 2, 0) / base.length);
  const found: number[] = [];
  let [run, isOut] = [0, false];
  for (const [index, value] of values.entries()) {
    const isBeyond = Math.abs(value - mean) > 3 * deviation;
    run = isBeyond === isOut ? 0 : run + 1;
    if (run < 3) continue;
    found.push(index - 2);
    isOut = isBeyond;
    run = 0;
  }
  return found;
}
