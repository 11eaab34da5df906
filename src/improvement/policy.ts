/**
 * Ranking and risk, pure: expected gain × chance of acceptance ÷ cost. The chance is the mean of a Beta posterior per
 * rule, proposer and repository; its prior says how often a tier is right before anything is known.
 */
import type { Severity, Tier } from '../analysis/types.js';
import type { Proposer, Risk } from './types.js';

export * from './model-written/policy.js';

/** Earlier outcomes of one rule, by one proposer, in one repository. */
export interface Track {
  /** Landed and not rolled back. */
  readonly accepted: number;
  /** Refused by a gate, rejected by a person, or rolled back. */
  readonly refused: number;
}

/** What ranking knows of a change. */
export interface Weighed {
  readonly severity: Severity;
  readonly tier: Tier;
  /** Share (0…1) of the suite's self time; null when not profiled. */
  readonly hotShare: number | null;
  /** Does the complexity class change, not only a constant? */
  readonly changesClass: boolean;
  readonly assumptions: number;
  /** Lines that the edits touch or add. */
  readonly lines: number;
  readonly track: Track;
  /** The same rule and proposer in all other repositories; absent = none. */
  readonly pooled?: Track;
  /** Share (0…1) of the changed statements and branches that the suite executes; null when not measured. */
  readonly executed: number | null;
}

/** Key of a track in the ledger. */
export function trackKey(rule: string, proposer: Proposer, repositoryId: string): string {
  return `${rule}/${proposer}/${repositoryId}`;
}

const priors: Readonly<Record<Tier, readonly [accepted: number, refused: number]>> = {
  T1: [8, 2],
  T2: [4, 3],
  T3: [1, 3],
};

/** Other repositories count for at most so many decisions: what happens here soon outweighs them. */
const pooledMax = 6;
const untried: Track = { accepted: 0, refused: 0 };

/**
 * Posterior mean of the acceptance rate, 0…1: a prior by tier, moved by what the rule did elsewhere (shrunk), moved by
 * what it did here. Negative or broken counts are taken as none.
 */
export function chanceOfAcceptance(tier: Tier, track: Track, pooled: Track = untried): number {
  const [accepted, refused] = priors[tier];
  const [won, lost] = [counted(pooled.accepted), counted(pooled.refused)];
  const shrunk = Math.min(1, pooledMax / Math.max(1, won + lost));
  const good = accepted + won * shrunk + counted(track.accepted);
  return good / (good + refused + lost * shrunk + counted(track.refused));
}

function counted(count: number): number {
  return Number.isFinite(count) && count > 0 ? count : 0;
}

const severityWeight: Readonly<Record<Severity, number>> = {
  critical: 16,
  high: 8,
  medium: 4,
  low: 2,
  info: 1,
};

/** Severity, doubled for a change of class, times 1…11 by the measured share of the time. */
export function expectedGain(weighed: Weighed): number {
  const hot = weighed.hotShare === null ? 0 : Math.min(1, Math.max(0, weighed.hotShare));
  return severityWeight[weighed.severity] * (weighed.changesClass ? 2 : 1) * (1 + 10 * hot);
}

/** What a trial and a review cost, relative to a one-line change without assumptions. */
export function costOf(weighed: Weighed): number {
  return 1 + weighed.lines / 20 + weighed.assumptions / 4;
}

/** The number by which proposals are ordered, larger first. */
export function scoreOf(weighed: Weighed): number {
  const chance = chanceOfAcceptance(weighed.tier, weighed.track, weighed.pooled);
  return (expectedGain(weighed) * chance * (weighed.executed ?? 1)) / costOf(weighed);
}

/** What no test executes comes last, whatever it promises: its trial can only end as inconclusive. */
export function isIdle({ executed }: Pick<Weighed, 'executed'>): boolean {
  return executed === 0;
}

/** What the reviewer is told of a change that no test executes. */
export const idleNote = 'No test executes it: the coverage gate will call it inconclusive.';

/** Each further proposal of a rule counts less, so that a review shows different things. */
export function diversified(score: number, earlierOfRule: number): number {
  return score * 0.85 ** earlierOfRule;
}

/** Risk from tier, assumptions, time share of the code and size; by points, so that each part can be explained. */
export function riskOf(weighed: Pick<Weighed, 'tier' | 'assumptions' | 'hotShare' | 'lines'>): Risk {
  const tier = { T1: 0, T2: 2, T3: 4 }[weighed.tier];
  const assumed = weighed.assumptions > 2 ? 1 : 0;
  const hot = weighed.hotShare !== null && weighed.hotShare > 0.25 ? 1 : 0;
  const large = weighed.lines > 40 ? 2 : weighed.lines > 15 ? 1 : 0;
  const points = tier + assumed + hot + large;
  if (points < 2) return 'low';
  return points < 4 ? 'medium' : 'high';
}

/** The end of an earlier proposal, as ranking learns from it. */
export interface Outcome {
  readonly rule: string;
  /** Absent: a codemod. What a model wrote says nothing about the codemod of its rule. */
  readonly proposer?: Proposer;
  readonly repositoryId: string;
  readonly stage: string;
  /** ISO 8601. */
  readonly updatedAt: string;
}

const won: ReadonlySet<string> = new Set(['landed']);
const lost: ReadonlySet<string> = new Set(['refused', 'rejected', 'rolledBack']);

/** What was learned for one repository: its own tracks by `trackKey`, and those of all others by rule and proposer. */
export interface Learned {
  readonly own: Readonly<Record<string, Track>>;
  readonly pooled: Readonly<Record<string, Track>>;
}

/** Key of a pooled track. */
export const pooledKey = (rule: string, proposer: Proposer): string => `${rule}/${proposer}`;

/** Counts outcomes; those of the repository from before `since` (a reset) are forgotten. */
export function learnedFrom(
  outcomes: readonly Outcome[],
  repositoryId: string,
  since: string | null,
): Learned {
  const own = new Map<string, Track>();
  const pooled = new Map<string, Track>();
  for (const one of outcomes) {
    if (!won.has(one.stage) && !lost.has(one.stage)) continue;
    const isOwn = one.repositoryId === repositoryId;
    if (isOwn && since !== null && one.updatedAt < since) continue;
    const tracks = isOwn ? own : pooled;
    const proposer = one.proposer ?? 'codemod';
    const key = isOwn ? trackKey(one.rule, proposer, repositoryId) : pooledKey(one.rule, proposer);
    const { accepted, refused } = tracks.get(key) ?? untried;
    const isWon = won.has(one.stage);
    tracks.set(key, { accepted: accepted + (isWon ? 1 : 0), refused: refused + (isWon ? 0 : 1) });
  }
  return { own: Object.fromEntries(own), pooled: Object.fromEntries(pooled) };
}
