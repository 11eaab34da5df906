/**
 * Gate `equivalence`: old and new code side by side, inside the suite on copies of each call's input, and alone on
 * recorded and generated inputs. One mismatch fails with the smallest counterexample as code; what neither way
 * reaches is inconclusive, with the reason.
 */
import type { Counterexample } from '../equivalence/compare.js';
import type { ExecutedLines } from '../equivalence/executed-lines.js';
import { mergeLines } from '../equivalence/executed-lines.js';
import type { Finding, JudgeOptions } from '../equivalence/judge.js';
import { judge } from '../equivalence/judge.js';
import type { Observed } from '../equivalence/observe-suite.js';
import { observeSuite } from '../equivalence/observe-suite.js';
import { printCase, printOutcomes } from '../equivalence/print.js';
import type { Reach } from '../equivalence/reach.js';
import { reach } from '../equivalence/reach.js';
import type { Mismatch, ShadowFindings } from '../equivalence/shadow/read-findings.js';
import type { Gate, TrialContext, Verdict } from '../types.js';

type Answer = Omit<Verdict, 'gate' | 'elapsedMs'>;
type Compared = Extract<Finding, { kind: 'compared' }>;
type Numbers = Verdict['numbers'];

const settleByTest = 'Add a test that calls the changed functions through an exported API.';

function open(reason: string, numbers: Numbers, settle = settleByTest): Answer {
  return { verdict: 'inconclusive', reason, numbers, settle };
}

/** What the suite's own run leaves open. */
interface Rest {
  /** Every changed function answered alike inside the suite. */
  readonly isNothing: boolean;
  readonly unreached: readonly string[];
}

function restOf(found: Reach, shadow: ShadowFindings): Rest {
  const answered = new Set(shadow.answered);
  const seen = new Set(shadow.changed.map((name) => name.slice(0, name.indexOf('#'))));
  const covers = found.changes
    .filter((change) => change.declarations.length + change.topLevel.length > 0)
    .every((change) => seen.has(change.file));
  const isNothing = covers && shadow.changed.length > 0 && shadow.changed.every((name) => answered.has(name));
  const unreached = isNothing
    ? []
    : found.unreached.filter(({ file, name }) => !answered.has(`${file}#${name}`));
  return { isNothing, unreached: unreached.map(({ file, name, why }) => `${name} in ${file}: ${why}`) };
}

function numbersOf(found: Reach, shadow: ShadowFindings, finding: Compared | null, seed: number): Numbers {
  const lines: ExecutedLines | null = mergeLines(finding?.lines ?? null, shadow.lines);
  const cases = finding?.cases ?? { recorded: 0, generated: 0, sizes: 0, sequences: 0 };
  return {
    inputs: cases.recorded + cases.generated + cases.sizes + cases.sequences,
    ...cases,
    functions: found.targets.map((target) => target.id),
    sideBySide: shadow.answered,
    // How often depends on the order in which the suite's processes run.
    measuredCalls: shadow.figures,
    notSideBySide: shadow.blocked,
    changedLines: (lines?.executed.length ?? 0) + (lines?.unexecuted.length ?? 0),
    changedLinesExecuted: lines?.executed.length ?? 0,
    changedBranches: lines?.branches ?? 0,
    changedBranchesExecuted: lines?.branchesExecuted ?? 0,
    executed: lines?.executed ?? [],
    unexecuted: lines?.unexecuted ?? [],
    obstacles: finding?.obstacles ?? [],
    seed,
  };
}

function failure(found: Reach, example: Counterexample, numbers: Numbers): Answer {
  const code = printCase(example.one, found.targets);
  const shown = printOutcomes(outcomeText(example.base), outcomeText(example.candidate));
  const after = example.after === 0 ? '' : ` after ${example.after} earlier calls`;
  return {
    verdict: 'fail',
    reason: `${code}${after} gives ${shown.base} on the base and ${shown.candidate} on the candidate.`,
    numbers: { ...numbers, counterexample: { call: code, after: example.after, ...shown } },
  };
}

/** A difference between two runs on copies of what the suite passed. */
function mismatch(example: Mismatch, numbers: Numbers): Answer {
  const { entry, file, call, derived, hang } = example;
  const shown = printOutcomes(example.base, example.candidate);
  const input = derived === null ? 'as the suite calls it' : `made from a call of the suite, ${derived}`;
  const verb = hang
    ? 'does not end on the candidate'
    : `gives ${shown.base} on the base and ${shown.candidate} on the candidate`;
  return {
    verdict: 'fail',
    reason: `${call} in ${file} (${input}) ${verb}.`,
    numbers: { ...numbers, counterexample: { call, after: 0, function: entry, file, derived, ...shown } },
  };
}

function outcomeText(outcome: { readonly kind: string; readonly text: string }): string {
  if (outcome.kind === 'ok') return outcome.text;
  return outcome.kind === 'hang' ? 'no end within the time limit' : `${outcome.kind}: ${outcome.text}`;
}

