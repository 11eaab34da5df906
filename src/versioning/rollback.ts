/** Rolling one change back: by moving the target back to its parent, or by a revert commit on top. */
import { RatchetError } from '../errors.js';
import { composeMessage, isAncestor, makeCommit, mergeTrees, readCommits } from './commits.js';
import { branchRef, changeRefs, type Context } from './context.js';
import { findChange } from './ledger.js';
import { syncMirror, type Mirror } from './mirror.js';
import { checkedOutIn, sendObjects, withWrites, writeRefs } from './publish.js';
import { sourceTip } from './refresh.js';
import type { Change, Repository, RollbackOutcome } from './types.js';

/** Which change, who wants it undone and why. */
export interface RollbackRequest {
  readonly changeId: string;
  readonly by: string;
  readonly reason: string;
}

const attemptsMaximum = 5;

/** Call under the mirror's lock. @throws RatchetError NOT_FOUND, CONFLICT (target checked out), STOPPED */
export async function rollbackChange(
  context: Context,
  repository: Repository,
  request: RollbackRequest,
): Promise<RollbackOutcome> {
  for (let attempt = 0; attempt < attemptsMaximum; attempt += 1) {
    const outcome = await tryRollback(context, repository, request);
    if (outcome !== null) return outcome;
  }
  throw new RatchetError(
    'GIT_FAILED',
    `${repository.targetBranch} moved again and again during the rollback.`,
  );
}

/** Null = the target moved meanwhile. */
async function tryRollback(
  context: Context,
  repository: Repository,
  request: RollbackRequest,
): Promise<RollbackOutcome | null> {
  const mirror = await syncMirror(context, repository);
  const change = await findChange(context, repository, mirror, request.changeId);
  if (change === null) {
    throw new RatchetError('NOT_FOUND', `There is no change ${request.changeId} in ${repository.name}.`, {
      mend: 'See `ratchet history` for the changes there are.',
    });
  }
  if (change.state === 'rolledBack') return { kind: 'alreadyRolledBack', change };
  await context.stopCheck();
  const target = branchRef(repository.targetBranch);
  const tip = mirror.refs.get(target) ?? null;
  if (tip === null || !(await isAncestor(context, mirror.path, change.commit, tip))) {
    // Not on the branch any more: an earlier attempt moved it back, or somebody did. The record is what is missing.
    return finish(context, repository, { mirror, request, change, tip, how: 'reset', undo: null });
  }
  const worktree = await checkedOutIn(context, mirror, target);
  if (worktree !== null) {
    throw new RatchetError('CONFLICT', `${repository.targetBranch} is checked out in ${worktree}.`, {
      where: worktree,
      mend: 'Switch that worktree to another branch and repeat.',
    });
  }
  // A change that people already have in their own branch can only be undone by a commit that they can merge.
  const { tip: source } = await sourceTip(context, repository, mirror);
  const adopted = await isAncestor(context, mirror.path, change.commit, source);
  if (tip === change.commit && !adopted) {
    return finish(context, repository, { mirror, request, change, tip, how: 'reset', undo: null });
  }
  const undo = await makeRevert(context, { mirror, request, change, tip });
  if (typeof undo !== 'string') return { kind: 'conflict', change, paths: undo.paths };
  return finish(context, repository, { mirror, request, change, tip, how: 'revert', undo });
}

interface Undoing {
  readonly mirror: Mirror;
  readonly request: RollbackRequest;
  readonly change: Change;
  readonly tip: string | null;
}

/** A commit on top that takes the change out by a three-way merge: base = the change, theirs = its parent. */
async function makeRevert(
  context: Context,
  { mirror, request, change, tip }: Undoing,
): Promise<string | { paths: readonly string[] }> {
  const path = mirror.path;
  const top = (await readCommits(context, path, [tip ?? ''])).get(tip ?? '');
  const before = (await readCommits(context, path, [change.parent])).get(change.parent);
  if (top === undefined || before === undefined) {
    throw new RatchetError('CORRUPT', `The history around change ${change.id} is incomplete.`, {
      where: path,
    });
  }
  // Commits for the merge alone: their only common ancestor is the change itself.
  const scratch = (tree: string, parents: readonly string[]): Promise<string> =>
    makeCommit(context, path, { tree, parents, message: 'scratch\n', time: 0 });
  const base = await scratch(change.tree, []);
  const ours = await scratch(top.tree, [base]);
  const theirs = await scratch(before.tree, [base]);
  const merged = await mergeTrees(context, path, ours, theirs);
  if (merged.kind === 'conflict') return { paths: merged.paths };
  const time = Math.max(Math.floor(Date.now() / 1000), top.committed);
  const message = recordMessage({ request, change, how: 'revert', to: null });
  return makeCommit(context, path, { tree: merged.tree, parents: [top.id], message, time });
}

function recordMessage(record: {
  request: RollbackRequest;
  change: Change;
  how: 'reset' | 'revert';
  to: string | null;
}): string {
  const { request, change, how, to } = record;
  return composeMessage(`Roll back: ${change.title}`, request.reason, {
    'Ratchet-Rollback': change.id,
    'Ratchet-Rollback-How': how,
    'Ratchet-Rollback-To': to,
    'Ratchet-Rollback-Reason': request.reason,
    'Ratchet-Rolled-Back-By': request.by,
  });
}

/** Branch and record are written in one transaction; the record of a reset hangs on the change, off the branch. */
async function finish(
  context: Context,
  repository: Repository,
  undoing: Undoing & { how: 'reset' | 'revert'; undo: string | null },
): Promise<RollbackOutcome | null> {
  const { mirror, request, change, tip, how, undo } = undoing;
  const record = undo ?? (await makeResetRecord(context, undoing));
  const target = branchRef(repository.targetBranch);
  const moves = tip !== null && (how === 'revert' || tip === change.commit);
  const branch = moves ? [{ ref: target, value: undo ?? change.parent, old: tip }] : [];
  await sendObjects(context, mirror, [record]);
  const writes = [...branch, { ref: changeRefs(change.id).rolledBack, value: record, old: null }];
  if (!(await writeRefs(context, mirror, writes, `ratchet: roll back ${change.id}`))) return null;
  const after = withWrites(mirror, writes);
  const undone = await findChange(context, repository, after, request.changeId);
  if (undone === null)
    throw new RatchetError('GIT_FAILED', `Change ${request.changeId} is not found any more.`);
  return { kind: 'rolledBack', change: undone, by: how };
}

async function makeResetRecord(context: Context, { mirror, request, change }: Undoing): Promise<string> {
  const parent = (await readCommits(context, mirror.path, [change.parent])).get(change.parent);
  if (parent === undefined) {
    throw new RatchetError('CORRUPT', `The parent of change ${change.id} is missing.`, {
      where: change.parent,
    });
  }
  return makeCommit(context, mirror.path, {
    tree: parent.tree,
    parents: [change.commit],
    message: recordMessage({ request, change, how: 'reset', to: change.parent }),
    time: Math.floor(Date.now() / 1000),
  });
}
