/**
 * From a repository, a commit and a patch to evidence: the one composition that the activities, the API's trials and
 * `ratchet trial` share. What it needs of other rooms is passed in.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sha256 } from '../canonical.js';
import { isRatchetError } from '../errors.js';
import { judgePatch, parseDiff } from '../versioning/policy.js';
import type {
  CommitId,
  Digest,
  Patch,
  PolicyBreach,
  Repository,
  RepositoryPolicy,
  Workspace,
} from '../versioning/types.js';
import { detectTestPlan } from './detect-plan.js';
import { harnessDigest } from './harness-digest.js';
import { installDependencies } from './install-dependencies.js';
import { measureBaseline, type MeasuredBaseline } from './measure-baseline.js';
import { refuseTrial } from './refuse-trial.js';
import { runTrial, type TrialProgress } from './run-trial.js';
import { suiteLimitsOf } from './suite-limits.js';
import type { Evidence, Gate, Sandbox, TestRun } from './types.js';

type Stale = { readonly kind: 'stale'; readonly path: string; readonly reason: string };

/** What a trial needs of versioning. */
export interface TrialVersioning {
  openWorkspace(repository: Repository, commit: CommitId, leaseId: string): Promise<Workspace>;
  closeWorkspace(leaseId: string): Promise<void>;
  listFiles(workspace: Workspace): Promise<readonly string[]>;
  applyPatch(path: string, patch: Patch): Promise<Stale | { readonly kind: 'applied' }>;
  readPatch(
    diff: string,
    readBase: (path: string) => Promise<Buffer | null>,
  ): Promise<Stale | { readonly kind: 'patch'; readonly patch: Patch }>;
}

/** The rooms around a trial, wired once per process. */
export interface TrialParts {
  readonly versioning: TrialVersioning;
  readonly sandbox: () => Promise<Sandbox>;
  /** All gates of a trial on a base that holds these files. */
  gatesFor(policy: RepositoryPolicy, existingPaths: readonly string[]): readonly Gate[];
  readonly artifacts: { put(bytes: Uint8Array | string): Promise<Digest> };
  readonly paths: { readonly scratch: string; readonly dependencies: string; readonly cache: string };
  /** Version of Ratchet itself. */
  readonly version: string;
}

/** Which run of the suite this was. */
export type SuiteStep = 'baseline' | 'trial' | 'verify';
export type OnSuiteRun = (run: TestRun, step: SuiteStep) => void;

/** One patch to be tried. */
export interface TrialOrder {
  readonly repository: Repository;
  readonly base: CommitId;
  /** Workspaces are leased as `<lease>-base` and `<lease>-candidate`; the caller gives them back. */
  readonly lease: string;
  /** A bound patch, or somebody's diff that is read and judged first. */
  readonly patch: Patch | { readonly diff: string };
  /** Default: named after the patch. */
  readonly proposalId?: string;
  readonly claimsGain: boolean;
  readonly workload: { readonly name: string; readonly source: Uint8Array } | null;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onStep: (text: string) => void;
  readonly onGate: (progress: TrialProgress) => void;
  readonly onSuiteRun?: OnSuiteRun;
}

export interface BaselineOrder extends Pick<TrialOrder, 'repository' | 'signal' | 'onStep' | 'onSuiteRun'> {
  readonly workspace: Workspace;
  /** Also takes the run that verified a landed commit: enough for a trial, without a profile. */
  readonly adopted: boolean;
}

/** Dependencies, test plan and baseline of one commit; measured once, later asks read the cache. */
export async function prepareBaseline(parts: TrialParts, order: BaselineOrder): Promise<MeasuredBaseline> {
  const { repository, workspace, signal, onStep, onSuiteRun } = order;
  const { directory, policy, source } = repository;
  onStep('installing dependencies');
  const dependencies = await installDependencies({
    tree: workspace.path,
    directory,
    cache: parts.paths.dependencies,
    fallbackNodeModules: source,
    signal,
    onProgress: onStep,
  });
  const plan = await detectTestPlan(workspace.path, directory, policy.testCommand);
  onStep(`baseline: ${plan.command}`);
  return measureBaseline({
    tree: workspace.path,
    commit: workspace.commit,
    plan,
    dependencies,
    sandbox: await parts.sandbox(),
    limits: suiteLimitsOf(policy),
    scratch: join(parts.paths.scratch, 'baselines', workspace.id),
    cache: join(parts.paths.cache, 'baselines'),
    adopted: order.adopted,
    signal,
    onProgress: onStep,
    ...(onSuiteRun === undefined ? {} : { onRun: (run) => onSuiteRun(run, 'baseline') }),
  });
}

type Reading =
  | { readonly kind: 'patch'; readonly patch: Patch }
  | { readonly kind: 'refused'; readonly breaches: readonly PolicyBreach[] };

