/** One supervised process: started, waited for, restarted with growing pauses when it dies, ended as a whole group. */
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { RatchetError } from '../errors.js';
import { startOf } from './process-identity.js';
import type { StackProcess } from './types.js';

/** What to run, and how to know that it is ready. */
export interface ProcessPlan {
  readonly name: Exclude<StackProcess['name'], 'supervisor'>;
  readonly file: string;
  readonly arguments: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Our own processes get an IPC channel: they say when they are ready, and end when it closes. */
  readonly ipc: boolean;
  readonly origin: string;
  readonly version: string | null;
  readonly readyTimeoutMs: number;
  /** Time between SIGTERM and SIGKILL. */
  readonly stopTimeoutMs: number;
  readonly log: (text: string | Uint8Array) => void;
  /** Resolves with the address ('' when there is none) once ready, or null when it did not get ready in time. */
  readonly ready: (child: ChildProcess, signal: AbortSignal) => Promise<string | null>;
}

const firstPauseMs = 200;
const longestPauseMs = 30_000;
const steadyMs = 60_000;
const firstStartAttempts = 3;

/** See the file comment. `onChange` runs after every start, death and readiness, before anything else happens. */
export class ManagedProcess {
  readonly plan: ProcessPlan;
  private child: ChildProcess | null = null;
  private start: string | null = null;
  private ready = false;
  private address: string | null = null;
  private startedAt = new Date(0).toISOString();
  private restarts = 0;
  private pauseMs = firstPauseMs;
  private readonly stopping = new AbortController();
  private loop: Promise<void> | null = null;
  private readonly onChange: () => void;
  private readonly onNotice: (line: string) => void;

  constructor(plan: ProcessPlan, hooks: { onChange?: () => void; onNotice?: (line: string) => void } = {}) {
    this.plan = plan;
    this.onChange = hooks.onChange ?? (() => undefined);
    this.onNotice = hooks.onNotice ?? (() => undefined);
  }

  /** How it stands, for stack.json. */
  get state(): StackProcess {
    const { name, version, origin } = this.plan;
    const { address, start, ready, restarts, startedAt } = this;
    return {
      name,
      pid: this.child?.pid ?? null,
      start,
      ready,
      address,
      version,
      origin,
      restarts,
      startedAt,
    };
  }

  /**
   * Starts it and waits until it is ready; afterwards it is kept running.
   * @throws RatchetError STACK_UNAVAILABLE when it died or was not ready in several attempts.
   */
  async run(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      if (this.stopping.signal.aborted) return;
      const child = this.spawn();
      const death = once(child);
      if (await this.becomesReady(child, death)) {
        this.loop = this.keepRunning(death);
        return;
      }
      await this.endGroup(child, death);
      if (this.stopping.signal.aborted) return;
      if (attempt === firstStartAttempts) {
        throw new RatchetError('STACK_UNAVAILABLE', `${this.plan.name} did not start.`, {
          where: this.plan.name,
          mend: `Read its log: ratchet logs ${this.plan.name}.`,
        });
      }
      await this.pause();
    }
  }

  /** SIGTERM, a bounded wait, SIGKILL; then nothing of its group is left. Safe to call twice. */
  async stop(): Promise<void> {
    this.stopping.abort();
    const { child } = this;
    if (child !== null) await this.endGroup(child, once(child), this.plan.stopTimeoutMs);
    await this.loop;
  }

  private spawn(): ChildProcess {
    const { file, arguments: arguments_, directory, environment, ipc, log, name } = this.plan;
    const child = spawn(file, arguments_, {
      cwd: directory,
      env: { ...environment },
      // Its own group: Ctrl-C of the terminal reaches only the supervisor, and a group can be ended as a whole.
      detached: true,
      stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    });
    child.on('error', (error) => log(`[supervisor] ${name}: ${error.message}\n`));
    child.stdout?.on('data', (chunk: Buffer) => log(chunk));
    child.stderr?.on('data', (chunk: Buffer) => log(chunk));
    this.child = child;
    this.start = child.pid === undefined ? null : startOf(child.pid);
    this.startedAt = new Date().toISOString();
    this.onChange();
    return child;
  }

  private async becomesReady(child: ChildProcess, death: Promise<unknown>): Promise<boolean> {
    const waiting = new AbortController();
    const stop = (): void => waiting.abort();
    this.stopping.signal.addEventListener('abort', stop, { once: true });
    const timer = setTimeout(stop, this.plan.readyTimeoutMs);
    try {
      const address = await Promise.race([this.plan.ready(child, waiting.signal), death.then(() => null)]);
      if (address === null || this.stopping.signal.aborted) return false;
      this.address = address === '' ? null : address;
      this.ready = true;
      this.onChange();
      return true;
    } finally {
      clearTimeout(timer);
      waiting.abort();
      this.stopping.signal.removeEventListener('abort', stop);
    }
  }

  /** Ends only by stop(). A restart that fails is tried again: the pause grows up to its bound, never stops. */
  private async keepRunning(firstDeath: Promise<string>): Promise<void> {
    let death = firstDeath;
    let since = Date.now();
    for (;;) {
      const how = await death;
      const { child } = this;
      if (child?.pid !== undefined) killGroup(child.pid, 'SIGKILL');
      this.child = null;
      this.start = null;
      this.ready = false;
      if (this.stopping.signal.aborted) return this.onChange();
      this.restarts += 1;
      if (Date.now() - since > steadyMs) this.pauseMs = firstPauseMs;
      this.onNotice(`${this.plan.name} ended (${how}); starting it again.`);
      this.plan.log(`[supervisor] ${this.plan.name} ended (${how})\n`);
      this.onChange();
      await this.pause();
      if (this.stopping.signal.aborted) return;
      since = Date.now();
      const next = this.spawn();
      death = once(next);
      if (await this.becomesReady(next, death)) this.onNotice(`${this.plan.name} is ready again.`);
      else await this.endGroup(next, death);
    }
  }

  private async pause(): Promise<void> {
    const ms = this.pauseMs;
    this.pauseMs = Math.min(longestPauseMs, ms * 2);
    await delay(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined); // aborted: stop() was called
  }

  private async endGroup(child: ChildProcess, death: Promise<unknown>, politeMs = 2_000): Promise<void> {
    if (child.pid === undefined) return;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const late = new AbortController();
      const timeout = delay(politeMs, 'late' as const, { signal: late.signal }).catch(() => 'done' as const);
      if ((await Promise.race([death, timeout])) === 'late') killGroup(child.pid, 'SIGKILL');
      late.abort();
      await death;
    }
    killGroup(child.pid, 'SIGKILL');
  }
}

/** How the process ended, in words; also when it never ran. */
function once(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      return resolve(describeEnd(child.exitCode, child.signalCode));
    }
    child.once('exit', (code, signal) => resolve(describeEnd(code, signal)));
  });
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return signal;
  return code === null ? 'could not be started' : `exit code ${code}`;
}

/** Signals a whole process group; a group that is gone is no fault. */
export function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
