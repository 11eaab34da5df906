/** Brings the stack up when it is not, stops it, and asks how it is. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { homePaths, type Config } from '../config.js';
import { RatchetError, faults, type FaultCode } from '../errors.js';
import { endOrphans } from './end-orphans.js';
import { lockOwner } from './file-lock.js';
import { tailOf } from './logs.js';
import { killGroup } from './managed-process.js';
import { startOf } from './process-identity.js';
import { provision } from './provision.js';
import { accepts, redisAnswers, waitUntil } from './readiness.js';
import { isAlive, readState, removeState, withoutSecrets } from './state-file.js';
import { readBuild } from './supervisor.js';
import type { StackState, StackStatus } from './types.js';

export interface EnsureStackOptions {
  /** Absolute path of the installed package. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onNotice?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Arguments for Node that run a supervisor which reports over IPC; default: the CLI's hidden command. */
  readonly supervisor?: readonly string[] | undefined;
}

const startLimitMs = 60_000;

/**
 * Returns the running stack, starting it (detached) when necessary. Missing parts are fetched first, in this process,
 * so that the person sees it.
 * @throws RatchetError STACK_UNAVAILABLE with the last lines of the log, PART_MISSING, CANCELLED.
 */
export async function ensureStack(config: Config, options: EnsureStackOptions): Promise<StackState> {
  const notice = options.onNotice ?? (() => undefined);
  const running = await healthyState(config);
  if (running !== null) {
    const build = readBuild(options.root);
    if (build !== null && running.build !== build) {
      notice('The running stack was built from other sources; `ratchet down` and repeat to renew it.');
    }
    return running;
  }
  const { environment, signal } = options;
  await provision({ config, environment, onNotice: notice, signal });
  const starter = lockOwner(homePaths(config.home).stackLock) === null ? launch(config, options) : null;
  if (starter !== null) notice('Starting Temporal, Redis, worker and API.');
  return await untilHealthy(config, options, starter);
}

/** The state when the supervisor lives, everything was ready, and every address answers now. */
async function healthyState(config: Config): Promise<StackState | null> {
  const { state, healthy } = await inspect(config);
  return healthy && state?.ready === true ? state : null;
}

interface Starter {
  readonly child: ChildProcess;
  failure: RatchetError | null;
  ended: boolean;
}

const Report = z.object({
  kind: z.literal('failed'),
  code: z.string().refine((code): code is FaultCode => code in faults),
  message: z.string(),
  where: z.string().optional(),
  mend: z.string().optional(),
});

