/** A measurement session inside the suite: every process runs the test that makes the call, and measures it there. */
import { HarnessStop } from '../harness-stop.js';
import { parseAnswer, Rows, Sample } from '../harness-answers.js';
import type { TrialContext } from '../../types.js';
import type { MeasureSession, Side } from '../types.js';
import type { WatchedFunction } from './changed-functions.js';
import { runToCall } from './run-to-call.js';
import { Failed, valuesOf, type SuitePlan } from './suite-answers.js';

/** A recorded call: the first of this function that looks like this, in this test file. */
export interface SuiteCall {
  readonly watched: WatchedFunction;
  readonly signature: string;
  /** Null: the whole suite runs up to the call. */
  readonly file: string | null;
  readonly plan: SuitePlan;
}

const processWallMs = 60_000;

/** Opens a session over one recorded call; the plan was made when it was explored. */
export function openSuiteSession(
  context: TrialContext,
  call: SuiteCall,
  signal: AbortSignal,
): MeasureSession {
  const { watched, signature, file, plan } = call;
  const outside: Record<Side, number[]> = { base: [], candidate: [] };

  const ask = async (side: Side, mode: string, variant: number) => {
    const wanted = [{ id: watched.id, signature }];
    const answer = await runToCall(
      context,
      {
        side,
        functions: [watched],
        options: { mode, wanted, plan, variant, seed: context.seed },
        only: file === null ? null : [file],
        wallMs: processWallMs,
      },
      signal,
    );
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
    if (failed !== undefined) {
      throw new HarnessStop(side, { kind: 'threw', stage, message: failed.error.message });
    }
    return { value, cpuMs: answer.cpuMs };
  };

  return {
    outside,
    prepare: () => Promise.resolve(watched.file),
    plan: () => Promise.resolve(plan),
    async compare(side) {
      return parseAnswer(Rows, (await ask(side, 'compare', 0)).value, 'comparing').rows;
    },
    async measure(side, _, variant) {
      const { value, cpuMs } = await ask(side, 'measure', variant);
      if (cpuMs !== null) outside[side].push(cpuMs);
      return parseAnswer(Sample, value, 'measuring');
    },
  };
}
