/** Clones that the patches are tried on: the example as one commit, practice repositories at their pinned one. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { EditTree, PatchCase, RepositoryName } from '../../test/patches/types.js';

/** A clone, and the command of its suite where package.json does not say it. */
export interface PatchRepository {
  readonly path: string;
  readonly testCommand: string | null;
}

const who = { name: 'practice', email: 'practice@localhost', date: '2026-01-01T00:00:00Z' };

/** One commit with the same id on every machine: author and dates are fixed. */
function shopAt(root: string, target: string): void {
  const from = join(root, 'examples', 'shop');
  cpSync(from, target, {
    recursive: true,
    filter: (path) => !/[/\\](node_modules|dist|\.git)([/\\]|$)/.test(path.slice(from.length)),
  });
  const env = {
    PATH: process.env['PATH'],
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: who.name,
    GIT_AUTHOR_EMAIL: who.email,
    GIT_AUTHOR_DATE: who.date,
    GIT_COMMITTER_NAME: who.name,
    GIT_COMMITTER_EMAIL: who.email,
    GIT_COMMITTER_DATE: who.date,
  };
  for (const words of [
    ['init', '-q', '-b', 'main'],
    ['add', '-A'],
    ['commit', '-q', '-m', 'shop'],
  ]) {
    execFileSync('git', words, { cwd: target, env, timeout: 30_000 });
  }
}

/** The test command that the list of practice repositories names, or null. */
function practiceCommand(practice: string, name: string): string | null {
  const list: unknown = JSON.parse(readFileSync(join(practice, 'repositories.json'), 'utf8'));
  const all = (Array.isArray(list) ? list : (list as { repositories: unknown }).repositories) as readonly {
    readonly name: string;
    readonly test: string;
  }[];
  return all.find((one) => one.name === name)?.test ?? null;
}

/**
 * Makes a fresh clone under `directory`, or says in words why there is none.
 * Practice repositories come from PRACTICE_DIR (default ../shared/practice).
 */
export function openRepository(
  root: string,
  name: RepositoryName,
  directory: string,
): PatchRepository | string {
  const path = join(directory, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  if (name === 'shop') {
    shopAt(root, path);
    return { path, testCommand: null };
  }
  const practice = resolve(process.env['PRACTICE_DIR'] ?? join(root, '..', 'shared', 'practice'));
  const program = join(practice, 'practice');
  if (!existsSync(program)) return `there is no ${program}; set PRACTICE_DIR`;
  try {
    execFileSync(program, ['get', name, path], { stdio: 'pipe', timeout: 300_000 });
  } catch (error) {
    return `it could not be fetched: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  }
  return { path, testCommand: practiceCommand(practice, name) };
}

/** Contents before and after the edits of a patch, of the files that changed. */
export function editedFiles(
  path: string,
  patch: Pick<PatchCase, 'edits'>,
): { path: string; before: string | null; after: string | null }[] {
  const now = new Map<string, string | null>();
  const base = (file: string): string | null => {
    const place = join(path, file);
    return existsSync(place) ? readFileSync(place, 'utf8') : null;
  };
  const tree: EditTree = {
    read(file) {
      const text = now.has(file) ? now.get(file) : base(file);
      if (typeof text !== 'string') throw new Error(`${file} is not in the tree`);
      return text;
    },
    write: (file, text) => void now.set(file, text),
  };
  for (const edit of patch.edits) edit(tree);
  return [...now].map(([file, after]) => ({ path: file, before: base(file), after }));
}
