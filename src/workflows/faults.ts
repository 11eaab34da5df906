/** From thrown things to the note that people read. Workflow-safe. */
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';
import type { FaultNote } from '../activities/types.js';

/** Finds the coded fault inside Temporal's wrapping. */
export function faultNote(error: unknown): FaultNote {
  let current: unknown = error;
  while ((current instanceof ActivityFailure || current instanceof ChildWorkflowFailure) && current.cause) {
    current = current.cause;
  }
  if (current instanceof ApplicationFailure) {
    const extra = (current.details?.[0] ?? {}) as {
      where?: string | null;
      mend?: string | null;
      message?: string;
    };
    return {
      code: current.type ?? 'INTERNAL',
      message: extra.message ?? current.message,
      where: extra.where ?? null,
      mend: extra.mend ?? null,
    };
  }
  return {
    code: 'INTERNAL',
    message: current instanceof Error ? current.message : String(current),
    where: null,
    mend: null,
  };
}

/** True when the emergency stop ended the step (seen by the worker even with Temporal away). */
export function isStopped(error: unknown): boolean {
  return faultNote(error).code === 'STOPPED';
}
