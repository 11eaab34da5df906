/** Whole servers, as the probe sees them, and their embeddings. */
import type { Scenario } from './scenarios.js';
import { ending, first, json, never, said, stream, unknownEndpoint } from './sse.js';

type Routes = Readonly<Record<string, unknown>>;

/** Answers paths with JSON or with a scenario; every other path as given. */
const server =
  (
    routes: Routes,
    other: Scenario = ({ response, method, path }) => unknownEndpoint(response, method, path),
  ): Scenario =>
  (exchange) => {
    const route = routes[exchange.path];
    if (route === undefined) return other(exchange);
    if (typeof route === 'function') return (route as Scenario)(exchange);
    return json(exchange.response, 200, route);
  };

const notFound: Scenario = ({ response }) => json(response, 404, { detail: 'Not Found' });
const hello: Scenario = ({ response }) => stream(response, first, said('Hello.'), ending());
const list = (...models: readonly Readonly<Record<string, unknown>>[]) => ({ object: 'list', data: models });

/** Vectors whose first number is the length of the text. */
const embeddings =
  (change: (vector: number[], index: number) => unknown = (vector) => vector): Scenario =>
  ({ response, body }) => {
    const { input } = body as { input: string[] };
    json(response, 200, {
      object: 'list',
      model: 'text-embedding-nomic',
      // Out of order, as some servers answer a batch.
      data: input
        .map((text, index) => ({ index, embedding: change([text.length, 0.5, 0.25], index) }))
        .reverse(),
    });
  };

const chat = (key: string, loaded: readonly unknown[]) => ({
  ...{ key, type: 'llm', max_context_length: 131_072, loaded_instances: loaded },
  capabilities: { vision: false, trained_for_tool_use: true },
});
const instance = (id: string, context: number, parallel: number) => ({
  id,
  config: { context_length: context, parallel },
});

const lmStudio = (...models: readonly unknown[]): Routes => ({
  '/v1/models': list({ id: 'openai/gpt-oss-20b' }, { id: 'text-embedding-nomic' }),
  '/api/v1/models': {
    models: [
      ...models,
      { key: 'text-embedding-nomic', type: 'embedding', max_context_length: 2_048, loaded_instances: [] },
    ],
  },
  '/v1/chat/completions': hello,
  '/v1/embeddings': embeddings(),
  '/api/v1/models/load': {
    type: 'llm',
    instance_id: 'openai/gpt-oss-20b:2',
    load_time_seconds: 9.1,
    status: 'loaded',
  },
  '/api/v1/models/unload': { instance_id: 'openai/gpt-oss-20b' },
});

/** Chats only once its model was loaded by hand, although it lists it. */
function loadedByHand(): Scenario {
  let loaded = false;
  return (exchange) => {
    const { path, response } = exchange;
    if (path === '/api/v1/models/load') loaded = true;
    if (path === '/v1/chat/completions' && !loaded)
      return json(response, 400, { error: 'No models loaded.' });
    return server(lmStudio(chat('openai/gpt-oss-20b', loaded ? [instance('a', 32_768, 1)] : [])))(exchange);
  };
}

export const servers: Readonly<Record<string, Scenario>> = {
  'lm-studio': server(lmStudio(chat('openai/gpt-oss-20b', [instance('openai/gpt-oss-20b', 16_384, 4)]))),
  'lm-studio-unloaded': server(lmStudio(chat('openai/gpt-oss-20b', []))),
  'lm-studio-small': server(lmStudio(chat('openai/gpt-oss-20b', [instance('a', 2_048, 1)]))),
  'lm-studio-empty': server({ '/v1/models': list(), '/api/v1/models': { models: [] } }),
  'lm-studio-embeds-only': server(lmStudio()),
  'lm-studio-v0': server({
    '/v1/models': list({ id: 'qwen' }),
    '/api/v0/models': list(
      {
        id: 'qwen',
        type: 'llm',
        state: 'loaded',
        max_context_length: 32_768,
        loaded_context_length: 8_192,
        capabilities: ['tool_use'],
      },
      { id: 'nomic', type: 'embeddings', state: 'not-loaded', max_context_length: 2_048 },
    ),
  }),
  'llama-server': server(
    {
      '/v1/models': list({
        id: 'model.gguf',
        owned_by: 'llamacpp',
        meta: { n_ctx: 4_096, n_ctx_train: 32_768 },
      }),
      '/props': { default_generation_settings: { n_ctx: 4_096 }, total_slots: 2, build_info: 'b6000' },
    },
    notFound,
  ),
  'llama-server-loading': ({ response }) =>
    json(response, 503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }),
  ollama: server(
    {
      '/v1/models': list(
        { id: 'llama3.2:3b', owned_by: 'library' },
        { id: 'nomic-embed-text:latest', owned_by: 'library' },
      ),
      '/api/version': { version: '0.12.0' },
      '/api/ps': { models: [{ name: 'llama3.2:3b', context_length: 4_096 }] },
    },
    notFound,
  ),
  vllm: server(
    { '/v1/models': list({ id: 'openai/gpt-oss-20b', owned_by: 'vllm', max_model_len: 65_536 }) },
    notFound,
  ),
  plain: server({ '/v1/models': list({ id: 'some-model' }) }, notFound),
  guarded: (exchange) =>
    exchange.headers.authorization === 'Bearer sk-lm-good'
      ? server(lmStudio(chat('openai/gpt-oss-20b', [instance('a', 16_384, 1)])))(exchange)
      : json(exchange.response, 401, {
          error: { code: 'invalid_api_key', message: 'An LM Studio API token is required.' },
        }),
  'web-page': ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>Router</title>');
  },
  'api-of-something': ({ response }) => json(response, 200, { status: 'ok' }),
  silent: ({ left }) => never(left),
  'slow-look': async (exchange) => {
    if (exchange.path !== '/v1/models') return hello(exchange);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return json(exchange.response, 200, list({ id: 'some-model' }));
  },
  'one-at-a-time': async (exchange) => {
    if (exchange.path !== '/v1/chat/completions')
      return server({ '/v1/models': list({ id: 'some-model' }) })(exchange);
    await new Promise((resolve) => setTimeout(resolve, 30));
    return hello(exchange);
  },
  'loaded-by-hand': loadedByHand(),
  strict: server({
    '/v1/models': list({ id: 'openai/gpt-oss-20b' }),
    '/v1/chat/completions': (({ response, body }) => {
      const unknown = ['reasoning_effort', 'seed'].find((name) => name in (body as object));
      if (unknown === undefined) return stream(response, first, said('Hello.'), ending());
      return json(response, 400, {
        error: { message: `Unrecognized request argument supplied: ${unknown}` },
      });
    }) satisfies Scenario,
  }),
  'embeds-short': server({ ...lmStudio(), '/v1/embeddings': { data: [{ index: 0, embedding: [1] }] } }),
  'embeds-ragged': server({
    ...lmStudio(),
    '/v1/embeddings': embeddings((vector, index) => vector.slice(0, 1 + (index % 2))),
  }),
  'embeds-text': server({ ...lmStudio(), '/v1/embeddings': embeddings(() => 'AAAA') }),
};
