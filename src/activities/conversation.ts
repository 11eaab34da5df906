/** The activities of conversations: the language model, the journal and the repository meet here. */
import { Context } from '@temporalio/activity';
import {
  answerTurn,
  messageIds,
  questionOf,
  summariseConversation,
  type AnswerParts,
  type LlmActivities,
  type MessageFault,
  type TurnOutcome,
} from '../conversation/index.js';
import { isRatchetError } from '../errors.js';
import { runStep } from './run.js';
import type { Tools } from './tools.js';

/** What only conversations use. */
export interface ConversationTools extends Pick<Tools, 'stop' | 'crashPoint'> {
  readonly parts: AnswerParts;
}

export function createLlmActivities(tools: ConversationTools): LlmActivities {
  const { parts } = tools;
  return {
    answer: (input) =>
      runStep(tools, async ({ signal, progress }): Promise<TurnOutcome> => {
        const context = Context.current();
        const answered = await answerTurn(parts, {
          ...input,
          attempt: context.info.attempt,
          signal,
          stopped: () => context.cancellationDetails?.cancelRequested === true,
          onProgress: progress,
          checkpoint: (name) => tools.crashPoint(`answer:check-${checkNumber(name)}`),
        });
        const { turn, state, message, compact } = answered;
        return {
          turn,
          state,
          compact,
          promptTokens: message?.usage?.promptTokens ?? null,
          completionTokens: message?.usage?.completionTokens ?? null,
        };
      }),
    settle: (input) => runStep(tools, () => settle(parts, input), { evenWhenStopped: true }),
    summarise: ({ sessionId }) =>
      runStep(tools, ({ signal }) => summariseConversation(parts, sessionId, signal)),
  };
}

/** Names of moments as the numbers that RATCHET_CRASH_AT knows: question kept 1000, answer written 2000, else the delta. */
function checkNumber(name: string): string {
  if (name === 'begun') return '1000';
  return name === 'written' ? '2000' : name;
}

async function settle(
  { store }: AnswerParts,
  order: {
    readonly sessionId: string;
    readonly turn: string;
    readonly state: 'stopped' | 'failed';
    readonly fault: MessageFault | null;
  },
): Promise<void> {
  const { sessionId, turn, state, fault } = order;
  const known = await store.load(sessionId).catch((error: unknown) => {
    if (isRatchetError(error) && error.code === 'NOT_FOUND') return null;
    throw error;
  });
  // Deleted or cleared meanwhile: there is nothing to settle.
  if (known === null || known.messages.some(({ id }) => id === messageIds.answer(turn))) return;
  const asked = known.asked.find(({ id }) => id === turn);
  const answered = {
    ...({ id: messageIds.answer(turn), turn, role: 'assistant', content: '', state } as const),
    ...{ at: new Date(store.now()).toISOString(), model: null, usage: null, sources: [] },
    fault,
  };
  const question =
    asked === undefined
      ? []
      : [{ op: 'message' as const, message: questionOf(asked), replaces: asked.replaces }];
  const after = await store.apply(sessionId, [
    ...question,
    { op: 'message', message: answered, replaces: null },
  ]);
  const kept = after.messages.find(({ id }) => id === answered.id);
  if (kept === undefined) return;
  const data = JSON.stringify({ message: kept.id, state, characters: 0, fault: answered.fault, sources: [] });
  await store.live?.publish(after.session, { turn, kind: 'done', data });
}
