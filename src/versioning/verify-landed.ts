/** Is a landed change exactly what was approved? Recomputed from objects, trusting nothing that was remembered. */
import { sha256 } from '../canonical.js';
import { isAncestor, readCommits } from './commits.js';
import { branchRef, changeRefs, type Context } from './context.js';
import { patchDigest } from './make-patch.js';
import { syncMirror } from './mirror.js';
import { changedPaths, readFromCommit } from './tree-content.js';
import type { Change, PatchFile, Repository } from './types.js';

export type LandedVerification =
  { readonly kind: 'intact' } | { readonly kind: 'broken'; readonly reason: string };

/** Landed tree = parent tree + patch, trailers, refs and branch as they must be. Call under the mirror's lock. */
export async function verifyLanded(
  context: Context,
  repository: Repository,
  change: Change,
): Promise<LandedVerification> {
  const broken = (reason: string): LandedVerification => ({ kind: 'broken', reason });
  const mirror = await syncMirror(context, repository);
  const refs = changeRefs(change.id);
  const commit = (await readCommits(context, mirror.path, [change.commit])).get(change.commit);
  if (commit === undefined) return broken(`commit ${change.commit} is missing`);
  if (mirror.refs.get(refs.change) !== change.commit)
    return broken(`${refs.change} does not name the commit`);
  if (mirror.refs.get(refs.rollback) !== change.parent)
    return broken(`${refs.rollback} is not the rollback point`);
  if (commit.parents.length !== 1 || commit.parents[0] !== change.parent)
    return broken('it has another parent');
  if (commit.tree !== change.tree) return broken('it has another tree');
  const trailers = {
    'ratchet-change': change.id,
    'ratchet-patch': change.patchDigest,
    'ratchet-evidence': change.evidenceDigest,
    'ratchet-proposal': change.proposalId,
  };
  for (const [name, value] of Object.entries(trailers)) {
    if (commit.trailers.get(name) !== value) return broken(`its trailer ${name} is not ${value}`);
  }
  const digest = await digestBetween(context, mirror.path, change.parent, change.commit);
  if (digest !== change.patchDigest) return broken('its tree is not the parent with the approved patch');
  const tip = mirror.refs.get(branchRef(repository.targetBranch));
  if (change.state !== 'rolledBack') {
    if (tip === undefined) return broken(`${repository.targetBranch} does not exist`);
    if (!(await isAncestor(context, mirror.path, change.commit, tip))) {
      return broken(`it is not on ${repository.targetBranch}`);
    }
  }
  return { kind: 'intact' };
}

/** The digest of the patch that leads from one commit to another; null when it is more than text. */
async function digestBetween(
  context: Context,
  mirror: string,
  from: string,
  to: string,
): Promise<string | null> {
  const files: PatchFile[] = [];
  for (const { path, oldMode, newMode } of await changedPaths(context, mirror, from, to)) {
    if (oldMode !== newMode && oldMode !== '000000' && newMode !== '000000') return null;
    const before = await readFromCommit(context, mirror, from, path);
    const after = await readFromCommit(context, mirror, to, path);
    if (before === 'special' || after === 'special') return null;
    files.push({
      path,
      before: before === null ? null : sha256(before.bytes),
      after: after === null ? null : sha256(after.bytes),
      addedLines: 0,
      removedLines: 0,
    });
  }
  return patchDigest(files);
}
