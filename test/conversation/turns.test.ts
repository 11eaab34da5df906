import { createScriptedModel } from '../../src/llm/index.js';
import type { MessagePage } from '../../src/conversation/index.js';
import { startChatHarness, type ChatHarness } from './harness.js';
import { textOf } from './sse.js';

let chat: ChatHarness;
beforeAll(async () => {
  chat = await startChatHarness();
}, 120_000);
afterAll(async () => {
  await chat.close();
});

const answers = (text: string) => createScriptedModel([{ text, betweenTokensMs: 2 }]);

describe('a turn', () => {
  it('is answered, streamed byte by byte, and kept', async () => {
    const text = 'The loop in src/a.ts:12 builds a Set each time. Move it out.';
    await chat.work(answers(text), async () => {
      const id = await chat.session();
      const place = await chat.ask(id, 'Why is it slow?');
      const events = await chat.events(id, ({ event }) => event === 'done');
      expect(textOf(events, place.turn)).toBe(text);
      const kinds = events.map(({ event }) => event).filter((kind) => kind !== 'delta');
      // A machine that is busy for longer than a heartbeat makes a second attempt: readers are told, and nothing is lost.
      const last = kinds.lastIndexOf('started');
      expect(kinds.slice(0, 3)).toEqual(['open', 'asked', 'started']);
      expect(kinds.slice(last)).toEqual(['started', 'context', 'done']);
      const page = await chat.json<MessagePage>('GET', `/api/sessions/${id}/messages`);
      expect(page).toMatchObject({
        items: [
          { id: place.question, role: 'user', content: 'Why is it slow?' },
          { id: place.answer, role: 'assistant', content: text, state: 'complete', model: 'scripted' },
        ],
        cursor: null,
      });
      expect(await chat.json('GET', `/api/sessions/${id}`)).toMatchObject({
        title: 'Why is it slow?',
        messages: 2,
        waiting: [],
      });
      await chat.keep(id, 'conversation-answered');
    });
  });

  it('is taken once for one key, whenever the key comes again', async () => {
    const model = answers('Once.');
    await chat.work(model, async () => {
      const id = await chat.session();
      const first = await chat.ask(id, 'Really?', 'key-1');
      expect(await chat.ask(id, 'Really?', 'key-1')).toMatchObject({ turn: first.turn });
      await chat.answered(id, first.answer);
      expect(await chat.ask(id, 'Really?', 'key-1')).toMatchObject({ turn: first.turn, state: 'complete' });
      const other = await chat.request(
        ...(['POST', `/api/sessions/${id}/messages`, { content: 'Other' }] as const),
        { 'idempotency-key': 'key-1' },
      );
      expect(other.status).toBe(409);
      expect((await chat.conversations.get(id)).messages).toHaveLength(2);
      expect(model.requests).toHaveLength(1);
    });
  });

  it('waits for the one before: two people on one conversation are never mixed', async () => {
    const model = createScriptedModel((request) => {
      const question = request.messages.at(-1)?.content ?? '';
      return { text: `answer to ${question}`, betweenTokensMs: 5 };
    });
    await chat.work(model, async () => {
      const id = await chat.session();
      const places = [];
      for (const name of ['one', 'two', 'three', 'four', 'five', 'six'])
        places.push(await chat.ask(id, name, `key-${name}`));
      const last = places.at(-1);
      await chat.answered(id, last?.answer ?? '');
      const { messages } = await chat.conversations.get(id);
      expect(messages.map(({ content }) => content)).toEqual(
        ['one', 'two', 'three', 'four', 'five', 'six'].flatMap((name) => [name, `answer to ${name}`]),
      );
      const sixth = model.requests[5]?.messages.map(({ content }) => content) ?? [];
      expect(sixth.slice(1)).toEqual(messages.slice(0, 11).map(({ content }) => content));
    });
  });

  it('is stopped by a person: what came until then is kept', async () => {
    const chunks = Array.from({ length: 400 }, (_, index) => `word${index} `);
    await chat.work(createScriptedModel([{ chunks, betweenTokensMs: 20 }]), async () => {
      const id = await chat.session();
      const place = await chat.ask(id, 'Tell me everything.');
      await chat.events(id, ({ event }) => event === 'delta');
      await chat.json('POST', `/api/sessions/${id}/turns/${place.turn}/stop`, {});
      const message = await chat.answered(id, place.answer);
      expect(message.state).toBe('stopped');
      expect(message.content.length).toBeGreaterThan(0);
      expect(chunks.join('').startsWith(message.content)).toBe(true);
      const events = await chat.events(id, ({ event }) => event === 'done');
      expect(textOf(events, place.turn)).toBe(message.content);
      await chat.keep(id, 'conversation-stopped');
    });
  });

  it('fails with the reason when the model is away, and can be asked for anew', async () => {
    const model = createScriptedModel((_, number) =>
      number === 0 ? { fail: 'unreachable' } : { text: 'Back again.' },
    );
    await chat.work(model, async () => {
      const id = await chat.session();
      const failed = await chat.say(id, 'Are you there?');
      expect(failed).toMatchObject({
        state: 'failed',
        fault: { code: 'MODEL_UNAVAILABLE', mend: expect.stringContaining('LM Studio') as string },
      });
      const place = await chat.json<{ answer: string }>('POST', `/api/sessions/${id}/regenerate`, {});
      expect(await chat.answered(id, place.answer)).toMatchObject({ content: 'Back again.' });
      const { messages } = await chat.conversations.get(id);
      expect(messages.map(({ content }) => content)).toEqual(['Are you there?', 'Back again.']);
    });
  });
});

it('a client of OpenAI that names a conversation asks there; a failed answer is its error', async () => {
  const model = createScriptedModel((_, number) =>
    number === 0 ? { text: 'Kept.' } : { fail: 'unreachable' },
  );
  await chat.work(model, async () => {
    const id = await chat.session();
    const ask = (content: string) =>
      chat.request(
        ...(['POST', '/v1/chat/completions', { messages: [{ role: 'user', content }] }] as const),
        { 'x-session-id': id },
      );
    const answer = (await (await ask('Remember?')).json()) as { choices: unknown[] };
    expect(answer.choices[0]).toMatchObject({ message: { content: 'Kept.' }, finish_reason: 'stop' });
    const { messages } = await chat.conversations.get(id);
    expect(messages.map(({ content }) => content)).toEqual(['Remember?', 'Kept.']);
    const failed = await ask('Again?');
    expect(failed.status).toBe(503);
    expect(await failed.json()).toMatchObject({ error: { type: 'server_error', code: 'model_unavailable' } });
  });
});

it('what was said is found over HTTP, until its conversation is deleted', async () => {
  await chat.work(answers('The walrus lives in the north.'), async () => {
    const id = await chat.session();
    const message = await chat.say(id, 'Where do walruses live?');
    const find = () =>
      chat.json<{ items: { source: string; session: string; why: string }[] }>(
        ...(['GET', '/api/memory/search?q=walrus&kind=message'] as const),
      );
    const { items } = await find();
    expect(items.map(({ source }) => source)).toContain(message.id);
    expect(items[0]).toMatchObject({ session: id, why: 'words: walru' });
    expect((await chat.request('GET', '/api/memory/search?q=x&session=s-none')).status).toBe(404);
    expect((await chat.request('GET', '/api/memory/search')).status).toBe(400);
    await chat.request('DELETE', `/api/sessions/${id}`);
    expect((await find()).items).toEqual([]);
  });
});
