/**
 * Installs what a tree depends on: the only networked step. No code of the repository runs; the result is a read-only
 * layer that holds nothing but node_modules directories, cached by everything that decides its content.
 */
import { createHash, randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { lstat, mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { RatchetError } from '../errors.js';
import { withLock } from '../lock.js';
import type { Dependencies } from './types.js';
import { copyInputs } from './install/copy-inputs.js';
import { findInstallPlan, type InstallPlan } from './install/find-manager.js';
import { installCommands, lastLines, managerWords, runCommand } from './install/run-manager.js';

export interface InstallRequest {
  /** Absolute path of a pristine tree. */
  readonly tree: string;
  /** Directory of the package inside the tree, '' for its root. */
  readonly directory: string;
  /** Absolute path of the cache that all repositories share. */
  readonly cache: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (message: string) => void;
  /** Root of a checkout whose node_modules may serve when the installation fails. */
  readonly fallbackNodeModules?: string | null;
  /** Bound of each command, ms; default 10 minutes. */
  readonly timeoutMs?: number;
}

const execute = promisify(execFile);
const formatVersion = 1;
const timeoutMsDefault = 600_000;

/**
 * Installs, or finds what was installed before.
 * @throws RatchetError INSTALL_FAILED with the last lines of the package manager; STOPPED or CANCELLED.
 */
export async function installDependencies(request: InstallRequest): Promise<Dependencies> {
  const began = performance.now();
  const plan = await findInstallPlan(request.tree, request.directory);
  const lockHash = await hashInputs(request.tree, plan);
  const answer = (
    more: Pick<Dependencies, 'path' | 'manager' | 'cached'> & { notes?: string[] },
  ): Dependencies => ({
    ...more,
    lockHash,
    elapsedMs: performance.now() - began,
  });
  if (!plan.needed) return answer({ path: null, manager: 'none', cached: true });
  const target = join(request.cache, lockHash);
  if (await isDirectory(target)) return answer({ path: target, manager: plan.manager, cached: true });
  await mkdir(request.cache, { recursive: true });
  const waitMs = (request.timeoutMs ?? timeoutMsDefault) * 2;
  try {
    const install = async (): Promise<Dependencies> => {
      if (await isDirectory(target)) return answer({ path: target, manager: plan.manager, cached: true });
      const notes = await installInto(target, plan, request);
      return answer({ path: target, manager: plan.manager, cached: false, notes });
    };
    // One installation per key at a time, on this machine.
    const wait = { waitMs, signal: request.signal };
    return await withLock(join(request.cache, `${lockHash}.lock`), install, wait);
  } catch (error) {
    const checkout = request.fallbackNodeModules ?? null;
    if (checkout === null || !(error instanceof RatchetError) || error.code !== 'INSTALL_FAILED') throw error;
    const path = await copyCheckout(checkout, request, lockHash);
    if (path === null) throw error;
    const note = `The installation failed (${error.message}); node_modules of the checkout is used.`;
    request.onProgress?.(note);
    return answer({ path, manager: 'checkout', cached: false, notes: [note] });
  }
}

/** Installs in a temporary directory and renames: a layer is complete or absent. */
async function installInto(target: string, plan: InstallPlan, request: InstallRequest): Promise<string[]> {
  const fresh = join(request.cache, `installing-${randomUUID()}`);
  const root = join(fresh, plan.root);
  const timeoutMs = request.timeoutMs ?? timeoutMsDefault;
  const notes: string[] = [];
  try {
    const words = await managerWords(plan, request.cache, request.signal, timeoutMs);
    let failure = '';
    for (const { argv, note } of installCommands(plan)) {
      await rm(root, { recursive: true, force: true });
      await mkdir(root, { recursive: true });
      await copyInputs(join(request.tree, plan.root), root, plan.inputs);
      request.onProgress?.(`installing dependencies: ${plan.manager} ${argv[0] ?? ''}`);
      const result = await runCommand([...words, ...argv], root, request.signal, timeoutMs);
      if (result.code === 0) {
        if (note !== null) notes.push(note);
        await keepOnlyModules(fresh);
        await rename(fresh, target);
        for (const one of notes) request.onProgress?.(one);
        return notes;
      }
      failure = result.timedOut
        ? `no end after ${Math.round(timeoutMs / 1000)} s`
        : lastLines(result.tail, 6);
      if (result.timedOut) break;
    }
    throw new RatchetError(
      'INSTALL_FAILED',
      `${plan.manager} could not install the dependencies: ${failure}`,
      {
        where: join(plan.root, plan.lock ?? 'package.json'),
        mend: `Make \`${plan.manager} install --ignore-scripts\` work in a fresh clone; check the network and the registry.`,
      },
    );
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** Removes everything that is not inside a node_modules directory, and directories left empty. */
async function keepOnlyModules(directory: string): Promise<boolean> {
  let kept = false;
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.name === 'node_modules' && entry.isDirectory()) kept = true;
    else if (entry.isDirectory() && (await keepOnlyModules(path))) kept = true;
    else await rm(path, { recursive: true, force: true });
  }
  return kept;
}

/** sha256 over manager, platform, node major and the content of every file that the installation reads. */
async function hashInputs(tree: string, plan: InstallPlan): Promise<string> {
  const hash = createHash('sha256');
  const major = process.versions.node.split('.')[0] ?? '';
  const { manager, version, root, lock } = plan;
  hash.update(
    JSON.stringify([formatVersion, manager, version, root, lock, major, process.platform, process.arch]),
  );
  for (const path of plan.inputs) {
    const file = join(tree, plan.root, path);
    const content = (await lstat(file)).isFile() ? await readFile(file) : Buffer.alloc(0);
    hash.update(JSON.stringify([path, content.length])).update(content);
  }
  return hash.digest('hex');
}

/** A private copy of a checkout's node_modules directories, or null when it has none. */
async function copyCheckout(
  checkout: string,
  request: InstallRequest,
  lockHash: string,
): Promise<string | null> {
  const plan = await findInstallPlan(request.tree, request.directory);
  const target = join(request.cache, `${lockHash}-checkout-${randomUUID()}`);
  let copied = 0;
  for (const manifest of plan.inputs.filter((path) => path.endsWith('package.json'))) {
    const place = join(plan.root, dirname(manifest));
    if (!(await isDirectory(join(checkout, place, 'node_modules')))) continue;
    await mkdir(join(target, place), { recursive: true });
    const words = ['-a', '--reflink=auto', join(checkout, place, 'node_modules'), `${join(target, place)}/`];
    await execute('cp', words, { timeout: 300_000, signal: request.signal });
    copied += 1;
  }
  return copied > 0 ? target : null;
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
