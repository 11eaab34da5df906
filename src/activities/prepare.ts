/** Mirror, base commit, dependencies and the baseline that trials compare against. */
import { join } from 'node:path';
import {
  adoptBaseline,
  detectTestPlan,
  prepareBaseline,
  suiteLimitsOf,
  type MeasuredBaseline,
  type SuiteRun,
} from '../verification/index.js';
import type { Baseline } from '../verification/types.js';
import type { Repository, Workspace } from '../versioning/types.js';
import { keepRuns } from './keep-runs.js';
import type { Step } from './run.js';
import type { Tools } from './tools.js';
import type { BaselineNote, ExecActivities, PrepareResult } from './types.js';

export async function prepareStep(
  { versioning }: Tools,
  { repository, cycleId }: Parameters<ExecActivities['prepare']>[0],
  { progress }: Step,
): Promise<PrepareResult> {
  progress('refreshing the mirror');
  const { base, branch, notes } = await versioning.refresh(repository);
  const workspace = await versioning.openWorkspace(repository, base, `${cycleId}-base`);
  const files = await versioning.listFiles(workspace);
  return { base, branch, files: files.length, notes };
}

export async function baselineStep(
  tools: Tools,
  { repository, base, cycleId }: Parameters<ExecActivities['measureBaseline']>[0],
  step: Step,
): Promise<BaselineNote> {
  const workspace = await tools.versioning.openWorkspace(repository, base, `${cycleId}-base`);
  const { baseline } = await baselineOf(tools, repository, workspace, step, { adopted: false });
  const { plan, dependencies } = baseline;
  return {
    runner: plan.runner,
    command: plan.command,
    tests: Object.keys(baseline.tests).length,
    flaky: baseline.flaky.slice(0, 50),
    red: baseline.red.slice(0, 50),
    suiteMs: baseline.suiteMs,
    node: baseline.node,
    dependencies: dependencies.manager,
  };
}

/**
 * Measured once per commit, test command and lockfile; later asks read the cache. `adopted` also takes the run that
 * verified a landed commit: enough for a trial, without the profile that analysis weighs findings by.
 */
export async function baselineOf(
  tools: Tools,
  repository: Repository,
  workspace: Workspace,
  { signal, progress }: Step,
  { adopted }: { readonly adopted: boolean } = { adopted: true },
): Promise<MeasuredBaseline> {
  const onSuiteRun = keepRuns(tools, { repositoryId: repository.id, commit: workspace.commit });
  return prepareBaseline(tools, { repository, workspace, adopted, signal, onStep: progress, onSuiteRun });
}

/** Keeps a verified run for trials upon the landed commit. */
export async function keepBaseline(
  tools: Tools,
  repository: Repository,
  workspace: Workspace,
  verified: { readonly parent: Baseline; readonly run: SuiteRun },
): Promise<void> {
  const { directory, policy } = repository;
  await adoptBaseline(verified.parent, verified.run, {
    commit: workspace.commit,
    plan: await detectTestPlan(workspace.path, directory, policy.testCommand),
    dependencies: verified.parent.dependencies,
    limits: suiteLimitsOf(policy),
    cache: join(tools.paths.cache, 'baselines'),
  });
}
