/** Gate `tests`: the base's suite on the candidate's code; nothing newly red, missing or skipped. */
import { rm } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { Gate, TrialContext, Verdict } from '../types.js';
import { runSuite, type SuiteRun } from '../run-suite.js';
import { compareTests, worse } from '../runners/compare-tests.js';
import { tryMutants } from '../mutants/try-mutants.js';
import { changedLines, isCode } from './coverage.js';
import { isTestFile, layOutSuite, suiteLimits } from './suite-tree.js';

interface Attempt {
  readonly run: SuiteRun;
  readonly problems: readonly string[];
  readonly mended: readonly string[];
}

export function createTestsGate(): Gate {
  return {
    id: 'tests',
    version: 1,
    async run(context, signal): Promise<Verdict> {
      const began = performance.now();
      const answer = (verdict: Omit<Verdict, 'gate' | 'elapsedMs'>): Verdict => ({
        gate: 'tests',
        ...verdict,
        elapsedMs: performance.now() - began,
      });
      const tree = await layOutSuite(context);
      const attempts: Attempt[] = [];
      try {
        attempts.push(await attempt(context, tree, signal));
        const [first] = attempts;
        if (first !== undefined && first.problems.length > 0) {
          context.onProgress('the suite is red: repeated once to tell flaky from broken');
          attempts.push(await attempt(context, tree, signal));
        }
        const judged = judge(context, attempts, tree.restored);
        if (judged.verdict !== 'pass') return answer(judged);
        const mutants = await tryMutants({ context, tree, changed: changedSources(context), signal });
        return answer({ ...judged, numbers: { ...judged.numbers, mutants } });
      } finally {
        for (const { run } of attempts) await rm(run.output, { recursive: true, force: true });
      }
    },
  };
}

/** Changed lines of source files that the candidate holds: where a small fault could stand. */
function changedSources(context: TrialContext): ReadonlyMap<string, ReadonlySet<number>> {
  const lines = changedLines(context.patch.diff);
  const sources = context.patch.files.filter(
    ({ path, after }) => after !== null && isCode(path) && !isTestFile(context, path),
  );
  return new Map(sources.map(({ path }) => [path, lines.get(path) ?? new Set<number>()]));
}

async function attempt(
  context: TrialContext,
  tree: { readonly workspace: string; readonly layers: readonly string[] },
  signal: AbortSignal,
): Promise<Attempt> {
  const { baseline, sandbox, scratch } = context;
  const run = await runSuite({
    tree: tree.workspace,
    layers: tree.layers,
    plan: baseline.plan,
    dependencies: baseline.dependencies,
    sandbox,
    scratch,
    limits: suiteLimits(context),
    signal,
  });
  context.onSuiteRun?.(run);
  const difference = compareTests(baseline, run);
  const limit = run.limit === null ? [] : [`did not finish: limit on ${run.limit}`];
  return { run, problems: [...limit, ...worse(difference)], mended: difference.mended };
}

function judge(
  context: TrialContext,
  attempts: readonly Attempt[],
  restored: readonly string[],
): Omit<Verdict, 'gate' | 'elapsedMs'> {
  const last = attempts.at(-1);
  const stay = (attempts[0]?.problems ?? []).filter((problem) => last?.problems.includes(problem) === true);
  const all = [...new Set(attempts.flatMap(({ problems }) => problems))];
  const unsteady = all.filter((problem) => !stay.includes(problem));
  const { baseline } = context;
  const total = Object.keys(baseline.tests).length;
  const failing = last?.run.tests.find((test) => stay.includes(`fails: ${test.id}`));
  const numbers = {
    tests: total,
    worse: stay.slice(0, 50),
    worseCount: stay.length,
    measuredUnsteady: unsteady.slice(0, 20),
    mended: (last?.mended ?? []).slice(0, 20),
    flaky: baseline.flaky.length,
    red: baseline.red.length,
    restored,
    measuredRuns: attempts.length,
    suiteWallMs: Math.round(last?.run.wallMs ?? 0),
    baselineWallMs: Math.round(baseline.suiteMs),
    measuredMessage: failing?.message?.slice(0, 2_000) ?? null,
  };
  const green = Object.values(baseline.tests).filter((status) => status === 'passed').length;
  if (stay.length > 0) {
    const more = stay.length > 1 ? ` (and ${stay.length - 1} more)` : '';
    return {
      verdict: 'fail',
      reason: `The suite is worse than on the base: ${stay[0] ?? ''}${more}.`,
      numbers,
    };
  }
  if (green === 0) {
    return {
      verdict: 'inconclusive',
      reason: 'No test is green on the base: the suite says nothing about the candidate.',
      numbers,
      settle: 'Make the suite green on the base.',
    };
  }
  return { verdict: 'pass', reason: `All ${green} green tests of the base stay green.`, numbers };
}
