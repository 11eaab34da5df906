/**
 * The verdict: one small pure table from the gates' answers to accepted, refused or inconclusive (docs/evidence.md).
 * Accepted needs every row of `requirements`; any `fail` refuses; everything else is inconclusive and says what
 * would settle it.
 */
import type { GateId, GateResult, TrialVerdict, Verdict } from './types.js';

/**
 * Gates in order of cost: a trial stops at the first `fail`. The measured gate comes last, so that everything a
 * replay must reproduce is answered before it.
 */
export const gateOrder = [
  'policy',
  'parses',
  'types',
  'tests',
  'coverage',
  'equivalence',
  'complexity',
  'performance',
] as const satisfies readonly GateId[];

/** What the table needs to know beside the gates' answers. */
export interface TrialFacts {
  readonly claimsGain: boolean;
  /** False when the patch changes nothing that runs. */
  readonly changesCode: boolean;
}

export interface Decision {
  readonly verdict: TrialVerdict;
  /** One sentence: which gate decided and why. */
  readonly reason: string;
  /** What would settle an inconclusive trial; null otherwise. */
  readonly settle: string | null;
}

/** Answers that let a trial be accepted, per gate. A gate that was not asked counts as `notApplicable`. */
const requirements: Readonly<Record<GateId, (facts: TrialFacts) => readonly GateResult[]>> = {
  policy: () => ['pass'],
  parses: () => ['pass'],
  // A repository without TypeScript has no types to break.
  types: () => ['pass', 'notApplicable'],
  tests: () => ['pass'],
  // Only what the candidate adds or changes can be executed: a patch that only removes lines has no changed branch.
  coverage: () => ['pass', 'notApplicable'],
  equivalence: () => ['pass'],
  performance: (facts) => (facts.claimsGain ? ['pass'] : ['pass', 'notApplicable']),
  // Complexity informs the reviewer and never blocks.
  complexity: () => ['pass', 'inconclusive', 'notApplicable'],
};

const settleBy: Readonly<Record<GateId, string>> = {
  policy: 'Run the trial again: the policy gate gave no answer.',
  parses: 'Run the trial again: it could not be decided whether the changed files parse.',
  types: 'Make the type check of the base work (tsconfig.json), then run the trial again.',
  tests: 'Add a test suite, or name its command in the policy (testCommand).',
  coverage: 'Add a test that executes every changed line.',
  equivalence: 'Add a test that calls the changed functions through an exported API.',
  performance: 'Give a workload with --workload that shows the gain, or say --no-gain.',
  complexity: 'Nothing: complexity never blocks.',
};

/** Strings `file:line` from a verdict's numbers; [] when the gate did not list any. */
function places(verdict: Verdict | undefined, key: string): readonly string[] {
  const value = verdict?.numbers[key];
  return Array.isArray(value) ? value.filter((place) => typeof place === 'string') : [];
}

/**
 * Was every changed branch executed, by the suite or by the equivalence run? The coverage gate lists
 * `numbers.unexecuted`, the equivalence gate `numbers.executed` (both "file:line").
 */
export function changedLinesExecuted(gates: readonly Verdict[]): boolean {
  const coverage = gates.find((gate) => gate.gate === 'coverage');
  const equivalence = gates.find((gate) => gate.gate === 'equivalence');
  const missed = places(coverage, 'unexecuted');
  if (coverage?.verdict === 'pass' && missed.length === 0) return true;
  if (missed.length === 0 || equivalence?.verdict !== 'pass') return false;
  const executed = new Set(places(equivalence, 'executed'));
  return missed.every((place) => executed.has(place));
}

function isMet(gate: GateId, gates: readonly Verdict[], facts: TrialFacts): boolean {
  const answer = gates.find((verdict) => verdict.gate === gate)?.verdict ?? 'notApplicable';
  if (gate === 'coverage' && (answer === 'pass' || answer === 'inconclusive')) {
    return changedLinesExecuted(gates);
  }
  return requirements[gate](facts).includes(answer);
}

/** The verdict of a trial. Pure: the same answers give the same verdict, on any machine. */
export function decideVerdict(gates: readonly Verdict[], facts: TrialFacts): Decision {
  const failed = gateOrder
    .map((id) => gates.find((verdict) => verdict.gate === id))
    .find((verdict) => verdict?.verdict === 'fail');
  if (failed !== undefined) {
    return { verdict: 'refused', reason: `${failed.gate}: ${failed.reason}`, settle: null };
  }
  if (!facts.changesCode) {
    const reason = 'Nothing changed: the patch alters comments, types or white space only.';
    // The claim of a gain is then certainly false; without a claim there is just nothing to judge.
    if (facts.claimsGain) return { verdict: 'refused', reason, settle: null };
    return { verdict: 'inconclusive', reason, settle: 'Review it by eye: no gate can say more.' };
  }
  const open = gateOrder.find((id) => !isMet(id, gates, facts));
  if (open === undefined) return { verdict: 'accepted', reason: 'Every gate passed.', settle: null };
  const verdict = gates.find((gate) => gate.gate === open);
  return {
    verdict: 'inconclusive',
    reason: `${open}: ${verdict?.reason ?? 'not asked'}`,
    settle: verdict?.settle ?? settleBy[open],
  };
}
