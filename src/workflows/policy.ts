/** Timeouts, retries and words of the workflows, in one place; pure. */
import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';
import { queues, type CycleStage, type PatchTrialStatus, type ProposalStage } from '../activities/types.js';

/** Faults with these codes are never retried; the same table as src/errors.ts, asserted by a test. */
export const nonRetryable = [
  'USAGE',
  'INVALID_INPUT',
  'NOT_FOUND',
  'CHANGED_MEANWHILE',
  'CONFLICT',
  'UNAUTHORISED',
  'FORBIDDEN',
  'NOT_A_REPOSITORY',
  'EMPTY_REPOSITORY',
  'NO_PACKAGE_JSON',
  'NO_TESTS',
  'INSTALL_FAILED',
  'BASELINE_FAILED',
  'PATCH_REFUSED',
  'PART_MISSING',
  'PORT_TAKEN',
  'SANDBOX_UNAVAILABLE',
  'DISK_FULL',
  'LIMIT_EXCEEDED',
  'CORRUPT',
  'STOPPED',
  'CANCELLED',
  'MODEL_ANSWER_BAD',
  'MODEL_MISFIT',
  'MODEL_MISSING',
  'MODEL_REFUSED',
  'MODEL_UNAUTHORISED',
  'PROMPT_TOO_LONG',
];

/** Long work beside untrusted code. A dead worker is noticed after 10 s; a stop does not wait for heartbeats. */
export const execOptions: ActivityOptions = {
  taskQueue: queues.exec,
  startToCloseTimeout: '2 hours',
  scheduleToCloseTimeout: '12 hours',
  heartbeatTimeout: '10 seconds',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: {
    initialInterval: '1 second',
    backoffCoefficient: 2,
    maximumInterval: '1 minute',
    maximumAttempts: 30,
    nonRetryableErrorTypes: nonRetryable,
  },
};

/** Writing projections: quick, idempotent, retried until the disk is back. */
export const recordOptions: LocalActivityOptions = {
  startToCloseTimeout: '20 seconds',
  scheduleToCloseTimeout: '1 hour',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '10 seconds' },
};

/** An answer: a dead worker is noticed after 10 s; the model's own faults end the turn, so few attempts are enough. */
export const answerOptions: ActivityOptions = {
  taskQueue: queues.llm,
  startToCloseTimeout: '40 minutes',
  scheduleToCloseTimeout: '4 hours',
  heartbeatTimeout: '10 seconds',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: {
    initialInterval: '200 milliseconds',
    backoffCoefficient: 2,
    maximumInterval: '10 seconds',
    maximumAttempts: 8,
    nonRetryableErrorTypes: nonRetryable,
  },
};

/** Keeping how a turn ended: quick, and tried until the disk is back. */
export const settleOptions: ActivityOptions = {
  taskQueue: queues.llm,
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '1 hour',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '30 seconds' },
};

/** A conversation is well without its summary: the oldest turns are left out of the prompt instead. */
export const summaryOptions: ActivityOptions = {
  taskQueue: queues.llm,
  startToCloseTimeout: '20 minutes',
  heartbeatTimeout: '10 seconds',
  cancellationType: 'TRY_CANCEL',
  retry: { maximumAttempts: 2, nonRetryableErrorTypes: nonRetryable },
};

/** Questions that may wait in one conversation. */
export const waitingTurnsMaximum = 50;
/** Ended turns that are remembered against a repeated request; older ones the journal knows. */
export const doneTurnsKept = 200;

/** How often an approved proposal may be tried again because the target branch moved. */
export const maxRetrials = 5;

/** Stages in words for Temporal's UI. */
export const cycleWords: Record<CycleStage, string> = {
  preparing: 'refreshing the mirror',
  baseline: 'installing dependencies and running the unchanged suite twice',
  analysing: 'looking for findings',
  proposing: 'writing proposals',
  trialling: 'trying proposals',
  finished: 'finished',
  failed: 'ended by a fault',
  stopped: 'stopped',
};

export const trialWords: Record<PatchTrialStatus['stage'], string> = {
  queued: 'waiting for a worker',
  trialling: 'running the gates',
  finished: 'finished',
  cancelled: 'cancelled by a person',
  stopped: 'stopped',
  failed: 'ended by a fault',
};

export const proposalWords: Record<ProposalStage, string> = {
  queued: 'waiting for its trial',
  trialling: 'running the gates',
  awaitingDecision: 'waiting for a person',
  applying: 'landing',
  verifying: 'verifying the landed commit',
  landed: 'landed and verified',
  refused: 'refused by a gate',
  inconclusive: 'inconclusive',
  rejected: 'rejected by a person',
  expired: 'rejected by time-out',
  stale: 'stale: the code changed underneath',
  rolledBack: 'rolled back',
  stopped: 'stopped',
  failed: 'ended by a fault',
};
