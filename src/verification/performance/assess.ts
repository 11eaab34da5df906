/** From raw samples to the figures and the verdict of the performance gate. Pure. */
import { lossBound, minimumGain, type Look } from './decide.js';
import { seriesOf, timeAt, type Clock, type Quad } from './measure-pairs.js';
import { bootstrap, median, slope, trimmedMean, type Interval } from './statistics.js';
import type { MeasurePlan, ProcessSample } from './types.js';

/** Retained memory may grow by this much, relative and absolute (bytes per call). */
const heapFactor = 1.1;
const heapFloorBytes = 256;
/** What a process keeps or frees by itself while the kept calls run: one large call must differ by more than that. */
const heapNoiseBytes = 16 * 1024;
/** The same for what the code keeps when nothing else does (tables, caches). */
const aliveFloorBytes = 256 * 1024;
/** The peak is noisy (the collector decides): only a large growth counts. */
const peakFactor = 1.5;
const peakFloorBytes = 32 * 1024 * 1024;
const alpha = 0.01;

export interface SizeFigures {
  readonly size: number | null;
  readonly baseUs: number;
  readonly candidateUs: number;
  readonly ratio: number;
  readonly ratioLower: number;
  readonly ratioUpper: number;
}

export interface Assessment {
  readonly sizes: readonly SizeFigures[];
  /** The other clock at the deciding size. */
  readonly confirming: Interval;
  /** Growth exponent per side (slope of log time over log n); null with fewer than three sizes. */
  readonly growth: { readonly base: number; readonly candidate: number } | null;
  readonly heap: {
    readonly baseBytes: number | null;
    readonly candidateBytes: number | null;
    readonly ratio: number | null;
    readonly worse: boolean;
  };
  readonly alive: { readonly baseBytes: number; readonly candidateBytes: number; readonly worse: boolean };
  readonly peak: { readonly baseBytes: number; readonly candidateBytes: number; readonly worse: boolean };
  /** Ratio of the first calls of each process. */
  readonly cold: Interval;
  readonly contention: number;
  /** Share of CPU in wall time on the base at the deciding size. */
  readonly busy: number;
}

const all = (quads: readonly Quad[], side: keyof Quad): ProcessSample[] =>
  quads.flatMap((quad) => [...quad[side]]);

const toRatio = ({ estimate, lower, upper }: Interval): Interval => ({
  estimate: Math.exp(estimate),
  lower: Math.exp(lower),
  upper: Math.exp(upper),
});

function sizesOf(quads: readonly Quad[], plan: MeasurePlan, clock: Clock, seed: number): SizeFigures[] {
  return plan.sizes.map(({ size }, index) => {
    const time = (sample: ProcessSample): number => timeAt(sample, index, clock);
    const ratio = toRatio(bootstrap(seriesOf(quads, time).gain, { alpha, seed: seed + index }));
    return {
      size,
      baseUs: median(all(quads, 'base').map(time)),
      candidateUs: median(all(quads, 'candidate').map(time)),
      ratio: ratio.estimate,
      ratioLower: ratio.lower,
      ratioUpper: ratio.upper,
    };
  });
}

function growthOf(sizes: readonly SizeFigures[]): Assessment['growth'] {
  const points = sizes.filter((row) => row.size !== null);
  if (points.length < 3) return null;
  const exponent = (key: 'baseUs' | 'candidateUs'): number =>
    slope(points.map((row) => [Math.log(row.size ?? 1), Math.log(row[key])]));
  return { base: exponent('baseUs'), candidate: exponent('candidateUs') };
}

/** Calls whose results are kept alive together, as the harness takes them. */
function keptCalls({ sizes }: MeasurePlan): number {
  const last = sizes.at(-1);
  if (last === undefined) return 1;
  return Math.max(1, Math.min(last.calls, Math.max(4, Math.floor(20_000 / last.callUs))));
}

function heapOf(quads: readonly Quad[], plan: MeasurePlan, seed: number): Assessment['heap'] {
  const bytes = (side: keyof Quad): number[] =>
    all(quads, side).flatMap(({ retainedBytes }) => (retainedBytes === null ? [] : [retainedBytes]));
  const base = bytes('base');
  const candidate = bytes('candidate');
  if (base.length < 5 || candidate.length < 5) {
    return { baseBytes: null, candidateBytes: null, ratio: null, worse: false };
  }
  const floor = Math.max(heapFloorBytes, heapNoiseBytes / keptCalls(plan));
  const allowed = Math.max(median(base) * (heapFactor - 1), floor);
  const differences = candidate.map((value, index) => value - (base[index] ?? median(base)));
  const { lower } = bootstrap(differences, { alpha, seed });
  return {
    baseBytes: median(base),
    candidateBytes: median(candidate),
    ratio: median(candidate) / Math.max(median(base), 1),
    worse: lower > allowed,
  };
}

