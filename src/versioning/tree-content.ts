/** Reading files of a commit. */
import type { Context } from './context.js';

/** A regular file of a commit with its mode, `null` when absent, `'special'` for links, submodules, directories. */
export async function readFromCommit(
  context: Context,
  repository: string,
  commit: string,
  path: string,
): Promise<{ mode: string; bytes: Buffer } | null | 'special'> {
  const listed = await context.git(repository, [
    'ls-tree',
    '-z',
    '--full-tree',
    commit,
    '--',
    `:(literal)${path}`,
  ]);
  const line = listed.text.split('\0')[0] ?? '';
  if (line === '') return null;
  const [mode = '', type = '', id = ''] = line.slice(0, line.indexOf('\t')).split(' ');
  if (type !== 'blob' || !/^100(644|755|664)$/.test(mode)) return 'special';
  const { stdout } = await context.git(repository, ['cat-file', 'blob', id]);
  return { mode: mode === '100755' ? mode : '100644', bytes: stdout };
}

/** Paths that differ between two trees, sorted, with the modes on both sides. */
export async function changedPaths(
  context: Context,
  repository: string,
  from: string,
  to: string,
): Promise<{ path: string; oldMode: string; newMode: string }[]> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', '--full-index', from, to];
  const { text } = await context.git(repository, args);
  const fields = text.split('\0');
  const changed: { path: string; oldMode: string; newMode: string }[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [oldMode = '', newMode = ''] = (fields[at] ?? '').replace(/^:/, '').split(' ');
    changed.push({ path: fields[at + 1] ?? '', oldMode, newMode });
  }
  return changed.sort((a, b) => (a.path < b.path ? -1 : 1));
}
