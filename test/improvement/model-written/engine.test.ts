/** The engine around an answer: repair turns, repetition, budgets, models that fail, what is kept. */
import type { Usage } from '../../../src/improvement/types.js';
import { defaultBudget, noUsage, seedOf, spentLine, usedUp } from '../../../src/improvement/policy.js';
import { answerOf, play, targetAt } from './harness.js';
import { asIs, before, good, slots } from './recorded-parts.js';

const targets = [targetAt('assignSlots')];
const ends = (attempts: readonly { readonly end: string }[]): string[] => attempts.map(({ end }) => end);

describe('repair turns', () => {
  it('give the counterexample back, quoted, and try what comes of it', async () => {
    const counterexample = 'assignSlots([["a"]], ["a"]) gives [null] on the base and ["a"] on the candidate.';
    const { attempts, written, model } = await play({
      ...{
        targets,
        turns: [answerOf(before('taken.clear();')), answerOf(slots(good))],
        request: { repairs: 1 },
      },
      judge: ({ after }) =>
        after.includes('clear') ? { end: 'differs', detail: counterexample, reason: counterexample } : {},
    });
    expect(ends(attempts)).toEqual(['differs', 'accepted']);
    expect(written.map(({ attempt }) => attempt.turn)).toEqual([1]);
    const told = model.requests[1]?.messages.at(-1)?.content ?? '';
    expect(told).toMatch(/^That was refused:\n<<<data [0-9a-f]{16}\n/);
    expect(told).toContain(counterexample);
    expect(model.requests[1]?.messages.at(-2)).toMatchObject({ role: 'assistant' });
  });

  it('are bounded, and no turn is spent on a hostile text', async () => {
    const wrong = await play({
      targets,
      turns: [answerOf('no code at all')],
      request: { repairs: 2 },
    });
    expect(ends(wrong.attempts)).toEqual(['does-not-parse', 'does-not-parse', 'does-not-parse']);
    const hostile = await play({
      ...{
        targets,
        turns: [answerOf(before('const a = "\u202e";'))],
        request: { repairs: 2, candidates: 2 },
      },
    });
    expect(ends(hostile.attempts)).toEqual(['hidden-characters', 'hidden-characters']);
  });

  it('tell later candidates what was wrong with earlier ones', async () => {
    const { model } = await play({
      ...{ targets, turns: [answerOf(slots(asIs))], request: { candidates: 2, repairs: 0 } },
    });
    const asked = model.requests.map(({ messages }) => messages.at(-1)?.content ?? '');
    expect(asked[0]).not.toContain('Earlier tries');
    expect(asked[1]).toMatch(/Earlier tries were refused[^]*unchanged: The answer is the function as it is/);
  });
});

describe('candidates', () => {
  it('come at several temperatures with seeds of their own, the same in every run', async () => {
    const once = () => play({ targets, turns: [answerOf(slots(asIs))], request: { candidates: 4 } });
    const [a, b] = [await once(), await once()];
    const drawn = a.model.requests.map(({ sampling }) => [sampling?.temperature, sampling?.seed]);
    expect(new Set(drawn.map(([temperature]) => temperature)).size).toBe(4);
    expect(new Set(drawn.map(([, seed]) => seed)).size).toBe(4);
    expect(b.model.requests.map(({ sampling }) => [sampling?.temperature, sampling?.seed])).toEqual(drawn);
    expect(seedOf(1, 'a', 0)).not.toBe(seedOf(2, 'a', 0));
    expect(b.kept).toEqual(a.kept);
  });

  it('are tried once, whatever their variables are called', async () => {
    const twice = slots(good.replaceAll('candidate', 'one').replaceAll('taken', 'given'));
    const { attempts, changes } = await play({
      ...{ targets, turns: [answerOf(slots(good)), answerOf(`\n${twice}`), answerOf(before('// a'))] },
      ...{ request: { candidates: 3 }, judge: () => ({ end: 'not-faster' as const }) },
    });
    expect(ends(attempts)).toEqual(['not-faster', 'duplicate', 'duplicate']);
    expect(changes.length).toBe(1);
  });

  it('end with the first that is let through, where that is enough', async () => {
    const play1 = {
      targets,
      turns: [answerOf(slots(good))],
      request: { candidates: 5, firstIsEnough: true },
    };
    expect(ends((await play(play1)).attempts)).toEqual(['accepted']);
  });
});

