/** Landing: rollback point, commit in the mirror, one compare-and-swap. Repeating it after any crash is safe. */
import { RatchetError } from '../errors.js';
import { composeMessage, editTree, isAncestor, makeCommit, readCommits, type CommitData } from './commits.js';
import { branchRef, changeRefs, type Context } from './context.js';
import { expectedContent } from './expected-content.js';
import { findChange } from './ledger.js';
import { syncMirror, type Mirror } from './mirror.js';
import { checkedOutIn, sendObjects, withWrites, writeRefs } from './publish.js';
import { assertTargetPossible, sourceTip } from './refresh.js';
import { changedPaths, readFromCommit } from './tree-content.js';
import type { Change, LandOutcome, LandRequest } from './types.js';

/** Lands one patch. Call under the mirror's lock. */
export async function landPatch(context: Context, request: LandRequest): Promise<LandOutcome> {
  await context.stopCheck();
  const { repository, changeId, expectedTip } = request;
  const target = branchRef(repository.targetBranch);
  const mirror = await syncMirror(context, repository);
  const known = await findChange(context, repository, mirror, changeId);
  if (known !== null) return { kind: 'landed', change: await completeRefs(context, request, mirror, known) };

  const tip = mirror.refs.get(target) ?? null;
  const { tip: source } = await sourceTip(context, repository, mirror);
  if (!(await fits(context, mirror, { expectedTip, tip, source })))
    return { kind: 'moved', tip: tip ?? source };
  const worktree = await checkedOutIn(context, mirror, target);
  if (worktree !== null) return { kind: 'targetCheckedOut', worktree };
  assertTargetPossible(repository, mirror);
  await refuseSymbolic(context, mirror, target);

  const built = await buildCommit(context, request, mirror);
  if (typeof built !== 'string') return built;
  const refs = changeRefs(changeId);
  await sendObjects(context, mirror, [built]);
  await writeRefs(
    context,
    mirror,
    [{ ref: refs.rollback, value: expectedTip }],
    `ratchet: before ${changeId}`,
  );
  const writes = [
    { ref: target, value: built, old: tip },
    { ref: refs.change, value: built, old: null },
  ];
  if (!(await writeRefs(context, mirror, writes, `ratchet: land ${changeId}`))) {
    const now = await syncMirror(context, repository);
    return { kind: 'moved', tip: now.refs.get(target) ?? source };
  }
  // What was written is known: asking the source again could fail (full disk) after the landing succeeded.
  const after = withWrites(mirror, [{ ref: refs.rollback, value: expectedTip }, ...writes]);
  const change = await findChange(context, repository, after, changeId);
  if (change === null)
    throw new RatchetError('GIT_FAILED', `Change ${changeId} was written and is not found.`);
  return { kind: 'landed', change };
}

/**
 * May a patch tried on `expectedTip` land on a target at `tip`? Yes when the target stands there, or only has to be
 * moved forward over the source's own commits (or over our merge of the two). A target that lost a change since the
 * trial does not fit: landing would bring that change back.
 */
async function fits(
  context: Context,
  mirror: Mirror,
  { expectedTip, tip, source }: { expectedTip: string; tip: string | null; source: string },
): Promise<boolean> {
  if (tip === expectedTip) return true;
  const base = (await readCommits(context, mirror.path, [expectedTip])).get(expectedTip);
  if (base === undefined) return false;
  if (tip === null) return isAncestor(context, mirror.path, expectedTip, source);
  if (base.trailers.get('ratchet-merge') === `${tip} ${base.parents[1] ?? ''}`) {
    return base.parents.length === 2 && base.parents[0] === tip;
  }
  return (
    (await isAncestor(context, mirror.path, tip, expectedTip)) &&
    (await isAncestor(context, mirror.path, expectedTip, source))
  );
}

async function refuseSymbolic(context: Context, mirror: Mirror, target: string): Promise<void> {
  if (mirror.source.kind === 'url') return;
  const answer = await context.git(mirror.source.path, ['symbolic-ref', '--quiet', target], {
    answers: [1, 128],
  });
  if (answer.code !== 0) return;
  throw new RatchetError('CONFLICT', `${target} is a symbolic ref to ${answer.text}.`, {
    where: mirror.source.path,
    mend: 'Choose a target branch of its own.',
  });
}

