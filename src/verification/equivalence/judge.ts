/** One trial's equivalence run: bundles, cases, both sides, comparison. Returns the facts; the verdict is policy. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrialContext } from '../types.js';
import { ArbitraryBuilder } from './arbitraries.js';
import { bundleSide } from './bundle.js';
import type { Counterexample, Pair } from './compare.js';
import { differs, smallestCounterexample } from './compare.js';
import type { ExecutedLines } from './executed-lines.js';
import { executedLines } from './executed-lines.js';
import type { PlannedCase } from './make-cases.js';
import { CaseMaker } from './make-cases.js';
import type { Reach } from './reach.js';
import type { Control, Side, SideRun } from './run-side.js';
import { runSide } from './run-side.js';
import type { RecordedCalls } from './record-calls.js';
import { refined } from './shapes-from-recorded.js';
import type { CaseOrigin, Target } from './types.js';

/** A side that cannot be loaded outside of its application. */
export interface Unloadable {
  readonly kind: 'unloadable';
  readonly side: 'base' | 'candidate';
  readonly reason: string;
}

/** What an equivalence run found out. */
export type Finding =
  | Unloadable
  | { readonly kind: 'nothingToRun'; readonly obstacles: readonly string[] }
  | {
      readonly kind: 'compared';
      readonly counterexample: Counterexample | null;
      readonly cases: Readonly<Record<CaseOrigin, number>>;
      /** Cases in which the base answered at all. */
      readonly answered: number;
      /** Cases in which the base asked for the time or for random numbers. */
      readonly controlled: number;
      readonly lines: ExecutedLines | null;
      readonly obstacles: readonly string[];
      /** Cases that differed before they were confirmed alone. */
      readonly suspects: number;
    };

/** Of one trial; shared by its functions. */
const casesDefault = 9_000;

export interface JudgeOptions {
  /** Generated cases of the whole trial. */
  readonly cases?: number;
}
const caseMs = 3_000;
const epoch = 1_700_000_000_000;

/** How dependencies get into the bundle; the second is tried when the first does not load. */
const modes = ['bundled', 'external'] as const;

/** Bundles both sides into scratch. */
export async function openSides(
  context: TrialContext,
  found: Reach,
  mode: (typeof modes)[number] = 'bundled',
): Promise<Pair | Unloadable> {
  const files = [...new Set(found.targets.map((target) => target.file))];
  const open = async (name: Side['name'], tree: string): Promise<Side | Unloadable> => {
    const dependencies = context.baseline.dependencies.path;
    const result = await bundleSide({ tree, dependencies, files, packages: found.packages, mode });
    if (result.kind === 'failed') return { kind: 'unloadable', side: name, reason: result.reason };
    const scratch = join(context.scratch, `equivalence-${name}-${mode}`);
    await mkdir(join(scratch, 'bundle'), { recursive: true });
    await writeFile(join(scratch, 'bundle', 'bundle.js'), result.code);
    await writeFile(join(scratch, 'bundle.js.map'), result.map);
    const { sandbox, limits } = context;
    return { name, tree, dependencies, scratch, sandbox, limits, targets: found.targets };
  };
  const [base, candidate] = await Promise.all([
    open('base', context.baseTree),
    open('candidate', context.candidateTree),
  ]);
  if ('kind' in base) return base;
  return 'kind' in candidate ? candidate : { base, candidate };
}

function controlOf(seed: number): Control {
  return { clock: epoch, random: seed | 1 };
}

/** Loose parameters become what the suite passed. */
function refine(found: Reach, recorded: RecordedCalls): Reach {
  const targets = found.targets.map((target, t): Target => {
    if (target.typed) return target;
    const signature = refined(target.signature, recorded.argumentsOf.get(t) ?? []);
    const constructed = recorded.constructorOf.get(t) ?? [];
    const construct = target.construct === null ? null : refined(target.construct, constructed);
    return { ...target, signature, construct };
  });
  return { ...found, targets };
}

