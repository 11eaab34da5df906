/** Which package manager a tree asks for, and which files its answer depends on. */
import { readFile, readdir } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { RatchetError } from '../../errors.js';

export type ManagerName = 'npm' | 'pnpm' | 'yarn';

/** What has to be installed, and where in the tree. */
export interface InstallPlan {
  readonly manager: ManagerName;
  /** Version to use, or null for the one that comes with node. */
  readonly version: string | null;
  /** Directory of the lockfile (or of the package), relative to the tree, '' for its root. */
  readonly root: string;
  /** Name of the lockfile inside `root`, null when there is none. */
  readonly lock: string | null;
  /** Files that the installation reads, relative to `root`, sorted. */
  readonly inputs: readonly string[];
  /** False when no manifest names any dependency. */
  readonly needed: boolean;
}

const locks: readonly { name: string; manager: ManagerName }[] = [
  { name: 'pnpm-lock.yaml', manager: 'pnpm' },
  { name: 'yarn.lock', manager: 'yarn' },
  { name: 'npm-shrinkwrap.json', manager: 'npm' },
  { name: 'package-lock.json', manager: 'npm' },
];
const manifestsMax = 2_000;
const entriesMax = 100_000;

/** Finds the plan by lockfile (nearest to the package, upwards to the root), then by `packageManager`. */
export async function findInstallPlan(tree: string, directory: string): Promise<InstallPlan> {
  const places = upwards(directory);
  for (const root of places) {
    const names = new Set(await readdir(join(tree, root)).catch(() => []));
    const declared = await declaredManager(tree, root);
    const present = locks.filter(({ name }) => names.has(name));
    const lock = present.find(({ manager }) => manager === declared?.name) ?? present[0];
    if (lock !== undefined) return await plan(tree, root, lock.manager, lock.name, declared?.version ?? null);
  }
  const root = (await workspaceRoot(tree, places)) ?? directory;
  const declared = await declaredManager(tree, root);
  return await plan(tree, root, declared?.name ?? 'npm', null, declared?.version ?? null);
}

async function plan(
  tree: string,
  root: string,
  manager: ManagerName,
  lock: string | null,
  declared: string | null,
): Promise<InstallPlan> {
  const base = join(tree, root);
  const manifests = await findManifests(base);
  const inputs = new Set(manifests);
  if (lock !== null) inputs.add(lock);
  for (const name of ['pnpm-workspace.yaml', '.npmrc', '.yarnrc.yml', '.yarnrc']) {
    if (await isFile(base, name)) inputs.add(name);
  }
  let needed = false;
  for (const path of manifests) {
    const manifest = await readJson(join(base, path));
    for (const field of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']) {
      for (const wanted of Object.values(asRecord(manifest[field]))) {
        if (field !== 'peerDependencies') needed = true;
        const local = /^(?:file|portal|patch):(.*)$/.exec(String(wanted))?.[1]?.replace(/^.*#/, '');
        const target = local === undefined ? null : inside(posix.join(dirname(path), local));
        if (target !== null && (await isFile(base, target))) inputs.add(target);
      }
    }
  }
  for (const folder of ['patches', '.yarn/patches']) {
    const names = await readdir(join(base, folder)).catch(() => []);
    for (const name of names) if (name.endsWith('.patch')) inputs.add(`${folder}/${name}`);
  }
  const version = await versionFor(manager, base, lock, declared);
  return { manager, version, root, lock, inputs: [...inputs].sort(), needed };
}

/** The version that can read the lockfile; a declared one wins when it is a plain version. */
async function versionFor(
  manager: ManagerName,
  base: string,
  lock: string | null,
  declared: string | null,
): Promise<string | null> {
  if (manager === 'npm') return null;
  if (declared !== null) return declared;
  const text = lock === null ? '' : await readFile(join(base, lock), 'utf8').catch(() => '');
  if (manager === 'yarn') return text.includes('__metadata:') ? '4.9.1' : '1.22.22';
  const format = /^lockfileVersion:\s*['"]?([\d.]+)/m.exec(text)?.[1] ?? '9.0';
  if (format.startsWith('5')) return '7.33.7';
  return format.startsWith('6') ? '8.15.9' : '9.15.9';
}

async function declaredManager(
  tree: string,
  root: string,
): Promise<{ name: ManagerName; version: string } | null> {
  const manifest = await readJson(join(tree, root, 'package.json')).catch(() => ({}));
  const text = 'packageManager' in manifest ? String(manifest['packageManager']) : '';
  const match = /^(npm|pnpm|yarn)@(\d+\.\d+\.\d+)/.exec(text);
  return match === null ? null : { name: match[1] as ManagerName, version: match[2] ?? '' };
}

async function workspaceRoot(tree: string, places: readonly string[]): Promise<string | null> {
  for (const root of places) {
    const manifest = await readJson(join(tree, root, 'package.json')).catch(() => ({}));
    if ('workspaces' in manifest || (await isFile(join(tree, root), 'pnpm-workspace.yaml'))) return root;
  }
  return null;
}

/** All package.json below a directory, without node_modules and hidden directories. Links are not followed. */
async function findManifests(base: string): Promise<string[]> {
  const found: string[] = [];
  let seen = 0;
  const walk = async (at: string): Promise<void> => {
    const entries = await readdir(join(base, at), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      seen += 1;
      if (seen > entriesMax || found.length >= manifestsMax) return;
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
        await walk(path);
      if (entry.isFile() && entry.name === 'package.json') found.push(path);
    }
  };
  await walk('');
  return found;
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8');
  try {
    return asRecord(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch (error) {
    // A fixture may be broken on purpose; the package manager will complain if it matters.
    if (error instanceof SyntaxError) return {};
    throw new RatchetError('INSTALL_FAILED', 'A manifest could not be read.', { where: path, cause: error });
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

async function isFile(base: string, path: string): Promise<boolean> {
  const name = path.split('/').at(-1);
  const entries = await readdir(join(base, dirname(path)), { withFileTypes: true }).catch(() => []);
  return entries.some((entry) => entry.name === name && entry.isFile());
}

function inside(path: string): string | null {
  const plain = posix.normalize(path);
  return plain.startsWith('..') || plain.startsWith('/') ? null : plain;
}

function upwards(directory: string): string[] {
  const parts = directory === '' ? [] : directory.split('/');
  return [...parts.map((_, index) => parts.slice(0, parts.length - index).join('/')), ''];
}
