/** The ledger of changes, rebuilt from commits' trailers and refs/ratchet: git is the truth. */
import { readCommits, type CommitData } from './commits.js';
import { branchRef, changeRefs, type Context } from './context.js';
import type { Mirror } from './mirror.js';
import type { Change, Repository } from './types.js';

const changesMaximum = 10_000;
const changePrefix = 'refs/ratchet/changes/';

/** All changes of the repository, newest first. */
export async function readLedger(
  context: Context,
  repository: Repository,
  mirror: Mirror,
): Promise<Change[]> {
  const commits = new Map<string, string>();
  for (const [ref, commit] of mirror.refs) {
    if (ref.startsWith(changePrefix)) commits.set(ref.slice(changePrefix.length), commit);
  }
  for (const [id, commit] of await unlistedChanges(context, repository, mirror)) {
    if (!commits.has(id)) commits.set(id, commit);
  }
  const undone = [...commits.keys()].map((id) => mirror.refs.get(changeRefs(id).rolledBack));
  const ids = [...commits.values(), ...undone.filter((id) => id !== undefined)];
  const data = await readCommits(context, mirror.path, [...new Set(ids)]);
  const changes = [...commits.entries()].flatMap(([id, commit]) => {
    const landed = data.get(commit);
    return landed === undefined ? [] : [toChange(repository, mirror, { id, landed, data })];
  });
  return changes.sort((a, b) => (a.landedAt === b.landedAt ? 0 : a.landedAt < b.landedAt ? 1 : -1));
}

/** One change, null when it never landed. */
export async function findChange(
  context: Context,
  repository: Repository,
  mirror: Mirror,
  changeId: string,
): Promise<Change | null> {
  const refs = changeRefs(changeId);
  const commit = mirror.refs.get(refs.change) ?? (await searchTarget(context, repository, mirror, changeId));
  if (commit === null) return null;
  const record = mirror.refs.get(refs.rolledBack);
  const data = await readCommits(context, mirror.path, record === undefined ? [commit] : [commit, record]);
  const landed = data.get(commit);
  return landed === undefined ? null : toChange(repository, mirror, { id: changeId, landed, data });
}

/** Changes on the target branch whose refs were lost (deleted by hand, or a clone without refs/ratchet). */
async function unlistedChanges(
  context: Context,
  repository: Repository,
  mirror: Mirror,
): Promise<Map<string, string>> {
  const found = await logTarget(context, repository, mirror, 'Ratchet-Change: ');
  return new Map(
    [...found.values()].flatMap((commit) => {
      const id = commit.trailers.get('ratchet-change');
      return id === undefined || commit.parents.length === 0 || !isOurs(commit)
        ? []
        : [[id, commit.id] as const];
    }),
  );
}

async function searchTarget(
  context: Context,
  repository: Repository,
  mirror: Mirror,
  changeId: string,
): Promise<string | null> {
  const found = await logTarget(context, repository, mirror, `Ratchet-Change: ${changeId}`);
  const match = [...found.values()].find(
    (commit) => commit.trailers.get('ratchet-change') === changeId && isOurs(commit),
  );
  return match?.id ?? null;
}

async function logTarget(
  context: Context,
  repository: Repository,
  mirror: Mirror,
  text: string,
): Promise<Map<string, CommitData>> {
  const tip = mirror.refs.get(branchRef(repository.targetBranch));
  if (tip === undefined) return new Map();
  const args = ['rev-list', `--max-count=${changesMaximum}`, '--fixed-strings', `--grep=${text}`, tip];
  const listed = await context.git(mirror.path, args);
  const ids = listed.text.split('\n').filter((id) => id !== '');
  return readCommits(context, mirror.path, ids);
}

function isOurs(commit: CommitData): boolean {
  return commit.trailers.has('ratchet-patch') && commit.trailers.has('ratchet-evidence');
}

function toChange(
  repository: Repository,
  mirror: Mirror,
  { id, landed, data }: { id: string; landed: CommitData; data: ReadonlyMap<string, CommitData> },
): Change {
  const refs = changeRefs(id);
  const trailer = (name: string): string => landed.trailers.get(name) ?? '';
  const record = data.get(mirror.refs.get(refs.rolledBack) ?? '');
  const verified = mirror.refs.get(refs.verified) === landed.id;
  return {
    id,
    repositoryId: repository.id,
    proposalId: trailer('ratchet-proposal'),
    title: landed.subject,
    rule: landed.trailers.get('ratchet-rule') ?? null,
    commit: landed.id,
    parent: landed.parents[0] ?? '',
    tree: landed.tree,
    patchDigest: trailer('ratchet-patch'),
    evidenceDigest: trailer('ratchet-evidence'),
    reviewedBy: trailer('reviewed-by'),
    rollbackRef: refs.rollback,
    landedAt: new Date(landed.committed * 1000).toISOString(),
    state: record !== undefined ? 'rolledBack' : verified ? 'verified' : 'landed',
    rolledBackBy: record === undefined ? null : (record.trailers.get('ratchet-rollback-to') ?? record.id),
    rollbackReason: record?.trailers.get('ratchet-rollback-reason') ?? null,
  };
}
