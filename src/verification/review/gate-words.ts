/** Each gate's question, and its numbers as sentences that a person can check. Pure. */
import type { Evidence, GateId, Verdict } from '../types.js';
import {
  count,
  counted,
  digits,
  listOf,
  membersOf,
  numberOf,
  seconds,
  stringsOf,
  wordOf,
} from './figures.js';

/** What each gate asks. */
export const questions: Readonly<Record<GateId, string>> = {
  policy: 'Is this a change that the owner allows?',
  parses: 'Do the changed files parse?',
  types: 'Does the type checker find anything new?',
  tests: 'Does the suite of the base still say the same?',
  coverage: 'Does the suite execute what changed?',
  equivalence: 'Does the new code answer as the old code did?',
  complexity: 'Is the code harder to read now?',
  performance: 'Is it faster, beyond what chance and the machine explain?',
};

type Words = (numbers: Verdict['numbers'], evidence: Evidence) => readonly (string | null)[];

const figure = (numbers: Verdict['numbers'], name: string): number => numberOf(numbers[name]) ?? 0;

/** "2 of 3 statements", or null when it was not counted. */
function share(numbers: Verdict['numbers'], name: string, word: string): string | null {
  const { total, executed } = membersOf(numbers[name]);
  const [all, hit] = [numberOf(total), numberOf(executed)];
  return all === null || hit === null || all === 0 ? null : `${count(hit)} of ${count(all)} changed ${word}`;
}

/** Comparisons that were made where the suite itself calls the changed functions. */
export function suiteCalls(numbers: Verdict['numbers']): { readonly own: number; readonly derived: number } {
  const all = listOf(numbers['measuredCalls']).map(membersOf);
  const sum = (name: string): number => all.reduce((total, one) => total + (numberOf(one[name]) ?? 0), 0);
  return { own: sum('own'), derived: sum('derived') };
}

/** How the inputs of the equivalence run came about. */
export function inputsInWords(numbers: Verdict['numbers']): string {
  const parts = [
    ['recorded', 'recorded from the suite'],
    ['generated', 'generated from the types'],
    ['sizes', 'of growing size'],
    ['sequences', 'sequences of calls'],
  ] as const;
  const said = parts
    .filter(([name]) => figure(numbers, name) > 0)
    .map(([name, words]) => `${count(figure(numbers, name))} ${words}`);
  const inputs = figure(numbers, 'inputs');
  const { own, derived } = suiteCalls(numbers);
  const calls = `${counted(own + derived, 'comparison')} inside the suite (${count(own)} of its own calls, ${count(derived)} derived from them)`;
  const alone = `${counted(inputs, 'input')}${said.length === 0 ? '' : ` (${said.join(', ')})`}`;
  if (own + derived === 0) return alone;
  return inputs === 0 ? calls : `${alone} and ${calls}`;
}

/** What the mutants of the changed lines say about the suite; null when none was tried. */
export function mutantsInWords(numbers: Verdict['numbers']): string | null {
  const { tried, killed, survived, note } = membersOf(numbers['mutants']);
  const [all, dead] = [numberOf(tried), numberOf(killed)];
  if (all === null || dead === null) return null;
  if (all === 0) return typeof note === 'string' ? `No mutants: ${note}.` : null;
  const alive = listOf(survived)
    .map(membersOf)
    .slice(0, 5)
    .map(({ line, what }) => `${wordOf(line)}: ${wordOf(what)}`);
  const rest = alive.length === 0 ? '' : ` Not noticed: ${alive.join('; ')}.`;
  return `${count(dead)} of ${counted(all, 'small fault')} planted into the changed lines ${dead === 1 ? 'was' : 'were'} noticed by the suite.${rest}`;
}