function aliveOf(quads: readonly Quad[], seed: number): Assessment['alive'] {
  const bytes = (side: keyof Quad): number[] => all(quads, side).map((sample) => sample.aliveBytes);
  const [base, candidate] = [bytes('base'), bytes('candidate')];
  const allowed = Math.max(median(base) * (heapFactor - 1), aliveFloorBytes);
  const { lower } = bootstrap(
    candidate.map((value, index) => value - (base[index] ?? median(base))),
    { alpha, seed },
  );
  return { baseBytes: median(base), candidateBytes: median(candidate), worse: lower > allowed };
}

function peakOf(quads: readonly Quad[]): Assessment['peak'] {
  const peak = (side: keyof Quad): number => median(all(quads, side).map((sample) => sample.peakRssBytes));
  const [baseBytes, candidateBytes] = [peak('base'), peak('candidate')];
  const worse = candidateBytes > baseBytes * peakFactor && candidateBytes > baseBytes + peakFloorBytes;
  return { baseBytes, candidateBytes, worse };
}

/** Puts the figures together; nothing here decides. */
export function assess(
  quads: readonly Quad[],
  plan: MeasurePlan,
  options: { readonly clock: Clock; readonly seed: number },
): Assessment {
  const { clock, seed } = options;
  const deciding = plan.sizes.length - 1;
  const other: Clock = clock === 'cpu' ? 'wall' : 'cpu';
  const sizes = sizesOf(quads, plan, clock, seed);
  const cold = seriesOf(quads, (sample) => Math.max(sample.coldUs, 1));
  const base = all(quads, 'base');
  return {
    sizes,
    confirming: toRatio(
      bootstrap(seriesOf(quads, (sample) => timeAt(sample, deciding, other)).gain, { alpha, seed }),
    ),
    growth: growthOf(sizes),
    heap: heapOf(quads, plan, seed),
    alive: aliveOf(quads, seed),
    peak: peakOf(quads),
    cold: toRatio(bootstrap(cold.gain, { alpha, seed })),
    contention: median([...base, ...all(quads, 'candidate')].map((sample) => sample.contention)),
    busy: median(base.map((sample) => timeAt(sample, deciding, 'cpu') / timeAt(sample, deciding, 'wall'))),
  };
}

/** CPU time that the sandbox saw per process, beside what the harness said it timed. */
export type OutsideView = Readonly<Record<keyof Quad, readonly number[]>>;

/** Share of the claimed saving that the whole process must show. */
const shownShare = 0.4;

/**
 * A claimed saving that the process as a whole does not show was not a saving. Processes differ in their start-up:
 * what they save is an interval, and it speaks against the claim only where it lies below, or may be nothing at all.
 * @param outside in the order of the runs; runs before the first quad are left out
 */
export function addsUp(quads: readonly Quad[], outside: OutsideView, seed: number): boolean {
  const timedMs = (side: keyof Quad): number =>
    trimmedMean(all(quads, side).map((sample) => sample.timedUs)) / 1_000;
  const claimed = timedMs('base') - timedMs('candidate');
  const [base, candidate] = [outside.base, outside.candidate].map((list) => list.slice(-2 * quads.length));
  // Below this the start-up of the process hides the difference.
  if (claimed < 60 || base === undefined || candidate === undefined) return true;
  const saved = base.flatMap((ms, index) => {
    const other = candidate[index];
    return other === undefined ? [] : [ms - other];
  });
  if (saved.length === 0) return true;
  const { estimate, lower, upper } = bootstrap(saved, { alpha, seed });
  if (upper < claimed * shownShare) return false;
  return estimate > claimed * shownShare || lower > 0;
}

/** Everything the verdict depends on beside the figures. */
export interface Circumstances {
  readonly look: Look | null;
  readonly outOfTime: boolean;
  readonly clock: Clock;
  readonly origin: 'file' | 'recorded' | 'generated';
  readonly varied: string | null;
  readonly addsUp: boolean;
}

