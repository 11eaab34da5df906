/** Properties of the parts that read: the cutting of packets changes nothing, loops are seen and rulers are not. */
import fc from 'fast-check';
import { AnswerReader } from '../../src/llm/answer-reader.js';
import { ModelSignal, kindOfWords } from '../../src/llm/classify-fault.js';
import { Breaker } from '../../src/llm/keep-trying.js';
import {
  breakerAfterEnd,
  breakerAllows,
  breakerLimits,
  closedBreaker,
  retryDelayMs,
} from '../../src/llm/policy.js';
import { RepetitionWatch } from '../../src/llm/repetition.js';
import { tidyWords, wellFormed } from '../../src/llm/text.js';

const seed = 20_261_123;

/** Reads an answer that comes in the given pieces. */
function read(pieces: readonly string[]): unknown {
  const reader = new AnswerReader({ harmony: true, tools: true });
  let text = '';
  let reasoning = '';
  try {
    for (const delta of [...pieces.flatMap((piece) => [...reader.feed(piece)]), ...reader.end()]) {
      if (delta.kind === 'text') text += delta.text;
      if (delta.kind === 'reasoning') reasoning += delta.text;
    }
  } catch (error) {
    if (error instanceof ModelSignal) return { leaked: error.kind };
    throw error;
  }
  if (text !== reader.text || reasoning !== reader.reasoning)
    throw new Error('The deltas are not the answer.');
  return { text, reasoning, calls: reader.callTexts, cut: reader.cut };
}

const parts = fc.constantFrom(
  ...[
    'a',
    ' ',
    '\n',
    '`',
    '```\n',
    '<',
    '<|',
    '|>',
    '<think>',
    '</think>',
    '<|im_end|>',
    '<|end|>',
    '<|channel|>',
    'x<|',
  ],
  ...[
    '<tool_call>',
    '{"name":"f"}',
    '</tool_call>',
    'assistant',
    'final',
    'commentary to=',
    'functions.f',
    'Grüße 🙂',
  ],
);

describe('reading an answer', () => {
  it('does not depend on where packets are cut', () => {
    fc.assert(
      fc.property(
        fc.array(parts, { maxLength: 30 }),
        fc.array(fc.nat({ max: 200 }), { maxLength: 20 }),
        (words, cuts) => {
          const whole = words.join('');
          const points = [...new Set([0, ...cuts.filter((cut) => cut < whole.length), whole.length])].sort(
            (a, b) => a - b,
          );
          const pieces = points.slice(1).map((point, index) => whole.slice(points[index], point));
          expect(read(pieces)).toEqual(read([whole]));
        },
      ),
      { seed, numRuns: 1_000 },
    );
  });

  it('text without any mark comes out as it went in', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 20 })), (pieces) => {
        const whole = pieces.join('');
        fc.pre(!/[<[]|assistant|commentary/.test(whole));
        expect(read(pieces)).toMatchObject({ text: whole, reasoning: '' });
      }),
      { seed, numRuns: 500 },
    );
  });

  it('thoughts without an end are thoughts', () => {
    expect(read(['<think>', 'never ', 'ends'])).toMatchObject({ text: '', reasoning: 'never ends' });
  });
});

describe('loops', () => {
  const seen = (text: string): boolean => {
    const watch = new RepetitionWatch();
    return (text.match(/[\s\S]{1,7}/g) ?? []).map((piece) => watch.feed(piece)).includes(true);
  };
  const paragraph =
    'The parser reads the header first, then each field in turn, and keeps what it does not know. ';

  it.each([
    ['one character', '!'.repeat(3_000)],
    ['blank lines', '\n'.repeat(3_000)],
    ['one word', 'the '.repeat(600)],
    ['one sentence', `It starts well. ${'I will check the file again. '.repeat(80)}`],
    ['three sentences', `${paragraph}But wait. Let me look once more. `.repeat(20)],
    ['a long paragraph', `${paragraph.repeat(4)}So it is. `.repeat(10)],
    [
      'counting',
      Array.from({ length: 200 }, (_, index) => `Step ${index}: check the file again.\n`).join(''),
    ],
  ])('%s', (_name, text) => {
    expect(seen(text)).toBe(true);
  });

  it.each([
    ['a ruler', `Title\n${'='.repeat(200)}\n${'-'.repeat(300)}\n`],
    ['a table', '| 1 | 2 | 3 |\n'.repeat(40)],
    [
      'a list of forty',
      Array.from({ length: 40 }, (_, index) => `${index + 1}. Item number ${index + 1}\n`).join(''),
    ],
    [
      'five equal lines of code',
      '      expect(await client.complete(question)).toEqual(answer);\n'.repeat(5),
    ],
    ['zeros', '0, '.repeat(256)],
  ])('not %s', (_name, text) => {
    expect(seen(`${paragraph}\n${text}\n${paragraph}`)).toBe(false);
  });

  it('not prose of any words', () => {
    fc.assert(
      fc.property(fc.array(fc.lorem({ maxCount: 12 }), { minLength: 60, maxLength: 120 }), (sentences) => {
        fc.pre(new Set(sentences).size > 40);
        expect(seen(sentences.join(' '))).toBe(false);
      }),
      { seed, numRuns: 30 },
    );
  });
});

