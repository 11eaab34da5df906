/**
 * Which of several workloads shows the change. Each is opened and run once on both sides (a quad: base, candidate,
 * candidate, base); the clearest is then measured anew, on fresh samples only. Choosing by other samples than those that
 * decide keeps the error of the decision what it is for a single workload.
 */
import type { TrialContext } from '../types.js';
import { lossBound } from './decide.js';
import { seriesOf, timeAt, type Clock, type Quad } from './measure-pairs.js';
import { openSession } from './session.js';
import type { MeasurePlan, MeasureSession, ProcessSample, ResultRow, Workload } from './types.js';

/** A gain that is seen in every process of a pilot by at least this factor needs no other workload. */
const clearGain = 1.2;
/** Inputs of pilots are none of those that decide. */
const pilotVariant = 500_009;
/** Below this share of CPU in wall time the workload mostly waits. */
const busyMinimum = 0.5;
const waitingWords =
  /\bawait\b|\bPromise\b|\.then\(|\bset(Timeout|Interval|Immediate)\b|nextTick|\bfetch\(|(read|write)File|createReadStream|\bfor await\b|\.once\(/;

/** A workload that runs on both sides with equal results. */
export interface Opened {
  readonly workload: Workload;
  readonly session: MeasureSession;
  readonly entry: string;
  readonly plan: MeasurePlan;
  readonly rows: { readonly base: readonly ResultRow[]; readonly candidate: readonly ResultRow[] };
}

/** What one quad says; never more than a reason to measure. */
export interface Pilot {
  /** Base time / candidate time at the largest size. */
  readonly ratio: number;
  /** Every process of the candidate was faster than every one of the base by `clearGain`. */
  readonly isClear: boolean;
  /** Every process of the candidate was slower than every one of the base. */
  readonly isLoss: boolean;
  readonly clock: Clock;
}

/** Opens a workload on both sides. @throws HarnessStop, RatchetError INVALID_INPUT. */
export async function openWorkload(
  context: TrialContext,
  workload: Workload,
  signal: AbortSignal,
): Promise<Opened> {
  const session = await openSession(context, workload, signal);
  const entry = await session.prepare();
  context.onProgress(`workload ${workload.title}, entry ${entry}`);
  const plan = await session.plan();
  const base = await session.compare('base', plan);
  return {
    workload,
    session,
    entry,
    plan,
    rows: { base, candidate: await session.compare('candidate', plan) },
  };
}

/** Do the changed lines speak about waiting? Only then wall time may decide. */
function isAboutWaiting(diff: string): boolean {
  return diff.split('\n').some((line) => /^[+-](?![+-]{2})/.test(line) && waitingWords.test(line));
}

/** The clock that decides, from how much of its time a process of the base was busy. */
export function clockFor(context: TrialContext, sample: ProcessSample): Clock {
  const last = sample.sizes.at(-1);
  const busy = (last?.cpuUs[0] ?? 1) / Math.max(last?.wallUs[0] ?? 1, 1);
  return busy < busyMinimum && isAboutWaiting(context.patch.diff) ? 'wall' : 'cpu';
}

/** Runs one quad. @throws HarnessStop. */
export async function pilotOf(context: TrialContext, { session, plan }: Opened): Promise<Pilot> {
  const run = (side: 'base' | 'candidate') => session.measure(side, plan, pilotVariant);
  const a1 = await run('base');
  const b1 = await run('candidate');
  const b2 = await run('candidate');
  const quad: Quad = { base: [a1, await run('base')], candidate: [b1, b2] };
  const clock = clockFor(context, a1);
  const { base, candidate, gain } = seriesOf([quad], (sample) =>
    timeAt(sample, plan.sizes.length - 1, clock),
  );
  const ratio = Math.exp(gain.reduce((sum, one) => sum + one, 0) / Math.max(gain.length, 1));
  return {
    ratio,
    isClear: Math.min(...base) - Math.max(...candidate) > Math.log(clearGain),
    isLoss: Math.max(...base) - Math.min(...candidate) < Math.log(lossBound),
    clock,
  };
}
