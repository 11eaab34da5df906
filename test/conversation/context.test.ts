import { assemblePrompt, type PromptInput } from '../../src/conversation/assemble-prompt.js';
import { extract } from '../../src/conversation/summarise.js';
import { termsOf } from '../../src/conversation/retrieve-code.js';
import type { Memory, Message } from '../../src/conversation/index.js';
import { createScriptedModel } from '../../src/llm/index.js';
import type { CompletionRequest } from '../../src/llm/types.js';
import { startChatHarness, type ChatHarness } from './harness.js';

const message = (at: number, content: string): Message => ({
  ...{ id: `m${at}`, turn: `t${Math.floor(at / 2)}`, role: at % 2 === 0 ? 'user' : 'assistant', content },
  ...{
    at: '2026-01-01T00:00:00.000Z',
    state: 'complete',
    model: null,
    usage: null,
    fault: null,
    sources: [],
  },
});
const memory = (text: string): Memory => ({ kind: 'code', text, at: null, score: 0.5, source: 'a.ts:1' });
/** A token a word: budgets can be counted by hand. */
const counter = {
  count: (text: string) => text.split(/\s+/).filter((word) => word !== '').length,
  countPrompt: () => 0,
};
const input = (more: Partial<PromptInput> = {}): PromptInput => ({
  ...{ system: 'be brief', pins: [], summary: null, memories: [], messages: [], before: 0 },
  ...{ question: 'why so slow', contextLength: 1_000, answerTokens: 250, toolTokens: 0, counter, margin: 1 },
  ...more,
});
const words = (count: number, word = 'word') => Array.from({ length: count }, () => word).join(' ');

describe('the prompt', () => {
  it('holds everything, in order, when there is room', () => {
    const { messages, tokens, room, compact } = assemblePrompt(
      input({
        pins: ['we use jest'],
        memories: [memory('const a = 1;')],
        messages: [message(0, 'one'), message(1, 'two')],
        summary: {
          text: 'earlier they met',
          upTo: 'm0',
          messages: 1,
          by: 'model',
          at: '2026-01-01T00:00:00.000Z',
        },
        before: 1,
      }),
    );
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    const system = messages[0]?.content ?? '';
    expect(system.indexOf('we use jest')).toBeLessThan(system.indexOf('earlier they met'));
    expect(system.indexOf('earlier they met')).toBeLessThan(system.indexOf('const a = 1;'));
    expect(tokens).toBeLessThanOrEqual(room);
    expect(compact).toBe(false);
  });

  it('keeps the newest turns within the room, whole, and asks to be compacted', () => {
    const messages = Array.from({ length: 40 }, (_, at) => message(at, `${words(40)} ${at}`));
    const prompt = assemblePrompt(input({ messages }));
    expect(prompt.tokens).toBeLessThanOrEqual(prompt.room);
    expect(prompt.compact).toBe(true);
    const shown = prompt.messages.slice(1, -1).map(({ content }) => Number(content.split(' ').at(-1)));
    expect(shown.length).toBeGreaterThan(8);
    expect(shown).toEqual(Array.from({ length: shown.length }, (_, at) => 40 - shown.length + at));
    expect(prompt.messages[1]?.role).toBe('user');
    expect(prompt.parts.find(({ part }) => part === 'turns')).toMatchObject({ used: shown.length, of: 40 });
  });

  it('lets no part take more than its share', () => {
    const prompt = assemblePrompt(
      input({
        pins: Array.from({ length: 50 }, () => words(20)),
        memories: Array.from({ length: 50 }, () => memory(words(30))),
      }),
    );
    for (const { part, tokens, budget } of prompt.parts) {
      if (part !== 'system') expect(tokens).toBeLessThanOrEqual(budget);
    }
    expect(prompt.memories.length).toBeLessThan(50);
  });

  it('leaves out failed turns, and what the summary covers', () => {
    const failed = [message(0, 'broken'), { ...message(1, ''), state: 'failed' as const }];
    const prompt = assemblePrompt(
      input({
        messages: [...failed, message(2, 'old'), message(3, 'older'), message(4, 'new'), message(5, 'newer')],
        summary: { text: 'short', upTo: 'm3', messages: 4, by: 'extract', at: '2026-01-01T00:00:00.000Z' },
      }),
    );
    expect(prompt.messages.slice(1, -1).map(({ content }) => content)).toEqual(['new', 'newer']);
  });

  it('refuses a question that cannot fit', () => {
    expect(() => assemblePrompt(input({ question: words(2_000) }))).toThrow(/there is room for/);
  });
});

describe('a summary without a model', () => {
  it('keeps the beginning of each message and stays bounded', () => {
    let summary: string | null = null;
    for (let round = 0; round < 30; round += 1)
      summary = extract(summary, [message(0, `question ${round}`), message(1, words(500))], 2_000);
    expect(summary?.length).toBeLessThanOrEqual(2_000);
    expect(summary).toContain('question 29');
  });
});

describe('the words that a question is looked up by', () => {
  it('are names first, and no small talk', () => {
    expect(termsOf('Why does parseHeaders in http.ts use `new Map()` so often?')).toEqual([
      'new Map()',
      'parseHeaders',
      'http.ts',
      'often',
    ]);
  });
});

describe('a long conversation in a small context', () => {
  let chat: ChatHarness;
  beforeAll(async () => {
    chat = await startChatHarness();
  }, 120_000);
  afterAll(async () => {
    await chat.close();
  });

  it('uses in turn 12 a fact of turn 1, from its summary', async () => {
    const isSummary = ({ messages }: CompletionRequest) =>
      messages[0]?.content.startsWith('You write the running summary') === true;
    const model = createScriptedModel(
      (request) => {
        if (!isSummary(request)) return { text: words(60, 'reply') };
        const all = request.messages.map(({ content }) => content).join(' ');
        return { text: all.includes('basilisk') ? 'The deploy word is basilisk.' : 'Nothing was said.' };
      },
      { contextLength: 1_600 },
    );
    await chat.work(model, async () => {
      const id = await chat.session();
      await chat.say(id, 'Remember: the deploy word is basilisk.');
      for (let turn = 2; turn < 12; turn += 1) await chat.say(id, `${words(50, 'filler')} ${turn}`);
      const end = Date.now() + 20_000;
      while ((await chat.conversations.get(id)).summary === null && Date.now() < end)
        await new Promise((resolve) => {
          setTimeout(resolve, 50);
        });
      await chat.say(id, 'What is the deploy word?');
      const last = model.requests.filter((request) => !isSummary(request)).at(-1);
      const prompt = last?.messages ?? [];
      expect(prompt[0]?.content).toContain('The deploy word is basilisk.');
      expect(prompt.slice(1).some(({ content }) => content.includes('basilisk'))).toBe(false);
      // The originals stay.
      const { items } = await chat.conversations.messages(id, { limit: 100 });
      expect(items[0]?.content).toContain('basilisk');
      expect(items).toHaveLength(24);
      expect(await chat.json('GET', `/api/sessions/${id}/context`)).toMatchObject({
        parts: expect.arrayContaining([
          expect.objectContaining({ part: 'summary', used: 1, of: 1 }),
        ]) as object,
      });
    });
  });
});
