/** First look at a path that somebody wants improved. Reads only; runs nothing of the repository. */
import { realpath } from 'node:fs/promises';
import { basename, relative, sep } from 'node:path';
import { sha256 } from '../canonical.js';
import { RatchetError } from '../errors.js';
import type { Context } from './context.js';
import { notARepository } from './mirror.js';

/** What a path turned out to be. */
export interface SourceInspection {
  /** Absolute path of the working tree's top, or of the bare repository. */
  readonly root: string;
  /** The given path inside the root, '' for the root. */
  readonly directory: string;
  readonly name: string;
  /** Stable per path: slug and short hash. */
  readonly id: string;
  /** Checked-out branch, null when detached. */
  readonly branch: string | null;
  /** Are tracked files changed? Untracked files do not count. */
  readonly dirty: boolean;
  readonly bare: boolean;
}

/** @throws RatchetError NOT_A_REPOSITORY, EMPTY_REPOSITORY */
export async function inspectSource(context: Context, path: string): Promise<SourceInspection> {
  const real = await realpath(path).catch((error: unknown) => {
    throw new RatchetError('NOT_A_REPOSITORY', `There is no directory ${path}.`, {
      where: path,
      mend: 'Give the path of a git working tree or a bare repository.',
      cause: error,
    });
  });
  const asked = ['rev-parse', '--is-bare-repository', '--is-inside-work-tree', '--absolute-git-dir'];
  const { text } = await context.git(real, asked).catch((error: unknown) => {
    throw notARepository(path, error);
  });
  const [bareText, inside, gitDirectory = ''] = text.split('\n');
  const bare = inside !== 'true';
  if (bare && bareText !== 'true') throw insideGitDirectory(path);
  const root = bare ? gitDirectory : (await context.git(real, ['rev-parse', '--show-toplevel'])).text;
  const tip = await context.git(real, ['rev-parse', '--quiet', '--verify', 'HEAD^{commit}'], {
    answers: [1],
  });
  if (tip.code !== 0 && !(await hasBranch(context, real))) {
    throw new RatchetError('EMPTY_REPOSITORY', `${root} has no commit yet.`, {
      where: root,
      mend: 'Commit something there first.',
    });
  }
  const branch = await context.git(real, ['symbolic-ref', '--quiet', '--short', 'HEAD'], { answers: [1] });
  const name = basename(root).replace(/\.git$/, '') || 'repository';
  return {
    root,
    directory: bare ? '' : relative(root, real).split(sep).join('/'),
    name,
    id: idOf(name, root),
    branch: branch.code === 0 ? branch.text : null,
    dirty: bare || tip.code !== 0 ? false : await isDirty(context, root),
    bare,
  };
}

function insideGitDirectory(path: string): RatchetError {
  return new RatchetError('NOT_A_REPOSITORY', `${path} is inside a .git directory.`, {
    where: path,
    mend: 'Give the path of the working tree.',
  });
}

async function hasBranch(context: Context, path: string): Promise<boolean> {
  return (await context.git(path, ['for-each-ref', '--count=1', 'refs/heads/'])).text !== '';
}

function idOf(name: string, root: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48);
  return `${slug === '' ? 'repository' : slug}-${sha256(root).slice(0, 8)}`;
}

/** Compares contents without running a clean filter: every filter that the configuration names is switched off. */
async function isDirty(context: Context, root: string): Promise<boolean> {
  const listed = await context.git(root, ['config', '--name-only', '--get-regexp', '^filter\\..*'], {
    answers: [1],
  });
  const drivers = new Set(
    listed.text.split('\n').flatMap((key) => /^filter\.(.*)\.[^.]+$/.exec(key)?.[1] ?? []),
  );
  const config = [...drivers].flatMap((driver) => [
    `filter.${driver}.clean=`,
    `filter.${driver}.smudge=`,
    `filter.${driver}.process=`,
    `filter.${driver}.required=false`,
  ]);
  const args = ['status', '--porcelain', '--untracked-files=no', '--ignore-submodules=all', '--no-renames'];
  return (await context.git(root, args, { config })).text !== '';
}
