/** A whole trial of somebody's diff, from the path of a repository to stored evidence. No server is needed. */
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isRatchetError, RatchetError } from '../../errors.js';
import type { Evidence, TrialContext } from '../../verification/types.js';
import type { TrialProgress } from '../../verification/index.js';
import type { CommitId, Patch, PolicyBreach, Repository, Workspace } from '../../versioning/types.js';
import type { TrialRecord } from './find-evidence.js';
import { suiteLimits, type TrialTools } from './tools.js';

export interface PatchTrialRequest {
  /** Path of a repository or of a package inside one. */
  readonly path: string;
  readonly diff: string;
  /** Commit to try it on; default: what the repository has checked out. */
  readonly base?: CommitId;
  /** Path of a workload module, or null. */
  readonly workload: string | null;
  readonly claimsGain: boolean;
  /** Shell command of the suite; default: what package.json says. */
  readonly testCommand?: string | null;
  readonly seed: number;
  readonly onStep: (text: string) => void;
  readonly onGate: (progress: TrialProgress) => void;
}

export interface PatchTrial {
  readonly evidence: Evidence;
  readonly digest: string;
  readonly repository: Repository;
  readonly notes: readonly string[];
}

/** What stands before the gates: a patch bound to the base, or why there is none. */
type Reading =
  | { readonly kind: 'patch'; readonly patch: Patch }
  | { readonly kind: 'refused'; readonly breaches: readonly PolicyBreach[] };

interface Opened {
  readonly repository: Repository;
  readonly commit: CommitId;
  readonly base: Workspace;
  readonly notes: readonly string[];
  readonly lease: string;
}

async function open(tools: TrialTools, request: PatchTrialRequest, lease: string): Promise<Opened> {
  const found = await tools.versioning.inspectSource(resolve(request.path));
  const repository: Repository = {
    id: found.id,
    name: found.name,
    source: found.root,
    baseBranch: null,
    // A trial lands nothing: it is based on what the person has checked out, not on earlier improvements.
    targetBranch: 'ratchet/trial',
    directory: found.directory,
    policy: { ...tools.policy, testCommand: request.testCommand ?? tools.policy.testCommand },
  };
  const state = await tools.versioning.refresh(repository);
  const commit = request.base ?? state.base;
  const base = await tools.versioning.openWorkspace(repository, commit, `${lease}-base`);
  const notes = found.dirty ? ['uncommitted changes are not part of the trial'] : [];
  return { repository, commit, base, notes, lease };
}

async function baseFile(tree: string, path: string): Promise<Buffer | null> {
  try {
    return await readFile(join(tree, path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))) {
      return null;
    }
    throw error;
  }
}

/** Our own parser and policy first: a diff that they refuse is never written anywhere. */
async function readDiff(tools: TrialTools, request: PatchTrialRequest, opened: Opened): Promise<Reading> {
  const { judgePatch, parseDiff } = await import('../../versioning/index.js');
  try {
    const existingPaths = await tools.versioning.listFiles(opened.base);
    const files = parseDiff(request.diff);
    const breaches = judgePatch({ diff: request.diff, files, policy: tools.policy, existingPaths });
    if (breaches.length > 0) return { kind: 'refused', breaches };
    const read = await tools.versioning.readPatch(request.diff, (path) => baseFile(opened.base.path, path));
    if (read.kind === 'patch') return read;
    const message = `The patch does not fit the base: ${read.path}: ${read.reason}.`;
    return { kind: 'refused', breaches: [{ rule: 'stale', path: read.path, message }] };
  } catch (error) {
    if (!isRatchetError(error) || error.code !== 'PATCH_REFUSED') throw error;
    return {
      kind: 'refused',
      breaches: [{ rule: 'unreadable', path: error.where ?? null, message: error.message }],
    };
  }
}

async function baselineOf(tools: TrialTools, opened: Opened, onStep: (text: string) => void) {
  const { detectTestPlan, installDependencies, measureBaseline } =
    await import('../../verification/index.js');
  const { base, repository, commit } = opened;
  const { policy, directory } = repository;
  const { signal, paths } = tools;
  onStep('dependencies');
  const dependencies = await installDependencies({
    tree: base.path,
    directory,
    cache: paths.dependencies,
    fallbackNodeModules: repository.source,
    signal,
    onProgress: onStep,
  });
  const plan = await detectTestPlan(base.path, directory, policy.testCommand);
  onStep(`baseline: ${plan.command}`);
  const { baseline } = await measureBaseline({
    tree: base.path,
    commit,
    plan,
    dependencies,
    sandbox: await tools.sandbox(),
    limits: suiteLimits(policy),
    scratch: join(paths.scratch, opened.lease, 'baseline'),
    cache: join(paths.cache, 'baselines'),
    signal,
    onProgress: onStep,
  });
  return baseline;
}