describe('budgets', () => {
  const small = (run: Partial<Usage>) => ({
    budget: { ...defaultBudget, run: { ...defaultBudget.run, ...run } },
  });

  it.each([
    ['calls', { calls: 2 }, 2],
    ['tokens', { tokens: 1 }, 1],
    ['candidates', { candidates: 3 }, 3],
    ['seconds', { seconds: 0 }, 0],
  ] as const)('stop before the next call: %s', async (name, run, calls) => {
    const { attempts, endedEarly, model, spent } = await play({
      ...{ targets, turns: [answerOf(slots(asIs))], request: { candidates: 8, ...small(run) } },
    });
    expect(endedEarly).toMatch(new RegExp(`the limit of \\d+ ${name} for one cycle is reached`));
    expect([attempts.length, model.requests.length, spent.calls]).toEqual([calls, calls, calls]);
  });

  it('count the whole day, and what an interrupted run has spent', async () => {
    const added: Usage[] = [];
    const today = {
      spent: async () => ({ ...noUsage, calls: defaultBudget.day.calls - 1 }),
      add: async (more: Usage) => void added.push(more),
    };
    const { endedEarly } = await play({
      ...{ targets, turns: [answerOf(slots(asIs))], today, request: { candidates: 8 } },
    });
    expect(endedEarly).toMatch(/calls for one day/);
    expect(added.map(({ calls }) => calls)).toEqual([1]);
    const alreadySpent = { ...noUsage, calls: defaultBudget.run.calls };
    const again = await play({ targets, turns: [answerOf('x')], request: { alreadySpent } });
    expect([again.attempts.length, again.endedEarly]).toEqual([0, expect.stringMatching(/for one cycle/)]);
    expect(usedUp(noUsage, defaultBudget.run, true)).toBeNull();
    expect(spentLine({ ...noUsage, calls: 9 }, defaultBudget.run)).toBe(
      '9 of 24 calls, 0 of 80,000 tokens, 0 of 900 seconds',
    );
  });
});

describe('a model that fails', () => {
  it.each([
    'empty',
    'repetition',
    'leaked-markup',
    'overflow',
    'refused',
    'too-large',
    'total-time',
  ] as const)('costs one candidate: %s', async (fail) => {
    const { attempts, endedEarly } = await play({
      ...{ targets, turns: [{ fail }, answerOf(slots(good))], request: { candidates: 2, repairs: 2 } },
    });
    expect(ends(attempts)).toEqual(['no-answer', 'accepted']);
    expect(endedEarly).toBeNull();
  });

  it.each(['unreachable', 'connection-cut', 'stalled', 'unauthorised', 'no-model', 'circuit-open'] as const)(
    'ends the asking, not the cycle: %s',
    async (fail) => {
      const { attempts, endedEarly } = await play({ targets, turns: [{ fail }], request: { candidates: 4 } });
      expect(attempts).toEqual([]);
      expect(endedEarly?.length).toBeGreaterThan(20);
    },
  );

  it('lets an interruption through', async () => {
    const stop = new AbortController();
    const running = play({
      targets,
      turns: [{ stallAfter: 0, text: 'a' }],
      request: { signal: stop.signal },
    });
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('targets without a text to ask for', () => {
  it('are named with the reason', async () => {
    const gone = { ...targetAt('assignSlots'), key: 'gone', file: 'src/gone.ts' };
    const outside = { ...targetAt('assignSlots'), key: 'outside', offset: 0 };
    const { skipped, attempts } = await play({ targets: [gone, outside], turns: [answerOf('x')] });
    expect(attempts).toEqual([]);
    expect(skipped).toEqual([
      { target: 'gone', reason: 'the file is gone' },
      { target: 'outside', reason: 'it is in no named function' },
    ]);
  });
});