describe('decisions', () => {
  it('a server that dies takes along all that it was answering: one outage, however many', () => {
    const breaker = new Breaker();
    const context = { url: 'http://127.0.0.1:1/v1', model: null };
    const together = Array.from({ length: 20 }, () => breaker.start(context));
    for (const ticket of together) breaker.failed('server-error', 'gone', ticket);
    expect(breaker.open).toBe(false);
    for (let outage = 2; outage < breakerLimits.outages; outage += 1)
      breaker.failed('server-error', 'gone', breaker.start(context));
    expect(breaker.open).toBe(false);
    breaker.failed('server-error', 'gone', breaker.start(context));
    expect(breaker.open).toBe(true);
    // One that was under way all the time says nothing new, and does not lengthen the pause.
    breaker.failed('server-error', 'gone', together[0] ?? 0);
    expect(() => breaker.start(context)).toThrow('gone');
  });

  it('the breaker opens after so many outages, and lets one through after each pause', () => {
    let state = closedBreaker;
    for (let outage = 1; outage < breakerLimits.outages; outage += 1)
      state = breakerAfterEnd(state, 'outage', 0);
    expect(breakerAllows(state, 0)).toBe(true);
    state = breakerAfterEnd(state, 'outage', 0);
    expect([breakerAllows(state, 999), breakerAllows(state, 1_000)]).toEqual([false, true]);
    expect(breakerAllows({ ...state, trying: true }, 1_000)).toBe(false);
    state = breakerAfterEnd(state, 'outage', 1_000);
    expect([breakerAllows(state, 2_999), breakerAllows(state, 3_000)]).toEqual([false, true]);
    for (let outage = 0; outage < 50; outage += 1) state = breakerAfterEnd(state, 'outage', 0);
    expect(state.openUntil).toBe(breakerLimits.longestPauseMs);
    expect(breakerAfterEnd(state, 'well', 0)).toEqual(closedBreaker);
  });

  it('pauses grow, are bounded, and are not shorter than the server wishes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, random) => {
          const pause = retryDelayMs('server-error', attempt, random, { baseMs: 100, capMs: 5_000 }, null);
          expect(pause).toBeGreaterThanOrEqual(50);
          expect(pause).toBeLessThanOrEqual(5_000);
        },
      ),
      { seed },
    );
    const backoff = { baseMs: 1, capMs: 1 };
    expect(retryDelayMs('busy', 1, 0, backoff, 2_000)).toBe(2_000);
    expect(retryDelayMs('busy', 1, 0, backoff, 3_600_000)).toBe(30_000);
  });

  it.each([
    ['whatever', 401, 'unauthorised'],
    ['<!DOCTYPE html>', 503, 'server-error'],
    ['<html>', 404, 'misfit'],
    ['Input is longer than the context of the model', 400, 'overflow'],
    ['max_tokens must be positive', 400, 'refused'],
    ['something new', 500, 'server-error'],
    ['something new', null, 'server-error'],
    ['something new', 418, 'refused'],
  ])('"%s" with %s is %s', (words, status, kind) => {
    expect(kindOfWords(words, status)).toBe(kind);
  });

  it('somebody else’s words stay on one line, bounded and well-formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const tidy = tidyWords(text, 40);
        expect(tidy.length).toBeLessThanOrEqual(42);
        expect(tidy).toBe(wellFormed(tidy));
        expect(tidy).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202E]/);
      }),
      { seed },
    );
  });
});
