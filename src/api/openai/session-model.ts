/** A conversation in the place of a model: the last question is taken in for good, and its kept answer is the answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isRatchetError, RatchetError } from '../../errors.js';
import { messageIds, type Message } from '../../conversation/index.js';
import type { Completion, LanguageModel } from '../../llm/types.js';
import type { ApiDependencies } from '../dependencies.js';

const lookMs = 100;
const answerMs = 15 * 60_000;

/** Earlier messages of a request are passed over: the conversation has its own. @throws NOT_FOUND */
export async function sessionModel(
  { conversations, gateway }: ApiDependencies,
  sessionId: string,
  key: string | undefined,
): Promise<Pick<LanguageModel, 'complete'>> {
  await conversations.get(sessionId);
  return {
    async complete({ messages }, { signal, onDelta } = {}) {
      const last = messages.at(-1);
      if (last?.role !== 'user')
        throw new RatchetError('INVALID_INPUT', 'In a conversation the last message is a question.', {
          where: 'messages',
        });
      const { turn } = await conversations.take(sessionId, { content: last.content, key });
      await gateway.ask(sessionId, turn.id);
      const until = Date.now() + answerMs;
      for (;;) {
        const { messages: known } = await conversations.get(sessionId);
        const answer = known.find(({ id }) => id === messageIds.answer(turn.id));
        if (answer !== undefined) {
          const completion = completionOf(answer);
          await onDelta?.({ kind: 'text', text: completion.text });
          return completion;
        }
        if (Date.now() > until)
          throw new RatchetError('TIMEOUT', 'The answer took too long.', { where: turn.id });
        if (signal?.aborted === true) {
          await gateway.stopTurn(sessionId, turn.id);
          throw new RatchetError('CANCELLED', 'The client left.', { where: turn.id });
        }
        await sleep(lookMs, undefined, { signal }).catch((error: unknown) => {
          // Woken by the client's leaving: the next round sees it.
          if (isRatchetError(error)) throw error;
        });
      }
    },
  };
}

/** @throws the fault that the turn was kept with */
function completionOf({ content, state, fault, model, usage }: Message): Completion {
  if (state === 'failed')
    throw new RatchetError(
      'MODEL_UNAVAILABLE',
      fault?.message ?? 'The answer failed.',
      typeof fault?.mend === 'string' ? { mend: fault.mend } : {},
    );
  const { promptTokens = 0, completionTokens = 0 } = usage ?? {};
  return {
    ...{ text: content, reasoning: '', finish: 'stop', toolCalls: [], attempts: 1, notes: [] },
    usage: { promptTokens, completionTokens, reasoningTokens: null, source: 'server' },
    timings: { firstTokenMs: 0, totalMs: 0, tokensPerSecond: null },
    model: model ?? '',
  };
}
