/** What speaks for caution: only what this evidence shows, worst first. Pure. */
import type { Evidence } from '../types.js';
import { diffFiles } from './diff-rows.js';
import { count, counted, gateOf, listOf, membersOf, numberOf, speedOf, stringsOf } from './figures.js';
import type { ReviewSubject } from './types.js';

/** Above this share of waiting for a core the machine was busy. */
const busyMachine = 0.25;

function measuredRisks(evidence: Evidence): (string | null)[] {
  const verdict = gateOf(evidence, 'performance');
  const numbers = verdict?.numbers ?? {};
  const speed = speedOf(verdict);
  const slower = (speed?.rows ?? []).filter(({ upper }) => upper < 1);
  const open = (speed?.rows ?? []).filter(({ lower, upper }) => lower <= 1 && upper >= 1);
  const contention = numberOf(numbers['contention']) ?? 0;
  const at = (rows: typeof slower): string =>
    rows.map(({ size }) => (size === null ? 'the given size' : count(size))).join(', ');
  return [
    slower.length === 0 ? null : `Slower at ${at(slower)}.`,
    open.length === 0 || verdict?.verdict !== 'pass'
      ? null
      : `No proved gain at ${at(open)}: the interval holds 1.`,
    membersOf(numbers['workload'])['origin'] === 'generated'
      ? 'The workload was generated from the types: real inputs may be smaller or differ in kind.'
      : null,
    numbers['resultsEmpty'] === true ? 'Every result of the workload was empty.' : null,
    contention > busyMachine
      ? `The machine was busy: processes waited ${Math.round(contention * 100)} % of the time for a core; the intervals contain that.`
      : null,
  ];
}

function testRisks(evidence: Evidence): (string | null)[] {
  const tests = gateOf(evidence, 'tests')?.numbers ?? {};
  const survived = listOf(membersOf(tests['mutants'])['survived']).length;
  const rows = diffFiles(evidence).flatMap((file) => file.rows);
  const nobody = rows.filter(({ mark }) => mark === 'nobody').length;
  const partly = rows.filter(({ mark }) => mark === 'partly').length;
  const only = rows.filter(({ mark }) => mark === 'equivalence').length;
  const { flaky, red } = evidence.baseline;
  return [
    nobody === 0 ? null : `${counted(nobody, 'changed line')} executed by nobody.`,
    partly === 0 ? null : `${counted(partly, 'changed line')} with a branch that the suite does not take.`,
    only === 0
      ? null
      : `${counted(only, 'changed line')} executed by the equivalence run, not counted by the suite.`,
    survived === 0
      ? null
      : `${counted(survived, 'planted fault')} not noticed by the suite: it is weak here.`,
    flaky.length === 0 ? null : `${counted(flaky.length, 'flaky test')} set aside: they could hide a break.`,
    red.length === 0 ? null : `${counted(red.length, 'test')} red before and set aside.`,
  ];
}

/** Sentences for the reviewer; [] when nothing is left to say beyond the limits of every trial. */
export function risksOf({ evidence, proposal }: ReviewSubject): readonly string[] {
  const obstacles = stringsOf(gateOf(evidence, 'equivalence')?.numbers['obstacles']);
  const flagged = gateOf(evidence, 'complexity')?.numbers['flagged'] === true;
  const said = [
    ...(proposal?.assumptions ?? []).map((assumption) => `Assumed, not proved: ${assumption}`),
    ...testRisks(evidence),
    ...measuredRisks(evidence),
    obstacles.length === 0 ? null : `No inputs could be built for ${obstacles.slice(0, 3).join('; ')}.`,
    flagged ? 'The new code is clearly more complex.' : null,
  ];
  return said.filter((line) => line !== null);
}

/** What no trial can say, whatever its verdict: printed on every page. */
const limitsOfEvidence = [
  'Equal answers on many inputs are a search, not a proof: an input that nobody tried may differ.',
  'Times hold for this workload on this machine; the ratio carries over better than the times.',
  'The verdict follows a fixed table (docs/evidence.md). It never replaces reading the diff.',
] as const;

/** The same, after how often the gates were measured to be wrong. */
export const limitsOf = ({ calibration }: Pick<ReviewSubject, 'calibration'>): readonly string[] =>
  calibration === undefined ? limitsOfEvidence : [calibration, ...limitsOfEvidence];
