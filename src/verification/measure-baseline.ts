/** What the unchanged repository does: two runs of its suite, so that flaky and red tests are set aside by name. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RatchetError } from '../errors.js';
import type { Baseline, Dependencies, Limits, Sandbox, TestPlan, TestResult, TestStatus } from './types.js';
import { runSuite, type SuiteRun } from './run-suite.js';
import { readHotShares } from './runners/read-profiles.js';

export interface BaselineRequest {
  readonly commit: string;
  /** Absolute path of the pristine tree at that commit. */
  readonly tree: string;
  readonly plan: TestPlan;
  readonly dependencies: Dependencies;
  readonly sandbox: Sandbox;
  readonly limits: Limits;
  /** Host directory for temporary output. */
  readonly scratch: string;
  /** Directory of cached baselines; none = always measured. */
  readonly cache?: string;
  /** Also takes what `adoptBaseline` kept: one run and no profile are enough to compare a trial with. */
  readonly adopted?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (message: string) => void;
  /** Told about each run that was really made; for the history of tests. */
  readonly onRun?: (run: SuiteRun) => void;
}

/** The baseline with what only its runs can tell. */
export interface MeasuredBaseline {
  readonly baseline: Baseline;
  /** Self time per function of the suite, from the CPU profile of the second run; empty when there was none. */
  readonly hotShares: Readonly<Record<string, number>>;
  readonly cached: boolean;
}

const formatVersion = 2;

/**
 * Runs the suite twice (the second time with a CPU profile).
 * @throws RatchetError BASELINE_FAILED when no test ran at all; STOPPED or CANCELLED.
 */
export async function measureBaseline(request: BaselineRequest): Promise<MeasuredBaseline> {
  const file = request.cache === undefined ? null : join(request.cache, `${cacheKey(request)}.json`);
  const known = file === null ? null : ((await readCache(file)) ?? (await readAdopted(file, request)));
  if (known !== null) {
    const baseline = { ...known.baseline, dependencies: request.dependencies };
    return { baseline, hotShares: known.hotShares, cached: true };
  }
  const runs: SuiteRun[] = [];
  try {
    for (const number of [1, 2]) {
      request.onProgress?.(`baseline: run ${number} of 2`);
      const { tree, plan, dependencies, sandbox, limits, scratch, signal } = request;
      const run = await runSuite({
        tree,
        plan,
        dependencies,
        sandbox,
        limits,
        scratch,
        signal,
        profile: number === 2,
      });
      runs.push(run);
      request.onRun?.(run);
      if (number === 1) refuseEmpty(run, request);
    }
    const [first, second] = runs as [SuiteRun, SuiteRun];
    const hotShares = await readHotShares(second.output, second.profiles, request.tree);
    const measured = { baseline: compare(first, second, request), hotShares };
    if (file !== null) await writeCache(file, measured);
    return { ...measured, cached: false };
  } finally {
    for (const run of runs) await rm(run.output, { recursive: true, force: true });
  }
}

/**
 * Keeps the verified run of a landed commit as that commit's baseline, so that trials upon it need no run of their
 * own. What was flaky at the parent stays set aside.
 */
export async function adoptBaseline(
  parent: Baseline,
  run: SuiteRun,
  request: Pick<BaselineRequest, 'commit' | 'plan' | 'dependencies' | 'limits' | 'cache'>,
): Promise<void> {
  if (request.cache === undefined) return;
  const baseline = compare(run, run, request);
  const flaky = new Set(parent.flaky);
  const tests = Object.fromEntries(Object.entries(baseline.tests).filter(([id]) => !flaky.has(id)));
  const red = baseline.red.filter((id) => !flaky.has(id));
  const kept = { ...baseline, tests, red, flaky: parent.flaky };
  await writeCache(adoptedFile(join(request.cache, `${cacheKey(request)}.json`)), {
    baseline: kept,
    hotShares: {},
  });
}

const adoptedFile = (file: string): string => file.replace(/\.json$/, '.adopted.json');

async function readAdopted(file: string, { adopted }: BaselineRequest): ReturnType<typeof readCache> {
  return adopted === true ? readCache(adoptedFile(file)) : null;
}

function refuseEmpty(run: SuiteRun, request: BaselineRequest): void {
  const ran = run.tests.some((test) => test.status === 'passed') || run.tests.some((test) => !isPseudo(test));
  if (ran) return;
  const why =
    run.limit === null
      ? lastLine(run.outputTail) || `exit code ${run.exitCode}`
      : `it was ended by the limit on ${run.limit} after ${Math.round(run.wallMs / 1000)} s`;
  throw new RatchetError('BASELINE_FAILED', `No test ran on the unchanged repository: ${why}.`, {
    where: request.plan.command,
    mend: `Make \`${request.plan.command}\` work in a fresh clone without network, or name another command (policy.testCommand).`,
    data: { outputTail: run.outputTail.slice(-4000), limit: run.limit, exitCode: run.exitCode },
  });
}

function isPseudo(test: TestResult): boolean {
  return test.file === '' && test.name.startsWith('(');
}

function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const telling = lines.find((line) => /\berror\b/i.test(line));
  return (telling ?? lines.findLast((line) => line !== '') ?? '').slice(0, 300).replace(/\.$/, '');
}

function compare(
  first: SuiteRun,
  second: SuiteRun,
  request: Pick<BaselineRequest, 'commit' | 'plan' | 'dependencies'>,
): Baseline {
  const one = new Map(first.tests.map((test) => [test.id, test]));
  const two = new Map(second.tests.map((test) => [test.id, test]));
  const tests: Record<string, TestStatus> = {};
  const durationsMs: Record<string, number> = {};
  const flaky: string[] = [];
  for (const id of new Set([...one.keys(), ...two.keys()])) {
    const [a, b] = [one.get(id), two.get(id)];
    if (a === undefined || b === undefined || a.status !== b.status) {
      flaky.push(id);
      continue;
    }
    tests[id] = a.status;
    if (a.durationMs !== null) durationsMs[id] = Math.min(a.durationMs, b.durationMs ?? a.durationMs);
  }
  return {
    commit: request.commit,
    plan: { ...request.plan, runner: request.plan.runner === 'command' ? first.runner : request.plan.runner },
    dependencies: request.dependencies,
    tests,
    durationsMs,
    flaky: flaky.sort(),
    red: Object.keys(tests)
      .filter((id) => tests[id] === 'failed')
      .sort(),
    suiteMs: Math.min(first.wallMs, second.wallMs),
    node: process.versions.node,
  };
}

function cacheKey(request: Pick<BaselineRequest, 'commit' | 'plan' | 'dependencies' | 'limits'>): string {
  const parts = [
    formatVersion,
    request.commit,
    request.plan,
    request.dependencies.lockHash,
    process.versions.node,
    request.limits,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

async function readCache(file: string): Promise<Omit<MeasuredBaseline, 'cached'> | null> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as Partial<MeasuredBaseline>;
    if (typeof value.baseline?.tests !== 'object' || typeof value.hotShares !== 'object') return null;
    return { baseline: value.baseline, hotShares: value.hotShares };
  } catch {
    // Absent or damaged: measured anew.
    return null;
  }
}

async function writeCache(file: string, measured: Omit<MeasuredBaseline, 'cached'>): Promise<void> {
  const fresh = `${file}.${process.pid}`;
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(fresh, JSON.stringify(measured));
  await rename(fresh, file);
}
