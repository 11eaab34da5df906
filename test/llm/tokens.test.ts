/** Our own count: the vocabulary of gpt-oss, quick on the worst of texts. */
import { createTokenCounter } from '../../src/llm/count-tokens.js';
import { defaultProfile, profileFor } from '../../src/llm/index.js';

describe('counting tokens', () => {
  it('knows the vocabulary', async () => {
    const { count } = await createTokenCounter(defaultProfile);
    expect(count('')).toBe(0);
    expect(count('Hello, world!')).toBe(4);
    expect(count('export const answer = 42;')).toBe(7);
  });

  it('a text about special tokens is a text, and half a character is one', async () => {
    const { count } = await createTokenCounter(defaultProfile);
    expect(count('<|channel|>')).toBeGreaterThan(1);
    expect(count('\uD800')).toBeGreaterThan(0);
  });

  it.each([
    ['letters', 'a'],
    ['spaces', ' '],
    ['rulers', '='],
    ['digits', '7'],
    ['ideographs', '漢'],
    ['emoji', '🙂'],
  ])('200,000 %s in a row are counted without trouble', async (_name, unit) => {
    const { count } = await createTokenCounter(defaultProfile);
    const started = process.cpuUsage().user;
    const tokens = count(unit.repeat(200_000));
    // Uncut, 100,000 equal letters took 26 s.
    expect((process.cpuUsage().user - started) / 1e6).toBeLessThan(10);
    // As many as a thousand shorter runs.
    expect(tokens).toBeGreaterThanOrEqual(count(unit.repeat(200)) * 1_000);
  });

  it('runs that do not repeat are no slower', async () => {
    const { count } = await createTokenCounter(defaultProfile);
    let state = 1;
    const letters = Array.from({ length: 100_000 }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return String.fromCharCode(97 + (state % 26));
    });
    expect(count(letters.join(''))).toBeGreaterThan(20_000);
  });

  it('a prompt costs its texts, its calls, the template and the margin', async () => {
    const counter = await createTokenCounter(defaultProfile);
    const small = counter.countPrompt([{ role: 'user', content: 'Hello, world!' }]);
    expect(small).toBe(Math.ceil((4 + 5 + 12) * 1.05));
    const calls = [
      { id: 'a', name: 'search', text: '{"q":"x"}', arguments: { kind: 'broken' as const, reason: '' } },
    ];
    expect(
      counter.countPrompt([{ role: 'assistant', content: 'Hello, world!', toolCalls: calls }]),
    ).toBeGreaterThan(small);
    const other = await createTokenCounter(profileFor('qwen3-8b'));
    expect(other.countPrompt([{ role: 'user', content: 'Hello, world!' }])).toBe(Math.ceil(21 * 1.2));
  });

  it('profiles are chosen by id', () => {
    const names = [
      'openai/gpt-oss-20b',
      'gpt-oss:120b',
      'qwen2.5-coder-1.5b-instruct',
      'qwen/qwen3-30b',
      'Llama-3.2-3B',
      'x',
    ];
    expect(names.map((name) => profileFor(name).name)).toEqual([
      'gpt-oss',
      'gpt-oss',
      'qwen2.5',
      'qwen3',
      'llama',
      'unknown',
    ]);
    expect(profileFor(null)).toBe(defaultProfile);
  });
});
