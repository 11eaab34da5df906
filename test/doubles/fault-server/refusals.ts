/** Ways to say no: statuses, shapes and places (before the stream, or inside a stream that began with 200). */
import type { Scenario } from './scenarios.js';
import { begin, ending, event, first, json, said, stream, thought } from './sse.js';

const status =
  (code: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Scenario =>
  ({ response }) =>
    json(response, code, body, headers);

/** An error as an event of a stream, after some text. */
const inside =
  (body: unknown, before = ''): Scenario =>
  ({ response }) =>
    stream(response, first, ...(before === '' ? [] : [said(before)]), event(body));

/** Fails a few times, then answers. */
const first2 =
  (times: number, fail: Scenario): Scenario =>
  (exchange) =>
    exchange.number <= times ? fail(exchange) : stream(exchange.response, first, said('Hello.'), ending());

const page: Scenario = ({ response }) => {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end('<!DOCTYPE html><html><body>Welcome to nginx!</body></html>');
};

const overflowWords =
  'Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096';

export const refusals: Readonly<Record<string, Scenario>> = {
  'no-models-string': status(400, { error: 'No models loaded. Please load a model in the developer page.' }),
  'no-models-object': status(400, {
    error: { message: 'No models loaded.', type: 'invalid_request_error', param: 'model', code: null },
  }),
  'model-not-found': status(404, {
    error: { message: 'The model `x` does not exist', code: 'model_not_found' },
  }),
  'ollama-not-found': status(404, {
    error: { message: 'model "x" not found, try pulling it first', type: 'api_error' },
  }),
  unloaded: status(400, { error: 'Model is unloaded.' }),
  'load-cancelled': status(400, { error: 'Failed to load model "x". Error: Operation canceled.' }),
  'load-failed': status(400, {
    error: {
      message:
        'Failed to load model "x". Error: Model loading was stopped due to insufficient system resources.',
    },
  }),
  crashed: status(400, {
    error: 'The model has crashed without additional information. (Exit code: 18446744072635812000)',
  }),
  'crashed-once': first2(
    1,
    status(400, { error: 'The model has crashed without additional information. (Exit code: 6)' }),
  ),
  'overflow-keep': status(400, { error: overflowWords }),
  'overflow-greater': status(400, {
    error: 'The number of tokens to keep from the initial prompt is greater than the context length.',
  }),
  'overflow-n-keep': status(400, { error: 'Cannot truncate prompt with n_keep (9000) >= n_ctx (4096)' }),
  'overflow-exceeded': status(500, { error: { message: 'Context size has been exceeded.' } }),
  'overflow-llama': status(400, {
    error: {
      ...{ code: 400, type: 'exceed_context_size_error', n_prompt_tokens: 31_628, n_ctx: 16_384 },
      message: 'the request exceeds the available context size, try increasing it',
    },
  }),
  'overflow-vllm': status(400, {
    error: {
      message:
        'You passed 9000 input tokens and requested 100 output tokens. The model’s context length is only 4096.',
      ...{ type: 'BadRequestError', param: 'input_tokens', code: 400 },
    },
  }),
  'overflow-vllm-old': status(400, {
    ...{ object: 'error', type: 'BadRequestError', code: 400 },
    message: "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens.",
  }),
  'overflow-openai': status(400, { error: { message: 'Too long.', code: 'context_length_exceeded' } }),
  'overflow-in-stream': inside({ error: { message: overflowWords } }),
  'overflow-in-stream-string': inside({ error: 'Context size has been exceeded.' }),
  'overflow-event': ({ response }) =>
    stream(response, `event: error\ndata: {"error":{"message":"${overflowWords}"}}\n\n`),
  'overflow-413': status(413, 'Payload Too Large'),
  'error-in-stream': inside(
    { error: { message: 'The model has crashed without additional information.' } },
    'Hello',
  ),
  'error-in-stream-odd': inside({ object: 'error', message: 'Internal server error' }),
  'error-after-thought': ({ response }) => stream(response, first, thought('Hm'), event({ error: 'boom' })),
  unauthorised: status(401, {
    error: {
      type: 'invalid_request',
      code: 'invalid_api_key',
      message: 'An LM Studio API token is required to make requests to this server.',
    },
  }),
  forbidden: status(403, 'Forbidden'),
  'json-object-refused': status(400, { error: "'response_format.type' must be 'json_schema' or 'text'" }),
  unprocessable: status(422, {
    detail: [{ loc: ['body', 'temperature'], msg: 'Input should be less than 2' }],
  }),
  busy: status(429, { error: { message: 'Rate limit reached' } }, { 'retry-after-ms': '20' }),
  'busy-once': first2(1, status(429, { error: 'Too many requests' }, { 'retry-after-ms': '20' })),
  'server-error': status(500, { error: { message: 'Something went wrong' } }),
  'server-error-once': first2(1, status(500, 'oops')),
  'bad-gateway': ({ response }) => {
    response.writeHead(502, { 'content-type': 'text/html' });
    response.end('<html><body><h1>502 Bad Gateway</h1></body></html>');
  },
  loading: status(503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }),
  'loading-twice': first2(
    2,
    status(503, { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } }),
  ),
  'not-found': status(404, '404 page not found'),
  'unknown-endpoint': status(200, { error: 'Unexpected endpoint or method. (POST /v1/chat/completions)' }),
  'error-with-200': status(200, {
    error: { message: 'The model has crashed without additional information.' },
  }),
  'page-with-200': page,
  'text-with-200': ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end('It works!');
  },
  'json-with-200': status(200, { hello: 'world' }),
  'nothing-with-200': ({ response }) => {
    begin(response);
    response.end();
  },
  redirect: ({ response }) => {
    response.writeHead(302, { location: 'https://example.invalid/' });
    response.end();
  },
  'quotes-secret': status(400, { error: 'Invalid prompt: "my key is sk-lm-hunter2hunter2"' }),
};
