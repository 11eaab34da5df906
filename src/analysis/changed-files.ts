/** Which source files of a tree differ from a commit. Compares contents itself: no filter or hook of the tree runs. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RatchetError } from '../errors.js';
import { collectFiles, type CollectOptions } from './projects/collect-files.js';

const timeoutMs = 60_000;
const bytesMax = 256 * 1024 * 1024;
/** Wins over the repository's own configuration, which is not trusted. */
const hardening = ['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'core.quotePath=false'].flatMap(
  (setting) => ['-c', setting],
);

/**
 * Source files under `root` whose content is not that of the commit `ref`, new ones included; sorted, relative.
 * @throws RatchetError INVALID_INPUT (no such commit), NOT_A_REPOSITORY, GIT_FAILED, CANCELLED
 */
export async function changedSince(
  root: string,
  ref: string,
  options: CollectOptions & { readonly signal?: AbortSignal } = {},
): Promise<readonly string[]> {
  const commit = (
    await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`], options)
  ).trim();
  if (commit === '')
    throw new RatchetError('INVALID_INPUT', `There is no commit "${ref}" here.`, {
      where: `--since ${ref}`,
      mend: 'Name a branch, a tag or a commit; in a shallow clone, fetch it first.',
    });
  const listed = await git(root, ['ls-tree', '-r', '-z', commit], options);
  const blobs = new Map<string, string>();
  for (const line of listed.split('\0')) {
    const tab = line.indexOf('\t');
    const [, kind, id] = line.slice(0, tab).split(' ');
    if (tab > 0 && kind === 'blob' && id !== undefined) blobs.set(line.slice(tab + 1), id);
  }
  return collectFiles(root, options).sources.filter((file) => {
    const known = blobs.get(file);
    return known === undefined || known !== blobId(join(root, file), known.length);
  });
}

/** The id that git gives the content, or null when the file cannot be read. */
function blobId(path: string, length: number): string | null {
  try {
    const bytes = readFileSync(path);
    const hash = createHash(length === 64 ? 'sha256' : 'sha1');
    return hash.update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  } catch {
    // Gone or unreadable: changed, in any case.
    return null;
  }
}

async function git(
  root: string,
  args: readonly string[],
  { signal }: { readonly signal?: AbortSignal },
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', [...hardening, '-C', root, ...args], {
      timeout: timeoutMs,
      maxBuffer: bytesMax,
      ...(signal === undefined ? {} : { signal }),
    });
    return stdout;
  } catch (error) {
    if (signal?.aborted === true)
      throw new RatchetError('CANCELLED', 'The analysis was cancelled.', { cause: error });
    const { code, stderr = '' } = error as { code?: number | string; stderr?: string };
    if (/not a git repository/.test(stderr))
      throw new RatchetError('NOT_A_REPOSITORY', `${root} is not in a git repository.`, {
        where: root,
        cause: error,
      });
    // `rev-parse --verify --quiet` says "no such commit" with an exit code alone.
    if (args[0] === 'rev-parse' && (code === 1 || code === 128)) return '';
    throw new RatchetError('GIT_FAILED', `git ${args[0]} failed: ${stderr.trim().slice(0, 300)}`, {
      where: root,
      cause: error,
    });
  }
}
