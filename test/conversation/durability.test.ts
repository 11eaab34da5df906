import { Redis } from 'ioredis';
import { createScriptedModel } from '../../src/llm/index.js';
import { queues } from '../../src/activities/types.js';
import { homePaths } from '../../src/config.js';
import { createEmergencyStop } from '../../src/safety/index.js';
import { askUpdate, conversationStatusQuery, workflowIds } from '../../src/workflows/messages.js';
import { startChatHarness, type ChatHarness } from './harness.js';
import { textOf } from './sse.js';

let chat: ChatHarness;
beforeAll(async () => {
  chat = await startChatHarness();
}, 120_000);
afterAll(async () => {
  await chat.close();
});

const chunks = Array.from({ length: 30 }, (_, at) => `piece ${at}; `);
const whole = chunks.join('');

describe('live events', () => {
  it('are the same bytes after a cut at every boundary', async () => {
    await chat.work(createScriptedModel([{ chunks, betweenTokensMs: 3 }]), async () => {
      const id = await chat.session();
      const { turn } = await chat.ask(id, 'Tell.');
      const all = (await chat.events(id, ({ event }) => event === 'done')).slice(1);
      expect(textOf(all, turn)).toBe(whole);
      for (const [at, event] of all.slice(0, -1).entries()) {
        const rest = (await chat.events(id, (one) => one.event === 'done', event.id ?? '')).slice(1);
        expect(rest).toEqual(all.slice(at + 1));
        expect(textOf([...all.slice(0, at + 1), ...rest], turn)).toBe(whole);
      }
    });
  });

  it('say that there is a gap when what was missed is gone', async () => {
    await chat.work(createScriptedModel([{ chunks }]), async () => {
      const id = await chat.session();
      const place = await chat.ask(id, 'Tell.');
      await chat.answered(id, place.answer);
      const events = await chat.events(id, ({ event }) => event === 'done', '1-1');
      expect(events.map(({ event }) => event).slice(0, 2)).toEqual(['open', 'gap']);
      const redis = new Redis(chat.stack.redisUrl);
      await redis.flushall();
      redis.disconnect();
      const flushed = await chat.events(id, ({ event }) => event === 'gap', events.at(-1)?.id ?? '');
      expect(flushed.at(-1)?.event).toBe('gap');
      expect((await chat.conversations.get(id)).messages.map(({ content }) => content)).toEqual([
        'Tell.',
        whole,
      ]);
    });
  });
});

