/** What every operation of this room works with, and where things are. */
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RatchetError } from '../errors.js';
import type { Git } from './git.js';
import type { Repository, StopCheck } from './types.js';

/** Directories, git, and the emergency stop. */
export interface Context {
  readonly git: Git;
  /** Bare mirrors: `<mirrors>/<repositoryId>.git`. */
  readonly mirrors: string;
  readonly workspaces: string;
  /** Called before every write to a repository. */
  readonly stopCheck: StopCheck;
}

/** Author and committer of every commit that Ratchet makes. */
export const ratchetIdentity = { name: 'Ratchet', email: 'ratchet@localhost' } as const;

/** Where a source is: a directory on this machine, or a URL. */
export type Source =
  { readonly kind: 'local'; readonly path: string } | { readonly kind: 'url'; readonly url: string };

/** @throws RatchetError INVALID_INPUT for anything but an absolute path, https, http, ssh or `host:path`. */
export function sourceOf(repository: Pick<Repository, 'source'>): Source {
  const { source } = repository;
  if (source.startsWith('file://')) return { kind: 'local', path: fileURLToPath(source) };
  if (isAbsolute(source)) return { kind: 'local', path: source };
  if (/^(https?|ssh):\/\/[^-]/.test(source)) return { kind: 'url', url: source };
  if (/^[A-Za-z0-9_.]+@[A-Za-z0-9.-]+:[^-]/.test(source)) return { kind: 'url', url: source };
  throw new RatchetError('INVALID_INPUT', `${source} is neither an absolute path nor an https or ssh URL.`, {
    where: source,
  });
}

/** @throws RatchetError INVALID_INPUT when the id could leave its directory. */
export function mirrorPath(context: Context, repositoryId: string): string {
  return join(context.mirrors, `${safeName(repositoryId, 'repository id')}.git`);
}

/** Lock that serialises writers of one mirror. */
export function mirrorLock(context: Context, repositoryId: string): string {
  return join(context.mirrors, `${safeName(repositoryId, 'repository id')}.lock`);
}

/** A name that is one plain path part. */
export function safeName(name: string, what: string): string {
  if (/^[A-Za-z0-9_.~-]{1,128}$/.test(name) && !/^\.|\.$|\.\.|\.lock$/.test(name)) return name;
  throw new RatchetError('INVALID_INPUT', `${JSON.stringify(name.slice(0, 160))} is no usable ${what}.`);
}

/** @throws RatchetError INVALID_INPUT when git would not take the branch name. */
export function branchRef(branch: string): string {
  const bad = /^[-/.]|\/\/|\/\.|\.\.|@\{|[\u0000-\u0020~^:?*[\\\u007f]|\.lock(\/|$)|[/.]$/;
  if (branch === '' || branch === '@' || branch === 'HEAD' || bad.test(branch) || branch.length > 200) {
    throw new RatchetError('INVALID_INPUT', `${JSON.stringify(branch)} is no branch name.`);
  }
  return `refs/heads/${branch}`;
}

/** Names of the refs that keep a change for ever. */
export function changeRefs(changeId: string) {
  const id = safeName(changeId, 'change id');
  return {
    rollback: `refs/ratchet/rollback/${id}`,
    change: `refs/ratchet/changes/${id}`,
    verified: `refs/ratchet/verified/${id}`,
    rolledBack: `refs/ratchet/rolledback/${id}`,
    /** In the mirror only: the commit made for this landing or this undoing, so that a repeat makes no second one. */
    prepared: `refs/mirror/prepared/${id}`,
    undo: `refs/mirror/undo/${id}`,
  } as const;
}

/** The object id that stands for "does not exist". */
export function zeroId(like: string): string {
  return '0'.repeat(like.length);
}
