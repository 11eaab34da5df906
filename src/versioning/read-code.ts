/** Reads a repository's base commit in the mirror, for people and models that ask about it; writes nothing. */
import { RatchetError, isRatchetError } from '../errors.js';
import { branchRef, type Context } from './context.js';
import type { Mirror } from './mirror.js';
import type { CommitId, Repository } from './types.js';

const fileMaximum = 4 * 1024 * 1024;
const searchMaximum = 4 * 1024 * 1024;
const lineMaximum = 300;

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