export interface Judgement {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly reason: string;
  readonly settle?: string;
  /** The one short figure for tables. */
  readonly headline?: string;
}

const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const range = ({ estimate, lower, upper }: Interval): string =>
  `${digits(estimate)}× [${digits(lower)}, ${digits(upper)}]`;

/** How the candidate's memory is worse, in words; null when it is not. */
function memoryLoss({ heap, alive, peak }: Assessment): string | null {
  const mega = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  if (heap.worse) {
    const detail = `${Math.round(heap.baseBytes ?? 0)} → ${Math.round(heap.candidateBytes ?? 0)} bytes a call`;
    return `its results keep more memory alive: ${detail}`;
  }
  if (alive.worse) {
    return `it keeps more memory alive after the calls: ${mega(alive.baseBytes)} → ${mega(alive.candidateBytes)}`;
  }
  if (peak.worse) return `its peak memory grows: ${mega(peak.baseBytes)} → ${mega(peak.candidateBytes)}`;
  return null;
}

/** Sizes at which the candidate is certainly slower, in words. */
function slowerSizes({ sizes }: Assessment): string[] {
  const slower = sizes.filter((row) => row.ratioUpper < lossBound);
  return slower.map(({ size }) => (size === null ? 'the size as recorded' : size.toLocaleString('en')));
}

/** What speaks against a gain that the deciding clock shows; null = nothing. */
function objection(figures: Assessment, now: Circumstances): Judgement | null {
  const slower = slowerSizes(figures);
  const memory = memoryLoss(figures);
  if (memory !== null) return { verdict: 'fail', reason: `faster, but ${memory}` };
  if (now.origin === 'file' && slower.length > 0) {
    return { verdict: 'fail', reason: `slower at size ${slower.join(', ')}` };
  }
  if (!now.addsUp) {
    return {
      verdict: 'inconclusive',
      reason: 'the gain is seen inside the process only: its whole CPU time does not shrink with it',
      settle: 'Look for code that reaches into the clock or the harness.',
    };
  }
  if (figures.confirming.upper < lossBound) {
    const other = now.clock === 'cpu' ? 'wall' : 'CPU';
    return {
      verdict: 'inconclusive',
      reason: `faster by ${now.clock} time, but slower by ${other} time: ${range(figures.confirming)}`,
      settle: 'Give a workload that shows where the time is spent.',
    };
  }
  if (now.varied === null && figures.cold.lower < 1) {
    return {
      verdict: 'inconclusive',
      reason: 'the inputs could not be varied, and the first call of a process is not faster',
      settle: 'Let setup(module, { size, variant }) build another input for each variant.',
    };
  }
  return null;
}

/** The verdict of the performance gate. */
export function judge(figures: Assessment, now: Circumstances): Judgement {
  const { look } = now;
  if (look === null) {
    return {
      verdict: 'inconclusive',
      reason: 'the workload is too slow to be measured in the time allowed',
      settle: 'Give a workload whose run takes less than a second.',
    };
  }
  if (now.clock === 'wall' && figures.contention > 0.25) {
    return {
      verdict: 'inconclusive',
      reason: `a change about waiting needs a quiet machine: ${Math.round(figures.contention * 100)} % of the time waits for a core`,
      settle: 'Run the trial again when the machine is quiet.',
    };
  }
  const at = figures.sizes.at(-1)?.size ?? null;
  const headline = `${range(look.ratio)}${at === null ? '' : ` at ${at.toLocaleString('en')}`}`;
  if (look.finding === 'slower') return { verdict: 'fail', reason: `slower: ${headline}`, headline };
  if (look.finding === 'faster') {
    const against = objection(figures, now);
    if (against !== null) return { ...against, headline };
    const small = slowerSizes(figures);
    const note = small.length === 0 ? '' : `; slower at ${small.join(', ')}`;
    return { verdict: 'pass', reason: `${headline}${note}`, headline };
  }
  const memory = memoryLoss(figures);
  if (memory !== null) return { verdict: 'fail', reason: `no gain in time, and ${memory}`, headline };
  const why = now.outOfTime ? 'not decided in the time allowed' : `below ${minimumGain}×, or not certain`;
  return {
    verdict: 'inconclusive',
    headline,
    reason: `${headline}: ${why}`,
    settle: 'Give a workload with --workload that shows the gain, or say --no-gain.',
  };
}
