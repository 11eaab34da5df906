/**
 * Gate `performance`: is the candidate faster, by a margin that chance and the machine cannot explain? Method:
 * docs/evidence.md, "Performance"; the stopping rule is in performance/decide.ts.
 */
import { availableParallelism } from 'node:os';
import { isRatchetError } from '../../errors.js';
import { compareResults, isAnswer, stopped, type Answer } from '../performance/answers.js';
import { addsUp, assess, judge } from '../performance/assess.js';
import { minimumGain } from '../performance/decide.js';
import { findWorkloads, type WorkloadSource } from '../performance/find-workload.js';
import { measurePairs, type Clock, type PairsResult } from '../performance/measure-pairs.js';
import { HarnessStop } from '../performance/harness-stop.js';
import { clockFor, openWorkload, pilotOf, type Opened, type Pilot } from '../performance/pilot.js';
import type { Workload } from '../performance/types.js';
import type { Gate, TrialContext } from '../types.js';

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
/** Workloads that are tried in a pilot, in an order fixed before the first pair. */
const pilotsMaximum = 5;
/** Each measurement is another chance to be wrong: a few at most. */
const measuredMaximum = 3;
/** Share of the budget that a measurement gets even when those before it used it up: a loss must be seen. */
const lastShare = 0.25;

/** Raw samples as arrays of plain numbers, in the order they were measured. */
function samplesOf(result: PairsResult): unknown {
  return result.quads.map(({ base, candidate }) => ({ base, candidate }));
}

async function measured(context: TrialContext, opened: Opened, clock: Clock, parts: Parts): Promise<Answer> {
  const { workload, session, entry, plan, rows } = opened;
  const { options, budget } = parts;
  const loadBefore = options.loadAverage();
  const started = Date.now();
  const result = await measurePairs({
    plan,
    clock,
    seed: context.seed,
    budgetMs: Math.max(budget.totalMs - budget.spentMs, budget.totalMs * lastShare),
    measure: (side, variant) => session.measure(side, plan, variant),
    onLook: ({ pairs, ratio }) =>
      context.onProgress(
        `${pairs} pairs, ${ratio.estimate.toFixed(2)}× [${ratio.lower.toFixed(2)}, ${ratio.upper.toFixed(2)}]`,
      ),
  });
  budget.spentMs += Date.now() - started;
  const figures = assess(result.quads, plan, { clock, seed: context.seed });
  const consistent = addsUp(result.quads, session.outside, context.seed);
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
      resultsCompared: rows.base.length,
      resultsEmpty: rows.base.every((row) => row.empty),
      loadBefore,
      loadAfter: options.loadAverage(),
      samples: samplesOf(result),
    },
  };
}

interface Parts {
  readonly options: PerformanceOptions;
  readonly signal: AbortSignal;
  /** Milliseconds for the pairs of all measurements; pilots may take as much again. */
  readonly budget: { readonly totalMs: number; spentMs: number };
}

interface Piloted {
  readonly opened: Opened;
  readonly pilot: Pilot;
}

