/** Writing refs of the source: by objects and one update-ref transaction locally, by push to a URL. */
import { isRatchetError } from '../errors.js';
import { ratchetIdentity, zeroId, type Context } from './context.js';
import type { Mirror } from './mirror.js';
import { pastStaleLocks } from './stale-locks.js';

/** One ref to write. `old`: the value it must have now, null = it must not exist, undefined = whatever. */
export interface RefWrite {
  readonly ref: string;
  readonly value: string;
  readonly old?: string | null;
}

const identity = {
  GIT_COMMITTER_NAME: ratchetIdentity.name,
  GIT_COMMITTER_EMAIL: ratchetIdentity.email,
  GIT_AUTHOR_NAME: ratchetIdentity.name,
  GIT_AUTHOR_EMAIL: ratchetIdentity.email,
};

/**
 * Brings the objects of `commits` into the source, where nothing points at them yet. For a URL the push does it.
 * Objects are piped as a pack into `unpack-objects`: a fetch inside the source would obey its configuration.
 */
export async function sendObjects(
  context: Context,
  mirror: Mirror,
  commits: readonly string[],
): Promise<void> {
  if (mirror.source.kind === 'url') return;
  await context.stopCheck();
  const known = [...new Set(mirror.refs.values())].map((id) => `^${id}`);
  const input = `${[...commits, ...known].join('\n')}\n`;
  const args = ['pack-objects', '--quiet', '--revs', '--thin', '--stdout', '--delta-base-offset'];
  const pack = await context.git(mirror.path, args, { input });
  await context.git(mirror.source.path, ['unpack-objects', '-q'], { input: pack.stdout });
}

/** Writes all refs or none. @returns false when a ref did not have its expected value */
export async function writeRefs(
  context: Context,
  mirror: Mirror,
  writes: readonly RefWrite[],
  message: string,
): Promise<boolean> {
  await context.stopCheck();
  try {
    if (mirror.source.kind === 'local') await updateLocal(context, mirror.source.path, writes, message);
    else await push(context, mirror, mirror.source.url, writes);
    return true;
  } catch (error) {
    const stderr = isRatchetError(error) ? error.data?.['stderr'] : null;
    if (typeof stderr === 'string' && isMoved(stderr)) return false;
    throw error;
  }
}

/** The mirror as a fetch would show it after these writes. */
export function withWrites(mirror: Mirror, writes: readonly RefWrite[]): Mirror {
  const written = writes.map(({ ref, value }) => [ref, value] as const);
  return { ...mirror, refs: new Map([...mirror.refs, ...written]) };
}

function isMoved(stderr: string): boolean {
  return /but expected|reference already exists|unable to resolve reference|stale info|fetch first|\[rejected\]/.test(
    stderr,
  );
}

async function updateLocal(
  context: Context,
  path: string,
  writes: readonly RefWrite[],
  message: string,
): Promise<void> {
  const lines = writes.flatMap(({ ref, value, old }) => {
    const expected = old === undefined ? '' : ` ${old ?? zeroId(value)}`;
    return ['option no-deref', `update ${ref} ${value}${expected}`];
  });
  const args = ['update-ref', '-m', message, '--stdin'];
  const input = `${lines.join('\n')}\n`;
  const { text: common } = await context.git(path, [
    'rev-parse',
    '--path-format=absolute',
    '--git-common-dir',
  ]);
  const ours = new Set(writes.map(({ ref }) => `${ref}.lock`));
  await pastStaleLocks(
    common,
    (lock) => ours.has(lock),
    // Without logs: a log that cannot be written fails between two refs, and our refs say more than a log.
    () => context.git(path, args, { input, environment: identity, config: ['core.logAllRefUpdates=false'] }),
  );
}

async function push(
  context: Context,
  mirror: Mirror,
  url: string,
  writes: readonly RefWrite[],
): Promise<void> {
  const leases = writes.flatMap(({ ref, old }) =>
    old === undefined ? [] : [`--force-with-lease=${ref}:${old ?? ''}`],
  );
  const specs = writes.map(({ ref, value, old }) => `${old === undefined ? '+' : ''}${value}:${ref}`);
  const options = ['--quiet', '--atomic', '--no-verify', '--no-follow-tags', '--recurse-submodules=no'];
  await context.git(mirror.path, ['push', ...options, ...leases, '--', url, ...specs], {
    environment: { GIT_ALLOW_PROTOCOL: 'https:http:ssh' },
    timeoutMs: 300_000,
  });
}

/** The worktree of the source in which a branch is checked out, null when in none. */
export async function checkedOutIn(context: Context, mirror: Mirror, ref: string): Promise<string | null> {
  if (mirror.source.kind === 'url') return null;
  const { text } = await context.git(mirror.source.path, ['worktree', 'list', '--porcelain', '-z']);
  for (const block of text.split('\0\0')) {
    const fields = block.split('\0');
    if (!fields.includes(`branch ${ref}`)) continue;
    return (
      fields.find((field) => field.startsWith('worktree '))?.slice('worktree '.length) ?? mirror.source.path
    );
  }
  return null;
}
