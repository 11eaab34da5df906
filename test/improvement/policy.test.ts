import fc from 'fast-check';
import { chanceOfAcceptance, riskOf, scoreOf, type Weighed } from '../../src/improvement/policy.js';

const weighed: Weighed = {
  severity: 'high',
  tier: 'T1',
  hotShare: null,
  changesClass: true,
  assumptions: 0,
  lines: 3,
  track: { accepted: 0, refused: 0 },
  executed: null,
};

describe('ranking', () => {
  it('moves the chance with the evidence, and keeps it between 0 and 1', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.nat(1000),
        fc.constantFrom('T1', 'T2', 'T3'),
        (accepted, refused, tier) => {
          const chance = chanceOfAcceptance(tier, { accepted, refused });
          expect(chance).toBeGreaterThan(0);
          expect(chance).toBeLessThan(1);
          expect(chanceOfAcceptance(tier, { accepted: accepted + 1, refused })).toBeGreaterThan(chance);
          expect(chanceOfAcceptance(tier, { accepted, refused: refused + 1 })).toBeLessThan(chance);
        },
      ),
    );
  });

  it('takes broken counts as none', () => {
    expect(chanceOfAcceptance('T1', { accepted: NaN, refused: -3 })).toBe(0.8);
  });

  it('prefers hot, proved, small and severe', () => {
    const base = scoreOf(weighed);
    expect(scoreOf({ ...weighed, hotShare: 0.3 })).toBeGreaterThan(base);
    expect(scoreOf({ ...weighed, tier: 'T2', assumptions: 2 })).toBeLessThan(base);
    expect(scoreOf({ ...weighed, lines: 60 })).toBeLessThan(base);
    expect(scoreOf({ ...weighed, severity: 'low' })).toBeLessThan(base);
    expect(scoreOf({ ...weighed, changesClass: false })).toBeLessThan(base);
    expect(scoreOf({ ...weighed, executed: 0.5 })).toBeLessThan(base);
  });

  it.each([
    [{}, 'low'],
    [{ hotShare: 0.9 }, 'low'],
    [{ tier: 'T2', assumptions: 1 }, 'medium'],
    [{ tier: 'T2', assumptions: 4, lines: 20 }, 'high'],
    [{ tier: 'T3' }, 'high'],
    [{ lines: 100 }, 'medium'],
  ] as const)('says of %j that the risk is %s', (change, risk) => {
    expect(riskOf({ ...weighed, ...change })).toBe(risk);
  });
});
