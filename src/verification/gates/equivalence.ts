/**
 * Gate `equivalence`: old and new code side by side on recorded and generated inputs. One mismatch fails with the
 * smallest counterexample as code; where nothing can be called or no changed line runs, the answer is inconclusive.
 */
import type { Counterexample } from '../equivalence/compare.js';
import type { Finding, JudgeOptions } from '../equivalence/judge.js';
import { judge } from '../equivalence/judge.js';
import { printCase, printOutcomes } from '../equivalence/print.js';
import type { Reach } from '../equivalence/reach.js';
import { reach } from '../equivalence/reach.js';
import type { Gate, TrialContext, Verdict } from '../types.js';

type Answer = Omit<Verdict, 'gate' | 'elapsedMs'>;

const settleByTest = 'Add a test that calls the changed functions through an exported API.';

function unreachedText(found: Reach): string {
  return found.unreached.map(({ file, name, why }) => `${name} in ${file}: ${why}`).join('; ');
}

function failure(found: Reach, example: Counterexample, numbers: Verdict['numbers']): Answer {
  const code = printCase(example.one, found.targets);
  const shown = printOutcomes(outcomeText(example.base), outcomeText(example.candidate));
  const after = example.after === 0 ? '' : ` after ${example.after} earlier calls`;
  return {
    verdict: 'fail',
    reason: `${code}${after} gives ${shown.base} on the base and ${shown.candidate} on the candidate.`,
    numbers: { ...numbers, counterexample: { call: code, after: example.after, ...shown } },
  };
}

function outcomeText(outcome: { readonly kind: string; readonly text: string }): string {
  if (outcome.kind === 'ok') return outcome.text;
  return outcome.kind === 'hang' ? 'no end within the time limit' : `${outcome.kind}: ${outcome.text}`;
}

function compared(found: Reach, finding: Extract<Finding, { kind: 'compared' }>, seed: number): Answer {
  const { lines, cases } = finding;
  const inputs = cases.recorded + cases.generated + cases.sizes + cases.sequences;
  const numbers = {
    inputs,
    ...cases,
    functions: found.targets.map((target) => target.id),
    changedLines: (lines?.executed.length ?? 0) + (lines?.unexecuted.length ?? 0),
    changedLinesExecuted: lines?.executed.length ?? 0,
    changedBranches: lines?.branches ?? 0,
    changedBranchesExecuted: lines?.branchesExecuted ?? 0,
    executed: lines?.executed ?? [],
    unexecuted: lines?.unexecuted ?? [],
    obstacles: finding.obstacles,
    seed,
  };
  const example = finding.counterexample;
  if (example !== null && !example.unstable) return failure(found, example, numbers);
  if (example !== null) {
    const reason = `${printCase(example.one, found.targets)}: the answers differ, but that of the base is random or changes when asked again.`;
    return {
      verdict: 'inconclusive',
      reason,
      numbers,
      settle: 'Add a test with the random numbers fixed.',
    };
  }
  if (finding.suspects > 0) {
    const reason = `${finding.suspects} inputs gave different answers in one run, but not when repeated.`;
    return { verdict: 'inconclusive', reason, numbers, settle: settleByTest };
  }
  if (found.unreached.length > 0) {
    return {
      verdict: 'inconclusive',
      reason: `Not everything can be called: ${unreachedText(found)}.`,
      numbers,
      settle: settleByTest,
    };
  }
  if (finding.obstacles.length > 0) {
    return {
      verdict: 'inconclusive',
      reason: `No inputs could be built for ${finding.obstacles.join('; ')}.`,
      numbers,
      settle: settleByTest,
    };
  }
  if (finding.answered === 0) {
    return {
      verdict: 'inconclusive',
      reason: `The base refuses all ${inputs} inputs.`,
      numbers,
      settle: settleByTest,
    };
  }
  if (lines !== null && !lines.touched && lines.unexecuted.length > 0) {
    return {
      verdict: 'inconclusive',
      reason: `None of ${inputs} inputs executes the changed lines.`,
      numbers,
      settle: settleByTest,
    };
  }
  const names = found.targets.map((target) => target.id).join(', ');
  const controlled =
    finding.controlled > 0
      ? ' Time and random numbers were the same on both sides: the function asks for them.'
      : '';
  return { verdict: 'pass', reason: `No difference in ${inputs} inputs of ${names}.${controlled}`, numbers };
}

async function answer(context: TrialContext, signal: AbortSignal, options: JudgeOptions): Promise<Answer> {
  const found = await reach(context);
  if (found.changes.length === 0 && found.otherFiles.length === 0) {
    return { verdict: 'notApplicable', reason: 'No source file is changed.', numbers: {} };
  }
  if (found.targets.length === 0) {
    const why = found.unreached.length > 0 ? `: ${unreachedText(found)}` : '';
    const reason = `No changed function can be called on both sides${why}.`;
    return { verdict: 'inconclusive', reason, numbers: {}, settle: settleByTest };
  }
  context.onProgress(`comparing ${found.targets.length} functions`);
  const finding = await judge(context, found, signal, options);
  if (finding.kind === 'unloadable') {
    const reason = `The changed module does not load alone (${finding.side}): ${finding.reason}`;
    return { verdict: 'inconclusive', reason, numbers: {}, settle: settleByTest };
  }
  if (finding.kind === 'nothingToRun') {
    const reason = `No inputs could be built: ${finding.obstacles.join('; ')}.`;
    return { verdict: 'inconclusive', reason, numbers: {}, settle: settleByTest };
  }
  return compared(found, finding, context.seed);
}

/** The equivalence gate. All repository code runs inside the context's sandbox. */
export function createEquivalenceGate(options: JudgeOptions = {}): Gate {
  return {
    id: 'equivalence',
    version: 1,
    run: async (context, signal) => {
      const started = Date.now();
      const result = await answer(context, signal, options);
      return { gate: 'equivalence', elapsedMs: Date.now() - started, ...result };
    },
  };
}
