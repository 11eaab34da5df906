/**
 * How strong is the suite where the patch changes something? A few small faults are planted there, one at a time, and
 * the suite is asked. The answer informs the reviewer and never blocks. Bounded by number and by time.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compareTests, worse } from '../runners/compare-tests.js';
import { runSuite, type SuiteRun } from '../run-suite.js';
import type { TrialContext } from '../types.js';
import { affectedTests, chooseMutants } from './choose.js';
import { findMutants, mutate, type Mutant } from './find-mutants.js';

const mutantsMax = 8;
/** A slower suite is not run again for this. */
const suiteMsMax = 30_000;
/** No mutant is begun after this much time. */
const budgetMs = (suiteMs: number): number => Math.min(20_000, Math.max(4_000, suiteMs * 3));
/** A mutant may loop for ever: it is ended soon after the suite would have been. */
const wallMsOf = (suiteMs: number): number => 8_000 + suiteMs * 4;
const fileBytesMax = 1024 * 1024;

/** What the gate `tests` says about mutants. */
export interface MutantReport {
  readonly tried: number;
  readonly killed: number;
  readonly survived: readonly { readonly line: string; readonly what: string }[];
  /** Small faults that the changed lines offer. */
  readonly possible: number;
  /** Why none, or not all of those chosen, were tried. */
  readonly note?: string;
}

/** The suite's tree of this trial, and what a mutant may stand in. */
export interface MutantRequest {
  readonly context: TrialContext;
  readonly tree: { readonly workspace: string; readonly layers: readonly string[] };
  /** Changed source files (no tests), relative, with their changed lines. */
  readonly changed: ReadonlyMap<string, ReadonlySet<number>>;
  readonly signal: AbortSignal;
}

const none = (note: string, possible = 0): MutantReport => ({
  tried: 0,
  killed: 0,
  survived: [],
  possible,
  note,
});

/** Runners that can be asked for single files. */
const takesFiles: ReadonlySet<string> = new Set(['jest', 'vitest', 'mocha']);

function reader(tree: string): (path: string) => string | null {
  return (path) => {
    const file = join(tree, path);
    if (path.startsWith('..') || !existsSync(file)) return null;
    const info = statSync(file);
    return info.isFile() && info.size <= fileBytesMax ? readFileSync(file, 'utf8') : null;
  };
}

/** Test files that are asked first; [] = the whole suite at once. */
function firstAsked({ context, tree, changed }: MutantRequest): readonly string[] {
  const { baseline } = context;
  if (!takesFiles.has(baseline.plan.runner)) return [];
  const files = [...new Set(Object.keys(baseline.tests).map((id) => id.split(' › ')[0] ?? ''))];
  const read = reader(tree.workspace);
  const tests = files.filter((file) => file !== '' && read(file) !== null);
  const affected = affectedTests(tests, new Set(changed.keys()), read);
  return affected.length === tests.length ? [] : affected;
}

/** Red where the base was green, red from nowhere, or no end: somebody noticed. */
function isKilled(context: TrialContext, run: SuiteRun, whole: boolean): boolean {
  const { baseline } = context;
  if (run.limit !== null) return true;
  if (whole) return worse(compareTests(baseline, run)).length > 0;
  const flaky = new Set(baseline.flaky);
  return run.tests.some(
    ({ id, status }) => status === 'failed' && baseline.tests[id] !== 'failed' && !flaky.has(id),
  );
}

async function isNoticed(request: MutantRequest, mutant: Mutant, first: readonly string[]): Promise<boolean> {
  const { context, tree, signal } = request;
  const { baseline, sandbox, scratch, limits } = context;
  const layer = join(scratch, `mutant-${randomUUID()}`);
  const file = join(layer, mutant.file);
  await mkdir(dirname(file), { recursive: true });
  const text = await readFile(join(context.candidateTree, mutant.file), 'utf8');
  await writeFile(file, mutate(text, mutant));
  try {
    for (const only of first.length === 0 ? [null] : [first, null]) {
      const run = await runSuite({
        tree: tree.workspace,
        layers: [...tree.layers, layer],
        plan: baseline.plan,
        dependencies: baseline.dependencies,
        sandbox,
        scratch,
        limits: { ...limits, wallMs: Math.min(limits.wallMs, wallMsOf(baseline.suiteMs)) },
        ...(only === null ? {} : { only }),
        signal,
      });
      await rm(run.output, { recursive: true, force: true });
      if (isKilled(context, run, only === null)) return true;
    }
    return false;
  } finally {
    await rm(layer, { recursive: true, force: true });
  }
}

async function findAll({ context, changed }: MutantRequest): Promise<readonly Mutant[]> {
  const found: Mutant[] = [];
  for (const [file, lines] of changed) {
    const text = await readFile(join(context.candidateTree, file), 'utf8');
    if (text.length <= fileBytesMax) found.push(...findMutants(file, text, lines));
  }
  return found;
}

/**
 * Tries a few small faults. Which ones follows from the seed; how many from the time the suite takes.
 * @throws RatchetError STOPPED or CANCELLED when stopped.
 */
export async function tryMutants(request: MutantRequest): Promise<MutantReport> {
  const { context } = request;
  const { suiteMs } = context.baseline;
  if (suiteMs > suiteMsMax) {
    return none(`the suite takes ${Math.round(suiteMs / 1_000)} s, more than ${suiteMsMax / 1_000} s`);
  }
  const all = await findAll(request);
  if (all.length === 0) return none('the changed lines offer no place for one');
  const chosen = chooseMutants(all, context.seed, mutantsMax);
  const first = firstAsked(request);
  const survived: { line: string; what: string }[] = [];
  const end = Date.now() + budgetMs(suiteMs);
  let tried = 0;
  for (const mutant of chosen) {
    if (Date.now() > end) break;
    context.onProgress(`mutant ${tried + 1} of ${chosen.length}: ${mutant.what} in line ${mutant.line}`);
    if (!(await isNoticed(request, mutant, first))) {
      survived.push({ line: `${mutant.file}:${mutant.line}`, what: mutant.what });
    }
    tried += 1;
  }
  const report = { tried, killed: tried - survived.length, survived, possible: all.length };
  return tried === chosen.length ? report : { ...report, note: `time for ${tried} of ${chosen.length} only` };
}
