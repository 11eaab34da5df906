/** The door of versioning. */
import { mkdir, rm } from 'node:fs/promises';
import { RatchetError } from '../errors.js';
import { withLock } from '../lock.js';
import { applyPatch, type ApplyOutcome } from './apply-patch.js';
import { changeRefs, mirrorLock, mirrorPath, type Context } from './context.js';
import { createGit, type ProcessEnvironment } from './git.js';
import { inspectSource, type SourceInspection } from './inspect-source.js';
import { landPatch } from './land.js';
import { findChange, readLedger } from './ledger.js';
import { makePatch, patchDigest, type FileVersions } from './make-patch.js';
import { openMirror, syncMirror, type Mirror } from './mirror.js';
import { plantCommit } from './plant-commit.js';
import { writeRefs } from './publish.js';
import { baseOf, codeAt, type CodeAtCommit } from './read-code.js';
import { readPatch, type ReadPatchResult } from './read-patch.js';
import { refreshRepository } from './refresh.js';
import { rollbackChange } from './rollback.js';
import type {
  Change,
  CommitId,
  LandOutcome,
  LandRequest,
  Patch,
  Repository,
  RepositoryState,
  RollbackOutcome,
  StopCheck,
  Workspace,
} from './types.js';
import { verifyLanded, type LandedVerification } from './verify-landed.js';
import {
  closeWorkspace,
  listFiles,
  openWorkspace,
  prepareWorkspaces,
  reclaimWorkspaces,
} from './workspaces.js';

export { applyPatch, makePatch, patchDigest, readPatch };
export { defaultPolicy, judgePatch, parseDiff } from './policy.js';
export type {
  ApplyOutcome,
  CodeAtCommit,
  FileVersions,
  LandedVerification,
  ReadPatchResult,
  SourceInspection,
};
export type * from './types.js';

/** Where mirrors and workspaces live, and what stops everything. */
export interface VersioningOptions {
  readonly mirrors: string;
  readonly workspaces: string;
  readonly stopCheck: StopCheck;
  /** Asked at each git call; its abort kills what runs. */
  readonly signal?: () => AbortSignal;
  /** The entry point's environment: only the search path and what ssh needs is passed on to git. */
  readonly environment?: ProcessEnvironment;
}

/** Everything that Ratchet does with git. Operations on one repository are serialised by a lock file. */
export interface Versioning {
  /** @throws RatchetError NOT_A_REPOSITORY, EMPTY_REPOSITORY */
  inspectSource(path: string): Promise<SourceInspection>;
  refresh(repository: Repository): Promise<RepositoryState>;
  openWorkspace(repository: Repository, commit: CommitId, leaseId: string): Promise<Workspace>;
  closeWorkspace(leaseId: string): Promise<void>;
  /** Removes all workspaces but the kept ones and those of other living processes; answers what was removed. */
  reclaimWorkspaces(keep: readonly string[]): Promise<string[]>;
  listFiles(workspace: Workspace): Promise<string[]>;
  applyPatch(workspacePath: string, patch: Patch): Promise<ApplyOutcome>;
  makePatch(files: readonly FileVersions[]): Patch;
  readPatch(diffText: string, readBase: (path: string) => Promise<Buffer | null>): Promise<ReadPatchResult>;
  land(request: LandRequest): Promise<LandOutcome>;
  verifyLanded(repository: Repository, change: Change): Promise<LandedVerification>;
  rollback(repository: Repository, changeId: string, by: string, reason: string): Promise<RollbackOutcome>;
  /** The base commit as text, after a look at the source. */
  readCode(repository: Repository): Promise<CodeAtCommit>;
  /** The ledger, newest first. */
  changes(repository: Repository): Promise<Change[]>;
  markVerified(repository: Repository, changeId: string): Promise<void>;
  /** A commit in the mirror alone: the base with other texts in some files (paths from the root). */
  plantCommit(
    repository: Repository,
    base: CommitId,
    files: Readonly<Record<string, string>>,
  ): Promise<CommitId>;
  /** Forgets the mirror of a repository; the source keeps everything. */
  pruneRepository(id: string): Promise<void>;
}

/** Creates the room's operations; touches nothing before the first call. */
export function createVersioning(options: VersioningOptions): Versioning {
  const { mirrors, workspaces, stopCheck } = options;
  const context: Context = {
    git: createGit(options.signal, options.environment),
    mirrors,
    workspaces,
    stopCheck,
  };
  const locked = async <T>(repository: Pick<Repository, 'id'>, work: () => Promise<T>): Promise<T> => {
    await mkdir(mirrors, { recursive: true });
    return withLock(mirrorLock(context, repository.id), work, { waitMs: 300_000 });
  };
  return {
    inspectSource: (path) => inspectSource(context, path),
    refresh: (repository) => locked(repository, () => refreshRepository(context, repository)),
    async openWorkspace(repository, commit, leaseId) {
      await prepareWorkspaces(context);
      return openWorkspace(context, repository, commit, leaseId);
    },
    closeWorkspace: (leaseId) => closeWorkspace(context, leaseId),
    reclaimWorkspaces: (keep) => reclaimWorkspaces(context, keep),
    listFiles: (workspace) => listFiles(context, workspace),
    applyPatch,
    makePatch,
    readPatch,
    land: (request) => locked(request.repository, () => landPatch(context, request)),
    verifyLanded: (repository, change) => locked(repository, () => verifyLanded(context, repository, change)),
    rollback: (repository, changeId, by, reason) =>
      locked(repository, () => rollbackChange(context, repository, { changeId, by, reason })),
    readCode: (repository) =>
      locked(repository, async () => {
        const mirror = await keptMirror(context, repository);
        return codeAt(context, mirror.path, baseOf(repository, mirror));
      }),
    changes: (repository) => locked(repository, () => listChanges(context, repository)),
    markVerified: (repository, changeId) =>
      locked(repository, () => markVerified(context, repository, changeId)),
    plantCommit: (repository, base, files) =>
      locked(repository, () => plantCommit(context, repository, base, files)),
    pruneRepository: (id) =>
      locked({ id }, () => rm(mirrorPath(context, id), { recursive: true, force: true })),
  };
}

/** A source that is away for now is still there in the mirror. */
async function keptMirror(context: Context, repository: Repository): Promise<Mirror> {
  return syncMirror(context, repository).catch(async (error: unknown) => {
    const kept = await openMirror(context, repository);
    if (kept === null) throw error;
    return kept;
  });
}

async function listChanges(context: Context, repository: Repository): Promise<Change[]> {
  return readLedger(context, repository, await keptMirror(context, repository));
}

async function markVerified(context: Context, repository: Repository, changeId: string): Promise<void> {
  const mirror = await syncMirror(context, repository);
  const change = await findChange(context, repository, mirror, changeId);
  if (change === null) throw new RatchetError('NOT_FOUND', `There is no change ${changeId}.`);
  if (change.state !== 'landed') return;
  const write = { ref: changeRefs(changeId).verified, value: change.commit };
  await writeRefs(context, mirror, [write], `ratchet: verified ${changeId}`);
}
