/** A language model that says what it was told to say: for tests, demos and load tests, with no server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RatchetError } from '../errors.js';
import { modelFault } from './classify-fault.js';
import { completeJson } from './complete-json.js';
import { createTokenCounter } from './count-tokens.js';
import type { ModelFaultKind } from './policy.js';
import { profileFor } from './profiles.js';
import type {
  Completion,
  CompletionOptions,
  CompletionRequest,
  Delta,
  Health,
  LanguageModel,
  ToolCall,
} from './types.js';

/** One answer. Without `chunks` the text comes word by word. */
export interface ScriptedTurn {
  readonly text?: string;
  readonly chunks?: readonly string[];
  readonly reasoning?: string;
  readonly toolCalls?: readonly {
    readonly name: string;
    readonly arguments: Readonly<Record<string, unknown>>;
  }[];
  readonly finish?: Completion['finish'];
  readonly promptTokens?: number;
  /** Before the first delta, and between two. */
  readonly firstTokenMs?: number;
  readonly betweenTokensMs?: number;
  /** Fails with this class, after `failAfter` chunks (default: at once). */
  readonly fail?: ModelFaultKind;
  readonly failAfter?: number;
  /** Never goes on after so many chunks, until it is cancelled. */
  readonly stallAfter?: number;
}

type Answer = (request: CompletionRequest, number: number) => ScriptedTurn | Promise<ScriptedTurn>;

export interface ScriptedOptions {
  readonly model?: string;
  readonly contextLength?: number;
  /** Dimension of the vectors; 0: it has no embedding model. */
  readonly dimension?: number;
  readonly health?: Partial<Health>;
}

export interface ScriptedModel extends LanguageModel {
  /** Every request so far, the oldest first; the last thousand are kept. */
  readonly requests: readonly CompletionRequest[];
}

const url = 'scripted:';

async function wait(ms: number | null, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) throw modelFault('cancelled', '', { url });
  if (ms === 0) return;
  try {
    // A timer of a day stands for "never", and does not keep the process alive.
    const options = { ref: ms !== null, ...(signal === undefined ? {} : { signal }) };
    await sleep(ms ?? 86_400_000, undefined, options);
  } catch {
    // The only way a sleep fails is its signal.
    throw modelFault('cancelled', '', { url });
  }
}

/** A unit vector that depends on the words alone, so texts that share words are near each other. */
function vectorOf(text: string, dimension: number): Float32Array {
  const vector = new Float32Array(dimension);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['']) {
    let hash = 2_166_136_261;
    for (const character of word) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
    const at = (hash >>> 0) % dimension;
    vector[at] = (vector[at] ?? 0) + 1;
  }
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

async function play(
  turn: ScriptedTurn,
  request: CompletionRequest,
  model: string,
  options: CompletionOptions,
): Promise<Completion> {
  const started = performance.now();
  const { signal, onDelta } = options;
  const deltas: Delta[] = [
    ...(turn.reasoning === undefined ? [] : [{ kind: 'reasoning' as const, text: turn.reasoning }]),
    ...(turn.chunks ?? turn.text?.match(/\S+\s*|\s+/g) ?? []).map((text) => ({
      kind: 'text' as const,
      text,
    })),
  ];
  const text = deltas.map((delta) => (delta.kind === 'text' ? delta.text : '')).join('');
  await wait(turn.firstTokenMs ?? 0, signal);
  const firstTokenMs = performance.now() - started;
  let delivered = 0;
  for (const [index, delta] of deltas.entries()) {
    if (turn.fail !== undefined && index === (turn.failAfter ?? 0))
      throw modelFault(turn.fail, '', { url, delivered });
    if (index === turn.stallAfter) await wait(null, signal);
    if (index > 0) await wait(turn.betweenTokensMs ?? 0, signal);
    await onDelta?.(delta);
    if (delta.kind === 'text') delivered += delta.text.length;
    if (signal?.aborted === true) throw modelFault('cancelled', '', { url, delivered });
  }
  if (turn.fail !== undefined) throw modelFault(turn.fail, '', { url, delivered });
  if (turn.stallAfter !== undefined) await wait(null, signal);
  const toolCalls = (turn.toolCalls ?? []).map(({ name, arguments: value }, index): ToolCall => ({
    ...{ id: `call_${index}`, name, text: JSON.stringify(value) },
    arguments: { kind: 'parsed', value },
  }));
  const characters = request.messages.reduce((total, { content }) => total + content.length, 0);
  const completionTokens = Math.max(1, deltas.length);
  const totalMs = performance.now() - started;
  return {
    ...{ text, toolCalls, model, reasoning: turn.reasoning ?? '', attempts: 1, notes: [] },
    finish: turn.finish ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop'),
    usage: {
      promptTokens: turn.promptTokens ?? Math.ceil(characters / 4),
      completionTokens,
      reasoningTokens: null,
      source: 'server',
    },
    timings: {
      firstTokenMs,
      totalMs,
      tokensPerSecond: totalMs > 0 ? (completionTokens / totalMs) * 1_000 : null,
    },
  };
}

/**
 * @param script the answers in order (the last one repeats), or a function of the request and its number from 0
 */
export function createScriptedModel(
  script: readonly ScriptedTurn[] | Answer,
  options: ScriptedOptions = {},
): ScriptedModel {
  const { model = 'scripted', contextLength = 8_192, dimension = 64 } = options;
  const requests: CompletionRequest[] = [];
  let asked = 0;
  const answer: Answer =
    typeof script === 'function'
      ? script
      : (_request, number) => script[Math.min(number, script.length - 1)] ?? { text: '' };
  const embeddingModel = dimension === 0 ? null : 'scripted-embedding';
  const known = {
    loaded: true,
    maxContextLength: contextLength,
    parallel: 8,
    tools: true,
    vision: false,
    instances: [],
  };
  const complete = async (request: CompletionRequest, given: CompletionOptions = {}): Promise<Completion> => {
    requests.push(request);
    if (requests.length > 1_000) requests.shift();
    asked += 1;
    return play(await answer(request, asked - 1), request, model, given);
  };
  const port: ScriptedModel = {
    requests,
    complete,
    completeJson: (request, given = {}) => completeJson(request, given, complete, url),
    async embed(texts, given = {}) {
      await wait(0, given.signal);
      if (embeddingModel === null) throw modelFault('no-model', 'It offers no embedding model.', { url });
      return { vectors: texts.map((text) => vectorOf(text, dimension)), dimension, model: embeddingModel };
    },
    models: async () => ({
      ...{ server: 'openai-compatible', version: null, lifecycle: false },
      models: [
        { ...known, id: model, type: 'chat', contextLength },
        ...(embeddingModel === null
          ? []
          : [{ ...known, id: embeddingModel, type: 'embedding' as const, contextLength }]),
      ],
    }),
    health: async () => ({
      ...{
        state: 'ready',
        url,
        server: null,
        model,
        contextLength,
        embeddingModel,
        embeddingDimension: dimension || null,
      },
      ...{ detail: `${model} says what it was told to say.`, mend: null },
      ...options.health,
    }),
    profileOf: (named) => ({ ...profileFor(named ?? model), contextLength }),
    tokenCounter: (named) => createTokenCounter(profileFor(named ?? model)),
    close: async () => undefined,
  };
  if (Array.isArray(script) && script.length === 0) {
    throw new RatchetError('INVALID_INPUT', 'A scripted model needs at least one answer.', {
      where: 'script',
    });
  }
  return port;
}
