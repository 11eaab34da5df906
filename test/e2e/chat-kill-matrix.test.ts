/**
 * SIGKILL of each process at each point of streaming answers: exactly one answer, byte for byte what was streamed. One
 * product and one kill a process: as many conversations as there are points are held at them by the double.
 */
import type { Message } from '../../src/conversation/index.js';
import { eventsIn, textOf, type SseEvent } from '../conversation/sse.js';
import { holdPoints, pieces, startHeldModel, type HeldModel } from '../doubles/held-model.js';
import { createProduct, type Product } from './product.js';

const whole = pieces.join('');
const boundMs = 60_000;

let double: HeldModel;
let product: Product;
beforeAll(async () => {
  double = await startHeldModel();
  product = createProduct({ LM_STUDIO_URL: double.url, RATCHET_LLM_PARALLEL: String(holdPoints.length) });
  expect((await product.run(['up', '--detach'])).code).toBe(0);
}, 300_000);
afterAll(async () => {
  // First: a product that ends waits for answers under way.
  double.release();
  await product.stop();
  await double.close();
}, 120_000);

const pause = (ms: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

async function until<T>(what: string, look: () => T | null | Promise<T | null>): Promise<T> {
  for (const end = Date.now() + boundMs; ;) {
    const seen = await look();
    if (seen !== null) return seen;
    if (Date.now() > end) throw new Error(`not within ${boundMs} ms: ${what}`);
    await pause(50);
  }
}

/** Asks again while the API is away. */
function call(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  return until(`${method} ${path}`, async () => {
    let response: Response;
    try {
      response = await fetch(new URL(path, product.stack().api.url), {
        method,
        headers: {
          authorization: `Bearer ${product.token()}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      return null;
    }
    if (response.status < 500 && !response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.ok ? response : null;
  });
}

const json = async <T>(...order: Parameters<typeof call>): Promise<T> =>
  (await (await call(...order)).json()) as T;

/** A reader that comes back with the last id that it saw, until the turn is done. */
async function follow(session: string, turn: string): Promise<readonly SseEvent[]> {
  const events: SseEvent[] = [];
  const end = Date.now() + boundMs;
  while (Date.now() < end) {
    const after = events.findLast(({ id }) => id !== null)?.id ?? '0-0';
    const response = await call('GET', `/api/sessions/${session}/events`, undefined, {
      'last-event-id': after,
    });
    try {
      for await (const one of eventsIn(response)) {
        if (one.event !== 'open') events.push(one);
        if (one.event === 'done' && one.data['turn'] === turn) return events;
      }
    } catch {
      // Cut: it comes back.
    }
  }
  throw new Error(`no end of turn ${turn}: ${JSON.stringify(events.slice(-2))}`);
}

interface Asked {
  readonly session: string;
  readonly turn: string;
  readonly events: Promise<readonly SseEvent[]>;
}

async function ask(session: string, content: string): Promise<Asked> {
  const { turn } = await json<{ turn: string }>(
    ...(['POST', `/api/sessions/${session}/messages`, { content }] as const),
    { 'idempotency-key': content.replaceAll(' ', '-') },
  );
  return { session, turn, events: follow(session, turn) };
}

const pidOf = (name: string): number | null =>
  product.stack().processes.find((one) => one.name === name)?.pid ?? null;

async function kill(victim: string): Promise<void> {
  if (victim === 'model') {
    await double.kill();
    await double.revive();
    double.release();
    return;
  }
  const pid = pidOf(victim);
  if (pid === null) throw new Error(`${victim} has no process`);
  process.kill(pid, 'SIGKILL');
  double.release();
  await until(`${victim} is back`, () => {
    const now = pidOf(victim);
    return now === null || now === pid ? null : now;
  });
}

const messagesOf = async (session: string): Promise<readonly Message[]> =>
  (await json<{ items: Message[] }>('GET', `/api/sessions/${session}/messages`)).items;

const sessions: string[] = [];
let gaveUp = false;

/** Asks until an answer comes: a server that was given up is left alone for a while. */
async function untilAnswered(): Promise<void> {
  const { id } = await json<{ id: string }>('POST', '/api/sessions', {});
  for (let round = 0; round < 100; round += 1) {
    const { turn, events } = await ask(id, `Are you there? ${round}`);
    await events;
    if (
      (await messagesOf(id)).find((one) => one.turn === turn && one.role === 'assistant')?.state ===
      'complete'
    )
      return;
    await pause(500);
  }
  throw new Error('the model server is left alone for ever');
}

it.each(['model', 'redis', 'api', 'temporal', 'worker'])(
  `SIGKILL of %s at ${holdPoints.length} points of an answer`,
  async (victim) => {
    if (gaveUp) await untilAnswered();
    for (const at of holdPoints.keys())
      sessions[at] ??= (await json<{ id: string }>('POST', '/api/sessions', {})).id;
    const asked = await Promise.all(
      holdPoints.map((point, at) => ask(sessions[at] ?? '', `hold at ${point} ${victim}`)),
    );
    await until('all are held', () => (double.held().length === holdPoints.length ? true : null));
    await kill(victim);
    for (const [at, { session, turn, events }] of asked.entries()) {
      const seen = await events;
      const messages = (await messagesOf(session)).filter((one) => one.turn === turn);
      const place = `${victim} at ${holdPoints[at] ?? ''}`;
      expect([place, messages.map(({ role }) => role)]).toEqual([place, ['user', 'assistant']]);
      const answer = messages[1];
      // A machine so slow that every new try still met a dead server: the turn says why, and what was told stands.
      const givenUp = victim === 'model' && answer?.state === 'failed';
      gaveUp ||= givenUp;
      expect([place, answer?.state, answer?.fault?.code ?? null]).toEqual([
        place,
        ...(givenUp ? ['failed', 'MODEL_UNAVAILABLE'] : ['complete', null]),
      ]);
      if (!givenUp) expect([place, answer?.content]).toEqual([place, whole]);
      expect([place, textOf(seen, turn)]).toEqual([place, answer?.content]);
    }
  },
  400_000,
);

it('after a restart in mid-answer, a reader that was cut after any event goes on byte for byte', async () => {
  const session = sessions[3] ?? '';
  const [last] = (await messagesOf(session)).slice(-1);
  const turn = last?.turn ?? '';
  const all = await follow(session, turn);
  expect(all.some(({ event }) => event === 'restart')).toBe(true);
  for (const [at, { id }] of all.entries()) {
    if (id === null || at === all.length - 1) continue;
    const response = await call('GET', `/api/sessions/${session}/events`, undefined, { 'last-event-id': id });
    const rest: SseEvent[] = [];
    for await (const one of eventsIn(response)) {
      if (one.event !== 'open') rest.push(one);
      if (one.id === all.at(-1)?.id) break;
    }
    expect(rest).toEqual(all.slice(at + 1));
  }
}, 120_000);
