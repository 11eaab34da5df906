/** The API's way to Temporal: every call has a deadline and a fault code. */
import {
  Client,
  Connection,
  ServiceError,
  NamespaceNotFoundError,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type ConnectionOptions,
} from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ConversationStatus } from '../conversation/types.js';
import { RatchetError, isRatchetError } from '../errors.js';
import {
  queues,
  type CycleInput,
  type Decision,
  type PatchTrialInput,
  type RollbackInput,
  type StopRequest,
} from '../activities/types.js';
import { createScheduleGateway, type ScheduleGateway } from './schedule-gateway.js';
import { askConversation, forgetConversation, stopTurn } from './conversation-gateway.js';
import { decideUpdate, resumeSignal, searchKeys, stopSignal, workflowIds } from '../workflows/messages.js';

const deadlineMs = 5_000;
const decisionDeadlineMs = 20_000;
const maxSignalled = 1_000;

/** What a running step says about itself. */
export interface Progress {
  readonly activity: string;
  readonly text: string | null;
  readonly attempt: number;
  readonly since: string | null;
  readonly lastFailure: string | null;
}

export interface Gateway {
  startCycle(input: CycleInput): Promise<'started' | 'alreadyRunning'>;
  stopCycle(repositoryId: string, request: StopRequest): Promise<void>;
  /** Signals every running cycle and proposal; returns how many. */
  stopAll(request: StopRequest): Promise<number>;
  resumeAll(): Promise<number>;
  decide(proposalId: string, decision: Decision): Promise<void>;
  rollback(input: RollbackInput): Promise<void>;
  /** Starting the same trial twice is starting it once. */
  startTrial(input: PatchTrialInput): Promise<void>;
  cancelTrial(id: string): Promise<void>;
  /** Takes a turn in for good, starting the conversation's workflow when it does not run. */
  ask(sessionId: string, turn: string): Promise<ConversationStatus>;
  /** Ends the generation of a turn; false when nothing of this conversation runs. */
  stopTurn(sessionId: string, turn: string): Promise<boolean>;
  /** Cleared or deleted: what runs and waits is given up. */
  forgetConversation(sessionId: string): Promise<void>;
  readonly schedules: ScheduleGateway;
  /** Pending activities of a workflow; empty when it ended. */
  progress(workflowId: string): Promise<readonly Progress[]>;
  isRunning(workflowId: string): Promise<boolean>;
  healthy(): Promise<boolean>;
  close(): Promise<void>;
}

/** gRPC statuses of a server that is there and is not the right one for us: its settings or ours are to be mended. */
const misfits: ReadonlySet<number> = new Set([
  7, // PERMISSION_DENIED
  12, // UNIMPLEMENTED
  16, // UNAUTHENTICATED
]);
/** gRPC statuses of a call of ours that no server would take. */
const ours: ReadonlySet<number> = new Set([3, 9, 11]); // INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE

function unavailable(error: unknown): RatchetError {
  return new RatchetError('TEMPORAL_UNAVAILABLE', 'Temporal does not answer.', {
    mend: 'Try again in a moment; `ratchet status` shows what runs.',
    cause: error,
  });
}

function misfit(why: string, cause: unknown): RatchetError {
  return new RatchetError('TEMPORAL_UNAVAILABLE', `Temporal refused the call: ${why}.`, {
    mend: 'Compare the Temporal settings (address, namespace, key) with the server; `ratchet status` shows them.',
    cause,
  });
}

/** What a failed call means to the caller: only a server that is away or slow is `TEMPORAL_UNAVAILABLE`. */
function mapped(error: unknown): RatchetError {
  if (isRatchetError(error)) return error;
  if (error instanceof WorkflowNotFoundError)
    return new RatchetError('NOT_FOUND', 'No such workflow is running.');
  if (error instanceof WorkflowUpdateFailedError) {
    return new RatchetError('CONFLICT', `Refused: ${error.cause?.message ?? error.message}.`, {
      cause: error,
    });
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    return new RatchetError('TIMEOUT', 'No worker took the decision in time.', {
      mend: 'Send the same decision again: it counts once.',
      cause: error,
    });
  }
  if (error instanceof NamespaceNotFoundError) return misfit(`no namespace ${error.namespace}`, error);
  const grpc = isGrpcServiceError(error) ? error : error instanceof Error ? error.cause : undefined;
  if (isGrpcServiceError(grpc) && misfits.has(grpc.code)) return misfit(grpc.details, error);
  const broken = isGrpcServiceError(grpc) && ours.has(grpc.code);
  const away = error instanceof ServiceError || isGrpcServiceError(error);
  if (!broken && (away || (error instanceof Error && error.name.includes('Timeout'))))
    return unavailable(error);
  return new RatchetError('INTERNAL', 'The call to Temporal failed in Ratchet itself.', { cause: error });
}

