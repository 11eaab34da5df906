/** The bare mirror of a source: a private copy in which all our work happens. */
import { access, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf, diskFault } from '../disk.js';
import { isRatchetError, RatchetError } from '../errors.js';
import { mirrorPath, sourceOf, type Context, type Source } from './context.js';
import { pastStaleLocks } from './stale-locks.js';
import type { Repository } from './types.js';

/** The mirror after a fetch: what the source's refs are. Names are the source's own (`refs/heads/main`). */
export interface Mirror {
  readonly path: string;
  readonly source: Source;
  readonly refs: ReadonlyMap<string, string>;
  /** Commit of the source's HEAD, null while it has none. */
  readonly head: string | null;
}

/** Bytes in a workspace are the bytes of the blob: no line-end conversion, filter or keyword expansion. */
const attributes = '* -text -eol -filter -ident -working-tree-encoding\n';
const remoteProtocols = { GIT_ALLOW_PROTOCOL: 'https:http:ssh' };
const fetchTimeoutMs = 300_000;

/**
 * Makes the mirror if needed and fetches everything from the source. Call under the mirror's lock.
 * Nothing of the source is run: hooks and fsmonitor are off, no filter is involved in a fetch.
 */
export async function syncMirror(context: Context, repository: Repository): Promise<Mirror> {
  const path = mirrorPath(context, repository.id);
  const source = sourceOf(repository);
  if (source.kind === 'local') await assertReadable(source.path);
  await createMirror(context, path, source);
  // The whole mirror is ours, and we hold its lock.
  await pastStaleLocks(
    path,
    () => true,
    () => fetchAll(context, path, source),
  );
  const { refs, head } = await readRefs(context, path);
  return { path, source, refs, head };
}

/** The mirror as it is, without asking the source; null when there is none. */
export async function openMirror(context: Context, repository: Repository): Promise<Mirror | null> {
  const path = mirrorPath(context, repository.id);
  if (!(await exists(path))) return null;
  return { path, source: sourceOf(repository), ...(await readRefs(context, path)) };
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false; // not there or not ours
  }
}

async function assertReadable(path: string): Promise<void> {
  const info = await stat(path).catch(() => null); // told as one fault below
  if (info?.isDirectory() !== true) {
    throw new RatchetError('NOT_A_REPOSITORY', `${path} is not a directory on this machine.`, {
      where: path,
      mend: 'Give the path of a git working tree or a bare repository.',
    });
  }
}

async function createMirror(context: Context, path: string, source: Source): Promise<void> {
  if (await exists(path)) return;
  const format = source.kind === 'local' ? await objectFormat(context, source.path) : 'sha1';
  const temporary = `${path}.new`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await rm(temporary, { recursive: true, force: true });
    await context.git(dirname(path), [
      'init',
      '--quiet',
      '--bare',
      '--template=',
      `--object-format=${format}`,
      temporary,
    ]);
    await mkdir(join(temporary, 'info'), { recursive: true });
    await writeFile(join(temporary, 'info', 'attributes'), attributes);
    await rename(temporary, path);
  } catch (error) {
    if (errnoOf(error) === null) throw error;
    throw diskFault(error, path);
  }
}

async function objectFormat(context: Context, path: string): Promise<string> {
  try {
    return (await context.git(path, ['rev-parse', '--show-object-format'])).text;
  } catch (error) {
    throw notARepository(path, error);
  }
}

/** Explains why git did not take a directory. */
export function notARepository(path: string, cause: unknown): unknown {
  if (!isRatchetError(cause) || cause.code !== 'GIT_FAILED') return cause;
  return new RatchetError('NOT_A_REPOSITORY', `${path} is not a git repository.`, {
    where: path,
    mend: 'Run `git init` and commit there, or give another path.',
    cause,
  });
}

async function fetchAll(context: Context, path: string, source: Source): Promise<void> {
  const from = source.kind === 'local' ? source.path : source.url;
  const environment = source.kind === 'local' ? {} : remoteProtocols;
  const specs = ['+refs/heads/*:refs/source/heads/*', '+refs/ratchet/*:refs/source/ratchet/*'];
  const options = ['--quiet', '--prune', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
  const fetch = (refspecs: readonly string[]) =>
    context.git(path, ['fetch', ...options, '--update-shallow', '--', from, ...refspecs], {
      environment,
      timeoutMs: fetchTimeoutMs,
    });
  try {
    await fetch(['+HEAD:refs/source/HEAD', ...specs]);
  } catch (error) {
    if (!isRatchetError(error) || error.code !== 'GIT_FAILED') throw error;
    if (/find remote ref HEAD/.test(error.message)) await fetch(specs);
    else if (source.kind === 'local' && /not appear to be a git|not a git repo/.test(error.message)) {
      throw notARepository(source.path, error);
    } else throw error;
  }
}

async function readRefs(context: Context, path: string): Promise<Pick<Mirror, 'refs' | 'head'>> {
  const format = '--format=%(objectname) %(refname)';
  const { text } = await context.git(path, ['for-each-ref', format, 'refs/source/']);
  const refs = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf(' ');
    if (at > 0)
      refs.set(line.slice(at + 1).replace(/^refs\/source\/(?=heads|ratchet)/, 'refs/'), line.slice(0, at));
  }
  return { refs, head: refs.get('refs/source/HEAD') ?? null };
}
