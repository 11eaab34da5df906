/** What decisions teach: counts, shrinkage, resets; and whether that is worth anything, in a simulation. */
import {
  chanceOfAcceptance,
  costOf,
  expectedGain,
  learnedFrom,
  pooledKey,
  scoreOf,
  trackKey,
  type Outcome,
  type Weighed,
} from '../../src/improvement/policy.js';

const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  rule: 'lookup-in-loop',
  repositoryId: 'shop',
  stage: 'landed',
  updatedAt: '2026-02-01T00:00:00.000Z',
  ...more,
});

describe('what is learned', () => {
  it('keeps this repository apart from the others, and counts only what has ended', () => {
    const outcomes = [
      outcome(),
      outcome({ stage: 'rejected' }),
      outcome({ stage: 'rolledBack' }),
      outcome({ stage: 'awaitingDecision' }),
      outcome({ stage: 'inconclusive' }),
      outcome({ repositoryId: 'other' }),
      outcome({ repositoryId: 'third', stage: 'refused' }),
    ];
    const { own, pooled } = learnedFrom(outcomes, 'shop', null);
    expect(own).toEqual({ [trackKey('lookup-in-loop', 'codemod', 'shop')]: { accepted: 1, refused: 2 } });
    expect(pooled).toEqual({ [pooledKey('lookup-in-loop', 'codemod')]: { accepted: 1, refused: 1 } });
  });

  it('forgets this repository from before a reset, and nothing else', () => {
    const outcomes = [
      outcome({ updatedAt: '2026-01-01T00:00:00.000Z' }),
      outcome({ stage: 'rejected', updatedAt: '2026-03-01T00:00:00.000Z' }),
      outcome({ repositoryId: 'other', updatedAt: '2026-01-01T00:00:00.000Z' }),
    ];
    const { own, pooled } = learnedFrom(outcomes, 'shop', '2026-02-01T00:00:00.000Z');
    expect(Object.values(own)).toEqual([{ accepted: 0, refused: 1 }]);
    expect(Object.values(pooled)).toEqual([{ accepted: 1, refused: 0 }]);
  });

  it('lets others speak first, and this repository in the end', () => {
    const none = { accepted: 0, refused: 0 };
    const [loved, hated] = [
      { accepted: 500, refused: 0 },
      { accepted: 0, refused: 500 },
    ];
    expect(chanceOfAcceptance('T2', none, hated)).toBeLessThan(chanceOfAcceptance('T2', none));
    expect(chanceOfAcceptance('T2', none, loved)).toBeGreaterThan(chanceOfAcceptance('T2', none));
    // 500 decisions elsewhere weigh as six do: 20 here turn them round.
    expect(chanceOfAcceptance('T2', none, hated)).toBeCloseTo(4 / 13, 10);
    expect(chanceOfAcceptance('T2', { accepted: 20, refused: 0 }, hated)).toBeGreaterThan(0.7);
    expect(chanceOfAcceptance('T2', none, { accepted: Number.NaN, refused: -1 })).toBe(4 / 7);
  });
});

