/** Starts Temporal and Redis (those that are not remote) and keeps them running. The supervisor and tests use it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { homePaths, type Config } from '../config.js';
import { RatchetError } from '../errors.js';
import { findPart } from './find-part.js';
import { createLog } from './log-file.js';
import { ManagedProcess, killGroup } from './managed-process.js';
import { choosePort, isFree } from './ports.js';
import { redisAnswers, waitUntil } from './readiness.js';
import { waitForRemotes } from './remote-servers.js';
import { redisPlan, temporalPlan } from './server-plans.js';
import { temporalAnswers } from './temporal-probe.js';
import type { StackProcess, StackState } from './types.js';

export interface StartServersOptions {
  /** PATH for finding parts and what pip needs. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onNotice?: ((line: string) => void) | undefined;
  readonly onChange?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** False: Temporal without its UI. */
  readonly ui?: boolean | undefined;
  /** True: any free ports instead of the usual ones (tests that run side by side). */
  readonly anyPorts?: boolean | undefined;
}

/** The two servers, running or remote. */
export interface Servers {
  readonly temporal: StackState['temporal'];
  readonly redis: StackState['redis'];
  /** The processes of those that run here. */
  processes(): StackProcess[];
  /**
   * Starts both side by side and waits until they serve.
   * @throws RatchetError STACK_UNAVAILABLE, TEMPORAL_UNAVAILABLE or REDIS_UNAVAILABLE (remote ones).
   */
  start(): Promise<void>;
  /** SIGKILL, for crash tests; the server is started again by itself. */
  kill(name: 'temporal' | 'redis'): void;
  untilReady(name: 'temporal' | 'redis'): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Finds both servers and chooses their ports; nothing is started yet.
 * @throws RatchetError PART_MISSING and what `findPart` throws.
 */
export async function prepareServers(config: Config, options: StartServersOptions): Promise<Servers> {
  const taken = new Set<number>();
  const hooks = { onChange: options.onChange ?? nothing, onNotice: options.onNotice ?? nothing };
  const redis = await prepareRedis(config, options, taken);
  const temporal = await prepareTemporal(config, options, taken);
  const managed = [redis.plan, temporal.plan]
    .filter((plan) => plan !== null)
    .map((plan) => new ManagedProcess(plan, hooks));
  const { namespace } = config.temporal;
  return {
    temporal: { address: temporal.address, namespace, ui: temporal.ui },
    redis: { url: redis.url },
    processes: () => managed.map((one) => one.state),
    async start() {
      await Promise.all([...managed.map((one) => one.run()), waitForRemotes(config, hooks.onNotice)]);
    },
    kill(name) {
      const pid = managed.find(({ plan }) => plan.name === name)?.state.pid;
      if (pid !== null && pid !== undefined) killGroup(pid, 'SIGKILL');
    },
    async untilReady(name) {
      const probe =
        name === 'redis' ? () => redisAnswers(redis.url) : () => temporalAnswers(temporal.address, namespace);
      if (await waitUntil(probe, { timeoutMs: 60_000 })) return;
      throw new RatchetError('STACK_UNAVAILABLE', `${name} did not come back within 60 s.`, { where: name });
    },
    async stop() {
      // Temporal first: Redis is what the others write to last.
      for (const one of managed.toReversed()) await one.stop();
    },
  };
}

/** `prepareServers` and `start` in one; on failure nothing is left running. */
export async function startServers(config: Config, options: StartServersOptions): Promise<Servers> {
  const servers = await prepareServers(config, options);
  try {
    await servers.start();
  } catch (error) {
    await servers.stop();
    throw error;
  }
  return servers;
}

const nothing = (): void => undefined;

/** Ports of the last run are kept, so that bookmarks and other processes' addresses stay right. */
export async function rememberedPorts(
  directory: string,
  preferred: readonly number[],
  taken: Set<number>,
): Promise<number[]> {
  const file = join(directory, 'ports');
  const last = existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').map(Number) : [];
  const ports: number[] = [];
  for (const [i, standard] of preferred.entries()) {
    const known = last[i];
    const wish = known !== undefined && known > 0 && known < 65_536 ? known : standard;
    // A server that ended a moment ago may not have let go of its port yet.
    if (wish === known) await waitUntil(() => isFree(wish), { timeoutMs: 1_000 });
    const port = await choosePort(wish, taken);
    taken.add(port);
    ports.push(port);
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(file, ports.join(' '));
  return ports;
}

async function prepareRedis(config: Config, options: StartServersOptions, taken: Set<number>) {
  const part = await findPart('redis', { config, ...options });
  if (part.path === null) return { plan: null, url: config.redisUrl ?? '' };
  const paths = homePaths(config.home);
  const directory = join(paths.data, 'redis');
  const wish = options.anyPorts === true ? [0] : [6379];
  const [port = 0] = await rememberedPorts(directory, wish, taken);
  const log = createLog(join(paths.logs, 'redis.log'));
  return redisPlan({ path: part.path, part, directory, home: config.home, port, log });
}

async function prepareTemporal(config: Config, options: StartServersOptions, taken: Set<number>) {
  const part = await findPart('temporal', { config, ...options });
  if (part.path === null)
    return { plan: null, address: config.temporal.address ?? '', ui: config.temporal.ui };
  const paths = homePaths(config.home);
  const directory = join(paths.data, 'temporal');
  const wish = options.anyPorts === true ? [0, 0] : [7233, 8233];
  const [port = 0, uiPort = 0] = await rememberedPorts(directory, wish, taken);
  const log = createLog(join(paths.logs, 'temporal.log'));
  const { namespace } = config.temporal;
  const ui = options.ui ?? true;
  return temporalPlan({
    path: part.path,
    part,
    directory,
    home: config.home,
    port,
    uiPort,
    namespace,
    log,
    ui,
  });
}
