/** The review page as data: what a dashboard draws by itself. The same parts as the page in page.ts. Pure. */
import type { Evidence, Verdict } from '../types.js';
import { diffFiles, type DiffFile } from './diff-rows.js';
import { gateOf, speedOf, type Speed } from './figures.js';
import { counterexampleText, gateWords, questions, took } from './gate-words.js';
import { limitsOf, risksOf } from './risks.js';
import type { ReviewSubject } from './types.js';

/** One gate's answer in words. */
export interface GateView extends Pick<Verdict, 'gate' | 'verdict' | 'reason'> {
  readonly question: string;
  /** Its numbers as sentences. */
  readonly words: readonly string[];
  readonly settle: string | null;
  /** "1.2 s", or empty. */
  readonly took: string;
  readonly counterexample: string | null;
}

export interface ReviewData {
  readonly files: readonly DiffFile[];
  readonly gates: readonly GateView[];
  readonly speed: Speed | null;
  /** What speaks for caution, worst first. */
  readonly risks: readonly string[];
  readonly limits: readonly string[];
  /** What the evidence depended on; null for a patch that was not tried yet. */
  readonly provenance: Pick<
    Evidence,
    'base' | 'plan' | 'seed' | 'environment' | 'finishedAt' | 'deterministicDigest' | 'lockHash' | 'baseline'
  > | null;
}

/** Everything that a reviewer is shown of a trial. */
export function reviewData(subject: ReviewSubject): ReviewData {
  const { evidence } = subject;
  const { base, plan, seed, environment, finishedAt, deterministicDigest, lockHash, baseline } = evidence;
  return {
    files: diffFiles(evidence),
    gates: evidence.gates
      .filter(({ gate }) => Object.hasOwn(questions, gate))
      .map((verdict) => ({
        gate: verdict.gate,
        verdict: verdict.verdict,
        reason: verdict.reason,
        question: questions[verdict.gate],
        words: gateWords(verdict, evidence),
        settle: verdict.settle ?? null,
        took: took(verdict),
        counterexample: counterexampleText(verdict),
      })),
    speed: speedOf(gateOf(evidence, 'performance')),
    risks: risksOf(subject),
    limits: limitsOf(subject),
    provenance: { base, plan, seed, environment, finishedAt, deterministicDigest, lockHash, baseline },
  };
}

/** A patch that no trial has looked at yet: its text, and nothing else. */
export function untriedData(patch: Evidence['patch']): ReviewData {
  const files = diffFiles({ patch, gates: [] });
  return { files, gates: [], speed: null, risks: [], limits: [], provenance: null };
}
