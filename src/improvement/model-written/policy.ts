/** How changes are asked of a language model: temperatures, seeds, limits, and the funnel. Pure. */
import type { Attempt, AttemptEnd, Budget, Funnel, Usage } from './types.js';

/** Part of every attempt: bump it when a prompt says something else. */
export const promptVersion = 2;

/** Candidate by candidate; the first is the most likely text, the later ones differ more. */
const temperatures = [0.2, 0.7, 0.4, 1, 0.6, 0.9, 0.3, 0.8] as const;
export const temperatureOf = (candidate: number): number =>
  temperatures[candidate % temperatures.length] ?? 0.7;

/** The seed of one candidate: the same run asks the same again (FNV-1a, 31 bits). */
export function seedOf(seed: number, key: string, candidate: number): number {
  let hash = 2_166_136_261;
  for (const character of `${seed}/${key}/${candidate}`)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  return (hash >>> 0) % 2_147_483_647;
}

/** What one cycle may spend, and what all of a day (UTC) may. Seconds are the model's. */
export const defaultBudget: Budget = {
  run: { calls: 24, tokens: 80_000, seconds: 900, candidates: 16 },
  day: { calls: 240, tokens: 800_000, seconds: 7_200, candidates: 160 },
};
export const defaultCandidates = 4;
export const defaultRepairs = 1;

export const noUsage: Usage = { calls: 0, tokens: 0, seconds: 0, candidates: 0 };

export const addUsage = (a: Usage, b: Usage): Usage => ({
  calls: a.calls + b.calls,
  tokens: a.tokens + b.tokens,
  seconds: a.seconds + b.seconds,
  candidates: a.candidates + b.candidates,
});

const limits = ['calls', 'tokens', 'seconds', 'candidates'] as const;

/** The limit that leaves no room for one more call (`candidate`: that begins one), in words; null when there is room. */
export function usedUp(spent: Usage, allowed: Usage, isNew: boolean): string | null {
  for (const limit of limits) {
    if (limit === 'candidates' && !isNew) continue;
    if (spent[limit] >= allowed[limit]) return `${allowed[limit].toLocaleString('en')} ${limit}`;
  }
  return null;
}

/** Ends that another turn may put right. A repeated or a hostile text is dropped instead. */
const repairable: ReadonlySet<AttemptEnd> = new Set([
  'does-not-parse',
  'several-declarations',
  'other-declaration',
  'changed-signature',
  'changed-export',
  'new-import',
  'new-name',
  'silences-checks',
  'endless-loop',
  'unchanged',
  'types',
  'tests',
  'differs',
  'not-faster',
]);
export const mayRepair = (end: AttemptEnd): boolean => repairable.has(end);

/** Steps of the funnel that an end has passed. */
const passedBy: Partial<Record<AttemptEnd, number>> = {
  policy: 1,
  types: 1,
  tests: 2,
  differs: 3,
  inconclusive: 3,
  untried: 4,
  'not-faster': 4,
  accepted: 6,
};

/** written → parses → types → tests → equivalent → faster → accepted. "Parses" is: one declaration, the right one. */
export function funnelOf(attempts: readonly Pick<Attempt, 'end'>[]): Funnel {
  const atLeast = (step: number): number => attempts.filter(({ end }) => (passedBy[end] ?? 0) >= step).length;
  return {
    written: attempts.filter(({ end }) => end !== 'no-answer').length,
    parses: atLeast(1),
    types: atLeast(2),
    tests: atLeast(3),
    equivalent: atLeast(4),
    faster: atLeast(5),
    accepted: atLeast(6),
  };
}

/** "written 12 → parses 9 → …" */
export function funnelLine(funnel: Funnel | Readonly<Record<string, number>>): string {
  return Object.entries(funnel)
    .map(([step, count]) => `${step} ${count}`)
    .join(' → ');
}

/** "9 of 24 calls, 21,400 of 80,000 tokens, 310 of 900 seconds" */
export function spentLine(spent: Usage, allowed: Usage): string {
  return (['calls', 'tokens', 'seconds'] as const)
    .map((limit) => `${shown(spent[limit])} of ${shown(allowed[limit])} ${limit}`)
    .join(', ');
}

const shown = (count: number): string => Math.round(count).toLocaleString('en');

/** The defaults, with the limits that an owner named. */
export function budgetFrom(named: {
  readonly run: Readonly<Record<string, number>>;
  readonly day: Readonly<Record<string, number>>;
}): Budget {
  const over = (usage: Usage, own: Readonly<Record<string, number>>): Usage => {
    const [calls, tokens, seconds, candidates] = [
      own['calls'],
      own['tokens'],
      own['seconds'],
      own['candidates'],
    ];
    return {
      calls: calls ?? usage.calls,
      tokens: tokens ?? usage.tokens,
      seconds: seconds ?? usage.seconds,
      candidates: candidates ?? usage.candidates,
    };
  };
  return { run: over(defaultBudget.run, named.run), day: over(defaultBudget.day, named.day) };
}
