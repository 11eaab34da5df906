/** `ratchet doctor`: what is here, in which version, whether it works, and the one command that mends it. */
import { existsSync, statSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { homePaths, type Config } from '../config.js';
import { isRatchetError } from '../errors.js';
import { findPart, type FindPartOptions } from './find-part.js';
import { stackStatus } from './ensure-stack.js';
import { runCommand } from './run-command.js';
import type { Diagnosis, PartId } from './types.js';
import { atLeast, versionIn } from './versions.js';

export interface DiagnoseOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** Looks at the language model, which is another room's. */
  readonly languageModel?: () => Promise<Diagnosis>;
}

const minimumNode = '20.20.0';
const minimumGit = '2.30.0';
const wantedDiskBytes = 2_000_000_000;

/** Looks at everything; nothing is fetched, started or changed. */
export async function diagnose(config: Config, options: DiagnoseOptions): Promise<Diagnosis[]> {
  const tools = await Promise.all([
    tool('git', ['git'], minimumGit, 'Install git 2.30 or newer.', options),
    tool('npm', ['npm'], '8.0.0', 'Install npm (it comes with Node.js).', options),
    tool('python', ['python3', '-m', 'pip'], '9.0.0', 'Install Python 3 with pip.', options),
  ]);
  const parts = await Promise.all(
    (['temporal', 'redis', 'sandbox'] as const).map((id) => part(id, config, options)),
  );
  const allParts = parts.every(({ healthy }) => healthy);
  return [
    node(),
    ...tools.map((one) => (one.part === 'python' && allParts ? notNeeded(one) : one)),
    ...parts,
    await stack(config),
    (await options.languageModel?.()) ?? well('language model', null, null, 'not looked at'),
    token(config),
    disk(config),
    stopFlag(config),
  ];
}

const well = (part: string, found: string | null, version: string | null, detail: string): Diagnosis => ({
  ...{ part, found, version, healthy: true, detail, mend: null },
});

const ill = (part: string, found: string | null, detail: string, mend: string): Diagnosis => ({
  ...{ part, found, version: null, healthy: false, detail, mend },
});

function node(): Diagnosis {
  const version = process.versions.node;
  return atLeast(version, minimumNode)
    ? well('node', process.execPath, version, 'runs Ratchet')
    : {
        ...ill('node', process.execPath, `older than ${minimumNode}`, 'Install Node.js 20.20 or newer.'),
        version,
      };
}

async function tool(
  name: string,
  command: readonly string[],
  minimum: string,
  mend: string,
  options: DiagnoseOptions,
): Promise<Diagnosis> {
  const [file = name, ...rest] = command;
  const { environment, signal } = options;
  const result = await runCommand(file, [...rest, '--version'], { timeoutMs: 20_000, environment, signal });
  const version = versionIn(result.stdout);
  const found = command.join(' ');
  if (result.status !== 0 || version === null) return ill(name, null, `${found} does not run`, mend);
  if (atLeast(version, minimum)) return well(name, found, version, 'answers');
  return { ...ill(name, found, `older than ${minimum}`, mend), version };
}

/** pip only fetches missing parts. */
const notNeeded = (one: Diagnosis): Diagnosis =>
  one.healthy
    ? one
    : { ...one, healthy: true, detail: 'absent; every part is here, so it is not needed', mend: null };

async function part(id: PartId, config: Config, options: DiagnoseOptions): Promise<Diagnosis> {
  const search: FindPartOptions = { config, ...options, fetch: false };
  try {
    const { path, version, origin } = await findPart(id, search);
    if (id === 'sandbox' && path !== null) return await sandboxRuns(path, version, origin, options);
    return well(id, path ?? origin, version, origin);
  } catch (error) {
    if (!isRatchetError(error)) throw error;
    return ill(id, null, error.message, error.mend ?? 'ratchet up');
  }
}

/** Being installed is not enough: many machines forbid user namespaces. */
async function sandboxRuns(
  path: string,
  version: string,
  origin: string,
  options: DiagnoseOptions,
): Promise<Diagnosis> {
  const arguments_ = ['--unshare-all', '--die-with-parent', '--new-session', '--ro-bind', '/', '/'];
  const { environment, signal } = options;
  const result = await runCommand(path, [...arguments_, '--dev', '/dev', '--proc', '/proc', 'true'], {
    ...{ timeoutMs: 20_000, environment, signal },
  });
  if (result.status === 0) return well('sandbox', path, version, `${origin}; an isolated command ran`);
  const why = result.stderr.trim().split('\n').at(-1) ?? result.failure ?? 'no reason given';
  return {
    ...ill(
      'sandbox',
      path,
      `it cannot isolate here: ${why}`,
      'sudo sysctl -w kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0',
    ),
    version,
  };
}

async function stack(config: Config): Promise<Diagnosis> {
  const status = await stackStatus(config);
  if (!status.running) return well('stack', null, null, 'not running; the commands that need it start it');
  const { state, checks } = status;
  const found = state?.api.url ?? null;
  const version = state?.processes.find(({ name }) => name === 'supervisor')?.version ?? null;
  if (status.healthy) return well('stack', found, version, 'every process answers');
  const silent = checks.filter(({ answers }) => !answers).map(({ name }) => name);
  const detail = silent.length === 0 ? 'starting' : `no answer from ${silent.join(', ')}`;
  return { ...ill('stack', found, detail, 'ratchet down && ratchet up --detach'), version };
}

function token(config: Config): Diagnosis {
  const path = homePaths(config.home).token;
  if (config.token !== null) return well('token', 'RATCHET_TOKEN', null, 'given by the environment');
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return well('token', null, null, 'made at the first start');
  if ((stat.mode & 0o077) === 0) return well('token', path, null, 'readable by its owner only');
  return ill(
    'token',
    path,
    `others can read it (mode ${(stat.mode & 0o777).toString(8)})`,
    `chmod 600 ${path}`,
  );
}

function disk(config: Config): Diagnosis {
  let existing = config.home;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  const free = bavail * bsize;
  const detail = `${(free / 1e9).toFixed(1)} GB free`;
  if (free >= wantedDiskBytes) return well('disk', config.home, null, detail);
  return ill(
    'disk',
    config.home,
    `${detail}; cycles need 2 GB`,
    `du -sh ${config.home}/* and remove what is old`,
  );
}

function stopFlag(config: Config): Diagnosis {
  const path = homePaths(config.home).stopFile;
  return existsSync(path)
    ? ill('emergency stop', path, 'set: nothing runs and nothing is applied', 'ratchet resume')
    : well('emergency stop', null, null, 'not set');
}