const staleBreach = ({ path, reason }: Stale): PolicyBreach => ({
  rule: 'stale',
  path,
  message: `The patch does not fit the base: ${path}: ${reason}.`,
});

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
async function readDiff(
  { versioning }: TrialParts,
  diff: string,
  policy: RepositoryPolicy,
  tree: { readonly base: Workspace; readonly existingPaths: readonly string[] },
): Promise<Reading> {
  try {
    const files = parseDiff(diff);
    const breaches = judgePatch({ diff, files, policy, existingPaths: tree.existingPaths });
    if (breaches.length > 0) return { kind: 'refused', breaches };
    const read = await versioning.readPatch(diff, (path) => baseFile(tree.base.path, path));
    return read.kind === 'patch' ? read : { kind: 'refused', breaches: [staleBreach(read)] };
  } catch (error) {
    if (!isRatchetError(error) || error.code !== 'PATCH_REFUSED') throw error;
    return {
      kind: 'refused',
      breaches: [{ rule: 'unreadable', path: error.where ?? null, message: error.message }],
    };
  }
}

/**
 * Runs all gates over one patch on one base, or refuses it with the same kind of evidence. Stores nothing but
 * attachments; running it twice is the same as once.
 * @throws RatchetError for everything that is no verdict: no tests, no sandbox, stopped, interrupted.
 */
export async function tryOnBase(parts: TrialParts, order: TrialOrder): Promise<Evidence> {
  const { versioning } = parts;
  const { repository, base: commit, lease, patch: given } = order;
  const base = await versioning.openWorkspace(repository, commit, `${lease}-base`);
  const existingPaths = await versioning.listFiles(base);
  const reading: Reading =
    'digest' in given
      ? { kind: 'patch', patch: given }
      : await readDiff(parts, given.diff, repository.policy, { base, existingPaths });
  if (reading.kind === 'refused') return refuse(parts, order, reading.breaches);
  await versioning.closeWorkspace(`${lease}-candidate`);
  const candidate = await versioning.openWorkspace(repository, commit, `${lease}-candidate`);
  const applied = await versioning.applyPatch(candidate.path, reading.patch);
  if (applied.kind === 'stale') return refuse(parts, order, [staleBreach(applied)]);
  const { baseline } = await prepareBaseline(parts, { ...order, workspace: base, adopted: true });
  const scratch = join(parts.paths.scratch, 'trials', lease);
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  try {
    const trees = { baseTree: base.path, candidateTree: candidate.path, baseline, scratch };
    return await runGates(parts, order, { ...trees, patch: reading.patch, existingPaths });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Prepared {
  readonly baseTree: string;
  readonly candidateTree: string;
  readonly baseline: MeasuredBaseline['baseline'];
  readonly scratch: string;
  readonly patch: Patch;
  readonly existingPaths: readonly string[];
}

const nameOf = (patch: { readonly digest: Digest }): string => `trial-${patch.digest.slice(0, 16)}`;

async function runGates(parts: TrialParts, order: TrialOrder, prepared: Prepared): Promise<Evidence> {
  const { repository, workload, onSuiteRun } = order;
  const { existingPaths, ...trees } = prepared;
  const file = workload === null ? null : join(prepared.scratch, 'given', basename(workload.name));
  if (workload !== null && file !== null) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, workload.source);
  }
  const attachments = workload === null ? {} : { 'workload.mjs': await parts.artifacts.put(workload.source) };
  return runTrial({
    context: {
      ...trees,
      repositoryId: repository.id,
      base: order.base,
      directory: repository.directory,
      sandbox: await parts.sandbox(),
      limits: suiteLimitsOf(repository.policy),
      claimsGain: order.claimsGain,
      workload: file,
      seed: order.seed,
      coverageMinimum: repository.policy.coverageMinimum,
      ...(onSuiteRun === undefined ? {} : { onSuiteRun: (run: TestRun) => onSuiteRun(run, 'trial') }),
    },
    proposalId: order.proposalId ?? nameOf(prepared.patch),
    gates: parts.gatesFor(repository.policy, existingPaths),
    signal: order.signal,
    onProgress: order.onGate,
    version: parts.version,
    harness: await harnessDigest(),
    attachments: () => Promise.resolve(attachments),
  });
}

async function refuse(
  parts: TrialParts,
  { repository, base, patch: given, proposalId, claimsGain, seed }: TrialOrder,
  breaches: readonly PolicyBreach[],
): Promise<Evidence> {
  const patch = 'digest' in given ? given : { digest: sha256(given.diff), diff: given.diff, files: [] };
  return refuseTrial({
    repositoryId: repository.id,
    proposalId: proposalId ?? nameOf(patch),
    base,
    patch,
    breaches,
    claimsGain,
    seed,
    limits: suiteLimitsOf(repository.policy),
    version: parts.version,
    harness: await harnessDigest(),
  });
}
