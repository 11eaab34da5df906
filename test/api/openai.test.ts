/** The clients that people have, against our API over real sockets, with the scripted fault server as the model. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { serve, type ServerType } from '@hono/node-server';
import OpenAI6 from 'openai';
import OpenAI7 from 'openai-7';
import { createTestApi, token, type TestApi } from './test-api.js';
import { startRig, until, type Rig } from '../llm/harness.js';

const run = promisify(execFile);
let rig: Rig;
let open: { readonly api: TestApi; readonly server: ServerType }[] = [];
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());
afterEach(async () => {
  for (const { api, server } of open) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    api.dispose();
  }
  open = [];
});

/** Our API over a model that behaves like the scenario; its base URL for clients. */
async function facade(scenario: string): Promise<string> {
  let host = '';
  const api = createTestApi({ model: rig.client(scenario), hosts: () => [host] });
  const port = await new Promise<number>((resolve) => {
    const server = serve({ fetch: api.app.fetch, hostname: '127.0.0.1', port: 0 }, (info) =>
      resolve(info.port),
    );
    open.push({ api, server });
  });
  host = `127.0.0.1:${port}`;
  return `http://${host}/v1`;
}

const messages = [{ role: 'user' as const, content: 'Say hello.' }];
const tool = {
  type: 'function' as const,
  function: { name: 'search', description: 'looks', parameters: { type: 'object', properties: {} } },
};

describe.each([
  ['openai 6', OpenAI6],
  ['openai 7', OpenAI7],
] as const)('%s', (_, Client) => {
  const clientOf = (baseURL: string, apiKey: string = token): OpenAI6 =>
    new (Client as typeof OpenAI6)({ baseURL, apiKey, maxRetries: 0 });

  it('lists models and gets a whole answer', async () => {
    const client = clientOf(await facade('good'));
    const ids = [];
    for await (const { id, object } of client.models.list()) ids.push([id, object]);
    expect(ids).toEqual([[expect.any(String), 'model']]);
    const answer = await client.chat.completions.create({
      model: String(ids[0]?.[0]),
      messages,
      max_tokens: 20,
    });
    expect(answer.object).toBe('chat.completion');
    expect(answer.choices[0]).toMatchObject({
      message: { role: 'assistant', content: 'Hello.' },
      finish_reason: 'stop',
    });
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
  });

  it('streams, with the usage at the end when it is asked for', async () => {
    const client = clientOf(await facade('good'));
    const model = (await client.models.list()).data[0]?.id ?? '';
    const stream = await client.chat.completions.create({
      ...{ model, messages, stream: true as const, stream_options: { include_usage: true } },
    });
    let text = '';
    const finishes: unknown[] = [];
    let total = 0;
    for await (const { choices, usage, object } of stream) {
      expect(object).toBe('chat.completion.chunk');
      text += choices[0]?.delta.content ?? '';
      const finish = choices[0]?.finish_reason ?? null;
      if (finish !== null) finishes.push(finish);
      total = usage?.total_tokens ?? total;
    }
    expect(text).toBe('Hello.');
    expect(finishes).toEqual(['stop']);
    expect(total).toBeGreaterThan(0);
  });

  it('hands tool calls through, streamed and not', async () => {
    const client = clientOf(await facade('tools-in-pieces'));
    const model = (await client.models.list()).data[0]?.id ?? '';
    const whole = await client.chat.completions.create({ model, messages, tools: [tool] });
    const call = whole.choices[0]?.message.tool_calls?.[0];
    expect(whole.choices[0]?.finish_reason).toBe('tool_calls');
    expect(call).toMatchObject({ type: 'function', function: { name: 'search' } });
    const stream = client.chat.completions.stream({ model, messages, tools: [tool] });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'search' } });
  });

  it('embeds, as numbers and as base64', async () => {
    const client = clientOf(await facade('lm-studio'));
    const model = 'text-embedding-nomic';
    // Without a format the library asks for base64 and reads it itself.
    const packed = await client.embeddings.create({ model, input: ['one', 'three'] });
    const plain = await client.embeddings.create({
      model,
      input: ['one', 'three'],
      encoding_format: 'float',
    });
    expect(plain.data.map(({ embedding }) => embedding)).toEqual([
      [3, 0.5, 0.25],
      [5, 0.5, 0.25],
    ]);
    expect(packed.data.map(({ embedding }) => embedding)).toEqual(
      plain.data.map(({ embedding }) => embedding),
    );
  });

  it('reads our errors as its own', async () => {
    const good = await facade('good');
    const ended = async (work: PromiseLike<unknown>): Promise<unknown> => {
      try {
        await work;
      } catch (error) {
        return error;
      }
      throw new Error('It did not fail.');
    };
    const ask = (client: OpenAI6, model: string) => client.chat.completions.create({ model, messages });
    expect(await ended(ask(clientOf(good, 'rt_wrong-token-of-some-length'), 'x'))).toMatchObject({
      ...{ status: 401, code: 'invalid_api_key' },
    });
    expect(await ended(ask(clientOf(await facade('model-not-found')), 'x'))).toMatchObject({
      ...{ status: 404, code: 'model_not_found' },
    });
    expect(
      await ended(clientOf(good).chat.completions.create({ model: 'm', messages: [], temperature: 9 })),
    ).toMatchObject({ status: 400, type: 'invalid_request_error' });
    const broken = clientOf(await facade('ended-silently'));
    const model = (await broken.models.list()).data[0]?.id ?? '';
    const stream = await broken.chat.completions.create({ model, messages, stream: true });
    const read = async (): Promise<void> => {
      for await (const chunk of stream) expect(chunk.object).toBe('chat.completion.chunk');
    };
    // What came is delivered, then the fault is an error of the stream.
    expect(await ended(read())).toMatchObject({ code: 'model_unavailable' });
  });
});

