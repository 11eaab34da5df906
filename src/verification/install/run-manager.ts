/** Runs npm, pnpm or yarn for one installation: no scripts, bounded time and output, killed as a group. */
import { spawn } from 'node:child_process';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { RatchetError, toRatchetError } from '../../errors.js';
import type { InstallPlan, ManagerName } from './find-manager.js';

/** End of one command. */
export interface CommandResult {
  readonly code: number | null;
  /** The last 16 kB of both streams. */
  readonly tail: string;
  readonly timedOut: boolean;
}

const tailBytes = 16_000;

/** Every variable that could make a package manager run code of the repository or ask questions. */
const variables = [
  'npm_config_ignore_scripts=true',
  'YARN_ENABLE_SCRIPTS=0',
  'YARN_IGNORE_PATH=1',
  'YARN_NODE_LINKER=node-modules',
  'YARN_ENABLE_IMMUTABLE_INSTALLS=0',
  'YARN_ENABLE_TELEMETRY=0',
  'YARN_ENABLE_GLOBAL_CACHE=1',
  'YARN_PLUGINS=',
  'COREPACK_ENABLE_STRICT=0',
  'CI=1',
  'NODE_ENV=development',
];

/** The commands to try in order; the next one only when the one before failed. Each carries the note to show. */
export function installCommands(plan: InstallPlan): { argv: string[]; note: string | null }[] {
  if (plan.manager === 'npm') return npmCommands(plan.lock !== null);
  if (plan.manager === 'pnpm') {
    const words = ['install', '--ignore-scripts', '--ignore-pnpmfile', '--no-verify-store-integrity'];
    return [
      { argv: [...words, '--frozen-lockfile'], note: null },
      { argv: [...words, '--no-frozen-lockfile'], note: 'The lockfile does not fit package.json.' },
    ];
  }
  if (plan.version?.startsWith('1.') === true) {
    const words = [
      'install',
      '--ignore-scripts',
      '--non-interactive',
      '--no-progress',
      '--ignore-engines',
      '--production=false',
    ];
    return [
      { argv: [...words, '--frozen-lockfile'], note: null },
      { argv: words, note: 'The lockfile does not fit package.json.' },
    ];
  }
  return [{ argv: ['install', '--mode=skip-build'], note: null }];
}

function npmCommands(locked: boolean): { argv: string[]; note: string | null }[] {
  const words = [
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--replace-registry-host=always',
    '--loglevel=error',
  ];
  const install = (note: string | null, ...more: string[]) => ({
    argv: ['install', ...words, ...more],
    note,
  });
  const loose = [
    install(
      locked
        ? 'The lockfile does not fit package.json: versions were resolved anew.'
        : 'No lockfile: versions were resolved anew.',
    ),
    install('Peer dependencies conflict: they were ignored.', '--legacy-peer-deps'),
  ];
  return locked ? [{ argv: ['ci', ...words], note: null }, ...loose] : loose;
}

/** Words that start the manager: npm of this machine, or the pinned version of another, fetched once. */
export async function managerWords(
  plan: InstallPlan,
  cache: string,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<string[]> {
  if (plan.manager === 'npm') return ['npm'];
  const version = plan.version ?? '';
  const [name, entry] = packageOf(plan.manager, version);
  const place = join(cache, 'tools', `${plan.manager}-${version}`);
  const program = join(place, 'node_modules', name, entry);
  if (!(await exists(program))) {
    const fresh = `${place}.${randomUUID()}`;
    await mkdir(fresh, { recursive: true });
    const words = [
      'npm',
      'install',
      '--prefix',
      fresh,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-save',
    ];
    const got = await runCommand([...words, `${name}@${version}`], fresh, signal, timeoutMs);
    if (got.code !== 0) {
      await rm(fresh, { recursive: true, force: true });
      throw new RatchetError(
        'INSTALL_FAILED',
        `${plan.manager} ${version} could not be fetched: ${lastLines(got.tail, 3)}`,
        {
          mend: `Check the network, or run once: npm view ${name}@${version}.`,
        },
      );
    }
    // Somebody else may have been quicker: either copy is as good.
    await rename(fresh, place).catch(() => rm(fresh, { recursive: true, force: true }));
  }
  return [process.execPath, program];
}

function packageOf(manager: ManagerName, version: string): [string, string] {
  if (manager === 'pnpm') return ['pnpm', 'bin/pnpm.cjs'];
  return version.startsWith('1.') ? ['yarn', 'bin/yarn.js'] : ['@yarnpkg/cli-dist', 'bin/yarn.js'];
}

/** Runs a command in its own process group, which dies as a whole on time-out or abort. */
export function runCommand(
  argv: readonly string[],
  cwd: string,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(toRatchetError(signal.reason, 'CANCELLED'));
      return;
    }
    const child = spawn('env', [...variables, ...argv], {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let tail = '';
    let timedOut = false;
    const kill = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The group has ended by itself.
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, timeoutMs);
    const keep = (chunk: Buffer): void => {
      tail = (tail + chunk.toString('utf8')).slice(-tailBytes);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    signal.addEventListener('abort', kill, { once: true });
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', kill);
    };
    child.once('error', (error) => {
      done();
      reject(
        new RatchetError('INSTALL_FAILED', `The package manager did not start: ${error.message}.`, {
          cause: error,
        }),
      );
    });
    child.once('close', (code) => {
      done();
      if (signal.aborted) reject(toRatchetError(signal.reason, 'CANCELLED'));
      else resolve({ code, tail, timedOut });
    });
  });
}

/** The last lines that say something. */
export function lastLines(text: string, count: number): string {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^npm (warn|error A complete log)/i.test(line));
  return lines.slice(-count).join(' / ').slice(0, 1000);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
