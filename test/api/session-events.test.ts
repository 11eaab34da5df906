/** Readers of live events, on a stream that is away at the moments that the test names. */
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { pipeEvents } from '../../src/api/session-events.js';
import type { ConversationState, LiveEvent, LiveRead, Message } from '../../src/conversation/index.js';
import { readEvents, textOf } from '../conversation/sse.js';

const event = (id: string, turn: string, kind: LiveEvent['kind'], data = '{}'): LiveEvent => ({
  ...{ id, turn, kind, data },
});
const answer = (turn: string, content: string): Message => ({
  ...{ id: `${turn}-a`, turn, role: 'assistant', content, at: new Date(Date.now() + 1_000).toISOString() },
  ...{ state: 'complete', model: null, usage: null, fault: null, sources: [] },
});

const at = new Date().toISOString();
const empty: ConversationState = {
  session: {
    ...{ id: 's', title: 't', pinned: false, archived: false, repositoryId: null, model: null, pins: [] },
    ...{ systemPrompt: null, ttlSeconds: null, createdAt: at, usedAt: at, expiresAt: null, temporary: false },
    ...{ forkedFrom: null, messages: 0 },
  },
  ...{ summary: null, asked: [], messages: [], before: 0 },
};

/** Events of a reader that is given these reads one after the other, then nothing. */
async function eventsOf(reads: readonly (LiveRead | null)[], messages: readonly Message[], enough: string) {
  const rest = [...reads];
  const app = new Hono().get('/', (context) =>
    streamSSE(context, (stream) =>
      pipeEvents({
        ...{ stream, session: { id: 's' }, after: '0-0' },
        live: {
          reader: () => ({
            async next() {
              const one = rest.shift();
              if (one !== undefined) return one;
              await new Promise((resolve) => setTimeout(resolve, 20));
              return { gap: false, events: [] };
            },
            latest: async () => '0-0',
            close: () => undefined,
          }),
        },
        conversations: { get: async () => ({ ...empty, messages }) },
      }),
    ),
  );
  return readEvents(await app.request('/'), ({ event, data }) => event === 'done' && data['turn'] === enough);
}

const begun = {
  gap: false,
  events: [event('1-0', 't1', 'started'), event('2-0', 't1', 'delta', 'Half an ')],
} as const;

it('an answer that ended while Redis was away is told by the record, whole', async () => {
  const events = await eventsOf([begun, null, null], [answer('t1', 'Half an answer.')], 't1');
  expect(textOf(events, 't1')).toBe('Half an answer.');
  expect(events.at(-1)).toMatchObject({ id: null, data: { turn: 't1', state: 'complete', characters: 15 } });
});

it('so is one whose question came while Redis was away', async () => {
  const events = await eventsOf([{ gap: false, events: [] }, null], [answer('t2', 'Whole.')], 't2');
  expect(textOf(events, 't2')).toBe('Whole.');
});

it('what the stream tells itself is not told twice', async () => {
  const told = [event('3-0', 't1', 'delta', 'answer.'), event('4-0', 't1', 'done')];
  const reads = [begun, null, { gap: false, events: told }, { gap: false, events: [] }];
  const last = { gap: false, events: [event('5-0', 't3', 'done')] };
  const events = await eventsOf([...reads, last], [answer('t1', 'Half an answer.')], 't3');
  expect(events.map((one) => one.event)).toEqual(['open', 'started', 'delta', 'delta', 'done', 'done']);
});
