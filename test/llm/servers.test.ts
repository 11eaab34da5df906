/** What the client makes of different servers: kind, models, health, and the sentence for an address that is wrong. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createLmStudioModel } from '../../src/llm/index.js';
import type { HealthState } from '../../src/llm/types.js';
import { faultOf, kindOf, question, startRig, type Rig } from './harness.js';

describe('servers', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.close());

  it.each([
    [
      'lm-studio',
      'lm-studio',
      { id: 'openai/gpt-oss-20b', loaded: true, contextLength: 16_384, parallel: 4, tools: true },
    ],
    [
      'lm-studio-v0',
      'lm-studio-v0',
      { id: 'qwen', loaded: true, contextLength: 8_192, maxContextLength: 32_768, tools: true },
    ],
    [
      'llama-server',
      'llama-server',
      { id: 'model.gguf', contextLength: 4_096, maxContextLength: 32_768, parallel: 2 },
    ],
    ['ollama', 'ollama', { id: 'llama3.2:3b', loaded: true, contextLength: 4_096 }],
    ['vllm', 'vllm', { id: 'openai/gpt-oss-20b', contextLength: 65_536 }],
    ['plain', 'openai-compatible', { id: 'some-model', loaded: null, contextLength: null }],
  ])('%s is known by its answers', async (scenario, server, first) => {
    const seen = await rig.client(scenario).models();
    expect(seen.server).toBe(server);
    expect(seen.models[0]).toMatchObject(first);
    expect(seen.lifecycle).toBe(server === 'lm-studio');
    const embedding = seen.models.find(({ type }) => type === 'embedding');
    expect(embedding?.id ?? null).toBe(
      { 'lm-studio': 'text-embedding-nomic', 'lm-studio-v0': 'nomic', ollama: 'nomic-embed-text:latest' }[
        scenario
      ] ?? null,
    );
  });

  const states: readonly (readonly [string, HealthState, RegExp])[] = [
    ['lm-studio', 'ready', /^openai\/gpt-oss-20b is ready with a context of 16384 tokens\.$/],
    ['lm-studio-unloaded', 'ready', /the first request loads it/],
    ['lm-studio-small', 'context-too-small', /a context of 2048 tokens; 4096 are wanted/],
    ['lm-studio-empty', 'no-model', /offers no model\.$/],
    ['lm-studio-embeds-only', 'no-model', /only embedding models/],
    ['guarded', 'unauthorised', /API token is required/],
    ['llama-server-loading', 'loading', /still loading/],
    ['web-page', 'misfit', /web page/],
    ['api-of-something', 'misfit', /no list of models/],
  ];
  it.each(states)('the health of %s is %s', async (scenario, state, detail) => {
    const health = await rig.client(scenario).health();
    expect(health).toMatchObject({ state, detail: expect.stringMatching(detail) });
    expect(health.mend === null).toBe(state === 'ready');
  });

  it('a server that accepts and says nothing is unreachable within its limit', async () => {
    expect(await rig.client('silent', { probeMs: 300 }).health()).toMatchObject({ state: 'unreachable' });
  });

  it('a closed port is unreachable, with what to do', async () => {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;
    await new Promise((resolve) => listener.close(resolve));
    const client = createLmStudioModel({
      url: `http://localhost:${port}/v1`,
      backoff: { baseMs: 1, capMs: 2 },
    });
    expect(await client.health()).toMatchObject({
      state: 'unreachable',
      mend: expect.stringContaining('LM_STUDIO_URL'),
    });
    const fault = await faultOf(client.complete(question));
    expect(fault).toMatchObject({ code: 'MODEL_UNAVAILABLE', data: { kind: 'unreachable', attempts: 3 } });
    expect(fault.message).toContain('ECONNREFUSED');
    await client.close();
  });

  it('the canary generates, and measures the embeddings', async () => {
    const health = await rig.client('lm-studio').health({ canary: true });
    expect(health).toMatchObject({
      state: 'ready',
      embeddingModel: 'text-embedding-nomic',
      embeddingDimension: 3,
    });
  });

  it('a canary that fails makes it degraded, with the reason', async () => {
    expect(await rig.client('leaked-harmony').health({ canary: true })).toMatchObject({
      state: 'degraded',
      detail: expect.stringContaining('internal markup'),
    });
  });

  it('a token of the right kind is sent, and never shown', async () => {
    const good = rig.client('guarded', { apiKey: 'sk-lm-good' });
    expect(await good.health()).toMatchObject({ state: 'ready' });
    expect((await good.complete(question)).text).toBe('Hello.');
    const bad = rig.client('guarded', { apiKey: 'sk-lm-bad' });
    const fault = await faultOf(bad.complete(question));
    expect(fault).toMatchObject({
      code: 'MODEL_UNAUTHORISED',
      mend: expect.stringContaining('LM_STUDIO_API_KEY'),
    });
    expect(`${fault.message} ${String(fault.stack)} ${JSON.stringify(fault)}`).not.toContain('sk-lm-bad');
    await rig.client('good').complete(question);
    expect(rig.server.seen('good').exchanges[0]?.headers.authorization).toBeUndefined();
  });

  describe('an address that is wrong', () => {
    it.each([
      ['localhost:1234/v1', /speaks localhost/],
      ['ftp://localhost/v1', /speaks ftp, a model server speaks http or https/],
      ['http://me:secret@localhost:1234/v1', /holds a user name or password/],
      ['http://localhost:1234/v1?x=1', /has a query or a fragment/],
      ['http://localhost:1234/v1/chat/completions', /names one endpoint/],
      ['not a url', /is not a URL/],
    ])('%s is refused before anybody is asked', (url, sentence) => {
      expect(() => createLmStudioModel({ url })).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringMatching(sentence) }),
      );
    });

    it('without /v1 the right one is named', async () => {
      const url = rig.server.url('lm-studio').replace('/v1', '');
      const client = createLmStudioModel({ url });
      const fault = await faultOf(client.models());
      expect(fault).toMatchObject({ code: 'MODEL_MISFIT', mend: `Set LM_STUDIO_URL=${url}/v1.` });
      await client.close();
    });

    it('https for a plain server names http', async () => {
      const url = rig.server.url('lm-studio');
      const client = createLmStudioModel({ url: url.replace('http:', 'https:') });
      const fault = await faultOf(client.models());
      expect(fault).toMatchObject({ code: 'MODEL_MISFIT', mend: `Set LM_STUDIO_URL=${url}.` });
      await client.close();
    });
  });

  it('loads and unloads where the server can, and says so where it cannot', async () => {
    const client = rig.client('lm-studio');
    expect(await client.load('openai/gpt-oss-20b', { contextLength: 8_192 })).toBe('openai/gpt-oss-20b:2');
    await client.unload('openai/gpt-oss-20b');
    expect(rig.server.seen('lm-studio').exchanges.map(({ body }) => body)).toEqual(
      expect.arrayContaining([
        { model: 'openai/gpt-oss-20b', context_length: 8_192 },
        { instance_id: 'openai/gpt-oss-20b' },
      ]),
    );
    expect(await kindOf(rig.client('ollama').load('llama3.2:3b'))).toBe('misfit');
  });

  it('a model that is there but not in memory is loaded by hand when the server does not do it itself', async () => {
    const answer = await rig.client('loaded-by-hand').complete(question);
    expect(answer).toMatchObject({ text: 'Hello.', attempts: 2 });
    const paths = rig.server.seen('loaded-by-hand').exchanges.map(({ body, path }) => [path, body]);
    expect(paths[1]).toEqual([
      '/api/v1/models/load',
      { model: 'openai/gpt-oss-20b', context_length: 32_768 },
    ]);
  });

  it('parameters that a server does not know are left out from then on', async () => {
    const client = rig.client('strict');
    const request = { ...question, sampling: { seed: 7 } };
    expect((await client.complete(request)).text).toBe('Hello.');
    expect(rig.server.seen('strict').exchanges).toHaveLength(3);
    expect((await client.complete(request)).attempts).toBe(1);
    expect(rig.server.seen('strict').exchanges).toHaveLength(4);
  });

  it('asks for a named model even when no list shows it', async () => {
    await rig.client('good').complete({ ...question, model: 'hidden/model' });
    expect(rig.server.seen('good').exchanges.at(-1)?.body).toMatchObject({ model: 'hidden/model' });
  });

  describe('embeddings', () => {
    it('come in the order of the texts, in batches, empty texts too', async () => {
      const texts = Array.from({ length: 150 }, (_, index) => 'x'.repeat(index));
      const { vectors, dimension, model } = await rig.client('lm-studio').embed(texts);
      expect({ dimension, model, count: vectors.length }).toEqual({
        dimension: 3,
        model: 'text-embedding-nomic',
        count: 150,
      });
      expect(vectors.map((vector) => vector[0])).toEqual(texts.map((text) => Math.max(1, text.length)));
    });

    it.each(['embeds-short', 'embeds-ragged', 'embeds-text'])('%s is malformed', async (scenario) => {
      expect(await kindOf(rig.client(scenario).embed(['a', 'b']))).toBe('malformed');
    });

    it('without an embedding model there are none', async () => {
      expect(await kindOf(rig.client('plain').embed(['a']))).toBe('no-model');
    });
  });
});