/** The commit to land; the one prepared by an earlier attempt if it is still right. */
async function buildCommit(
  context: Context,
  request: LandRequest,
  mirror: Mirror,
): Promise<string | Extract<LandOutcome, { kind: 'stale' }>> {
  const { patch, expectedTip, changeId } = request;
  const modes = new Map<string, string>();
  let special: string | null = null;
  const expectation = await expectedContent(patch, async (path) => {
    const found = await readFromCommit(context, mirror.path, expectedTip, path);
    if (found === 'special') special = path;
    if (found === null || found === 'special') return null;
    modes.set(path, found.mode);
    return found.bytes;
  });
  if (special !== null)
    return { kind: 'stale', path: special, reason: 'it is a link, a submodule or a directory' };
  if (expectation.kind === 'stale') return expectation;
  await context.stopCheck();
  const edits = expectation.files.map(({ path, content }) => ({
    path,
    content,
    mode: modes.get(path) ?? '100644',
  }));
  const tree = await editTree(context, mirror.path, expectedTip, edits);
  await assertOnlyThese(context, mirror, { from: expectedTip, tree, request });
  const { prepared } = changeRefs(changeId);
  const earlier = await preparedCommit(context, mirror, prepared);
  if (earlier !== null && isSame(earlier, request, tree)) return earlier.id;
  const parent = (await readCommits(context, mirror.path, [expectedTip])).get(expectedTip);
  const commit = await makeCommit(context, mirror.path, {
    tree,
    parents: [expectedTip],
    message: messageOf(request),
    time: timeAfter(parent),
  });
  await context.git(mirror.path, ['update-ref', prepared, commit]);
  return commit;
}

/** Seconds now; one later than the change before, so that the ledger's order is the order of landing. */
function timeAfter(parent: CommitData | undefined): number {
  const now = Math.floor(Date.now() / 1000);
  return parent?.trailers.has('ratchet-change') === true ? Math.max(now, parent.committed + 1) : now;
}

function messageOf(request: LandRequest): string {
  return composeMessage(request.title, request.reason, {
    'Ratchet-Proposal': request.proposalId,
    'Ratchet-Evidence': request.evidenceDigest,
    'Ratchet-Change': request.changeId,
    'Ratchet-Patch': request.patch.digest,
    'Ratchet-Rule': request.rule,
    'Reviewed-by': request.reviewedBy,
  });
}

async function preparedCommit(context: Context, mirror: Mirror, ref: string): Promise<CommitData | null> {
  const args = ['rev-parse', '--quiet', '--verify', `${ref}^{commit}`];
  const answer = await context.git(mirror.path, args, { answers: [1, 128] });
  if (answer.code !== 0) return null;
  return (await readCommits(context, mirror.path, [answer.text])).get(answer.text) ?? null;
}

function isSame(commit: CommitData, request: LandRequest, tree: string): boolean {
  return (
    commit.tree === tree &&
    commit.parents[0] === request.expectedTip &&
    commit.trailers.get('ratchet-evidence') === request.evidenceDigest &&
    commit.trailers.get('ratchet-patch') === request.patch.digest &&
    commit.trailers.get('ratchet-proposal') === request.proposalId
  );
}

/** The tree must differ from the base in the patch's files and nothing else, and no mode may change. */
async function assertOnlyThese(
  context: Context,
  mirror: Mirror,
  { from, tree, request }: { from: string; tree: string; request: LandRequest },
): Promise<void> {
  const changed = await changedPaths(context, mirror.path, from, tree);
  const wanted = request.patch.files.map((file) => file.path).sort();
  const paths = changed.map(({ path }) => path);
  const modesKept = changed.every(
    ({ oldMode, newMode }) => oldMode === newMode || oldMode === '000000' || newMode === '000000',
  );
  if (modesKept && JSON.stringify(paths.sort()) === JSON.stringify(wanted)) return;
  throw new RatchetError(
    'PATCH_REFUSED',
    `The patch would change ${paths.join(', ')} instead of its own files.`,
  );
}

/** A crash between refs leaves some unwritten: they are written now. */
async function completeRefs(
  context: Context,
  request: LandRequest,
  mirror: Mirror,
  change: Change,
): Promise<Change> {
  const refs = changeRefs(change.id);
  if (change.patchDigest !== request.patch.digest || change.proposalId !== request.proposalId) {
    throw new RatchetError('CONFLICT', `Change ${change.id} has landed with another patch.`, {
      where: change.commit,
    });
  }
  const missing = [
    ...(mirror.refs.has(refs.rollback) ? [] : [{ ref: refs.rollback, value: change.parent }]),
    ...(mirror.refs.has(refs.change) ? [] : [{ ref: refs.change, value: change.commit }]),
  ];
  if (missing.length > 0) await writeRefs(context, mirror, missing, `ratchet: complete ${change.id}`);
  return change;
}
