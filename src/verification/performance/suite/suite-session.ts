/** A measurement session inside the suite: every process runs the test that makes the call, and measures it there. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { HarnessStop } from '../harness-stop.js';
import { parseAnswer, Rows, Sample } from '../harness-answers.js';
import type { TrialContext } from '../../types.js';
import type { MeasureSession, Side } from '../types.js';
import type { WatchedFunction } from './changed-functions.js';
import { runToCall, type SuiteAnswer } from './run-to-call.js';
import { Failed, valuesOf, type SuitePlan } from './suite-answers.js';

/** A recorded call: the first of this function that looks like this, in this test file. */
export interface SuiteCall {
  readonly watched: WatchedFunction;
  readonly signature: string;
  /** Null: the whole suite runs up to the call. */
  readonly file: string | null;
  readonly plan: SuitePlan;
}

/** Generous: on a busy machine a runner's start alone can take many seconds. */
const processWallMs = 150_000;

/** Opens a session over one recorded call; the plan was made when it was explored. */
export function openSuiteSession(
  context: TrialContext,
  call: SuiteCall,
  signal: AbortSignal,
): MeasureSession {
  const { watched, signature, file, plan } = call;
  const outside: Record<Side, number[]> = { base: [], candidate: [] };

  const made: Record<Side, string | null> = { base: null, candidate: null };
  const wanted = [{ id: watched.id, signature }];

  const run = (side: Side, options: object, more: { keepIn?: string; made?: string | null }) =>
    runToCall(
      context,
      {
        side,
        functions: [watched],
        options: { ...options, wanted, plan, seed: context.seed },
        only: file === null ? null : [file],
        wallMs: processWallMs,
        ...more,
      },
      signal,
    );

  const valueOf = (side: Side, answer: SuiteAnswer): unknown => {
    const [value] = answer.values;
    const stage = `the test in ${file ?? 'the suite'}`;
    if (value === undefined) {
      const hung = answer.limit !== null;
      const message = hung
        ? `it did not end (${answer.limit ?? ''})`
        : 'the recorded call was not made again';
      throw new HarnessStop(side, { kind: hung ? 'hung' : 'died', stage, message });
    }
    const [failed] = valuesOf(Failed, [value]);
    if (failed === undefined) return value;
    throw new HarnessStop(side, { kind: 'threw', stage, message: failed.error.message });
  };

  return {
    outside,
    prepare: () => Promise.resolve(watched.file),
    plan: () => Promise.resolve(plan),
    async compare(side) {
      const keepIn = join(context.scratch, `made-${randomUUID()}`);
      const answer = await run(side, { mode: 'compare' }, { keepIn });
      if (answer.kept) made[side] = keepIn;
      return parseAnswer(Rows, valueOf(side, answer), 'comparing').rows;
    },
    async measure(side, _, variant) {
      let answer = await run(side, { mode: 'measure', variant }, { made: made[side] });
      if (answer.values.length === 0 && made[side] !== null) {
        // What was kept is not all that the test needs: from here on everything is made anew.
        made[side] = null;
        answer = await run(side, { mode: 'measure', variant }, {});
      }
      if (answer.cpuMs !== null) outside[side].push(answer.cpuMs);
      return parseAnswer(Sample, valueOf(side, answer), 'measuring');
    },
  };
}
