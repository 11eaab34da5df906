/**
 * Gate `performance`: is the candidate faster, by a margin that chance and the machine cannot explain? Method:
 * docs/evidence.md, "Performance"; the stopping rule is in performance/decide.ts.
 */
import { availableParallelism } from 'node:os';
import { isRatchetError } from '../../errors.js';
import { addsUp, assess, judge } from '../performance/assess.js';
import { findWorkloads, type WorkloadSource } from '../performance/find-workload.js';
import { measurePairs, type Clock, type PairsResult } from '../performance/measure-pairs.js';
import { HarnessStop } from '../performance/harness-stop.js';
import { openSession } from '../performance/session.js';
import type { MeasurePlan, ResultRow, Workload } from '../performance/types.js';
import type { Gate, TrialContext, Verdict } from '../types.js';

export interface PerformanceOptions {
  /** Workloads to try when no file is given, in order. */
  readonly sources?: readonly WorkloadSource[];
  /** No pair is started after this many milliseconds (of a machine that is not overloaded). */
  readonly budgetMs?: number;
  /** One-minute load average, for the record. */
  readonly loadAverage: () => number;
}

/** On a quiet machine; where processes wait for a core it stretches, up to this many times. */
const defaultBudgetMs = 100_000;
const stretchMaximum = 3;
/** Below this share of CPU in wall time the workload mostly waits. */
const busyMinimum = 0.5;
const waitingWords =
  /\bawait\b|\bPromise\b|\.then\(|\bset(Timeout|Interval|Immediate)\b|nextTick|\bfetch\(|(read|write)File|createReadStream|\bfor await\b|\.once\(/;

type Answer = Omit<Verdict, 'gate' | 'elapsedMs'>;

/** Do the changed lines speak about waiting? Only then wall time may decide. */
function isAboutWaiting(diff: string): boolean {
  return diff.split('\n').some((line) => /^[+-](?![+-]{2})/.test(line) && waitingWords.test(line));
}

function stopped(stop: HarnessStop, origin: Workload['origin']): Answer {
  const { side, failure } = stop;
  const what = side === null ? 'the workload file' : `the workload on the ${side}`;
  const reason = `${what} ${failure.kind} (${failure.stage}): ${failure.message}`;
  // The same workload runs on the base: then the candidate is what broke it. A call inside a test depends on more.
  if (side === 'candidate' && origin !== 'recorded') return { verdict: 'fail', reason, numbers: { failure } };
  return { verdict: 'inconclusive', reason, numbers: { failure }, settle: 'Mend the workload.' };
}

/** Results must be repeatable on the base and equal on both sides; null = they are. */
function compareResults(
  base: readonly ResultRow[],
  candidate: readonly ResultRow[],
  origin: Workload['origin'],
): Answer | null {
  const unsteady = base.find((row) => !row.repeatable);
  if (unsteady !== undefined) {
    const reason = `the workload's result differs from run to run on the base (size ${unsteady.size ?? 'as given'})`;
    return {
      verdict: 'inconclusive',
      reason,
      numbers: {},
      settle: 'Make the result of run(state) repeatable.',
    };
  }
  const index = base.findIndex((row, at) => {
    const other = candidate[at];
    return other?.result !== row.result || !other.repeatable;
  });
  const row = base[index];
  if (row === undefined) return null;
  const reason = `the workload's result differs between base and candidate (size ${row.size ?? 'as given'}, input ${row.variant})`;
  const numbers = { size: row.size, variant: row.variant, base: row, candidate: candidate[index] ?? null };
  // An enlarged call of a private function may be outside of what its callers pass: equivalence judges that.
  if (origin === 'recorded') {
    return { verdict: 'inconclusive', reason, numbers, settle: 'Give a workload with --workload.' };
  }
  return { verdict: 'fail', reason, numbers };
}

/** Raw samples as arrays of plain numbers, in the order they were measured. */
function samplesOf(result: PairsResult): unknown {
  return result.quads.map(({ base, candidate }) => ({ base, candidate }));
}

async function measured(context: TrialContext, workload: Workload, parts: Parts): Promise<Answer> {
  const { options, signal } = parts;
  const session = await openSession(context, workload, signal);
  const loadBefore = options.loadAverage();
  const entry = await session.prepare();
  context.onProgress(`workload ${workload.title}, entry ${entry}`);
  const plan: MeasurePlan = await session.plan();
  const rows = await session.compare('base', plan);
  const candidateRows = await session.compare('candidate', plan);
  const different = compareResults(rows, candidateRows, workload.origin);
  if (different !== null) return { ...different, numbers: { ...different.numbers, entry } };
  const probe = await session.measure('base', plan, 1);
  const last = probe.sizes.at(-1);
  const busy = (last?.cpuUs[0] ?? 1) / Math.max(last?.wallUs[0] ?? 1, 1);
  const clock: Clock = busy < busyMinimum && isAboutWaiting(context.patch.diff) ? 'wall' : 'cpu';
  const result = await measurePairs({
    plan,
    clock,
    seed: context.seed,
    budgetMs: parts.budgetMs(),
    measure: (side, variant) => session.measure(side, plan, variant),
    onLook: ({ pairs, ratio }) =>
      context.onProgress(
        `${pairs} pairs, ${ratio.estimate.toFixed(2)}× [${ratio.lower.toFixed(2)}, ${ratio.upper.toFixed(2)}]`,
      ),
  });
  const figures = assess(result.quads, plan, { clock, seed: context.seed });
  const consistent = addsUp(result.quads, {
    baseMs: session.outside.base.slice(1),
    candidateMs: session.outside.candidate,
  });
  const judgement = judge(figures, {
    look: result.look,
    outOfTime: result.outOfTime,
    clock,
    origin: workload.origin,
    varied: plan.varied,
    addsUp: consistent,
  });
  const { look } = result;
  const { headline, ...said } = judgement;
  return {
    ...said,
    numbers: {
      headline: headline ?? null,
      workload: { origin: workload.origin, title: workload.title, entry },
      clock,
      ratio: look?.ratio.estimate ?? null,
      ratioLower: look?.ratio.lower ?? null,
      ratioUpper: look?.ratio.upper ?? null,
      controlLower: look?.control.lower ?? null,
      controlUpper: look?.control.upper ?? null,
      pairs: look?.pairs ?? 0,
      ...figures,
      plan,
      addsUp: consistent,
      resultsCompared: rows.length,
      resultsEmpty: rows.every((row) => row.empty),
      loadBefore,
      loadAfter: options.loadAverage(),
      samples: samplesOf(result),
    },
  };
}

interface Parts {
  readonly options: PerformanceOptions;
  readonly signal: AbortSignal;
  /** Milliseconds that are left for pairs. */
  readonly budgetMs: () => number;
}

/** Each further workload is another chance to be wrong: a few at most, in an order fixed before the first pair. */
const measuredMaximum = 3;

async function answer(context: TrialContext, given: Omit<Parts, 'budgetMs'>): Promise<Answer> {
  if (!context.claimsGain) {
    return { verdict: 'notApplicable', reason: 'no gain is claimed', numbers: {} };
  }
  const { options, signal } = given;
  const waiting = options.loadAverage() / availableParallelism();
  const total = (options.budgetMs ?? defaultBudgetMs) * Math.min(stretchMaximum, Math.max(1, waiting));
  let spent = 0;
  const parts: Parts = { ...given, budgetMs: () => total - spent };
  const tried: Answer[] = [];
  for await (const workload of findWorkloads(context, options.sources ?? [], signal)) {
    const started = Date.now();
    const one = await tryWorkload(context, workload, parts);
    if (workload.origin === 'file' || one.verdict !== 'inconclusive') return one;
    context.onProgress(`${workload.title}: ${one.reason}`);
    tried.push(one);
    if (!unusable(one)) spent += Date.now() - started;
    const measured = tried.filter((each) => !unusable(each));
    if (measured.length >= measuredMaximum || spent > total * 0.6) break;
  }
  // What was measured says more than what could not be.
  const best = tried.find((each) => !unusable(each));
  if (best !== undefined) return best;
  const last = tried.at(-1);
  const why = last === undefined ? '' : ` (last tried: ${last.reason})`;
  return {
    verdict: 'inconclusive',
    reason: `there is no workload: none was given, recorded or could be generated${why}`,
    numbers: {},
    settle: 'Give a workload with --workload that shows the gain, or say --no-gain.',
  };
}

/** Did the workload itself fail, before anything was measured? */
function unusable(answer: Answer): boolean {
  return answer.verdict === 'inconclusive' && answer.numbers['samples'] === undefined;
}

async function tryWorkload(context: TrialContext, workload: Workload, parts: Parts): Promise<Answer> {
  try {
    return await measured(context, workload, parts);
  } catch (error) {
    if (error instanceof HarnessStop) return stopped(error, workload.origin);
    // A workload that names no usable entry is a person's mistake, not the candidate's.
    if (isRatchetError(error) && error.code === 'INVALID_INPUT') {
      const settle = error.mend ?? 'Mend the workload.';
      return { verdict: 'inconclusive', reason: error.message, numbers: {}, settle };
    }
    throw error;
  }
}

/** Measures base and candidate against each other. */
export function createPerformanceGate(options: PerformanceOptions): Gate {
  return {
    id: 'performance',
    version: 1,
    async run(context, signal) {
      return { gate: 'performance', elapsedMs: 0, ...(await answer(context, { options, signal })) };
    },
  };
}