const words: Readonly<Record<GateId, Words>> = {
  policy: (numbers) =>
    listOf(numbers['breaches'])
      .map((breach) => membersOf(breach)['message'])
      .filter((message) => typeof message === 'string')
      .slice(0, 10),
  parses: () => [],
  types: (numbers) => [
    numbers['typescript'] === undefined
      ? null
      : `TypeScript ${wordOf(numbers['typescript'])}: ${counted(figure(numbers, 'base'), 'error')} before, ${count(figure(numbers, 'candidate'))} after, ${count(listOf(numbers['added']).length)} of them new.`,
  ],
  tests: (numbers, { baseline, plan }) => {
    const restored = stringsOf(numbers['restored']);
    return [
      `${counted(figure(numbers, 'tests'), 'test')} by \`${plan.command}\`, ${counted(listOf(numbers['worse']).length, 'test')} worse than on the base.`,
      restored.length === 0
        ? null
        : `Taken from the base, whatever the patch says: ${restored.slice(0, 6).join(', ')}.`,
      baseline.flaky.length + baseline.red.length === 0
        ? 'No test was set aside as flaky or red before.'
        : `Set aside: ${counted(baseline.flaky.length, 'flaky test')}, ${count(baseline.red.length)} red before.`,
      mutantsInWords(numbers),
    ];
  },
  coverage: (numbers) => {
    const said = [share(numbers, 'statements', 'statements'), share(numbers, 'branches', 'branches')].filter(
      (one) => one !== null,
    );
    const missed = stringsOf(numbers['unexecuted']);
    return [
      said.length === 0 ? null : `${said.join(' and ')}, counted on an instrumented copy in one extra run.`,
      missed.length === 0
        ? null
        : `Not executed: ${missed.slice(0, 8).join(', ')}${missed.length > 8 ? ` and ${missed.length - 8} more` : ''}.`,
    ];
  },
  equivalence: (numbers) => {
    const functions = [...new Set([...stringsOf(numbers['functions']), ...stringsOf(numbers['sideBySide'])])];
    const [lines, hit] = [figure(numbers, 'changedLines'), figure(numbers, 'changedLinesExecuted')];
    const [branches, taken] = [
      figure(numbers, 'changedBranches'),
      figure(numbers, 'changedBranchesExecuted'),
    ];
    return [
      functions.length === 0 ? null : `Run on both sides: ${functions.slice(0, 6).join(', ')}.`,
      lines + branches === 0
        ? null
        : `The inputs execute ${count(hit)} of ${counted(lines, 'changed line')} and ${count(taken)} of ${counted(branches, 'changed branch', 'changed branches')}.`,
      'Compared: result, thrown error, changed arguments, order, identity.',
    ];
  },
  complexity: (numbers) =>
    figure(numbers, 'cognitiveBefore') + figure(numbers, 'cognitiveAfter') === 0 &&
    figure(numbers, 'linesAfter') === 0
      ? []
      : [
          `Cognitive complexity ${count(figure(numbers, 'cognitiveBefore'))} → ${count(figure(numbers, 'cognitiveAfter'))}, cyclomatic ${count(figure(numbers, 'cyclomaticBefore'))} → ${count(figure(numbers, 'cyclomaticAfter'))}, lines ${count(figure(numbers, 'linesBefore'))} → ${count(figure(numbers, 'linesAfter'))}.`,
        ],
  performance: (numbers) => {
    const { title, entry, origin } = membersOf(numbers['workload']);
    const { lower, upper } = membersOf(numbers['confirming']);
    const [low, high] = [numberOf(lower), numberOf(upper)];
    const pairs = figure(numbers, 'pairs');
    return [
      typeof title === 'string'
        ? `Workload: ${title}${origin === 'file' ? ' (given by a person)' : ''}; entry ${wordOf(entry)}.`
        : null,
      pairs === 0
        ? null
        : `${counted(pairs, 'pair')} of fresh processes in the order base, candidate, candidate, base; ${counted(figure(numbers, 'resultsCompared'), 'result')} compared and equal.`,
      low === null || high === null
        ? null
        : `The other clock (${numbers['clock'] === 'wall' ? 'CPU' : 'wall'} time) says [${digits(low)}, ${digits(high)}].`,
    ];
  },
};

/** A gate's numbers as sentences; [] for a gate that was not reached. */
export function gateWords(verdict: Verdict, evidence: Evidence): readonly string[] {
  if (verdict.verdict === 'notApplicable' || Object.keys(verdict.numbers).length === 0) return [];
  return words[verdict.gate](verdict.numbers, evidence).filter((line) => line !== null);
}

/** The smallest input on which both sides differ, as code; null when none was found. */
export function counterexampleText({ gate, numbers }: Verdict): string | null {
  if (gate !== 'equivalence') return null;
  const { call, base, candidate, after } = membersOf(numbers['counterexample']);
  if (typeof call !== 'string') return null;
  const calls = numberOf(after) ?? 0;
  const before = calls > 0 ? `// after ${count(calls)} earlier calls\n` : '';
  return `${before}${call}\n// before: ${wordOf(base)}\n// after:  ${wordOf(candidate)}`;
}

/** How long a gate took, for people. */
export const took = ({ elapsedMs }: Verdict): string => (elapsedMs < 1 ? '' : seconds(elapsedMs));