/** Runs a step of one workload; what stops it is an answer. */
async function guarded<T>(workload: Workload, step: () => Promise<T>): Promise<T | Answer> {
  try {
    return await step();
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

/** Opens a workload and compares its results. */
async function opened(
  context: TrialContext,
  workload: Workload,
  signal: AbortSignal,
): Promise<Opened | Answer> {
  return guarded(workload, async () => {
    const one = await openWorkload(context, workload, signal);
    const different = compareResults(one.rows.base, one.rows.candidate, workload.origin);
    if (different === null) return one;
    return { ...different, numbers: { ...different.numbers, entry: one.entry } };
  });
}

/** A person's workload is the question itself: nothing is tried in its place. */
async function onFile(context: TrialContext, workload: Workload, parts: Parts): Promise<Answer> {
  const one = await opened(context, workload, parts.signal);
  if (isAnswer(one)) return one;
  return guarded(workload, async () => {
    const probe = await one.session.measure('base', one.plan, 1);
    return measured(context, one, clockFor(context, probe), parts);
  });
}

interface Search {
  readonly workloads: AsyncGenerator<Workload>;
  readonly piloted: Piloted[];
  readonly lost: Answer[];
  /** Milliseconds of the pilots so far. */
  spentMs: number;
}

/** Pilots workloads until one shows the change clearly. Returns an answer that makes every further one needless. */
async function pilotMore(context: TrialContext, search: Search, parts: Parts): Promise<Answer | null> {
  const { piloted, lost } = search;
  while (piloted.length < pilotsMaximum && (piloted.length === 0 || search.spentMs < parts.budget.totalMs)) {
    const { value: workload, done } = await search.workloads.next();
    if (done === true) return null;
    if (workload.origin === 'file') return onFile(context, workload, parts);
    const started = Date.now();
    const one = await opened(context, workload, parts.signal);
    const pilot = isAnswer(one) ? one : await guarded(workload, () => pilotOf(context, one));
    search.spentMs += Date.now() - started;
    if (isAnswer(one) || isAnswer(pilot)) {
      const answer = isAnswer(one) ? one : (pilot as Answer);
      if (answer.verdict === 'fail') return answer;
      context.onProgress(`${workload.title}: ${answer.reason}`);
      lost.push(answer);
      continue;
    }
    context.onProgress(`${workload.title}: ${pilot.ratio.toFixed(2)}× in a pilot`);
    piloted.push({ opened: one, pilot });
    if (pilot.isClear) return null;
  }
  return null;
}

/** Measures what a pilot chose, on fresh samples. */
async function decided(context: TrialContext, { opened, pilot }: Piloted, parts: Parts): Promise<Answer> {
  return guarded(opened.workload, () => measured(context, opened, pilot.clock, parts));
}

async function answer(context: TrialContext, given: Omit<Parts, 'budget'>): Promise<Answer> {
  if (!context.claimsGain) {
    return { verdict: 'notApplicable', reason: 'no gain is claimed', numbers: {} };
  }
  const { options } = given;
  const waiting = options.loadAverage() / availableParallelism();
  const stretch = Math.min(stretchMaximum, Math.max(1, waiting));
  const totalMs = (options.budgetMs ?? defaultBudgetMs) * stretch;
  const parts: Parts = { ...given, budget: { totalMs, spentMs: 0 } };
  const workloads = findWorkloads(context, options.sources ?? [], given.signal);
  const search: Search = { workloads, piloted: [], lost: [], spentMs: 0 };
  const tried = new Map<Piloted, Answer>();
  const told = (one: Answer): Answer => {
    const pilots = search.piloted.map(({ opened, pilot }) => [opened.workload.title, pilot.ratio]);
    return { ...one, numbers: { ...one.numbers, pilots } };
  };
  while (tried.size < measuredMaximum && parts.budget.spentMs < totalMs) {
    const end = await pilotMore(context, search, parts);
    if (end !== null) return end;
    const left = search.piloted.filter((one) => !tried.has(one));
    const [best] = left.toSorted((a, b) => b.pilot.ratio - a.pilot.ratio);
    if (best === undefined || (tried.size > 0 && best.pilot.ratio < minimumGain)) break;
    const one = await decided(context, best, parts);
    if (one.verdict === 'pass') return told(await losses(context, search.piloted, one, parts));
    if (one.verdict === 'fail') return told(one);
    tried.set(best, one);
  }
  // What was measured says more than what could not be.
  const answers = [...tried.values()];
  const first = answers.find(({ numbers }) => numbers['samples'] !== undefined) ?? answers[0];
  return first === undefined ? withoutWorkload(search.lost) : told(first);
}

/** A gain on one of the suite's calls does not outweigh a certain loss on another. */
async function losses(
  context: TrialContext,
  piloted: readonly Piloted[],
  gained: Answer,
  parts: Parts,
): Promise<Answer> {
  const [worst] = piloted
    .filter(({ opened: { workload, plan }, pilot }) => {
      // Small sizes are reported, not judged: a call as it was recorded says nothing of growth.
      return pilot.isLoss && workload.origin === 'recorded' && plan.sizes.length > 1;
    })
    .toSorted((a, b) => a.pilot.ratio - b.pilot.ratio);
  if (worst === undefined) return gained;
  const loss = await decided(context, worst, parts);
  if (loss.verdict !== 'fail') return gained;
  return {
    ...loss,
    reason: `faster elsewhere (${gained.reason}), but ${worst.opened.workload.title}: ${loss.reason}`,
  };
}

function withoutWorkload(lost: readonly Answer[]): Answer {
  const last = lost.at(-1);
  const why = last === undefined ? '' : ` (last tried: ${last.reason})`;
  return {
    verdict: 'inconclusive',
    reason: `there is no workload: none was given, recorded or could be generated${why}`,
    numbers: {},
    settle: 'Give a workload with --workload that shows the gain, or say --no-gain.',
  };
}

/** Measures base and candidate against each other. */
export function createPerformanceGate(options: PerformanceOptions): Gate {
  return {
    id: 'performance',
    version: 2,
    async run(context, signal) {
      return { gate: 'performance', elapsedMs: 0, ...(await answer(context, { options, signal })) };
    },
  };
}
