/**
 * What OpenAI's clients know: models, chat completions, embeddings. Stateless, unless `X-Session-Id` names a
 * conversation: then the question is taken in there, and its durable answer is told in the same shape.
 */
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import { asksTemporal, writes, type Operation } from '../operation.js';
import { streamAnswer, requestOf, wholeAnswer } from '../openai/complete-chat.js';
import { ChatRequest, EmbeddingRequest } from '../openai/shapes.js';
import { sessionModel } from '../openai/session-model.js';
import { readBody } from '../problem.js';
import { assertRunning, keyOf } from './turns.js';

const modelFaults = [
  ...(['MODEL_UNAVAILABLE', 'MODEL_BUSY', 'MODEL_MISSING', 'MODEL_UNAUTHORISED', 'MODEL_MISFIT'] as const),
  ...(['MODEL_REFUSED', 'MODEL_ANSWER_BAD', 'TIMEOUT'] as const),
];

export function openAiRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { model } = dependencies;
  const routes = new Hono<ApiEnvironment>();

  routes.get('/models', async (context) => {
    const { models } = await model.models({ signal: context.req.raw.signal });
    const data = models.map(({ id }) => ({ id, object: 'model', created: 0, owned_by: 'local' }));
    return context.json({ object: 'list', data });
  });

  routes.post('/chat/completions', async (context) => {
    await assertRunning(dependencies);
    const order = await readBody(context, ChatRequest);
    const session = context.req.header('x-session-id');
    const speaking =
      session === undefined ? model : await sessionModel(dependencies, session, keyOf(context));
    const { signal } = context.req.raw;
    if (order.stream !== true)
      return context.json(wholeAnswer(await speaking.complete(requestOf(order), { signal })));
    return streamSSE(context, async (stream) => {
      const left = new AbortController();
      // Whoever leaves frees the model: nobody reads the rest.
      stream.onAbort(() => left.abort());
      await streamAnswer(stream, {
        ...{ model: speaking, order },
        signal: AbortSignal.any([left.signal, signal]),
      });
    });
  });

  routes.post('/embeddings', async (context) => {
    const { input, model: named, encoding_format: format } = await readBody(context, EmbeddingRequest);
    const texts = typeof input === 'string' ? [input] : input;
    const { vectors, model: by } = await model.embed(texts, {
      signal: context.req.raw.signal,
      ...(named === undefined ? {} : { model: named }),
    });
    const data = vectors.map((vector, index) => ({
      ...{ object: 'embedding', index },
      embedding:
        format === 'base64'
          ? Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64')
          : Array.from(vector),
    }));
    // Servers seldom count these tokens, and clients only want the field.
    return context.json({ object: 'list', data, model: by, usage: { prompt_tokens: 0, total_tokens: 0 } });
  });

  return routes;
}

/** What these routes say of themselves. */
export const openAiOperations: readonly Operation[] = [
  { id: 'openAiModels', at: 'GET /v1/models', summary: "Models, in OpenAI's words", faults: modelFaults },
  {
    id: 'openAiChat',
    at: 'POST /v1/chat/completions',
    summary: "A chat completion, in OpenAI's words; of a conversation when one is named",
    body: ChatRequest,
    headers: ['X-Session-Id', 'Idempotency-Key'],
    kinds: ['json', 'events'],
    faults: [
      ...modelFaults,
      ...asksTemporal,
      ...writes,
      ...(['STOPPED', 'NOT_FOUND', 'CONFLICT', 'TIMEOUT', 'REDIS_UNAVAILABLE', 'PROMPT_TOO_LONG'] as const),
    ],
  },
  {
    id: 'openAiEmbeddings',
    at: 'POST /v1/embeddings',
    summary: "Vectors of texts, in OpenAI's words",
    body: EmbeddingRequest,
    faults: [...modelFaults, 'PROMPT_TOO_LONG'],
  },
];
