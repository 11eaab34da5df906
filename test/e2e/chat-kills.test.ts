/**
 * kill -9 in the middle of a streaming answer: the answer arrives once and whole, whatever died. The model is a double
 * that speaks the servers' own protocol over a real socket.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Message } from '../../src/conversation/index.js';
import { readEvents, textOf } from '../conversation/sse.js';
import { chunks, startSlowModel, type SlowModel } from '../doubles/slow-model.js';
import { createProduct, type Product } from './product.js';

const whole = chunks.join('');

interface AskAnswer {
  readonly session: string;
  readonly message: Message;
}

/** Begun; question kept; two points of the stream; written but not kept; kept but Temporal not told. */
const points = [
  'answer:start=worker',
  'answer:check-1000=worker',
  'answer:check-1=worker',
  // Who asked on the command line looks again where the answer is.
  'answer:check-20=api',
  'answer:check-40=worker',
  'answer:check-2000=worker',
  'answer:end=worker',
];

describe('kill -9 of the worker at six points of one turn, and of the API at one', () => {
  let double: SlowModel;
  let product: Product;
  beforeAll(async () => {
    double = await startSlowModel();
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
    const events = await readEvents(
      await get(`/api/sessions/${session}/events`, { 'last-event-id': '0-0' }),
      ({ event }) => event === 'done',
    );
    expect(textOf(events, message.turn)).toBe(whole);
    // The conversation goes on, with what was said.
    const again = await product.json<AskAnswer>(['ask', '--session', session, 'And again.']);
    expect(again.message.content).toBe(whole);
    expect(double.asked()).toBeGreaterThan(1);
  }, 600_000);
});
