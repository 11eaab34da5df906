/** Answers of the performance gate that need no measurement: a harness that stopped, results that differ. */
import type { Verdict } from '../types.js';
import type { HarnessStop } from './harness-stop.js';
import type { ResultRow, Workload } from './types.js';

export type Answer = Omit<Verdict, 'gate' | 'elapsedMs'>;

export const isAnswer = (value: object): value is Answer => 'verdict' in value;

/** What it means that a harness stopped. */
export function stopped(stop: HarnessStop, origin: Workload['origin']): Answer {
  const { side, failure } = stop;
  const what = side === null ? 'the workload file' : `the workload on the ${side}`;
  const reason = `${what} ${failure.kind} (${failure.stage}): ${failure.message}`;
  // The same workload runs on the base: then the candidate is what broke it. A call inside a test depends on more.
  if (side === 'candidate' && origin !== 'recorded') return { verdict: 'fail', reason, numbers: { failure } };
  return { verdict: 'inconclusive', reason, numbers: { failure }, settle: 'Mend the workload.' };
}

/** Results must be repeatable on the base and equal on both sides; null = they are. */
export function compareResults(
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
