/** A whole trial of somebody's diff, from the path of a repository to stored evidence. No server is needed. */
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { RatchetError } from '../../errors.js';
import type { Evidence } from '../../verification/types.js';
import type { TrialProgress } from '../../verification/index.js';
import type { CommitId, Repository } from '../../versioning/types.js';
import type { TrialRecord } from './find-evidence.js';
import type { TrialTools } from './tools.js';

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

interface Opened {
  readonly repository: Repository;
  readonly commit: CommitId;
  readonly notes: readonly string[];
}

async function open(tools: TrialTools, request: PatchTrialRequest): Promise<Opened> {
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
  const notes = found.dirty ? ['uncommitted changes are not part of the trial'] : [];
  return { repository, commit, notes };
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

/**
 * Tries a diff and stores the evidence.
 * @throws RatchetError for everything that is no verdict: no repository, no tests, no sandbox, interrupted.
 */
export async function tryPatch(tools: TrialTools, request: PatchTrialRequest): Promise<PatchTrial> {
  const source = await readWorkload(request.workload);
  const { canonicalJson, tryOnBase } = await import('../../verification/index.js');
  const lease = `trial-${process.pid}-${Date.now().toString(36)}`;
  const { repository, commit, notes } = await open(tools, request);
  try {
    const evidence = await tryOnBase(tools, {
      repository,
      base: commit,
      lease,
      patch: { diff: request.diff },
      claimsGain: request.claimsGain,
      workload: source === null ? null : { name: request.workload ?? 'workload.mjs', source },
      seed: request.seed,
      signal: tools.signal,
      onStep: request.onStep,
      onGate: request.onGate,
    });
    const digest = await tools.artifacts.put(canonicalJson(evidence));
    const { verdict, reason, finishedAt } = evidence;
    const record: TrialRecord = { digest, verdict, reason, repository: repository.source, finishedAt };
    await tools.records.put('trials', digest, record);
    return { evidence, digest, repository, notes };
  } finally {
    for (const side of ['base', 'candidate']) await tools.versioning.closeWorkspace(`${lease}-${side}`);
  }
}
