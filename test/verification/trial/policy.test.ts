import { changedLinesExecuted, decideVerdict, gateOrder } from '../../../src/verification/policy.js';
import type { GateId, GateResult, Verdict } from '../../../src/verification/types.js';

const answers: readonly GateResult[] = ['pass', 'fail', 'inconclusive', 'notApplicable'];

function verdict(gate: GateId, answer: GateResult, more: Partial<Verdict> = {}): Verdict {
  return { gate, verdict: answer, reason: `${gate} says ${answer}`, numbers: {}, elapsedMs: 0, ...more };
}

function allPassed(change: Partial<Record<GateId, GateResult>> = {}): Verdict[] {
  return gateOrder.map((gate) => verdict(gate, change[gate] ?? 'pass'));
}

const facts = { claimsGain: true, changesCode: true };

describe('the verdict table', () => {
  it('accepts exactly what the rule names, over all 4^8 answers with and without a claim', () => {
    const wrong: string[] = [];
    const count = answers.length ** gateOrder.length;
    for (let code = 0; code < count; code += 1) {
      const row = gateOrder.map((_, index) => answers[Math.floor(code / 4 ** index) % 4] ?? 'pass');
      const of = Object.fromEntries(gateOrder.map((gate, index) => [gate, row[index]]));
      const gates = gateOrder.map((gate, index) => verdict(gate, row[index] ?? 'pass'));
      for (const claimsGain of [true, false]) {
        const refused = row.includes('fail');
        const accepted =
          !refused &&
          (['policy', 'parses', 'tests', 'equivalence'] as const).every((gate) => of[gate] === 'pass') &&
          (['types', 'coverage'] as const).every((gate) => of[gate] !== 'inconclusive') &&
          (of['performance'] === 'pass' || (!claimsGain && of['performance'] === 'notApplicable'));
        const expected = refused ? 'refused' : accepted ? 'accepted' : 'inconclusive';
        const decision = decideVerdict(gates, { claimsGain, changesCode: true });
        const settles = (decision.settle !== null) === (expected === 'inconclusive');
        if (decision.verdict !== expected || !settles) wrong.push(`${row.join(' ')} ${String(claimsGain)}`);
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  it('counts a missing gate as not asked, never as passed', () => {
    for (const gate of ['policy', 'parses', 'tests', 'equivalence', 'performance'] as const) {
      const gates = allPassed().filter((candidate) => candidate.gate !== gate);
      expect(decideVerdict(gates, facts).verdict).toBe('inconclusive');
    }
    expect(decideVerdict([], facts).verdict).toBe('inconclusive');
  });

  it('names the first gate that failed', () => {
    expect(decideVerdict(allPassed({ tests: 'fail', performance: 'fail' }), facts)).toEqual({
      verdict: 'refused',
      reason: 'tests: tests says fail',
      settle: null,
    });
  });

  it('refuses a claimed gain when nothing that runs changed, and calls it inconclusive without a claim', () => {
    expect(decideVerdict(allPassed(), { claimsGain: true, changesCode: false }).verdict).toBe('refused');
    const quiet = decideVerdict(allPassed(), { claimsGain: false, changesCode: false });
    expect(quiet.verdict).toBe('inconclusive');
    expect(quiet.reason).toContain('Nothing changed');
  });

  it('prefers the gate’s own advice on what would settle it', () => {
    const gates = allPassed().map((gate) =>
      gate.gate === 'equivalence'
        ? verdict('equivalence', 'inconclusive', { settle: 'Export the function.' })
        : gate,
    );
    expect(decideVerdict(gates, facts).settle).toBe('Export the function.');
  });
});

describe('coverage of changed branches', () => {
  const coverage = verdict('coverage', 'inconclusive', { numbers: { unexecuted: ['a.ts:3', 'a.ts:4'] } });
  const ran = (executed: string[], answer: GateResult = 'pass'): Verdict =>
    verdict('equivalence', answer, { numbers: { executed } });

  it.each([
    [[coverage, ran(['a.ts:3', 'a.ts:4', 'a.ts:9'])], true],
    [[coverage, ran(['a.ts:3'])], false],
    [[coverage, ran(['a.ts:3', 'a.ts:4'], 'inconclusive')], false],
    [[coverage], false],
    [[verdict('coverage', 'pass')], true],
    [[verdict('coverage', 'inconclusive'), ran(['a.ts:3'])], false],
    [[verdict('coverage', 'pass', { numbers: { unexecuted: ['a.ts:3'] } }), ran([])], false],
  ])('case %#: by the suite or by the equivalence run', (gates, expected) => {
    expect(changedLinesExecuted(gates)).toBe(expected);
  });
});
