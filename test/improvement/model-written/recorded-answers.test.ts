/** Every recorded answer through the engine: its exact outcome, never a fault, nothing run. */
import { funnelOf, promptVersion } from '../../../src/improvement/policy.js';
import { answerOf, play, targetAt } from './harness.js';
import { recorded } from './recorded-answers.js';

describe('recorded answers of models', () => {
  it('are many, of every kind', () => {
    expect(recorded.length).toBeGreaterThanOrEqual(60);
    expect(new Set(recorded.map(({ end }) => end)).size).toBeGreaterThanOrEqual(14);
    expect(new Set(recorded.map(({ name }) => name)).size).toBe(recorded.length);
  });

  it.each(recorded)('$name: $end', async ({ at, end, code, raw, says, mended, writes }) => {
    const turn = raw === undefined ? answerOf(code ?? '') : { text: raw };
    const { attempts, written, changes, kept } = await play({ turns: [turn], targets: [targetAt(at)] });
    const [attempt] = attempts;
    expect(attempts.length).toBe(1);
    expect({ end: attempt?.end, detail: attempt?.detail }).toEqual({
      end: end === 'gates' ? 'accepted' : end,
      detail: says === undefined ? expect.any(String) : expect.stringMatching(says),
    });
    expect([changes.length, written.length]).toEqual(end === 'gates' ? [1, 1] : [0, 0]);
    if (mended !== undefined) expect(attempt?.mended.join()).toMatch(mended);
    if (writes !== undefined) expect(changes[0]?.after).toContain(writes);
    // What was asked and what came are kept with seed and version, whatever came of it.
    expect(attempt).toMatchObject({ seed: expect.any(Number), promptVersion, prompt: expect.any(String) });
    expect(kept.length).toBe(attempt?.answer === null ? 1 : 2);
    expect(attempt?.tokens).toBeGreaterThan(0);
  });

  it('changes nothing outside the body', async () => {
    for (const { at, code } of recorded.filter(({ end }) => end === 'gates')) {
      const { changes } = await play({ turns: [answerOf(code ?? '')], targets: [targetAt(at)] });
      const { before = '', after = '' } = changes[0] ?? {};
      const lead = before.split('').findIndex((character, index) => character !== after[index]);
      expect(lead).toBeGreaterThan(before.lastIndexOf('\n\n', lead));
      // Every line of a signature, import or export stands in it as before.
      for (const line of before.split('\n').filter((one) => /^(import|export|class|const|module)/.test(one)))
        expect(after).toContain(line.replace(/ \{ return.*$/, '').split(' =>')[0]);
    }
  });

  it('gives a funnel', async () => {
    const attempts = [];
    for (const { at, code, raw } of recorded) {
      const turn = raw === undefined ? answerOf(code ?? '') : { text: raw };
      attempts.push(...(await play({ turns: [turn], targets: [targetAt(at)] })).attempts);
    }
    const gates = recorded.filter(({ end }) => end === 'gates').length;
    const none = recorded.filter(({ end }) => end === 'no-answer').length;
    expect(funnelOf(attempts)).toEqual({
      ...{ written: recorded.length - none, parses: gates, types: gates, tests: gates },
      ...{ equivalent: gates, faster: gates, accepted: gates },
    });
  });
});