describe('a conversation', () => {
  it('goes on when Redis is flushed and killed in the middle of an answer', async () => {
    await chat.work(createScriptedModel([{ chunks, betweenTokensMs: 60 }]), async () => {
      const id = await chat.session();
      await chat.say(id, 'First.');
      const place = await chat.ask(id, 'Second.');
      await chat.events(id, ({ event, data }) => event === 'delta' && data['turn'] === place.turn, '0-0');
      const redis = new Redis(chat.stack.redisUrl);
      await redis.flushall();
      redis.disconnect();
      chat.stack.kill('redis');
      const answer = await chat.answered(id, place.answer);
      expect(answer).toMatchObject({ content: whole, state: 'complete' });
      await chat.stack.untilBack('redis');
      const { messages } = await chat.conversations.get(id);
      expect(messages.map(({ content }) => content)).toEqual(['First.', whole, 'Second.', whole]);
    });
  });

  it('continues as new, with what waits and what ended', async () => {
    await chat.work(createScriptedModel([{ text: 'Yes.' }]), async () => {
      const id = await chat.session();
      const workflowId = workflowIds.conversation(id);
      const input = { sessionId: id, queue: [], done: [], turns: 0, idleMs: 60_000, turnsPerRun: 2 };
      const first = await chat.client.workflow.start('conversation', {
        ...{ workflowId, taskQueue: queues.main, args: [input] },
      });
      const places = [];
      for (let turn = 0; turn < 5; turn += 1)
        places.push(await chat.ask(id, `Number ${turn}`, `key-${turn}`));
      for (const { answer } of places) await chat.answered(id, answer);
      const handle = chat.client.workflow.getHandle(workflowId);
      await handle.executeUpdate(askUpdate, { args: [{ id: places[0]?.turn ?? '' }] });
      expect(await handle.query(conversationStatusQuery)).toEqual({ running: null, waiting: [], turns: 5 });
      expect((await handle.describe()).runId).not.toBe(first.firstExecutionRunId);
      expect((await chat.conversations.get(id)).messages).toHaveLength(10);
      await chat.keep(id, 'conversation-continued');
      await handle.signal('forget');
      await chat.client.workflow.getHandle(workflowId).result();
    });
  });

  it('obeys the emergency stop, and goes on when it is lifted', async () => {
    const stop = createEmergencyStop({ file: homePaths(chat.config.home).stopFile, redisUrl: null });
    await chat.work(createScriptedModel([{ chunks, betweenTokensMs: 200 }, { text: 'Yes.' }]), async () => {
      const id = await chat.session();
      const place = await chat.ask(id, 'Tell.');
      await chat.events(id, ({ event }) => event === 'delta');
      await stop.set({ by: 'ada', reason: 'enough', at: new Date().toISOString() });
      expect(await chat.answered(id, place.answer)).toMatchObject({
        ...{ state: 'failed', fault: { code: 'STOPPED' } },
      });
      expect((await chat.request('POST', `/api/sessions/${id}/messages`, { content: 'x' })).status).toBe(409);
      await stop.lift('ada', 'all is well');
      expect(await chat.say(id, 'Again?')).toMatchObject({ content: 'Yes.' });
      await chat.keep(id, 'conversation-settled');
    });
  });

  it('is forgotten when it is deleted in the middle of an answer', async () => {
    await chat.work(createScriptedModel([{ chunks, betweenTokensMs: 100 }]), async () => {
      const id = await chat.session();
      await chat.ask(id, 'Tell.');
      await chat.events(id, ({ event }) => event === 'delta');
      await chat.json('DELETE', `/api/sessions/${id}`);
      const handle = chat.client.workflow.getHandle(workflowIds.conversation(id));
      await handle.result();
      expect((await chat.request('GET', `/api/sessions/${id}`)).status).toBe(404);
      const redis = new Redis(chat.stack.redisUrl);
      expect(await redis.keys(`rt:1:sess:{${id}}:*`)).toEqual([]);
      redis.disconnect();
    });
  });

  it('never hears another one', async () => {
    const model = createScriptedModel((request) => ({
      text: request.messages
        .map(({ content }) => content)
        .join('|')
        .slice(-200),
    }));
    await chat.work(model, async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, () => chat.session()));
      for (const round of [1, 2])
        await Promise.all(ids.map((id, at) => chat.say(id, `secret of ${at} in round ${round}`)));
      for (const [at, id] of ids.entries()) {
        const { messages } = await chat.conversations.get(id);
        expect(messages).toHaveLength(4);
        for (const { content } of messages)
          for (const [, other] of content.matchAll(/secret of (\d+)/g)) expect(other).toBe(String(at));
      }
    });
  });
});

describe('without a model', () => {
  it('the API says what is missing, and a turn ends with the reason', async () => {
    const model = createScriptedModel([{ fail: 'no-model' }], {
      health: { state: 'no-model', model: null, detail: 'It offers no chat model.', mend: 'Load one.' },
    });
    await chat.work(model, async () => {
      expect(await chat.json('GET', '/api/health/llm')).toMatchObject({
        state: 'no-model',
        mend: 'Load one.',
      });
      expect(await chat.json('GET', '/api/models')).toMatchObject({ available: true });
      const id = await chat.session();
      expect(await chat.say(id, 'Hello?')).toMatchObject({
        state: 'failed',
        fault: { code: 'MODEL_MISSING' },
      });
    });
  });

  it.each([
    ['an unknown session', 'GET', '/api/sessions/s-0000000000000000', undefined, 404],
    ['an id that is a path', 'GET', '/api/sessions/..%2f..%2fetc', undefined, 404],
    ['an unknown field', 'POST', '/api/sessions', { sudo: true }, 400],
    ['a repository that nobody registered', 'POST', '/api/sessions', { repositoryId: 'x' }, 404],
    ['a page of nothing', 'GET', '/api/sessions/s-0/messages?limit=0', undefined, 400],
  ] as const)('%s is a problem', async (_, method, path, body, status) => {
    const response = await chat.request(method, path, body);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });
});
