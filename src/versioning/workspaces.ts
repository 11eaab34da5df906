/** Workspaces: worktrees of the mirror, each with a lease that says who made it. */
import { access, chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { diskFault, errnoOf, writeAtomically } from '../disk.js';
import { RatchetError } from '../errors.js';
import { withLock } from '../lock.js';
import { mirrorLock, mirrorPath, safeName, type Context } from './context.js';
import type { Repository, Workspace } from './types.js';

interface Lease {
  readonly id: string;
  readonly repositoryId: string;
  readonly commit: string;
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly time: string;
  /** False while it is being made: a crash then leaves a half-made one, which is remade. */
  readonly ready: boolean;
}

const leaseEnd = '.lease.json';
const filesMaximum = 200_000;

/** Checks a commit out for one trial; the same lease and commit give the same workspace again. */
export async function openWorkspace(
  context: Context,
  repository: Repository,
  commit: string,
  leaseId: string,
): Promise<Workspace> {
  const path = workspacePath(context, leaseId);
  const mirror = mirrorPath(context, repository.id);
  const workspace = { id: leaseId, path, repositoryId: repository.id, commit };
  return withLock(join(context.workspaces, `${leaseId}.lock`), async () => {
    const lease = await readLease(context, leaseId);
    const same = lease?.commit === commit && lease.repositoryId === repository.id;
    if (same && lease.ready && (await exists(join(path, '.git')))) return workspace;
    await context.stopCheck();
    const fresh = { id: leaseId, repositoryId: repository.id, commit, pid: process.pid, host: hostname() };
    const time = new Date().toISOString();
    if (lease !== null && lease.repositoryId !== repository.id) await removeTree(context, lease);
    else await removeDirectory(path);
    await writeLease(context, { ...fresh, time, ready: false });
    await withLock(mirrorLock(context, repository.id), async () => {
      await forgetWorktree(mirror, path);
      const args = ['worktree', 'add', '--quiet', '--force', '--detach', '--no-guess-remote', path, commit];
      await context.git(mirror, args, { timeoutMs: 300_000 });
    });
    await writeLease(context, { ...fresh, time, ready: true });
    return workspace;
  });
}

/** Removes a workspace and its lease; one that is gone already is fine. */
export async function closeWorkspace(context: Context, leaseId: string): Promise<void> {
  workspacePath(context, leaseId);
  await withLock(join(context.workspaces, `${leaseId}.lock`), async () => {
    const lease = await readLease(context, leaseId);
    if (lease === null) await removeDirectory(workspacePath(context, leaseId));
    else await removeTree(context, lease);
    await rm(join(context.workspaces, leaseId + leaseEnd), { force: true });
  });
}

/**
 * Removes workspaces that nobody keeps: all but `keep`, and those of another living process or another host.
 * @returns the leases that were removed
 */
export async function reclaimWorkspaces(context: Context, keep: readonly string[]): Promise<string[]> {
  const kept = new Set(keep);
  const names = await readdir(context.workspaces).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  const ids = new Set(
    names
      .filter((name) => !name.startsWith('.') && !/\.lock(\.|$)/.test(name))
      .map((name) => (name.endsWith(leaseEnd) ? name.slice(0, -leaseEnd.length) : name)),
  );
  const removed: string[] = [];
  for (const id of ids) {
    if (kept.has(id)) continue;
    const lease = await readLease(context, id);
    if (lease !== null && isElsewhere(lease)) continue;
    await closeWorkspace(context, id);
    removed.push(id);
  }
  return removed;
}

/** Regular files of the workspace's commit, sorted; links and submodules are left out. */
export async function listFiles(context: Context, workspace: Workspace): Promise<string[]> {
  const mirror = mirrorPath(context, workspace.repositoryId);
  const { text } = await context.git(mirror, ['ls-tree', '-r', '-z', '--full-tree', workspace.commit]);
  const files = text.split('\0').flatMap((line) => {
    const at = line.indexOf('\t');
    return at > 0 && line.startsWith('100') ? [line.slice(at + 1)] : [];
  });
  if (files.length > filesMaximum) {
    throw new RatchetError('LIMIT_EXCEEDED', `The repository has more than ${filesMaximum} files.`);
  }
  return files;
}

function workspacePath(context: Context, leaseId: string): string {
  return join(context.workspaces, safeName(leaseId, 'lease name'));
}

function isElsewhere(lease: Lease): boolean {
  if (lease.host !== hostname()) return true;
  if (lease.pid === process.pid) return false;
  try {
    process.kill(lease.pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}

async function readLease(context: Context, leaseId: string): Promise<Lease | null> {
  try {
    return JSON.parse(await readFile(join(context.workspaces, leaseId + leaseEnd), 'utf8')) as Lease;
  } catch {
    return null; // none, or torn: then the workspace is remade
  }
}

function writeLease(context: Context, lease: Lease): Promise<void> {
  return writeAtomically(join(context.workspaces, lease.id + leaseEnd), `${JSON.stringify(lease)}\n`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function removeTree(context: Context, lease: Lease): Promise<void> {
  await removeDirectory(workspacePath(context, lease.id));
  const mirror = mirrorPath(context, lease.repositoryId);
  if (!(await exists(mirror))) return;
  await withLock(mirrorLock(context, lease.repositoryId), () =>
    forgetWorktree(mirror, workspacePath(context, lease.id)),
  );
}

/**
 * Removes git's record of a worktree. Not by `worktree prune`: that spares a record that a killed `worktree add` left
 * locked. Call under the mirror's lock.
 */
async function forgetWorktree(mirror: string, path: string): Promise<void> {
  const records = join(mirror, 'worktrees');
  const names = await readdir(records).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const gitdir = await readFile(join(records, name, 'gitdir'), 'utf8').catch(() => null); // half-made
    const half = gitdir === null && name === basename(path);
    if (half || gitdir?.trim() === join(path, '.git')) {
      await rm(join(records, name), { recursive: true, force: true });
    }
  }
}

/** Tests may leave directories that cannot be entered: they are opened first. Links are never followed. */
async function removeDirectory(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    await unlockTree(path, 0); // the second attempt tells the error, if one remains
    await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
      throw diskFault(error, path);
    });
  }
}

async function unlockTree(path: string, depth: number): Promise<void> {
  if (depth > 200) return;
  await chmod(path, 0o700);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await unlockTree(join(path, entry.name), depth + 1);
  }
}

/** The directory that holds all workspaces, made when missing. */
export async function prepareWorkspaces(context: Context): Promise<void> {
  await mkdir(context.workspaces, { recursive: true });
}
