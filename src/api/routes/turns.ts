/** The turns of a conversation: ask, edit, regenerate, stop, history, and the live events. */
import { Hono, type Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { RatchetError } from '../../errors.js';
import { limits, messageIds, type TurnTaken } from '../../conversation/index.js';
import { checked } from '../checked.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import { asksTemporal, writes, type Operation } from '../operation.js';
import { readBody } from '../problem.js';
import { pipeEvents } from '../session-events.js';

const Ask = z.strictObject({
  content: z.string().max(limits.content),
  /** Edit: the message of a person that this one stands in for. */
  replaces: z.string().min(1).max(80).optional(),
});

const MessagesQuery = z.object({
  before: z.string().min(1).max(80).optional().describe('`cursor` of the page before.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const EventsQuery = z.object({
  after: z
    .string()
    .regex(/^\d{1,16}-\d{1,10}$/, 'not the id of an event')
    .optional()
    .describe('Id of the last event that was seen; `0-0`: everything that is still there.'),
});
const turnFaults = [...asksTemporal, ...writes, ...(['STOPPED', 'CONFLICT', 'TIMEOUT'] as const)];

/** @throws INVALID_INPUT */
export function keyOf(context: Context): string | undefined {
  const key = context.req.header('idempotency-key');
  if (key === undefined || /^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw new RatchetError('INVALID_INPUT', 'The key must be 1 to 200 printable characters.', {
    where: 'Idempotency-Key',
  });
}

/** @throws STOPPED while the emergency stop is set */
export async function assertRunning({ stop }: ApiDependencies): Promise<void> {
  const stopped = await stop.state();
  if (stopped === null) return;
  throw new RatchetError('STOPPED', `The emergency stop is set by ${stopped.by}: ${stopped.reason}.`, {
    mend: 'Lift it first: ratchet resume.',
  });
}

/** Gives a turn that was taken in to its conversation's workflow; one that is answered needs none. */
async function ask({ conversations, gateway }: ApiDependencies, sessionId: string, taken: TurnTaken) {
  const { turn, answered, state } = taken;
  const place = {
    turn: turn.id,
    question: messageIds.question(turn.id),
    answer: messageIds.answer(turn.id),
    events: `/api/sessions/${sessionId}/events`,
  };
  if (answered !== null) return { ...place, state: answered.state, waiting: 0 };
  // Told while Temporal takes it in: that the question is kept is true already.
  const [{ waiting }] = await Promise.all([
    gateway.ask(sessionId, turn.id),
    conversations.store.live?.publish(state.session, {
      turn: turn.id,
      kind: 'asked',
      data: JSON.stringify({ question: place.question }),
    }),
  ]);
  return { ...place, state: 'asked', waiting: waiting.length };
}

export function turnRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { conversations, gateway } = dependencies;
  const routes = new Hono<ApiEnvironment>();

  routes.post('/:id/messages', async (context) => {
    await assertRunning(dependencies);
    const { content, replaces } = await readBody(context, Ask);
    const id = context.req.param('id');
    const taken = await conversations.take(id, { content, replaces, key: keyOf(context) });
    return context.json(await ask(dependencies, id, taken), 202);
  });

  routes.post('/:id/regenerate', async (context) => {
    await assertRunning(dependencies);
    const id = context.req.param('id');
    return context.json(await ask(dependencies, id, await conversations.regenerate(id, keyOf(context))), 202);
  });

  routes.post('/:id/turns/:turn/stop', async (context) => {
    const { id, turn } = context.req.param();
    await conversations.get(id);
    return context.json({ turn, stopping: await gateway.stopTurn(id, turn) }, 202);
  });

  /** What the last prompt was made of: tokens by part, and why something was retrieved. */
  routes.get('/:id/context', async (context) => {
    const { session } = await conversations.get(context.req.param('id'));
    const event = await conversations.store.live?.last(session.id, 'context');
    if (event === null || event === undefined)
      throw new RatchetError('NOT_FOUND', 'No prompt of this conversation is remembered.', {
        where: session.id,
        mend: 'Ask something first.',
      });
    return context.json({ turn: event.turn, ...(JSON.parse(event.data) as object) });
  });

  routes.get('/:id/messages', async (context) => {
    const page = checked(MessagesQuery, context.req.query());
    return context.json(await conversations.messages(context.req.param('id'), page));
  });

  routes.get('/:id/messages/:message', async (context) => {
    const { id, message } = context.req.param();
    const state = await conversations.get(id);
    const found =
      state.messages.find((one) => one.id === message) ??
      (await conversations.exportJson(id)).messages.find((one) => one.id === message);
    if (found === undefined)
      throw new RatchetError('NOT_FOUND', `There is no message ${message}.`, { where: 'message' });
    return context.json(found);
  });

  routes.get('/:id/events', async (context) => {
    const id = context.req.param('id');
    const { session } = await conversations.get(id);
    const { live } = conversations.store;
    if (live === null)
      throw new RatchetError('REDIS_UNAVAILABLE', 'Live events need Redis, and none is configured.', {
        mend: 'Read the messages instead: GET /api/sessions/:id/messages.',
      });
    const { after: asked } = checked(EventsQuery, {
      after: context.req.header('last-event-id') ?? context.req.query('after'),
    });
    const after = asked ?? null;
    return streamSSE(context, (stream) => pipeEvents({ stream, live, session, after, conversations }));
  });

  return routes;
}

/** What these routes say of themselves. */
export const turnOperations: readonly Operation[] = [
  {
    id: 'ask',
    at: 'POST /api/sessions/{id}/messages',
    summary: 'Ask, or edit a question; the answer comes as events, and is kept',
    body: Ask,
    headers: ['Idempotency-Key'],
    statuses: [202],
    faults: turnFaults,
  },
  {
    id: 'regenerate',
    at: 'POST /api/sessions/{id}/regenerate',
    summary: 'Answer the last question anew',
    headers: ['Idempotency-Key'],
    statuses: [202],
    faults: turnFaults,
  },
  {
    id: 'stopTurn',
    at: 'POST /api/sessions/{id}/turns/{turn}/stop',
    summary: 'End the generation of an answer',
    statuses: [202],
    faults: asksTemporal,
  },
  {
    id: 'readPromptParts',
    at: 'GET /api/sessions/{id}/context',
    summary: 'What the last prompt was made of',
    faults: ['REDIS_UNAVAILABLE'],
  },
  {
    id: 'listMessages',
    at: 'GET /api/sessions/{id}/messages',
    summary: 'Messages, the newest page first, each page oldest first',
    query: MessagesQuery,
  },
  {
    id: 'readMessage',
    at: 'GET /api/sessions/{id}/messages/{message}',
    summary: 'One message',
  },
  {
    id: 'watchSession',
    at: 'GET /api/sessions/{id}/events',
    summary: 'What happens in a conversation, live; resumes after the last event that was seen',
    query: EventsQuery,
    headers: ['Last-Event-ID'],
    kinds: ['events'],
    faults: ['REDIS_UNAVAILABLE'],
  },
];
