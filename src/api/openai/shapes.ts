/** OpenAI's requests as far as they are served here, and its error body. Unknown fields are passed over, as there. */
import type { Context } from 'hono';
import { z } from 'zod';
import { isRatchetError, toRatchetError, type FaultCode } from '../../errors.js';
import { limits } from '../../conversation/index.js';
import type { ChatMessage } from '../../llm/types.js';
import { httpStatusOf, retryAfter } from '../problem.js';

const messagesMaximum = 2_000;

const Text = z.union([
  z.string(),
  // Parts: only their text can be served by a model of text.
  z
    .array(z.object({ type: z.literal('text'), text: z.string() }))
    .transform((parts) => parts.map(({ text }) => text).join('')),
]);
const Call = z.object({
  id: z.string().min(1).max(200),
  type: z.literal('function').optional(),
  function: z.object({ name: z.string().min(1).max(64), arguments: z.string() }),
});
const Message = z.discriminatedUnion('role', [
  z.object({ role: z.enum(['system', 'developer', 'user']), content: Text }),
  z.object({
    role: z.literal('assistant'),
    content: Text.nullish(),
    tool_calls: z.array(Call).max(128).nullish(),
  }),
  z.object({ role: z.literal('tool'), content: Text, tool_call_id: z.string().min(1).max(200) }),
]);
const Tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    description: z.string().default(''),
    parameters: z.record(z.string(), z.unknown()).default({ type: 'object', properties: {} }),
  }),
});

export const ChatRequest = z.object({
  model: z.string().min(1).max(200).optional(),
  messages: z.array(Message).min(1).max(messagesMaximum),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.number().int().min(1).nullish(),
  max_completion_tokens: z.number().int().min(1).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
  seed: z.number().int().nullish(),
  n: z.literal(1).nullish(),
  reasoning_effort: z.enum(['low', 'medium', 'high']).nullish().catch(null),
  tools: z.array(Tool).max(128).nullish(),
  tool_choice: z.enum(['auto', 'none', 'required']).nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({ name: z.string(), schema: z.record(z.string(), z.unknown()) }),
      }),
    ])
    .nullish(),
});
export type ChatRequest = z.infer<typeof ChatRequest>;

export const EmbeddingRequest = z.object({
  model: z.string().min(1).max(200).optional(),
  input: z.union([
    z.string().min(1).max(limits.content),
    z.array(z.string().min(1).max(limits.content)).min(1).max(2_048),
  ]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
});

function argumentsOf(text: string): NonNullable<ChatMessage['toolCalls']>[number]['arguments'] {
  try {
    return { kind: 'parsed', value: z.record(z.string(), z.unknown()).parse(JSON.parse(text)) };
  } catch {
    // What a model wrote once is shown to it again as it was.
    return { kind: 'broken', reason: 'not a JSON object' };
  }
}

/** Messages as our own port takes them. */
export function chatMessages({ messages }: ChatRequest): readonly ChatMessage[] {
  return messages.map((message): ChatMessage => {
    if (message.role === 'tool')
      return { role: 'tool', content: message.content, toolCallId: message.tool_call_id };
    if (message.role !== 'assistant')
      return { role: message.role === 'user' ? 'user' : 'system', content: message.content };
    const toolCalls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: text } }) => ({
      ...{ id, name, text, arguments: argumentsOf(text) },
    }));
    return {
      ...{ role: 'assistant', content: message.content ?? '' },
      ...(toolCalls.length === 0 ? {} : { toolCalls }),
    };
  });
}

const codes: Partial<Record<FaultCode, string>> = {
  PROMPT_TOO_LONG: 'context_length_exceeded',
  UNAUTHORISED: 'invalid_api_key',
  MODEL_MISSING: 'model_not_found',
  MODEL_BUSY: 'rate_limit_exceeded',
  RATE_LIMITED: 'rate_limit_exceeded',
};
/** Where OpenAI's clients expect another status than our own. */
export const openAiStatuses: Partial<Record<FaultCode, number>> = {
  PROMPT_TOO_LONG: 400,
  MODEL_MISSING: 404,
  MODEL_BUSY: 429,
};

export interface OpenAiError {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** A fault in the words that OpenAI's clients read. */
export function openAiError(thrown: unknown): { readonly status: number; readonly body: OpenAiError } {
  const fault = isRatchetError(thrown) ? thrown : toRatchetError(thrown);
  const status = openAiStatuses[fault.code] ?? httpStatusOf[fault.code];
  const type =
    status === 401
      ? 'authentication_error'
      : status === 403
        ? 'permission_error'
        : status === 429
          ? 'rate_limit_error'
          : status < 500
            ? 'invalid_request_error'
            : 'server_error';
  const told = fault.code === 'INTERNAL' ? 'Something failed inside Ratchet.' : fault.message;
  const message = fault.mend === undefined || fault.mend === null ? told : `${told} ${fault.mend}`;
  const code = codes[fault.code] ?? fault.code.toLowerCase();
  return { status, body: { error: { message, type, param: fault.where ?? null, code } } };
}

/** True for the paths that OpenAI's clients call: their errors have OpenAI's shape. */
export const isOpenAiPath = (context: Context): boolean => /^\/v1(\/|$)/.test(context.req.path);

export function openAiFault(context: Context, thrown: unknown, given?: number): Response {
  const { status, body } = openAiError(thrown);
  return new Response(JSON.stringify(body), {
    status: given ?? status,
    headers: {
      'content-type': 'application/json',
      'x-request-id': context.get('requestId') ?? '',
      ...(isRatchetError(thrown) ? retryAfter(thrown) : {}),
    },
  });
}