function launch(config: Config, options: EnsureStackOptions): Starter {
  const { logs } = homePaths(config.home);
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  const output = openSync(join(logs, 'supervisor.log'), 'a', 0o600);
  const main = join(options.root, 'dist', 'cli', 'main.js');
  const child = spawn(process.execPath, options.supervisor ?? [main, 'up', '--supervise'], {
    cwd: options.root,
    detached: true,
    env: { ...options.environment, RATCHET_HOME: config.home, RATCHET_PARTS: config.parts },
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const starter: Starter = { child, failure: null, ended: false };
  child.on('message', (message) => {
    const report = Report.safeParse(message);
    if (!report.success) return;
    const { code, message: sentence, where, mend } = report.data;
    starter.failure = new RatchetError(code, sentence, {
      ...(where === undefined ? {} : { where }),
      ...(mend === undefined ? {} : { mend }),
    });
  });
  child.once('exit', () => (starter.ended = true));
  child.once('error', () => (starter.ended = true));
  return starter;
}

async function untilHealthy(
  config: Config,
  options: EnsureStackOptions,
  starter: Starter | null,
): Promise<StackState> {
  const lock = homePaths(config.home).stackLock;
  const deadline = Date.now() + startLimitMs;
  let told = '';
  try {
    while (Date.now() < deadline) {
      if (options.signal?.aborted === true) throw new RatchetError('CANCELLED', 'Interrupted.');
      const state = await healthyState(config);
      if (state !== null) return state;
      // Somebody else's supervisor may have been quicker than ours: then its lock is held, and we wait for it.
      const failure = starter?.failure?.code === 'CONFLICT' ? null : (starter?.failure ?? null);
      if (failure !== null) throw withLog(config, failure);
      if ((starter === null || starter.ended) && lockOwner(lock) === null) {
        throw withLog(config, new RatchetError('STACK_UNAVAILABLE', 'The supervisor ended while starting.'));
      }
      const waiting = waitingFor(readState(config.home));
      if (waiting !== told && waiting !== '') options.onNotice?.(`Waiting for ${waiting}.`);
      told = waiting;
      await delay(100);
    }
  } finally {
    if (starter?.child.connected === true) starter.child.disconnect();
    starter?.child.unref();
  }
  const message = `The stack was not ready within ${startLimitMs / 1000} s (waiting for ${told || 'the supervisor'}).`;
  throw withLog(config, new RatchetError('STACK_UNAVAILABLE', message, { where: told.split(',')[0] ?? '' }));
}

function waitingFor(state: StackState | null): string {
  return (state?.processes ?? [])
    .filter(({ name, ready }) => name !== 'supervisor' && ready !== true)
    .map(({ name }) => name)
    .join(', ');
}

/** Adds the last lines of the log of what failed: the reason is nearly always there. */
function withLog(config: Config, error: RatchetError): RatchetError {
  const name = ['temporal', 'redis', 'worker', 'api'].find((one) => error.where === one) ?? 'supervisor';
  const tail = tailOf(config, name, 12).map((line) => `  ${line}`);
  const log = tail.length === 0 ? '' : `\nLast lines of ${name}.log:\n${tail.join('\n')}`;
  return new RatchetError(error.code, `${error.message}${log}`, {
    ...(error.where === undefined ? {} : { where: error.where }),
    mend: `\n${error.mend ?? 'Run `ratchet doctor`.'}`,
    cause: error,
  });
}

async function inspect(config: Config): Promise<{
  readonly state: StackState | null;
  readonly running: boolean;
  readonly healthy: boolean;
  readonly checks: StackStatus['checks'];
}> {
  const state = readState(config.home);
  const supervisor = state?.processes.find(({ name }) => name === 'supervisor');
  if (state === null || supervisor === undefined || !isAlive(supervisor)) {
    return { state: null, running: false, healthy: false, checks: [] };
  }
  const checks = await Promise.all([
    answer('temporal', state, () => acceptsAt(`tcp://${state.temporal.address}`)),
    answer('redis', state, () => redisAnswers(state.redis.url)),
    answer('worker', state, () => Promise.resolve(true)),
    answer('api', state, () => acceptsAt(state.api.url)),
  ]);
  const seen = checks.filter((check) => check !== null);
  const healthy = state.ready === true && seen.every(({ alive, answers }) => alive && answers);
  return { state, running: true, healthy, checks: seen };
}

async function answer(
  name: 'temporal' | 'redis' | 'worker' | 'api',
  state: StackState,
  probe: () => Promise<boolean>,
): Promise<StackStatus['checks'][number] | null> {
  const own = state.processes.find((one) => one.name === name);
  const remote = own === undefined && (name === 'temporal' || name === 'redis');
  if (own === undefined && !remote) return null;
  const alive = own === undefined || (own.ready === true && isAlive(own));
  return { name, alive, answers: alive && (await probe()) };
}

function acceptsAt(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return accepts(hostname.replace(/^\[|\]$/g, ''), Number(port || 80));
}

/** Asks every process how it is. Nothing is started. */
export async function stackStatus(config: Config): Promise<StackStatus> {
  const { state, running, healthy, checks } = await inspect(config);
  const shown = state === null ? null : withoutSecrets(state);
  return { schemaVersion: 1, home: config.home, running, healthy, state: shown, checks };
}

/** How a stop ended. */
export type StopOutcome =
  | { readonly kind: 'stopped'; readonly forced: boolean }
  | { readonly kind: 'notRunning'; readonly orphansEnded: number };

const stopLimitMs = 60_000;

/** Asks the supervisor to stop, waits, and ends by force what is left after a minute. */
export async function stopStack(config: Config): Promise<StopOutcome> {
  const owner = lockOwner(homePaths(config.home).stackLock);
  if (owner === null) {
    const orphans = await endOrphans(config.home);
    removeState(config.home);
    return { kind: 'notRunning', orphansEnded: orphans.length };
  }
  const start = startOf(owner.pid);
  if (start !== null) process.kill(owner.pid, 'SIGTERM');
  const gone = () => Promise.resolve(start === null || startOf(owner.pid) !== start);
  if (!(await waitUntil(gone, { timeoutMs: stopLimitMs, everyMs: 50 }))) {
    killGroup(owner.pid, 'SIGKILL');
    await endOrphans(config.home);
    removeState(config.home);
    return { kind: 'stopped', forced: true };
  }
  return { kind: 'stopped', forced: false };
}
