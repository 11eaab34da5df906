/**
 * kill -9 in the middle of a streaming answer: the answer arrives once and whole, whatever died. The model is a double
 * that speaks the servers' own protocol over a real socket.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '../../src/conversation/index.js';
import { readEvents, textOf } from '../conversation/sse.js';
import { begin, ending, first, json, model, said } from '../doubles/fault-server/sse.js';
import { createProduct, type Product } from './product.js';

const chunks = Array.from({ length: 60 }, (_, at) => `piece ${at} of ${(at * 7_919) % 10_007}; `);
const whole = chunks.join('');

interface ModelDouble {
  readonly url: string;
  readonly asked: () => number;
  close(): Promise<void>;
}

/** Answers every question with the same pieces; the request of this number is cut after 20 of them. */
async function startModel(cutRequest: number | null): Promise<ModelDouble> {
  let asked = 0;
  const server: Server = createServer((request, response) => {
    request.resume();
    request.on('error', () => undefined);
    if (request.url !== '/v1/chat/completions')
      return json(response, 200, { object: 'list', data: [{ id: model, object: 'model' }] });
    asked += 1;
    const number = asked;
    void (async () => {
      begin(response);
      response.write(first);
      for (const [at, text] of chunks.entries()) {
        if (response.destroyed) return;
        if (number === cutRequest && at === 20) response.socket?.destroy();
        response.write(said(text));
        await sleep(25);
      }
      response.end(ending());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface AskAnswer {
  readonly session: string;
  readonly message: Message;
}

const rows = [
  {
    name: 'the worker, at six points of one turn',
    // Begun; question kept; two points of the stream; written but not kept; kept but Temporal not told.
    points: [
      'answer:start=worker',
      'answer:check-1000=worker',
      'answer:check-1=worker',
      'answer:check-40=worker',
      'answer:check-2000=worker',
      'answer:end=worker',
    ],
    cut: null,
    live: true,
  },
  {
    name: 'Redis, the API, Temporal and the model server in mid-stream',
    points: ['answer:check-5=api', 'answer:check-30=redis', 'answer:check-45=temporal'],
    cut: 1,
    live: false,
  },
] as const;

describe.each(rows)('kill -9 of $name', ({ points, cut, live }) => {
  let double: ModelDouble;
  let product: Product;
  beforeAll(async () => {
    double = await startModel(cut);
    product = createProduct({ RATCHET_CRASH_AT: points.join(','), LM_STUDIO_URL: double.url });
  });
  afterAll(async () => {
    await product.stop();
    await double.close();
  });

  async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    const { url } = product.stack().api;
    return fetch(new URL(path, url), {
      headers: { authorization: `Bearer ${product.token()}`, ...headers },
    });
  }

  it('one question, one answer, byte for byte', async () => {
    const { session, message } = await product.json<AskAnswer>(['ask', 'Say your pieces.']);
    expect(message).toMatchObject({ role: 'assistant', state: 'complete' });
    expect(message.content).toBe(whole);
    const crashed = readdirSync(join(product.home, 'scratch')).filter((name) => name.startsWith('crashed-'));
    expect(crashed).toHaveLength(points.length);
    const kept = await get(`/api/sessions/${session}/messages`);
    expect(
      ((await kept.json()) as { items: Message[] }).items.map(({ role, content }) => [role, content]),
    ).toEqual([
      ['user', 'Say your pieces.'],
      ['assistant', whole],
    ]);
    if (live) {
      const events = await readEvents(
        await get(`/api/sessions/${session}/events`, { 'last-event-id': '0-0' }),
        ({ event }) => event === 'done',
      );
      expect(textOf(events, message.turn)).toBe(whole);
    }
    // The conversation goes on, with what was said.
    const again = await product.json<AskAnswer>(['ask', '--session', session, 'And again.']);
    expect(again.message.content).toBe(whole);
    expect(double.asked()).toBeGreaterThan(1);
  }, 600_000);
});
