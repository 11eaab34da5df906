/** The API's way to a conversation's workflow: taking turns in, stopping them, forgetting. */
import {
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { queues } from '../activities/types.js';
import type { ConversationInput, ConversationStatus } from '../conversation/types.js';
import { askUpdate, forgetSignal, searchKeys, stopTurnSignal, workflowIds } from '../workflows/messages.js';

const idleMs = 15 * 60_000;
const turnsPerRun = 100;

const handleOf = (client: Client, sessionId: string): WorkflowHandle =>
  client.workflow.getHandle(workflowIds.conversation(sessionId));

/** One call: starts the workflow when it does not run, and gives it the turn; the turn's id is the key. */
export async function askConversation(
  client: Client,
  sessionId: string,
  turn: string,
): Promise<ConversationStatus> {
  const input: ConversationInput = { sessionId, queue: [], done: [], turns: 0, idleMs, turnsPerRun };
  const startWorkflowOperation = new WithStartWorkflowOperation<(given: ConversationInput) => Promise<void>>(
    'conversation',
    {
      workflowId: workflowIds.conversation(sessionId),
      taskQueue: queues.main,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `conversation ${sessionId}`,
      staticDetails: 'Takes questions one at a time. What is said is not in this history.',
      typedSearchAttributes: [{ key: searchKeys.kind, value: 'conversation' }],
    },
  );
  return client.workflow.executeUpdateWithStart(askUpdate, {
    startWorkflowOperation,
    args: [{ id: turn }],
    updateId: turn,
  });
}

async function whenRunning(signal: () => Promise<void>): Promise<boolean> {
  try {
    await signal();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** False when nothing of this conversation runs. */
export async function stopTurn(client: Client, sessionId: string, turn: string): Promise<boolean> {
  return whenRunning(() => handleOf(client, sessionId).signal(stopTurnSignal, turn));
}

export async function forgetConversation(client: Client, sessionId: string): Promise<void> {
  await whenRunning(() => handleOf(client, sessionId).signal(forgetSignal));
}
