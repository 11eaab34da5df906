/** Brings the mirror up to date and says which commit the next trials are based on. */
import { RatchetError } from '../errors.js';
import { isAncestor, composeMessage, makeCommit, mergeTrees, readCommits } from './commits.js';
import { branchRef, sourceOf, type Context } from './context.js';
import { syncMirror, type Mirror } from './mirror.js';
import type { Repository, RepositoryState } from './types.js';

/** Fetches and decides. Call under the mirror's lock. @throws RatchetError EMPTY_REPOSITORY, NOT_A_REPOSITORY */
export async function refreshRepository(context: Context, repository: Repository): Promise<RepositoryState> {
  const mirror = await syncMirror(context, repository);
  const { tip, branch } = await sourceTip(context, repository, mirror);
  assertTargetPossible(repository, mirror);
  const targetTip = mirror.refs.get(branchRef(repository.targetBranch)) ?? null;
  const notes: string[] = [];
  const base = await chooseBase(context, mirror, { repository, source: tip, target: targetTip, notes });
  return { base, targetTip, branch, notes };
}

/** Git cannot have a branch `a/b` beside a branch `a`. @throws RatchetError CONFLICT */
export function assertTargetPossible(repository: Repository, mirror: Mirror): void {
  const target = branchRef(repository.targetBranch);
  const other = [...mirror.refs.keys()].find(
    (ref) => target.startsWith(`${ref}/`) || ref.startsWith(`${target}/`),
  );
  if (other === undefined) return;
  const name = other.slice('refs/heads/'.length);
  throw new RatchetError('CONFLICT', `${repository.targetBranch} cannot exist beside the branch ${name}.`, {
    where: repository.source,
    mend: 'Rename that branch, or choose another target branch.',
  });
}

/** The tip that people work on: of the base branch, else of HEAD. */
export async function sourceTip(
  context: Context,
  repository: Repository,
  mirror: Mirror,
): Promise<{ tip: string; branch: string | null }> {
  if (repository.baseBranch !== null) {
    const tip = mirror.refs.get(branchRef(repository.baseBranch));
    if (tip !== undefined) return { tip, branch: repository.baseBranch };
    throw new RatchetError('NOT_FOUND', `${repository.source} has no branch ${repository.baseBranch}.`, {
      where: repository.source,
      mend: 'Choose another base branch.',
    });
  }
  if (mirror.head === null) {
    throw new RatchetError('EMPTY_REPOSITORY', `${repository.source} has no commit on its current branch.`, {
      where: repository.source,
      mend: 'Commit something there first, or choose a base branch.',
    });
  }
  return { tip: mirror.head, branch: await headBranch(context, repository) };
}

async function headBranch(context: Context, repository: Repository): Promise<string | null> {
  const source = sourceOf(repository);
  if (source.kind === 'local') {
    const args = ['symbolic-ref', '--quiet', '--short', 'HEAD'];
    const answer = await context.git(source.path, args, { answers: [1, 128] });
    return answer.code === 0 ? answer.text : null;
  }
  const environment = { GIT_ALLOW_PROTOCOL: 'https:http:ssh' };
  const args = ['ls-remote', '--symref', '--', source.url, 'HEAD'];
  const { text } = await context.git(context.mirrors, args, { environment });
  return /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(text)?.[1] ?? null;
}

interface Choice {
  readonly repository: Repository;
  readonly source: string;
  readonly target: string | null;
  readonly notes: string[];
}

async function chooseBase(context: Context, mirror: Mirror, choice: Choice): Promise<string> {
  const { repository, source, target, notes } = choice;
  if (target === null || target === source) return source;
  if (await isAncestor(context, mirror.path, source, target)) return target;
  if (await isAncestor(context, mirror.path, target, source)) {
    notes.push(`${repository.targetBranch} is behind and will be moved forward with the next landing.`);
    return source;
  }
  const merge = await mergeOf(context, mirror, target, source);
  if (merge.kind === 'merged') {
    notes.push(`${repository.targetBranch} and the source have both moved on: trials run on their merge.`);
    return merge.commit;
  }
  notes.push(
    `${repository.targetBranch} conflicts with the source in ${merge.paths.slice(0, 5).join(', ')}; ` +
      'trials run on the source alone and cannot land until somebody merges.',
  );
  return source;
}

/** The merge of target and source; the same two tips always give the same commit. */
async function mergeOf(
  context: Context,
  mirror: Mirror,
  target: string,
  source: string,
): Promise<{ kind: 'merged'; commit: string } | { kind: 'conflict'; paths: readonly string[] }> {
  const merged = await mergeTrees(context, mirror.path, target, source).catch((error: unknown) => {
    if (error instanceof RatchetError && /unrelated histories/.test(error.message)) {
      return { kind: 'conflict', paths: ['(unrelated histories)'] } as const;
    }
    throw error;
  });
  if (merged.kind === 'conflict') return merged;
  const tips = await readCommits(context, mirror.path, [target, source]);
  const time = Math.max(...[...tips.values()].map((commit) => commit.committed));
  const message = composeMessage('Merge the source into the improvements', '', {
    'Ratchet-Merge': `${target} ${source}`,
  });
  const parents = [target, source];
  const commit = await makeCommit(context, mirror.path, { tree: merged.tree, parents, message, time });
  await context.git(mirror.path, ['update-ref', `refs/mirror/merges/${commit}`, commit]);
  return { kind: 'merged', commit };
}
