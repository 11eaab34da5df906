/** Brings a repository and the rooms together for a calibration: its tree, what its suite executes, its patches. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { CalibrationPlan, PlanRequest, TreeView } from '../../calibration/index.js';
import type { Baseline } from '../../verification/types.js';
import type { CommitId, Repository, Workspace } from '../../versioning/types.js';
import type { TrialTools } from '../trial/tools.js';

export interface Target {
  readonly repository: Repository;
  readonly base: CommitId;
  readonly dirty: boolean;
}

/** @throws RatchetError NOT_A_REPOSITORY, EMPTY_REPOSITORY */
export async function openTarget(tools: TrialTools, path: string, test: string | null): Promise<Target> {
  const found = await tools.versioning.inspectSource(resolve(path));
  const repository: Repository = {
    id: found.id,
    name: found.name,
    source: found.root,
    baseBranch: null,
    targetBranch: 'ratchet/trial',
    directory: found.directory,
    policy: { ...tools.policy, testCommand: test ?? tools.policy.testCommand },
  };
  const { base } = await tools.versioning.refresh(repository);
  return { repository, base, dirty: found.dirty };
}

const fileBytesMax = 400_000;

/** The package's files as text; what leads out of the tree does not exist. */
function viewOf(root: string, files: readonly string[]): TreeView {
  const known = new Set(files);
  return {
    files,
    read(path) {
      const place = join(root, path);
      if (!known.has(path) || !existsSync(place)) return null;
      const info = statSync(place);
      return info.isFile() && info.size <= fileBytesMax ? readFileSync(place, 'utf8') : null;
    },
  };
}

interface SuiteParts {
  readonly tools: TrialTools;
  readonly repository: Repository;
  readonly workspace: Workspace;
  readonly baseline: Baseline;
  readonly scratch: string;
}

function executedBy({
  tools,
  repository,
  workspace,
  baseline,
  scratch,
}: SuiteParts): PlanRequest['executed'] {
  return async (lines) => {
    const { measureExecution, suiteLimitsOf } = await import('../../verification/index.js');
    const { directory } = repository;
    const shares = await measureExecution({
      tree: workspace.path,
      baseline,
      sandbox: await tools.sandbox(),
      limits: suiteLimitsOf(repository.policy),
      scratch,
      lines: new Map([...lines].map(([file, asked]) => [join(directory, file), asked])),
      signal: tools.signal,
    });
    return shares === null
      ? null
      : new Map([...shares].map(([file, asked]) => [relative(directory, file), asked]));
  };
}

/** A planted slowness may cost the suite so many times its time. */
const slowerMax = 6;

function harmlessIn({
  tools,
  repository,
  workspace,
  baseline,
  scratch,
}: SuiteParts): PlanRequest['isHarmless'] {
  return async (files) => {
    const { compareTests, runSuite, suiteLimitsOf, worse } = await import('../../verification/index.js');
    const limits = suiteLimitsOf(repository.policy);
    const wallMs = Math.min(limits.wallMs, Math.max(60_000, baseline.suiteMs * slowerMax));
    const layer = join(scratch, 'planted');
    await rm(layer, { recursive: true, force: true });
    for (const [path, text] of Object.entries(files)) {
      const file = join(layer, repository.directory, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    await mkdir(layer, { recursive: true });
    const run = await runSuite({
      tree: workspace.path,
      layers: [layer],
      plan: baseline.plan,
      dependencies: baseline.dependencies,
      sandbox: await tools.sandbox(),
      scratch,
      limits: { ...limits, wallMs },
      signal: tools.signal,
    });
    await rm(run.output, { recursive: true, force: true });
    return run.limit === null && worse(compareTests(baseline, run)).length === 0;
  };
}

async function standingIn(tools: TrialTools, { policy }: Repository, baseline: Baseline) {
  const { standing } = await import('../../calibration/index.js');
  const { harnessDigest } = await import('../../verification/index.js');
  return standing({
    node: baseline.node,
    gates: Object.fromEntries(tools.gatesFor(policy, []).map(({ id, version }) => [id, version])),
    harness: await harnessDigest(),
    plan: baseline.plan,
    lockHash: baseline.dependencies.lockHash,
    tests: Object.keys(baseline.tests).length,
  });
}

export interface Wanted {
  readonly traps: number;
  readonly positives: number;
  readonly seed: number;
}

/**
 * Makes a plan on the repository's base: three runs of its suite and a few more for what is planted.
 * @throws RatchetError for everything that a trial throws before its gates: no tests, no sandbox, interrupted.
 */
export async function preparePlan(
  tools: TrialTools,
  { repository, base }: Target,
  wanted: Wanted,
  onStep: (text: string) => void,
): Promise<CalibrationPlan> {
  const { makePlan } = await import('../../calibration/index.js');
  const { prepareBaseline } = await import('../../verification/index.js');
  const { makePatch } = await import('../../versioning/index.js');
  const lease = `calibrate-${process.pid}-base`;
  const scratch = join(tools.paths.scratch, 'calibrations', String(process.pid));
  const workspace = await tools.versioning.openWorkspace(repository, base, lease);
  try {
    const order = { repository, workspace, signal: tools.signal, onStep, adopted: true };
    const { baseline } = await prepareBaseline(tools, order);
    const { directory } = repository;
    const inside = (await tools.versioning.listFiles(workspace))
      .map((path) => relative(directory, path))
      .filter((path) => !path.startsWith('..'));
    const parts = { tools, repository, workspace, baseline, scratch };
    return await makePlan({
      ...wanted,
      repositoryId: repository.id,
      base,
      standing: await standingIn(tools, repository, baseline),
      tree: viewOf(join(workspace.path, directory), inside),
      executed: executedBy(parts),
      isHarmless: harmlessIn(parts),
      diffOf: (versions) =>
        makePatch(versions.map((one) => ({ ...one, path: join(directory, one.path) }))).diff,
      onStep,
    });
  } finally {
    await tools.versioning.closeWorkspace(lease);
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The commit that the canaries of a plan are tried on. */
export async function plantedBase(
  tools: TrialTools,
  repository: Repository,
  plan: CalibrationPlan,
): Promise<CommitId> {
  const files = Object.entries(plan.files).map(([path, text]) => [join(repository.directory, path), text]);
  return tools.versioning.plantCommit(repository, plan.base, Object.fromEntries(files));
}
