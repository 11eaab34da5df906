/** One request to the model. What it costs is counted also when nothing usable comes back. */
import { isRatchetError } from '../../errors.js';
import { modelFaultKindOf, modelFaults } from '../../llm/policy.js';
import type { ChatMessage, LanguageModel } from '../../llm/types.js';
import { answerSchema, type Answer } from './answer-schema.js';
import type { Usage } from './types.js';

export type Asked =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly model: string; readonly spent: Usage }
  | { readonly kind: 'none'; readonly detail: string; readonly spent: Usage }
  /** The server is gone, or wants something that only a person can give. */
  | { readonly kind: 'away'; readonly detail: string; readonly spent: Usage };

export interface AskRequest {
  readonly model: LanguageModel;
  readonly messages: readonly ChatMessage[];
  readonly temperature: number;
  readonly seed: number;
  /** For the whole request, ms. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

const answerTokens = 1_400;
const charactersPerToken = 3;
const oneCallMs = 600_000;

/** @throws RatchetError only when it was cancelled, or when something is broken that is not the model. */
export async function askModel(request: AskRequest): Promise<Asked> {
  const { model, messages, temperature, seed, signal, now } = request;
  const started = now();
  let heard = 0;
  const spentWith = (tokens: number): Usage => ({
    ...{ calls: 1, tokens, candidates: 0 },
    seconds: (now() - started) / 1_000,
  });
  const guess = (): number => {
    const asked = messages.reduce((total, { content }) => total + content.length, 0);
    return Math.ceil((asked + heard) / charactersPerToken);
  };
  try {
    const {
      value,
      usage,
      model: name,
    } = await model.completeJson(
      {
        ...{ name: 'rewritten_function', schema: answerSchema, messages },
        sampling: { temperature, seed, maxTokens: answerTokens },
      },
      {
        ...{ signal, restartAfterOutput: true },
        timeouts: { totalMs: Math.min(oneCallMs, Math.max(1_000, Math.round(request.withinMs))) },
        onDelta(delta) {
          if (delta.kind !== 'restart') heard += delta.text.length;
        },
      },
    );
    const tokens = usage.promptTokens + usage.completionTokens;
    return { kind: 'answer', answer: value, model: name, spent: spentWith(tokens) };
  } catch (error) {
    if (signal.aborted || !isRatchetError(error)) throw error;
    const kind = modelFaultKindOf(error);
    if (kind === null || kind === 'cancelled') throw error;
    const { remedy } = modelFaults[kind];
    const isAway = remedy === 'retry' || remedy === 'operator';
    return { kind: isAway ? 'away' : 'none', detail: error.message.slice(0, 300), spent: spentWith(guess()) };
  }
}
