/**
 * The client against a real model (the rig beside this repository): what the double plays is how real servers are.
 * Few and short generations: a small model on a CPU that others use too.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { createLmStudioModel, type LmStudioModel } from '../../src/llm/index.js';
import type { Delta } from '../../src/llm/types.js';
import { root } from '../support/measure-tree.js';
import { faultOf, kindOf } from './harness.js';

const rig = join(root, '..', 'shared', 'rig', 'rig');

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const run = (...words: readonly string[]) =>
  spawnSync(rig, [...words], { encoding: 'utf8', timeout: words[0] === 'install' ? 900_000 : 300_000 });

/** A running model, or the reason why there is none. */
async function startModel(): Promise<{ readonly url: string; readonly port: number } | string> {
  if (!existsSync(rig)) return `there is no ${rig}`;
  const installed = run('install', 'model');
  if (installed.status !== 0)
    return installed.stderr.trim().split('\n').at(-1) ?? 'the rig cannot be installed';
  const port = await freePort();
  const started = run('start', 'model', '--port', String(port));
  const url = /LM_STUDIO_URL=(\S+)/.exec(started.stdout)?.[1]?.replaceAll(/["']/g, '');
  if (started.status !== 0 || url === undefined)
    return started.stderr.trim().split('\n').at(-1) ?? 'the rig cannot start its model';
  return { url, port };
}

describe('with a real model', () => {
  let started: Awaited<ReturnType<typeof startModel>> = 'not started';
  let model: LmStudioModel | null = null;
  const short = { maxTokens: 24, temperature: 0, seed: 1 };

  beforeAll(async () => {
    started = await startModel();
    if (typeof started === 'string') console.warn(`SKIPPED, no real model: ${started}`);
    else model = createLmStudioModel({ url: started.url });
  }, 1_300_000);
  afterAll(async () => {
    await model?.close();
    if (typeof started !== 'string') run('stop', 'model', '--port', String(started.port));
  }, 60_000);

  /** Without a model there is nothing to say; the reason was told above. */
  const real = (name: string, test: (one: LmStudioModel) => Promise<void>): void => {
    it(name, async () => (model === null ? undefined : test(model)), 300_000);
  };

  real('it is known, healthy, and offers what it has', async (one) => {
    const seen = await one.models();
    expect(seen.server).toBe('lm-studio-v0');
    expect(seen.models.map(({ id, type }) => `${type} ${id}`).sort()).toEqual([
      'chat qwen2.5-coder-1.5b-instruct',
      'embedding text-embedding-all-minilm-l6-v2',
    ]);
    const health = await one.health({ canary: true });
    expect(['ready', 'degraded']).toContain(health.state);
    expect(health).toMatchObject({
      model: 'qwen2.5-coder-1.5b-instruct',
      contextLength: 16_384,
      embeddingDimension: 384,
    });
  });

  real('it answers in a stream, and counts', async (one) => {
    const deltas: Delta[] = [];
    const messages = [
      { role: 'user' as const, content: 'Name the capitals of France and of Italy in one sentence.' },
    ];
    const answer = await one.complete(
      { messages, sampling: short },
      { onDelta: (delta) => void deltas.push(delta) },
    );
    expect(answer.text).toContain('Paris');
    expect(deltas.map((delta) => (delta.kind === 'text' ? delta.text : '')).join('')).toBe(answer.text);
    expect(answer).toMatchObject({ attempts: 1, finish: 'stop', usage: { source: 'server' } });
    // Our count stands for another tokenizer's within its margin.
    const counter = await one.tokenCounter(answer.model);
    expect(counter.countPrompt(messages) / answer.usage.promptTokens).toBeGreaterThan(0.5);
    const { firstTokenMs, tokensPerSecond } = answer.timings;
    console.warn(
      `real model: first token ${firstTokenMs.toFixed(0)} ms, ${tokensPerSecond?.toFixed(1)} tokens/s`,
    );
  });

  real('it keeps to a schema', async (one) => {
    const City = z.object({ city: z.string(), country: z.string() });
    const messages = [
      { role: 'user' as const, content: 'Paris is the capital of France. Which city, which country?' },
    ];
    const answer = await one.completeJson({
      messages,
      name: 'city',
      schema: City,
      sampling: { ...short, maxTokens: 60 },
    });
    expect(answer.value).toEqual({ city: 'Paris', country: 'France' });
  });

  real('it calls a tool', async (one) => {
    const parameters = { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] };
    const answer = await one.complete({
      messages: [{ role: 'user', content: 'Use the tool to search the repository for parseHeaders.' }],
      tools: [{ name: 'search_repository', description: 'Searches the repository for a text.', parameters }],
      sampling: { ...short, maxTokens: 80 },
    });
    expect(answer.finish).toBe('tool-calls');
    expect(answer.toolCalls[0]).toMatchObject({ name: 'search_repository', arguments: { kind: 'parsed' } });
  });

  real('it embeds: unit vectors, nearer where meanings are', async (one) => {
    const { vectors, dimension } = await one.embed([
      'a man is eating food',
      'a man is eating a piece of bread',
      'a cheetah chases prey',
    ]);
    const [a, b, c] = vectors.map((vector) => [...vector]);
    const dot = (x: number[] = [], y: number[] = []): number =>
      x.reduce((sum, value, at) => sum + value * (y[at] ?? 0), 0);
    expect(dimension).toBe(384);
    expect(dot(a, a)).toBeCloseTo(1, 3);
    expect(dot(a, b)).toBeGreaterThan(dot(a, c) + 0.3);
  });

  real('its refusals have their classes', async (one) => {
    const messages = [{ role: 'user' as const, content: 'word '.repeat(20_000) }];
    const overflow = await faultOf(one.complete({ messages, sampling: short }));
    expect(overflow).toMatchObject({ code: 'PROMPT_TOO_LONG', data: { kind: 'overflow', attempts: 1 } });
    const hello = [{ role: 'user' as const, content: 'Hello' }];
    expect(await kindOf(one.complete({ messages: hello, model: 'no-such-model', sampling: short }))).toBe(
      'no-model',
    );
    expect(await kindOf(one.load('qwen2.5-coder-1.5b-instruct'))).toBe('misfit');
  });

  real('cancelling frees it for the next question', async (one) => {
    const cancel = new AbortController();
    const long = {
      messages: [{ role: 'user' as const, content: 'Count from 1 to 2000 in words.' }],
      sampling: { maxTokens: 3_000 },
    };
    const asking = kindOf(one.complete(long, { signal: cancel.signal, onDelta: () => cancel.abort() }));
    expect(await asking).toBe('cancelled');
    const next = await one.complete({
      messages: [{ role: 'user', content: 'Say yes.' }],
      sampling: { ...short, maxTokens: 4 },
    });
    // The long answer would have held the only slot for minutes.
    expect(next.timings.totalMs).toBeLessThan(60_000);
  });
});