it('frees the model when the client leaves', async () => {
  const scenario = 'ignores-max-tokens';
  const base = await facade(scenario);
  const client = new OpenAI6({ baseURL: base, apiKey: token, maxRetries: 0 });
  const model = (await client.models.list()).data[0]?.id ?? '';
  const leave = new AbortController();
  const stream = await client.chat.completions.create(
    { model, messages, stream: true, max_tokens: 100_000 },
    { signal: leave.signal },
  );
  for await (const chunk of stream) if ((chunk.choices[0]?.delta.content ?? '') !== '') break;
  leave.abort();
  await until(() => rig.server.seen(scenario).running === 0, 'the answer ended');
});

it('answers curl: standard chunks, comments and [DONE] only; errors in one shape, also for paths and bodies', async () => {
  const base = await facade('good');
  const curl = async (...words: string[]): Promise<string> => {
    const argv = ['-sS', '--max-time', '30', '-H', `Authorization: Bearer ${token}`, ...words];
    return (await run('curl', argv, { timeout: 40_000 })).stdout;
  };
  const id = (JSON.parse(await curl(`${base}/models`)) as { data: { id: string }[] }).data[0]?.id;
  const body = JSON.stringify({ model: id, messages, stream: true });
  const json = ['-H', 'Content-Type: application/json', '-d'] as const;
  const lines = (await curl(...json, body, `${base}/chat/completions`))
    .split('\n')
    .filter((line) => line !== '');
  expect(lines.every((line) => line.startsWith('data: ') || line.startsWith(':'))).toBe(true);
  expect(lines.at(-1)).toBe('data: [DONE]');
  for (const text of [
    await curl(...json, '{', `${base}/chat/completions`),
    await curl(`${base}/engines`),
    await curl('-X', 'DELETE', `${base}/models`),
    await curl('-H', 'X-Session-Id: s-none', ...json, body, `${base}/chat/completions`),
  ]) {
    const { error } = JSON.parse(text) as { error: Record<string, unknown> };
    expect(Object.keys(error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
    expect(error['type']).toBe('invalid_request_error');
  }
});
