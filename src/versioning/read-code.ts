/** Reads a repository's base commit in the mirror, for people and models that ask about it; writes nothing. */
import { RatchetError, isRatchetError } from '../errors.js';
import { branchRef, type Context } from './context.js';
import type { Mirror } from './mirror.js';
import type { CommitId, Repository } from './types.js';

const fileMaximum = 4 * 1024 * 1024;
const searchMaximum = 4 * 1024 * 1024;
const lineMaximum = 300;
const batchMaximum = 64 * 1024 * 1024;

/** What is written by machines says nothing to a reader. */
const unread = ['package-lock.json', 'yarn.lock', 'pnpm-lock.yaml', '*.min.js', '*.map', 'dist/**'];

export interface CodeMatch {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** One commit as text. */
export interface CodeAtCommit {
  readonly commit: CommitId;
  /** Lines that hold the text, whatever the case of its letters. */
  search(text: string, limit: number): Promise<readonly CodeMatch[]>;
  /** Null when there is no such text file. */
  file(path: string): Promise<string | null>;
  paths(): Promise<readonly string[]>;
  /** Many text files by one process; what is absent, binary or too large is left out. */
  files(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** The commit that the next improvement would be based on. @throws NOT_FOUND */
export function baseOf(repository: Repository, { refs, head }: Pick<Mirror, 'refs' | 'head'>): CommitId {
  const commit = repository.baseBranch === null ? head : (refs.get(branchRef(repository.baseBranch)) ?? null);
  if (commit === null)
    throw new RatchetError('NOT_FOUND', `${repository.name} has no commit to look at.`, {
      where: repository.source,
    });
  return commit;
}

export function codeAt(context: Context, mirror: string, commit: CommitId): CodeAtCommit {
  return {
    commit,
    async search(text, limit) {
      const excluded = unread.map((pattern) => `:(exclude,glob)**/${pattern}`);
      const options = ['-n', '-I', '-z', '-i', '-F', '--full-name', '--no-recurse-submodules'];
      try {
        const { text: output } = await context.git(
          mirror,
          ['grep', ...options, '-e', text.replaceAll(/[\n\0]/g, ' '), commit, '--', '.', ...excluded],
          { answers: [1], maxBytes: searchMaximum },
        );
        return matchesIn(output, commit).slice(0, limit);
      } catch (error) {
        // A word that is on every line finds nothing worth showing.
        if (isRatchetError(error) && error.code === 'LIMIT_EXCEEDED') return [];
        throw error;
      }
    },
    async file(path) {
      if (path === '' || path.includes('\0') || path.startsWith('/') || path.split('/').includes('..'))
        return null;
      try {
        const { stdout } = await context.git(mirror, ['cat-file', 'blob', `${commit}:${path}`], {
          maxBytes: fileMaximum,
        });
        return stdout.subarray(0, 8_000).includes(0) ? null : stdout.toString('utf8');
      } catch (error) {
        if (isRatchetError(error) && (error.code === 'GIT_FAILED' || error.code === 'LIMIT_EXCEEDED'))
          return null;
        throw error;
      }
    },
    async paths() {
      const { text } = await context.git(mirror, [
        'ls-tree',
        '-r',
        '-z',
        '--name-only',
        '--full-tree',
        commit,
      ]);
      return text.split('\0').filter((path) => path !== '');
    },
    async files(paths) {
      const named = paths.filter((path) => !/[\n\0]/.test(path));
      const input = named.map((path) => `${commit}:${path}\n`).join('');
      const { stdout } = await context.git(mirror, ['cat-file', '--batch'], {
        input,
        maxBytes: batchMaximum,
      });
      return filesIn(stdout, named);
    },
  };
}

/** `commit:path NUL line NUL text` a line. */
function matchesIn(output: string, commit: CommitId): readonly CodeMatch[] {
  const matches: CodeMatch[] = [];
  for (const row of output.split('\n')) {
    const [place = '', line = '', text] = row.split('\0');
    if (text === undefined || !place.startsWith(`${commit}:`)) continue;
    matches.push({
      path: place.slice(commit.length + 1),
      line: Number(line),
      text: text.slice(0, lineMaximum),
    });
  }
  return matches;
}

/** Answers of `cat-file --batch` in the order of the questions: a head line, the bytes, a line feed. */
function filesIn(output: Buffer, paths: readonly string[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  let at = 0;
  for (const path of paths) {
    const end = output.indexOf(10, at);
    if (end < 0) break;
    const [, type, size] = output.subarray(at, end).toString('utf8').split(' ').slice(-3);
    at = end + 1;
    if (!/^\d+$/.test(size ?? '') || type === undefined) continue;
    const bytes = output.subarray(at, at + Number(size));
    at += Number(size) + 1;
    if (type === 'blob' && bytes.length <= fileMaximum && !bytes.subarray(0, 8_000).includes(0))
      files.set(path, bytes.toString('utf8'));
  }
  return files;
}
