/** A completion in OpenAI's words: whole, or as a stream of standard chunks and nothing else. */
import { randomUUID } from 'node:crypto';
import type { SSEStreamingApi } from 'hono/streaming';
import type { Completion, CompletionRequest, LanguageModel, Sampling } from '../../llm/types.js';
import { chatMessages, openAiError, type ChatRequest } from './shapes.js';

const quietMs = 15_000;

/** Clients write `null` where they mean nothing. */
const told = <T>(value: T | null | undefined): value is T => value !== undefined && value !== null;

/** What was asked for, as our own port takes it; what was not said is the model's profile. */
export function requestOf(order: ChatRequest): CompletionRequest {
  const { model, tools, tool_choice: choice, response_format: format } = order;
  const maxTokens = order.max_completion_tokens ?? order.max_tokens;
  const sampling: Partial<Sampling> = {
    ...(!told(order.temperature) ? {} : { temperature: order.temperature }),
    ...(!told(order.top_p) ? {} : { topP: order.top_p }),
    ...(!told(maxTokens) ? {} : { maxTokens }),
    ...(!told(order.stop) ? {} : { stop: typeof order.stop === 'string' ? [order.stop] : order.stop }),
    ...(!told(order.seed) ? {} : { seed: order.seed }),
    ...(!told(order.reasoning_effort) ? {} : { reasoningEffort: order.reasoning_effort }),
  };
  return {
    messages: chatMessages(order),
    sampling,
    ...(model === undefined ? {} : { model }),
    ...(!told(tools) || tools.length === 0 ? {} : { tools: tools.map((tool) => tool.function) }),
    ...(!told(choice) ? {} : { toolChoice: choice }),
    ...(format?.type === 'json_schema' ? { responseSchema: format.json_schema } : {}),
  };
}

const finishes = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  repetition: 'stop',
  filtered: 'content_filter',
} as const satisfies Record<Completion['finish'], string>;

const callsOf = ({ toolCalls }: Completion) =>
  toolCalls.map(({ id, name, text }) => ({ id, type: 'function', function: { name, arguments: text } }));

const usageOf = ({ usage: { promptTokens, completionTokens } }: Completion) => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
});

const head = () => ({
  id: `chatcmpl-${randomUUID().replaceAll('-', '')}`,
  created: Math.floor(Date.now() / 1000),
});

/** The body of an answer that is not streamed. */
export function wholeAnswer(answer: Completion) {
  const calls = callsOf(answer);
  return {
    ...head(),
    object: 'chat.completion',
    model: answer.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: answer.text === '' && calls.length > 0 ? null : answer.text,
          refusal: null,
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: finishes[answer.finish],
      },
    ],
    usage: usageOf(answer),
  };
}

interface Streaming {
  readonly model: Pick<LanguageModel, 'complete'>;
  readonly order: ChatRequest;
  readonly signal: AbortSignal;
}

/** Writes chunks as they come; a failure in the middle is an `error` event, after which the stream ends. */
export async function streamAnswer(
  stream: SSEStreamingApi,
  { model, order, signal }: Streaming,
): Promise<void> {
  const base = { ...head(), object: 'chat.completion.chunk', model: order.model ?? '' };
  const usage = order.stream_options?.include_usage === true;
  const write = (data: unknown): Promise<void> => stream.writeSSE({ data: JSON.stringify(data) });
  const chunk = (delta: object, finish: string | null, name = base.model): Promise<void> =>
    write({
      ...{ ...base, model: name },
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
      ...(usage ? { usage: null } : {}),
    });
  // A comment: clients pass it over, and proxies see that somebody is there while a long prompt is read.
  const alive = setInterval(() => void stream.write(': still here\n\n'), quietMs);
  try {
    await chunk({ role: 'assistant', content: '' }, null);
    const answer = await model.complete(requestOf(order), {
      signal,
      async onDelta(delta) {
        if (delta.kind === 'text') await chunk({ content: delta.text }, null);
      },
    });
    const calls = callsOf(answer).map((call, index) => ({ index, ...call }));
    if (calls.length > 0) await chunk({ tool_calls: calls }, null, answer.model);
    await chunk({}, finishes[answer.finish], answer.model);
    if (usage) await write({ ...base, model: answer.model, choices: [], usage: usageOf(answer) });
    await stream.writeSSE({ data: '[DONE]' });
  } catch (error) {
    if (!signal.aborted) await write(openAiError(error).body);
  } finally {
    clearInterval(alive);
  }
}
