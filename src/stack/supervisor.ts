/** The supervisor: one process per RATCHET_HOME that starts everything, keeps it running and writes stack.json. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { homePaths, type Config } from '../config.js';
import { RatchetError } from '../errors.js';
import { endOrphans } from './end-orphans.js';
import { lockOwner, tryLock } from './file-lock.js';
import { createLog } from './log-file.js';
import { ManagedProcess, killGroup } from './managed-process.js';
import { ownPlan } from './own-plans.js';
import { stackMark, startOf } from './process-identity.js';
import { provision } from './provision.js';
import { prepareServers, rememberedPorts, type Servers } from './start-servers.js';
import { removeState, writeState } from './state-file.js';
import type { StackProcess, StackState } from './types.js';

export interface SupervisorOptions {
  /** Absolute path of the installed package (dist/ and package.json). */
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted to stop: api, worker (which drains), Temporal, Redis, in this order. */
  readonly signal: AbortSignal;
  readonly onNotice?: ((line: string) => void) | undefined;
  /** Called once, when everything serves. */
  readonly onReady?: ((state: StackState) => void) | undefined;
  /** Scripts run instead of dist/worker.js and dist/api/server.js; null leaves one out. */
  readonly programs?: { readonly worker?: string | null; readonly api?: string | null } | undefined;
  readonly anyPorts?: boolean | undefined;
}

/**
 * Runs until `signal` is aborted, then stops everything in order.
 * @throws RatchetError CONFLICT when a stack runs already for this home; else what made the start fail.
 */
export async function runSupervisor(config: Config, options: SupervisorOptions): Promise<void> {
  const paths = homePaths(config.home);
  mkdirSync(config.home, { recursive: true, mode: 0o700 });
  const lock = tryLock(paths.stackLock);
  if (lock === null) {
    const owner = lockOwner(paths.stackLock)?.pid ?? 'unknown';
    throw new RatchetError('CONFLICT', `A stack runs already for ${config.home} (process ${owner}).`, {
      where: paths.stackLock,
      mend: 'Use it, or stop it with `ratchet down`.',
    });
  }
  try {
    await endOrphans(config.home);
    await new Stack(config, options).runUntilStopped();
  } finally {
    removeState(config.home);
    lock.release();
  }
}

/** All processes of one run of the supervisor. */
class Stack {
  private readonly config: Config;
  private readonly options: SupervisorOptions;
  private readonly notice: (line: string) => void;
  private readonly startedAt = new Date().toISOString();
  private readonly version: string;
  private readonly build: string | null;
  private servers: Servers | null = null;
  private own: ManagedProcess[] = [];
  private apiUrl = '';
  private ready = false;

  constructor(config: Config, options: SupervisorOptions) {
    this.config = config;
    this.options = options;
    const log = createLog(join(homePaths(config.home).logs, 'supervisor.log'));
    this.notice = (line) => {
      log(`${new Date().toISOString()} ${line}\n`);
      options.onNotice?.(line);
    };
    const manifest = readFileSync(join(options.root, 'package.json'), 'utf8');
    this.version = (JSON.parse(manifest) as { version: string }).version;
    this.build = readBuild(options.root);
  }

  async runUntilStopped(): Promise<void> {
    const { signal } = this.options;
    const onExit = (): void => this.killAll();
    process.once('exit', onExit);
    try {
      await this.start();
      if (!signal.aborted) {
        this.ready = true;
        this.write();
        this.options.onReady?.(this.state());
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      this.notice('stopping');
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await this.stop();
      process.off('exit', onExit);
    }
  }

  private async start(): Promise<void> {
    const { config, options, notice } = this;
    const onChange = (): void => this.write();
    const { environment, signal } = options;
    await provision({ config, environment, signal, onNotice: notice });
    this.servers = await prepareServers(config, { ...options, onNotice: notice, onChange });
    const apiDirectory = join(homePaths(config.home).data, 'api');
    const { host, port: wish } = config.api;
    const [port = 0] = await rememberedPorts(apiDirectory, [wish], new Set());
    this.apiUrl = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
    const stopEarly = (): void => void this.stop();
    options.signal.addEventListener('abort', stopEarly, { once: true });
    try {
      if (options.signal.aborted) return;
      await this.servers.start();
      if (options.signal.aborted) return;
      this.own = this.ownProcesses(port);
      await Promise.all(this.own.map((one) => one.run()));
    } finally {
      options.signal.removeEventListener('abort', stopEarly);
    }
  }

  private ownProcesses(port: number): ManagedProcess[] {
    const { config, options, servers } = this;
    if (servers === null) throw new RatchetError('INTERNAL', 'The servers come first.');
    const environment = {
      ...options.environment,
      [stackMark]: config.home,
      RATCHET_HOME: config.home,
      RATCHET_PARTS: config.parts,
      RATCHET_API_HOST: config.api.host,
      RATCHET_API_PORT: String(port),
      TEMPORAL_ADDRESS: servers.temporal.address,
      TEMPORAL_NAMESPACE: servers.temporal.namespace,
      RATCHET_TEMPORAL_UI: servers.temporal.ui ?? '',
      REDIS_URL: servers.redis.url,
    };
    const scripts = {
      worker: options.programs?.worker ?? join(options.root, 'dist', 'worker.js'),
      api: options.programs?.api ?? join(options.root, 'dist', 'api', 'server.js'),
    };
    return (['worker', 'api'] as const)
      .filter((name) => options.programs?.[name] !== null)
      .map((name) => {
        const log = createLog(join(homePaths(config.home).logs, `${name}.log`));
        const directory = options.root;
        const { version } = this;
        const plan = ownPlan({ name, script: scripts[name], directory, version, environment, log });
        return new ManagedProcess(plan, { onChange: () => this.write(), onNotice: this.notice });
      });
  }

  private async stop(): Promise<void> {
    for (const one of this.own.toReversed()) await one.stop();
    await this.servers?.stop();
  }

  /** The last resort, when this process is about to end without an orderly stop. */
  private killAll(): void {
    for (const { pid } of this.processes()) if (pid !== null) killGroup(pid, 'SIGKILL');
  }

  private processes(): StackProcess[] {
    return [...(this.servers?.processes() ?? []), ...this.own.map((one) => one.state)];
  }

  private state(): StackState {
    const { config, servers, version, startedAt, ready, build } = this;
    const api = this.own.find(({ plan }) => plan.name === 'api')?.state.address ?? null;
    return {
      schemaVersion: 1,
      ready,
      build,
      temporal: servers?.temporal ?? { address: '', namespace: config.temporal.namespace, ui: null },
      redis: servers?.redis ?? { url: 'redis://127.0.0.1' },
      api: { url: api ?? this.apiUrl },
      processes: [
        {
          ...{ name: 'supervisor', pid: process.pid, start: startOf(process.pid), ready, address: null },
          ...{ version, origin: 'ratchet', restarts: 0, startedAt },
        },
        ...this.processes(),
      ],
    };
  }

  /** A disk that is full must not end the servers; the state is written again at the next change. */
  private write(): void {
    try {
      writeState(this.config.home, this.state());
    } catch (error) {
      this.notice(`stack.json could not be written: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  }
}

/** Digest of the sources that dist/ was built from; null in a package without the build's stamp. */
export function readBuild(root: string): string | null {
  const stamp = join(root, 'dist', '.stamp');
  return existsSync(stamp) ? readFileSync(stamp, 'utf8').trim().slice(0, 16) : null;
}
