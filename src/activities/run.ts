/**
 * The one wrapper around every activity: stop flag first, heartbeats with the present progress, one abort signal for
 * cancellation, emergency stop and worker shutdown, and the one table from our faults to Temporal's failures.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { explainFault, toRatchetError } from '../errors.js';
import type { EmergencyStop } from '../safety/types.js';
import type { CrashPoint } from './crash-points.js';

const heartbeatMs = 1_000;

/** What an activity's body gets. */
export interface Step {
  /** Aborted by Temporal's cancellation, the emergency stop or a shutdown of the worker. */
  readonly signal: AbortSignal;
  /** Shown as the step's progress; cheap to call often. */
  readonly progress: (text: string) => void;
}

/** Runs one activity body; everything thrown leaves as a coded failure. */
export async function runStep<T>(
  { stop, crashPoint }: { readonly stop: EmergencyStop; readonly crashPoint: CrashPoint },
  body: (step: Step) => Promise<T>,
  options: { readonly evenWhenStopped?: boolean } = {},
): Promise<T> {
  const context = Context.current();
  const name = context.info.activityType;
  let text = '';
  const beat = (): void => context.heartbeat(text);
  const timer = setInterval(beat, heartbeatMs);
  const signal = AbortSignal.any([context.cancellationSignal, stop.signal()]);
  try {
    if (options.evenWhenStopped !== true) await stop.check();
    crashPoint(`${name}:start`);
    const result = await body({
      signal,
      progress: (next) => {
        if (next === text) return;
        text = next;
        beat();
      },
    });
    crashPoint(`${name}:end`);
    return result;
  } catch (error) {
    throw await failureOf(error, context, stop);
  } finally {
    clearInterval(timer);
  }
}

async function failureOf(error: unknown, context: Context, stop: EmergencyStop): Promise<Error> {
  // A stop aborts whatever runs; what the abort looked like inside does not matter.
  if ((await stop.state()) !== null) {
    return ApplicationFailure.create({
      type: 'STOPPED',
      nonRetryable: true,
      message: 'The emergency stop is set.',
    });
  }
  if (context.cancellationSignal.aborted) {
    const reason: unknown = context.cancellationSignal.reason;
    return reason instanceof CancelledFailure ? reason : new CancelledFailure('CANCELLED');
  }
  if (error instanceof CancelledFailure) return error;
  const fault = toRatchetError(error);
  context.log.warn(`${fault.code}: ${fault.message}`, { stack: fault.stack });
  return ApplicationFailure.create({
    type: fault.code,
    message: explainFault(fault).slice(0, 2_000),
    nonRetryable: !fault.retryable,
    details: [
      { message: fault.message.slice(0, 2_000), where: fault.where ?? null, mend: fault.mend ?? null },
    ],
  });
}
