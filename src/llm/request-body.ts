/** From our request to the body that every OpenAI-compatible server understands. */
import type {
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import { disarmControlTokens, wellFormed } from './text.js';
import type { ChatMessage, CompletionRequest, ModelProfile } from './types.js';

/** Takes secrets out of a text; given by the safety room. Throwing means that the text must not leave. */
export type Redact = (text: string) => string;

function messageOf(message: ChatMessage, clean: Redact, keepReasoning: boolean): ChatCompletionMessageParam {
  const content = clean(message.content);
  if (message.role === 'tool') return { role: 'tool', content, tool_call_id: message.toolCallId ?? '' };
  if (message.role !== 'assistant') return { role: message.role, content };
  const calls = (message.toolCalls ?? []).map(({ id, name, text }) => ({
    id,
    type: 'function' as const,
    // Templates parse the arguments again: broken ones would make the server fail.
    function: { name, arguments: isJson(text) ? clean(text) : '{}' },
  }));
  const reasoning =
    keepReasoning && message.reasoning !== undefined ? { reasoning: clean(message.reasoning) } : {};
  return { role: 'assistant', content, ...(calls.length === 0 ? {} : { tool_calls: calls }), ...reasoning };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Harmony: `reasoning_effort` is ignored by some servers, the line in the system text by none; raw reasoning is kept
 * between the tool calls of the turn that is under way, and dropped after its answer.
 */
function messagesOf(
  request: CompletionRequest,
  profile: ModelProfile,
  redact: Redact,
): ChatCompletionMessageParam[] {
  const clean: Redact = (text) => disarmControlTokens(wellFormed(redact(text)));
  const lastQuestion = request.messages.findLastIndex(({ role }) => role === 'user');
  const messages = request.messages.map((message, index) =>
    messageOf(message, clean, profile.harmony && index > lastQuestion),
  );
  if (!profile.harmony || profile.reasoningEffort === null) return messages;
  const line = `Reasoning: ${profile.reasoningEffort}`;
  const [first, ...rest] = messages;
  if (first?.role !== 'system' || typeof first.content !== 'string')
    return [{ role: 'system', content: line }, ...messages];
  return [{ role: 'system', content: `${first.content}\n\n${line}` }, ...rest];
}

/** The body of `POST /chat/completions`; always a stream, always with the server's own token count at its end. */
export function requestBody(
  request: CompletionRequest,
  model: string,
  profile: ModelProfile,
  redact: Redact,
): ChatCompletionCreateParamsStreaming {
  const { tools = [], toolChoice, responseSchema } = request;
  return {
    model,
    messages: messagesOf(request, profile, redact),
    stream: true,
    stream_options: { include_usage: true },
    temperature: profile.temperature,
    top_p: profile.topP,
    max_tokens: profile.maxTokens,
    ...(profile.stop.length === 0 ? {} : { stop: [...profile.stop] }),
    ...(profile.seed === null ? {} : { seed: profile.seed }),
    ...(profile.reasoningEffort === null ? {} : { reasoning_effort: profile.reasoningEffort }),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, parameters }) => ({
            type: 'function' as const,
            function: { name, description: redact(description), parameters: { ...parameters } },
          })),
          tool_choice: toolChoice ?? 'auto',
        }),
    ...(responseSchema === undefined
      ? {}
      : {
          response_format: {
            type: 'json_schema' as const,
            json_schema: { name: responseSchema.name, strict: true, schema: { ...responseSchema.schema } },
          },
        }),
  };
}
