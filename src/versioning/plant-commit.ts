/** A commit beside the history: the base with other texts in some files. It lives in the mirror and on no branch. */
import { editTree, makeCommit } from './commits.js';
import { mirrorPath, type Context } from './context.js';
import type { CommitId, Repository } from './types.js';

/**
 * Writes it, without a look at the source: the base has to be in the mirror. The same texts give the same commit, on
 * any machine. Nobody's repository is written: only the mirror holds it.
 * @throws RatchetError STOPPED, GIT_FAILED
 */
export async function plantCommit(
  context: Context,
  repository: Pick<Repository, 'id'>,
  base: CommitId,
  files: Readonly<Record<string, string>>,
): Promise<CommitId> {
  await context.stopCheck();
  const mirror = mirrorPath(context, repository.id);
  const paths = Object.keys(files).sort();
  const modes = await modesOf(context, mirror, base, paths);
  const edits = paths.map((path) => ({
    path,
    mode: modes.get(path) ?? '100644',
    content: Buffer.from(files[path] ?? '', 'utf8'),
  }));
  const tree = await editTree(context, mirror, base, edits);
  return makeCommit(context, mirror, {
    tree,
    parents: [base],
    message: 'planted for a calibration\n',
    time: 0,
  });
}

async function modesOf(
  context: Context,
  mirror: string,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const asked = new Set(paths);
  const { text } = await context.git(mirror, ['ls-tree', '-r', '-z', '--full-tree', commit]);
  const lines = text.split('\0').map((line): [path: string, mode: string] => {
    const at = line.indexOf('\t');
    return [line.slice(at + 1), line.slice(0, 6)];
  });
  return new Map(lines.filter(([path, mode]) => asked.has(path) && mode.startsWith('100')));
}