function planCases(
  context: TrialContext,
  found: Reach,
  recorded: RecordedCalls,
  casesMax: number,
): { cases: PlannedCase[]; obstacles: string[] } {
  const builder = new ArbitraryBuilder({ aims: found.aims, table: found.table });
  const maker = new CaseMaker(found.targets, builder, found.table, found.aims.numbers, context.seed);
  const perTarget = Math.max(300, Math.min(3_000, Math.floor(casesMax / Math.max(1, found.targets.length))));
  const counts = { generated: perTarget, sequences: Math.floor(perTarget / 8) };
  const called = new Set(recorded.cases.flatMap((one) => one.s.map((step) => step.t)));
  const obstacles = found.targets.flatMap((target, t) => {
    const why = called.has(t) ? null : maker.obstacle(target);
    return why === null ? [] : [`${target.id}: ${why}`];
  });
  const replayed = recorded.cases.map((one): PlannedCase => ({ one, drawn: null }));
  return { cases: [...replayed, ...found.targets.flatMap((_, t) => maker.make(t, counts))], obstacles };
}

/** Runs the whole comparison of one trial. */
export async function judge(
  context: TrialContext,
  reached: Reach,
  recorded: RecordedCalls,
  signal: AbortSignal,
  options: JudgeOptions = {},
): Promise<Finding> {
  const found = refine(reached, recorded);
  const { cases, obstacles } = planCases(context, found, recorded, options.cases ?? casesDefault);
  if (cases.length === 0) return { kind: 'nothingToRun', obstacles };
  let problem: Unloadable | null = null;
  for (const mode of modes) {
    const pair = await openSides(context, found, mode);
    const finding =
      'kind' in pair ? pair : await compareSides(context, found, pair, cases, obstacles, signal);
    if (finding.kind !== 'unloadable') return finding;
    problem ??= finding;
  }
  return problem ?? { kind: 'nothingToRun', obstacles };
}

async function compareSides(
  context: TrialContext,
  found: Reach,
  pair: Pair,
  cases: readonly PlannedCase[],
  obstacles: readonly string[],
  signal: AbortSignal,
): Promise<Finding> {
  const plain = cases.map((planned) => planned.one);
  const options = { control: controlOf(context.seed), coverage: false, full: false, caseMs };
  const [base, candidate] = await Promise.all([
    runSide(pair.base, plain, options, signal),
    runSide(pair.candidate, plain, { ...options, coverage: true }, signal),
  ]);
  if (base.kind === 'unloadable') return { kind: 'unloadable', side: 'base', reason: base.reason };
  if (candidate.kind === 'unloadable') {
    return { kind: 'unloadable', side: 'candidate', reason: candidate.reason };
  }
  const suspects = plain.flatMap((one, i) => {
    const [a, b] = [base.outcomes[i], candidate.outcomes[i]];
    return a !== undefined && b !== undefined && differs(one, a, b, found.targets) ? [i] : [];
  });
  // A candidate that was only slower than the watchdog's patience, and ended when asked again, is no mismatch.
  const answered = new Set(suspects.filter((i) => candidate.outcomes[i]?.kind === 'ok'));
  const settings = { control: options.control, caseMs, signal };
  const counterexample =
    suspects.length === 0 ? null : await smallestCounterexample(pair, cases, suspects, answered, settings);
  return {
    kind: 'compared',
    counterexample,
    cases: countByOrigin(cases),
    answered: base.outcomes.filter((outcome) => outcome.kind === 'ok' && !outcome.nonsense).length,
    controlled: base.outcomes.filter((outcome) => outcome.asked !== 'nothing').length,
    lines: await linesOf(pair, candidate, found),
    obstacles: [...obstacles, ...missing(base.found, found)],
    suspects: answered.size,
  };
}

/** Targets that the loaded module does not have, e.g. bindings of code that never ran. */
function missing(types: readonly string[], found: Reach): string[] {
  return found.targets.flatMap((target, t) =>
    types[t] === 'undefined' ? [`${target.id}: the loaded module does not have it`] : [],
  );
}

async function linesOf(
  pair: Pair,
  run: SideRun & { kind: 'ran' },
  found: Reach,
): Promise<ExecutedLines | null> {
  if (run.coverage === null) return null;
  const code = await readFile(join(pair.candidate.scratch, 'bundle', 'bundle.js'), 'utf8');
  const map = await readFile(join(pair.candidate.scratch, 'bundle.js.map'), 'utf8');
  return executedLines({ code, map }, run.coverage, found.changedLines);
}

function countByOrigin(cases: readonly PlannedCase[]): Record<CaseOrigin, number> {
  const counts = { recorded: 0, generated: 0, sizes: 0, sequences: 0 };
  for (const { one } of cases) counts[one.o]++;
  return counts;
}