/** Connects lazily: the API starts and answers what it can while Temporal is away. */
export function createGateway(options: ConnectionOptions & { namespace: string }): Gateway {
  const { namespace, ...connectionOptions } = options;
  const connection = Connection.lazy(connectionOptions);
  const client = new Client({ connection, namespace });

  const call = async <T>(work: () => Promise<T>, ms = deadlineMs): Promise<T> => {
    try {
      return await connection.withDeadline(Date.now() + ms, work);
    } catch (error) {
      throw mapped(error);
    }
  };

  const signalAll = async (send: (workflowId: string) => Promise<void>): Promise<number> =>
    call(async () => {
      let count = 0;
      const query = `ExecutionStatus = 'Running' AND (WorkflowType = 'improvementCycle' OR WorkflowType = 'proposal' OR WorkflowType = 'trial' OR WorkflowType = 'nightly')`;
      for await (const execution of client.workflow.list({ query })) {
        if (count >= maxSignalled) break;
        try {
          await send(execution.workflowId);
          count += 1;
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        }
      }
      return count;
    });

  return {
    startCycle: (input) => call(() => startCycle(client, input)),
    stopCycle: (repositoryId, request) =>
      call(() => client.workflow.getHandle(workflowIds.cycle(repositoryId)).signal(stopSignal, request)),
    stopAll: (request) => signalAll((id) => client.workflow.getHandle(id).signal(stopSignal, request)),
    resumeAll: () => signalAll((id) => client.workflow.getHandle(id).signal(resumeSignal)),
    decide: (proposalId, decision) =>
      call(async () => {
        await client.workflow.getHandle(workflowIds.proposal(proposalId)).executeUpdate(decideUpdate, {
          args: [decision],
          updateId: `decide-${decision.approve ? 'approve' : 'reject'}-${decision.evidence}`,
        });
      }, decisionDeadlineMs),
    rollback: (input) => call(() => startRollback(client, input)),
    startTrial: (input) => call(() => startTrial(client, input)),
    cancelTrial: (id) =>
      call(async () => {
        await client.workflow.getHandle(workflowIds.trial(id)).cancel();
      }),
    ask: (sessionId, turn) => call(() => askConversation(client, sessionId, turn), decisionDeadlineMs),
    stopTurn: (sessionId, turn) => call(() => stopTurn(client, sessionId, turn)),
    forgetConversation: (sessionId) => call(() => forgetConversation(client, sessionId)),
    schedules: createScheduleGateway(client, call),
    progress: (workflowId) => call(() => readProgress(client, workflowId)),
    isRunning: (workflowId) =>
      call(async () => (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING'),
    async healthy() {
      try {
        await call(() => connection.workflowService.getSystemInfo({}), 2_000);
        return true;
      } catch {
        // The answer to "is it healthy?" is no; why is in the stack's own log.
        return false;
      }
    },
    close: () => connection.close(),
  };
}

async function startCycle(client: Client, input: CycleInput): Promise<'started' | 'alreadyRunning'> {
  const { repository } = input;
  try {
    await client.workflow.start('improvementCycle', {
      workflowId: workflowIds.cycle(repository.id),
      taskQueue: queues.main,
      args: [input],
      memo: { cycleId: input.cycleId },
      workflowIdConflictPolicy: 'FAIL',
      staticSummary: `${repository.name} · ${input.trigger === 'schedule' ? 'nightly' : 'by hand'} · up to ${input.maxProposals} proposals`,
      staticDetails: `Improvement cycle \`${input.cycleId}\` over \`${repository.source}\`, started by ${input.startedBy}.`,
      typedSearchAttributes: [
        { key: searchKeys.kind, value: 'cycle' },
        { key: searchKeys.repository, value: repository.id },
        { key: searchKeys.stage, value: 'preparing' },
      ],
    });
    return 'started';
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const running = await client.workflow.getHandle(workflowIds.cycle(repository.id)).describe();
    return running.memo?.['cycleId'] === input.cycleId ? 'started' : 'alreadyRunning';
  }
}

async function startRollback(client: Client, input: RollbackInput): Promise<void> {
  try {
    await client.workflow.start('rollback', {
      workflowId: workflowIds.rollback(input.changeId),
      taskQueue: queues.main,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `${input.repository.name} · roll back ${input.changeId}`,
      typedSearchAttributes: [
        { key: searchKeys.kind, value: 'rollback' },
        { key: searchKeys.repository, value: input.repository.id },
        { key: searchKeys.stage, value: 'applying' },
      ],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function startTrial(client: Client, input: PatchTrialInput): Promise<void> {
  const { repository, id, base, diff } = input;
  try {
    await client.workflow.start('trial', {
      workflowId: workflowIds.trial(id),
      taskQueue: queues.main,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: `${repository.name} · trial of a patch`,
      staticDetails: `Patch \`${diff.slice(0, 8)}\` on \`${base ?? 'the present base'}\` of \`${repository.source}\`. Nothing lands.`,
      typedSearchAttributes: [
        { key: searchKeys.kind, value: 'trial' },
        { key: searchKeys.repository, value: repository.id },
        { key: searchKeys.stage, value: 'queued' },
      ],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function readProgress(client: Client, workflowId: string): Promise<readonly Progress[]> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  return (raw.pendingActivities ?? []).map((activity) => {
    const payload = activity.heartbeatDetails?.payloads?.[0];
    const details = payload ? defaultPayloadConverter.fromPayload<unknown>(payload) : null;
    const started = activity.lastStartedTime?.seconds;
    return {
      activity: activity.activityType?.name ?? 'activity',
      text: typeof details === 'string' ? details : null,
      attempt: activity.attempt ?? 1,
      since: started ? new Date(Number(started) * 1000).toISOString() : null,
      lastFailure: activity.lastFailure?.message ?? null,
    };
  });
}