/** What the run outside of the suite says about equality; null = nothing against it. */
function objection(found: Reach, finding: Finding, rest: Rest, numbers: Numbers): Answer | null {
  if (finding.kind === 'unloadable') {
    const reason = `The changed module does not load alone (${finding.side}): ${finding.reason}`;
    return rest.isNothing ? null : open(reason, numbers);
  }
  if (finding.kind === 'nothingToRun') {
    const reason = `No inputs could be built: ${finding.obstacles.join('; ')}.`;
    return rest.isNothing ? null : open(reason, numbers);
  }
  const example = finding.counterexample;
  if (example !== null && !example.unstable) return failure(found, example, numbers);
  if (example !== null) {
    const reason = `${printCase(example.one, found.targets)}: the answers differ, but that of the base is random or changes when asked again.`;
    return open(reason, numbers, 'Add a test with the random numbers fixed.');
  }
  if (finding.suspects > 0) {
    const reason = `${finding.suspects} inputs gave different answers in one run, but not when repeated.`;
    return open(reason, numbers);
  }
  return rest.isNothing ? null : shortfall(finding, rest, numbers);
}

/** What keeps a comparison without difference from being enough. */
function shortfall(finding: Compared, rest: Rest, numbers: Numbers): Answer | null {
  if (rest.unreached.length > 0) {
    return open(`Not everything can be called: ${rest.unreached.join('; ')}.`, numbers);
  }
  const answered = new Set(numbers['sideBySide'] as readonly string[]);
  const obstacles = finding.obstacles.filter((text) => !answered.has(text.slice(0, text.indexOf(': '))));
  if (obstacles.length > 0) return open(`No inputs could be built for ${obstacles.join('; ')}.`, numbers);
  if (finding.answered === 0)
    return open(`The base refuses all ${String(numbers['inputs'])} inputs.`, numbers);
  const { executed, unexecuted } = numbers as { executed: readonly string[]; unexecuted: readonly string[] };
  if (finding.lines !== null && !finding.lines.touched && executed.length === 0 && unexecuted.length > 0) {
    return open(`None of ${String(numbers['inputs'])} inputs executes the changed lines.`, numbers);
  }
  return null;
}

function passed(found: Reach, finding: Finding | null, numbers: Numbers): Answer {
  const controlled =
    finding?.kind === 'compared' && finding.controlled > 0
      ? ' Time and random numbers were the same on both sides: the function asks for them.'
      : '';
  const sideBySide = numbers['sideBySide'] as readonly string[];
  const alone = finding?.kind === 'compared' && finding.answered > 0;
  const ways = [
    ...(alone
      ? [`${String(numbers['inputs'])} inputs of ${found.targets.map(({ id }) => id).join(', ')}`]
      : []),
    ...(sideBySide.length > 0
      ? [`the suite's own calls of ${sideBySide.join(', ')} and inputs made from them`]
      : []),
  ];
  return { verdict: 'pass', reason: `No difference in ${ways.join(', nor in ')}.${controlled}`, numbers };
}

/** Why nothing was compared inside the suite, for people. */
function unavailable(observed: Observed): string {
  const { shadow } = observed;
  const blocked = shadow.blocked.map(({ name, why }) => `${name}: ${why}`);
  const calls = shadow.figures.flatMap(({ name, calls, why }) => {
    const most = Object.entries(calls).sort(([, a], [, b]) => b - a)[0];
    return most === undefined ? [] : [`${name}: ${most[0]}${why === null ? '' : ` (${why})`}`];
  });
  const said =
    shadow.unavailable === null ? [...blocked, ...calls.slice(0, 3)] : [shadow.unavailable, ...blocked];
  return said.length === 0 ? '' : ` Side by side inside the suite: ${said.join('; ')}.`;
}

async function answer(context: TrialContext, signal: AbortSignal, options: JudgeOptions): Promise<Answer> {
  const found = await reach(context);
  if (found.changes.length === 0 && found.otherFiles.length === 0) {
    return { verdict: 'notApplicable', reason: 'No source file is changed.', numbers: {} };
  }
  context.onProgress('running both versions side by side inside the suite');
  const observed = await observeSuite(context, found, signal);
  const { shadow, recorded } = observed;
  const [example] = shadow.mismatches;
  if (example !== undefined) return mismatch(example, numbersOf(found, shadow, null, context.seed));
  const rest = restOf(found, shadow);
  context.onProgress(`comparing ${found.targets.length} functions`);
  const finding = found.targets.length === 0 ? null : await judge(context, found, recorded, signal, options);
  const numbers = numbersOf(found, shadow, finding?.kind === 'compared' ? finding : null, context.seed);
  const against = finding === null ? null : objection(found, finding, rest, numbers);
  if (against !== null) {
    const more = against.verdict === 'inconclusive' && !rest.isNothing ? unavailable(observed) : '';
    return { ...against, reason: against.reason + more };
  }
  if (finding === null && !rest.isNothing) {
    const why = rest.unreached.length > 0 ? `: ${rest.unreached.join('; ')}` : '';
    return open(`No changed function can be called on both sides${why}.${unavailable(observed)}`, numbers);
  }
  if (shadow.suspects > 0) {
    return open('Some calls inside the suite gave different answers once, but not when repeated.', numbers);
  }
  return passed(found, finding, numbers);
}

/** The equivalence gate. All repository code runs inside the context's sandbox. */
export function createEquivalenceGate(options: JudgeOptions = {}): Gate {
  return {
    id: 'equivalence',
    version: 2,
    run: async (context, signal) => {
      const started = Date.now();
      const result = await answer(context, signal, options);
      return { gate: 'equivalence', elapsedMs: Date.now() - started, ...result };
    },
  };
}
