/**
 * A conversation: questions are taken in order, one turn at a time, whoever asks. What is said stays in the journal;
 * the workflow carries ids, so its history is small, and it continues as new after so many turns.
 */
import * as wf from '@temporalio/workflow';
import type {
  ConversationInput,
  ConversationStatus,
  LlmActivities,
  QueuedTurn,
  TurnOutcome,
} from '../conversation/types.js';
import { faultNote } from './faults.js';
import { askUpdate, conversationStatusQuery, forgetSignal, stopTurnSignal } from './messages.js';
import {
  answerOptions,
  doneTurnsKept,
  settleOptions,
  summaryOptions,
  waitingTurnsMaximum,
} from './policy.js';

const { answer } = wf.proxyActivities<LlmActivities>(answerOptions);
const { settle } = wf.proxyActivities<LlmActivities>(settleOptions);
const { summarise } = wf.proxyActivities<LlmActivities>(summaryOptions);

interface Memory {
  queue: QueuedTurn[];
  done: string[];
  running: { readonly turn: string; readonly scope: wf.CancellationScope } | null;
  /** Turns that a person stopped, before or while they were answered. */
  readonly stopped: Set<string>;
  summary: { readonly scope: wf.CancellationScope; readonly ended: Promise<void> } | null;
  /** Summaries in a row that gave way to a question. */
  putOff: number;
  turns: number;
  forgotten: boolean;
}

/** Runs until nobody has asked for `idleMs`; the next question starts it again. */
export async function conversation(input: ConversationInput): Promise<void> {
  const memory: Memory = {
    queue: [...input.queue],
    done: [...input.done],
    running: null,
    stopped: new Set(),
    summary: null,
    putOff: 0,
    turns: input.turns,
    forgotten: false,
  };
  listen(memory);
  let inThisRun = 0;
  for (;;) {
    const [turn] = memory.queue;
    if (turn === undefined) {
      wf.setCurrentDetails(`Waiting for a question; ${memory.turns} turns until now.`);
      await wf.condition(() => memory.queue.length > 0 || memory.forgotten, input.idleMs);
      // Nobody asked, or there is nothing left to talk about.
      if (memory.queue.length === 0) break;
      memory.forgotten = false;
      continue;
    }
    await runTurn(input.sessionId, turn, memory);
    inThisRun += 1;
    if (inThisRun >= input.turnsPerRun || wf.workflowInfo().continueAsNewSuggested) {
      await memory.summary?.ended;
      await wf.condition(wf.allHandlersFinished);
      const { queue, done, turns } = memory;
      await wf.continueAsNew<typeof conversation>({ ...input, queue, done, turns });
    }
  }
  await memory.summary?.ended;
  await wf.condition(wf.allHandlersFinished);
}

function listen(memory: Memory): void {
  const status = (): ConversationStatus => ({
    running: memory.running?.turn ?? null,
    waiting: memory.queue.map(({ id }) => id).filter((id) => id !== memory.running?.turn),
    turns: memory.turns,
  });
  wf.setHandler(
    askUpdate,
    (turn) => {
      const known = memory.done.includes(turn.id) || memory.queue.some(({ id }) => id === turn.id);
      if (!known) memory.queue.push(turn);
      return status();
    },
    {
      validator: (turn) => {
        const known = memory.queue.some(({ id }) => id === turn.id);
        if (known || memory.queue.length < waitingTurnsMaximum) return;
        throw new Error(`${waitingTurnsMaximum} questions wait for their answers already`);
      },
      description: 'Ask one more question',
    },
  );
  wf.setHandler(
    stopTurnSignal,
    (turn) => {
      if (memory.queue.some(({ id }) => id === turn)) memory.stopped.add(turn);
      if (memory.running?.turn === turn) memory.running.scope.cancel();
    },
    { description: 'End the generation of one turn' },
  );
  wf.setHandler(
    forgetSignal,
    () => {
      memory.forgotten = true;
      memory.queue = memory.queue.filter(({ id }) => id === memory.running?.turn);
      memory.running?.scope.cancel();
      memory.summary?.scope.cancel();
    },
    { description: 'The conversation was cleared or deleted' },
  );
  wf.setHandler(conversationStatusQuery, status, { description: 'What is being answered, and what waits' });
}

async function runTurn(sessionId: string, { id: turn }: QueuedTurn, memory: Memory): Promise<void> {
  const scope = new wf.CancellationScope();
  memory.running = { turn, scope };
  // A person waits now; the summary comes after the answer. Once: who never pauses needs it most.
  if (memory.summary !== null && memory.putOff === 0) {
    memory.putOff += 1;
    memory.summary.scope.cancel();
  }
  wf.setCurrentDetails(`Answering turn ${memory.turns + 1}; ${memory.queue.length - 1} wait.`);
  let outcome: TurnOutcome | null = null;
  try {
    if (memory.stopped.has(turn)) await settle({ sessionId, turn, state: 'stopped', fault: null });
    else
      outcome = await scope.run(() =>
        answer.executeWithOptions({ summary: `turn ${memory.turns + 1}` }, [{ sessionId, turn }]),
      );
  } catch (error) {
    // The conversation goes on whatever happened to one turn; the turn says what.
    await wf.CancellationScope.nonCancellable(() => settleQuietly(sessionId, turn, error));
  }
  memory.running = null;
  memory.queue = memory.queue.filter(({ id }) => id !== turn);
  memory.stopped.delete(turn);
  memory.done = [...memory.done, turn].slice(-doneTurnsKept);
  memory.turns += 1;
  if (outcome?.compact === true && memory.summary === null) summariseBehind(sessionId, memory);
}

async function settleQuietly(sessionId: string, turn: string, error: unknown): Promise<void> {
  const cancelled = wf.isCancellation(error);
  const { code, message, mend } = faultNote(error);
  const fault = cancelled ? null : { code, message: message.slice(0, 2_000), mend };
  try {
    await settle({ sessionId, turn, state: cancelled ? 'stopped' : 'failed', fault });
  } catch (failure) {
    // Deleted meanwhile, or no disk for an hour: the question stays in the journal, unanswered.
    wf.log.warn('a turn could not be settled', { turn, failure });
  }
}

/** Beside the conversation: nobody waits for a summary. */
function summariseBehind(sessionId: string, memory: Memory): void {
  const scope = new wf.CancellationScope();
  const write = async (): Promise<void> => {
    try {
      await scope.run(() => summarise({ sessionId }));
      memory.putOff = 0;
    } catch (error) {
      // Without a summary the oldest turns are left out of prompts; the next turn asks for one again.
      if (!wf.isCancellation(error)) wf.log.warn('no summary was written', { error });
    } finally {
      memory.summary = null;
    }
  };
  memory.summary = { scope, ended: write() };
}
