/** Answers in odd forms are answers: text, reasoning, calls, usage and what was mended on the way. */
import type { CompletionRequest, Delta } from '../../src/llm/types.js';
import { question, startRig, until, type Rig } from './harness.js';

const tools = ['search', 'show'].map((name) => ({ name, description: name, parameters: { type: 'object' } }));

describe('answers', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.close());

  const ask = async (scenario: string, request: CompletionRequest = question) => {
    const deltas: Delta[] = [];
    const answer = await rig
      .client(scenario)
      .complete(request, { onDelta: (delta) => void deltas.push(delta) });
    const joined = deltas.map((delta) => (delta.kind === 'text' ? delta.text : '')).join('');
    expect(joined).toBe(answer.text);
    const { running } = rig.server.seen(scenario);
    if (running > 0) await until(() => rig.server.seen(scenario).running === 0, 'the server is free');
    return answer;
  };

  it.each([
    ['good', []],
    ['no-done', []],
    ['pings', []],
    ['crlf', []],
    ['wrong-type', []],
    ['json-type', []],
    ['content-parts', []],
    ['no-usage', ['no-usage']],
    ['not-streamed', ['not-streamed']],
    ['unknown-finish', ['unknown-finish-reason']],
    ['end-marker', ['leaked-end-marker', 'no-usage']],
    ['cut-after-finish', ['cut-after-finish', 'no-usage']],
    ['stall-after-finish', ['no-usage']],
    ['stall-after-done', []],
  ])('%s', async (scenario, notes) => {
    const answer = await ask(scenario);
    expect(answer).toMatchObject({ text: 'Hello.', reasoning: '', finish: 'stop', attempts: 1, notes });
    const usage = { promptTokens: 12, completionTokens: 3, reasoningTokens: null, source: 'server' };
    if (!notes.includes('no-usage')) expect(answer.usage).toEqual(usage);
    else expect(answer.usage.source).toBe('estimate');
    expect(answer.timings.totalMs).toBeGreaterThanOrEqual(answer.timings.firstTokenMs);
  });

  it.each(['reasoning', 'reasoning-content', 'think-tags'])(
    '%s is kept apart from the text',
    async (scenario) => {
      expect(await ask(scenario)).toMatchObject({ text: 'Hello.', reasoning: 'Let me think.' });
    },
  );

  it('markup that is quoted is text', async () => {
    expect((await ask('quoted-tags')).text).toBe('Write `<|channel|>` or `<think>` so.');
  });

  it('length and filter are ends, not faults', async () => {
    expect(await ask('length')).toMatchObject({ text: 'Hello and', finish: 'length' });
    expect(await ask('filtered')).toMatchObject({ text: '', finish: 'filtered' });
  });

  it('characters may be split between packets, and a broken one costs one character', async () => {
    expect((await ask('split-utf8')).text).toBe('Grüße 🙂');
    expect(await ask('invalid-utf8')).toMatchObject({
      text: 'a\uFFFD(b',
      notes: expect.arrayContaining(['invalid-utf8']),
    });
  });

  it('a loop is cut and the server freed', async () => {
    const answer = await ask('repeating');
    expect(answer.finish).toBe('repetition');
    expect(answer.text.startsWith('The cause is this. I will now check')).toBe(true);
    expect(answer.text.length).toBeLessThan(6_000);
    await until(() => rig.server.seen('repeating').left === 1, 'the server saw us leave');
  });

  it('a server that ignores the maximum of tokens is stopped, and the answer kept', async () => {
    const answer = await ask('ignores-max-tokens', { ...question, sampling: { maxTokens: 64 } });
    expect(answer).toMatchObject({ finish: 'length', notes: ['max-tokens-ignored', 'no-usage'] });
    expect(answer.text.length).toBeLessThan(7_000);
    await until(() => rig.server.seen('ignores-max-tokens').left === 1, 'the server saw us leave');
  });

  it('a prompt that was read only in part is a fault', async () => {
    const messages = [{ role: 'user' as const, content: 'These are many different words. '.repeat(2_000) }];
    await expect(rig.client('truncated').complete({ messages })).rejects.toMatchObject({
      code: 'PROMPT_TOO_LONG',
      data: { kind: 'prompt-truncated', remedy: 'smaller-prompt' },
    });
  });

  describe('tool calls', () => {
    const query = { kind: 'parsed', value: { query: 'x' } };
    it.each([
      ['tools-in-pieces', 2],
      ['tools-all-zero', 2],
      ['tools-no-index', 1],
      ['tools-as-object', 1],
      ['tools-in-text', 1],
    ])('%s', async (scenario, count) => {
      const answer = await ask(scenario, { ...question, tools });
      expect(answer).toMatchObject({ text: '', finish: 'tool-calls' });
      expect(answer.toolCalls).toHaveLength(count);
      expect(answer.toolCalls[0]).toMatchObject({ name: 'search', arguments: query });
      if (count === 2)
        expect(answer.toolCalls[1]).toMatchObject({
          id: 'b',
          name: 'show',
          arguments: { value: { symbol: 'f' } },
        });
    });

    it('broken arguments and unknown tools are values that the model can be told', async () => {
      const broken = await ask('tools-broken', { ...question, tools });
      expect(broken.toolCalls[0]).toMatchObject({
        text: '{"query": "x',
        arguments: { kind: 'broken', reason: expect.stringContaining('not valid JSON') },
      });
      const unknown = await ask('tools-unknown', { ...question, tools });
      expect(unknown.toolCalls[0]?.arguments).toEqual({ kind: 'broken', reason: 'There is no tool "rm."' });
    });
  });
});