/** Numbers by seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Place {
  readonly rule: string;
  readonly weighed: Weighed;
}

const decisions = 200;
const perNight = 4;
const severities = ['high', 'medium', 'low'] as const;
type Order = (places: Place[], random: () => number, outcomes: readonly Outcome[]) => Place[];

const byScore = (places: Place[], outcomes: readonly Outcome[]): Place[] => {
  const { own } = learnedFrom(outcomes, 'shop', null);
  const score = ({ rule, weighed }: Place): number => {
    const track = own[trackKey(rule, 'codemod', 'shop')] ?? { accepted: 0, refused: 0 };
    return scoreOf({ ...weighed, track });
  };
  return places.toSorted((a, b) => score(b) - score(a));
};

const orders: Readonly<Record<'learning' | 'untaught' | 'fixed' | 'random', Order>> = {
  learning: (places, _, outcomes) => byScore(places, outcomes),
  untaught: (places) => byScore(places, []),
  fixed: (places) => places.toSorted((a, b) => (a.rule < b.rule ? -1 : 1)),
  random: (places, random) => {
    const drawn = places.map((place) => [random(), place] as const);
    return drawn.sort(([a], [b]) => a - b).map(([, place]) => place);
  },
};

/** Accepted gain per minute of review over 200 decisions of one person with tastes of their own. */
function simulate(order: Order, seed: number): { rate: number; outcomes: readonly Outcome[] } {
  const random = randomFrom(seed);
  const rules = Array.from({ length: 12 }, (_, index) => `rule-${String(index).padStart(2, '0')}`);
  // Half of the rules nearly never please, half nearly always do; nobody knows which.
  const taste = new Map(rules.map((rule) => [rule, random() < 0.5 ? 0.08 : 0.9]));
  const outcomes: Outcome[] = [];
  let [gain, minutes] = [0, 0];
  while (outcomes.length < decisions) {
    const places = Array.from({ length: 24 }, (): Place => ({
      rule: rules[Math.floor(random() * rules.length)] ?? '',
      weighed: {
        severity: severities[Math.floor(random() * severities.length)] ?? 'low',
        tier: 'T2',
        hotShare: null,
        changesClass: random() < 0.5,
        assumptions: Math.floor(random() * 3),
        lines: 1 + Math.floor(random() * 30),
        track: { accepted: 0, refused: 0 },
        executed: 1,
      },
    }));
    for (const { rule, weighed } of order(places, random, outcomes).slice(0, perNight)) {
      const isTaken = random() < (taste.get(rule) ?? 0);
      minutes += 3 * costOf(weighed);
      if (isTaken) gain += expectedGain(weighed);
      outcomes.push(outcome({ rule, stage: isTaken ? 'landed' : 'rejected' }));
    }
  }
  return { rate: gain / minutes, outcomes };
}

describe('200 decisions', () => {
  const seeds = Array.from({ length: 30 }, (_, index) => index + 1);
  const meanOf = (order: Order): number =>
    seeds.reduce((sum, seed) => sum + simulate(order, seed).rate, 0) / seeds.length;

  it('learning accepts more gain per minute of review than every order that does not', () => {
    const rates = Object.fromEntries(
      Object.entries(orders).map(([name, order]) => [name, meanOf(order)]),
    ) as Record<keyof typeof orders, number>;
    const words = Object.entries(rates).map(([name, rate]) => `${name} ${rate.toFixed(2)}`);
    console.info(`accepted gain per review minute, 30 people × ${decisions} decisions: ${words.join(', ')}`);
    expect(rates.learning).toBeGreaterThan(1.2 * rates.untaught);
    expect(rates.learning).toBeGreaterThan(1.5 * rates.fixed);
    expect(rates.learning).toBeGreaterThan(1.5 * rates.random);
  });

  it('change what is proposed first', () => {
    const { outcomes } = simulate(orders.learning, 7);
    const weighed: Weighed = {
      ...{ severity: 'high', tier: 'T2', hotShare: null, changesClass: true, assumptions: 0, lines: 4 },
      ...{ track: { accepted: 0, refused: 0 }, executed: 1 },
    };
    const places = [...new Set(outcomes.map(({ rule }) => rule))].sort().map((rule) => ({ rule, weighed }));
    const first = byScore(places, []).map(({ rule }) => rule);
    const last = byScore(places, outcomes).map(({ rule }) => rule);
    expect(last).not.toEqual(first);
    const share = (rule: string): number => {
      const own = outcomes.filter((one) => one.rule === rule);
      return own.filter(({ stage }) => stage === 'landed').length / own.length;
    };
    expect(share(last[0] ?? '')).toBeGreaterThan(share(last.at(-1) ?? ''));
  });
});