async function readWorkload(path: string | null): Promise<Buffer | null> {
  if (path === null) return null;
  const info = await stat(path).catch(() => null); // absent or unreadable: one sentence for both
  if (info?.isFile() === true) return readFile(path);
  throw new RatchetError('USAGE', `The workload file ${path} cannot be read.`, {
    where: path,
    mend: 'Give the path of an ES module with --workload.',
  });
}

async function runGates(
  tools: TrialTools,
  request: PatchTrialRequest,
  opened: Opened,
  patch: Patch,
): Promise<Evidence | PolicyBreach> {
  const { harnessDigest, runTrial } = await import('../../verification/index.js');
  const { versioning, paths } = tools;
  const { repository, commit, base, lease } = opened;
  const candidate = await versioning.openWorkspace(repository, commit, `${lease}-candidate`);
  const applied = await versioning.applyPatch(candidate.path, patch);
  if (applied.kind === 'stale') {
    const message = `The patch does not fit the base: ${applied.path}: ${applied.reason}.`;
    return { rule: 'stale', path: applied.path, message };
  }
  const baseline = await baselineOf(tools, opened, request.onStep);
  const scratch = join(paths.scratch, lease, 'trial');
  await mkdir(scratch, { recursive: true });
  const context: Omit<TrialContext, 'earlier' | 'onProgress'> = {
    repositoryId: repository.id,
    base: commit,
    baseTree: base.path,
    candidateTree: candidate.path,
    directory: repository.directory,
    patch,
    baseline,
    sandbox: await tools.sandbox(),
    limits: suiteLimits(repository.policy),
    claimsGain: request.claimsGain,
    workload: request.workload === null ? null : resolve(request.workload),
    seed: request.seed,
    scratch,
    coverageMinimum: repository.policy.coverageMinimum,
  };
  const workload = await readWorkload(request.workload);
  const attachments = workload === null ? {} : { 'workload.mjs': await tools.artifacts.put(workload) };
  return runTrial({
    context,
    proposalId: `trial-${patch.digest.slice(0, 16)}`,
    gates: tools.gatesFor(repository.policy, await versioning.listFiles(base)),
    signal: tools.signal,
    onProgress: request.onGate,
    version: tools.version,
    harness: await harnessDigest(),
    attachments: () => Promise.resolve(attachments),
  });
}

async function refusal(
  tools: TrialTools,
  request: PatchTrialRequest,
  opened: Opened,
  breaches: readonly PolicyBreach[],
): Promise<Evidence> {
  const { harnessDigest, refuseTrial, sha256 } = await import('../../verification/index.js');
  const patch = { digest: sha256(request.diff), diff: request.diff, files: [] };
  return refuseTrial({
    repositoryId: opened.repository.id,
    proposalId: `trial-${patch.digest.slice(0, 16)}`,
    base: opened.commit,
    patch,
    breaches,
    claimsGain: request.claimsGain,
    seed: request.seed,
    limits: suiteLimits(tools.policy),
    version: tools.version,
    harness: await harnessDigest(),
  });
}

/**
 * Tries a diff and stores the evidence.
 * @throws RatchetError for everything that is no verdict: no repository, no tests, no sandbox, interrupted.
 */
export async function tryPatch(tools: TrialTools, request: PatchTrialRequest): Promise<PatchTrial> {
  await readWorkload(request.workload);
  const lease = `trial-${process.pid}-${Date.now().toString(36)}`;
  const opened = await open(tools, request, lease);
  try {
    const reading = await readDiff(tools, request, opened);
    const outcome =
      reading.kind === 'refused' ? reading.breaches : await runGates(tools, request, opened, reading.patch);
    const evidence =
      'gates' in outcome
        ? outcome
        : await refusal(tools, request, opened, 'rule' in outcome ? [outcome] : outcome);
    const { canonicalJson } = await import('../../verification/index.js');
    const digest = await tools.artifacts.put(canonicalJson(evidence));
    const { repository, notes } = opened;
    const { verdict, reason, finishedAt } = evidence;
    const record: TrialRecord = { digest, verdict, reason, repository: repository.source, finishedAt };
    await tools.records.put('trials', digest, record);
    return { evidence, digest, repository, notes };
  } finally {
    await rm(join(tools.paths.scratch, lease), { recursive: true, force: true });
    for (const side of ['base', 'candidate']) await tools.versioning.closeWorkspace(`${lease}-${side}`);
  }
}
