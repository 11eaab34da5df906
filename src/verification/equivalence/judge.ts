/** One trial's equivalence run: bundles, cases, both sides, comparison. Returns the facts; the verdict is policy. */
import { mkdir, writeFile } from 'node:fs/promises';
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
import type { CaseOrigin, Outcome } from './types.js';

/** What an equivalence run found out. */
export type Finding =
  | { readonly kind: 'unloadable'; readonly side: 'base' | 'candidate'; readonly reason: string }
  | { readonly kind: 'nothingToRun'; readonly obstacles: readonly string[] }
  | {
      readonly kind: 'compared';
      readonly counterexample: Counterexample | null;
      readonly cases: Readonly<Record<CaseOrigin, number>>;
      /** Cases in which the base answered at all. */
      readonly answered: number;
      /** Cases whose base answer depends on time or random numbers. */
      readonly unstable: number;
      readonly lines: ExecutedLines | null;
      readonly obstacles: readonly string[];
      /** Both sides wait for ever, or the base does. */
      readonly hangs: number;
    };

const casesMax = 9_000;
const caseMs = 1_000;
const epoch = 1_700_000_000_000;

/** Loads both sides, from the bundle that works: dependencies inside it, else required from the layer. */
export async function openSides(context: TrialContext, found: Reach): Promise<Pair | Finding> {
  let failure: Finding | null = null;
  for (const mode of ['bundled', 'external'] as const) {
    const open = async (name: Side['name'], tree: string): Promise<Side | string> => {
      const files = [...new Set(found.targets.map((target) => target.file))];
      const dependencies = context.baseline.dependencies.path;
      const result = await bundleSide({ tree, dependencies, files, packages: found.packages, mode });
      if (result.kind === 'failed') return result.reason;
      const scratch = join(context.scratch, `equivalence-${name}-${mode}`);
      await mkdir(scratch, { recursive: true });
      await writeFile(join(scratch, 'bundle.js'), result.code);
      await writeFile(join(scratch, 'bundle.js.map'), result.map);
      const { sandbox, limits } = context;
      return { name, tree, dependencies, scratch, sandbox, limits, targets: found.targets };
    };
    const [base, candidate] = await Promise.all([
      open('base', context.baseTree),
      open('candidate', context.candidateTree),
    ]);
    if (typeof base === 'string') failure ??= { kind: 'unloadable', side: 'base', reason: base };
    else if (typeof candidate === 'string')
      failure ??= { kind: 'unloadable', side: 'candidate', reason: candidate };
    else {
      const problem = await loads({ base, candidate }, context.seed);
      if (problem === null) return { base, candidate };
      failure ??= problem;
    }
  }
  return failure ?? { kind: 'unloadable', side: 'base', reason: 'no bundle' };
}

async function loads(pair: Pair, seed: number): Promise<Finding | null> {
  const options = { control: controlOf(seed), coverage: false, full: false, caseMs };
  const { signal } = new AbortController();
  const [base, candidate] = await Promise.all([
    runSide(pair.base, [], options, signal),
    runSide(pair.candidate, [], options, signal),
  ]);
  if (base.kind === 'unloadable') return { kind: 'unloadable', side: 'base', reason: base.reason };
  if (candidate.kind === 'unloadable')
    return { kind: 'unloadable', side: 'candidate', reason: candidate.reason };
  return null;
}

function controlOf(seed: number): Control {
  return { clock: epoch, random: seed | 1 };
}

function planCases(context: TrialContext, found: Reach): { cases: PlannedCase[]; obstacles: string[] } {
  const builder = new ArbitraryBuilder({ aims: found.aims, table: found.table });
  const maker = new CaseMaker(found.targets, builder, found.table, found.aims.numbers, context.seed);
  const perTarget = Math.max(400, Math.min(3_000, Math.floor(casesMax / Math.max(1, found.targets.length))));
  const counts = { generated: perTarget, sequences: Math.floor(perTarget / 8) };
  const obstacles = found.targets.flatMap((target) => {
    const why = maker.obstacle(target);
    return why === null ? [] : [`${target.id}: ${why}`];
  });
  return { cases: found.targets.flatMap((_, t) => maker.make(t, counts)), obstacles };
}

/** Runs the whole comparison of one trial. */
export async function judge(context: TrialContext, found: Reach, signal: AbortSignal): Promise<Finding> {
  const opened = await openSides(context, found);
  if ('kind' in opened) return opened;
  const { cases, obstacles } = planCases(context, found);
  if (cases.length === 0) return { kind: 'nothingToRun', obstacles };
  const plain = cases.map((planned) => planned.one);
  const options = { control: controlOf(context.seed), coverage: false, full: false, caseMs };
  const [base, candidate] = await Promise.all([
    runSide(opened.base, plain, options, signal),
    runSide(opened.candidate, plain, { ...options, coverage: true }, signal),
  ]);
  if (base.kind === 'unloadable') return { kind: 'unloadable', side: 'base', reason: base.reason };
  if (candidate.kind === 'unloadable')
    return { kind: 'unloadable', side: 'candidate', reason: candidate.reason };
  const otherWorld = { clock: epoch + 987_654_321_000, random: (context.seed ^ 0x2545f491) | 1 };
  const again = await runSide(opened.base, plain, { ...options, control: otherWorld }, signal);
  const suspects = plain.flatMap((one, i) => {
    const [a, b] = [base.outcomes[i], candidate.outcomes[i]];
    return a !== undefined && b !== undefined && differs(one, a, b, found.targets) ? [i] : [];
  });
  const settings = { control: options.control, caseMs, signal };
  const counterexample =
    suspects.length === 0 ? null : await smallestCounterexample(opened, cases, suspects, settings);
  return {
    kind: 'compared',
    counterexample,
    cases: countByOrigin(cases),
    answered: base.outcomes.filter((outcome) => outcome.kind === 'ok' && !outcome.nonsense).length,
    unstable: again.kind === 'ran' ? countUnstable(base.outcomes, again.outcomes) : 0,
    lines: await linesOf(opened, candidate, found),
    obstacles,
    hangs: base.outcomes.filter((outcome) => outcome.kind === 'hang').length,
  };
}

async function linesOf(
  pair: Pair,
  run: SideRun & { kind: 'ran' },
  found: Reach,
): Promise<ExecutedLines | null> {
  if (run.coverage === null) return null;
  const { readFile } = await import('node:fs/promises');
  const code = await readFile(join(pair.candidate.scratch, 'bundle.js'), 'utf8');
  const map = await readFile(join(pair.candidate.scratch, 'bundle.js.map'), 'utf8');
  return executedLines({ code, map }, run.coverage, found.changedLines);
}

function countUnstable(first: readonly Outcome[], second: readonly Outcome[]): number {
  return first.filter((outcome, i) => {
    const other = second[i];
    return other?.kind === 'ok' && outcome.kind === 'ok' && other.text !== outcome.text;
  }).length;
}

function countByOrigin(cases: readonly PlannedCase[]): Record<CaseOrigin, number> {
  const counts = { recorded: 0, generated: 0, sizes: 0, sequences: 0 };
  for (const { one } of cases) counts[one.o]++;
  return counts;
}
