/** Emergency stop in two layers here: a file that always works, and Redis that reaches other hosts. */
import { randomUUID } from 'node:crypto';
import { watch as watchDirectory, type FSWatcher } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { RatchetError } from '../errors.js';
import {
  readLifts,
  readStopFile,
  rememberLifts,
  removeStopFile,
  writeStopFile,
  type Stop,
} from './stop-file.js';
import { openRedisLayer, type RedisLayer } from './stop-redis.js';
import type { EmergencyStop, StopState } from './types.js';

/** Where the layers are. `redisUrl` null = the file alone. `pollMs` default 200. */
export interface EmergencyStopOptions {
  readonly file: string;
  readonly redisUrl: string | null;
  readonly pollMs?: number;
}

/** How often Redis is asked while watching, ms; news also come by its channel. */
const redisPollMs = 1_000;

/** Creates the emergency stop. Nothing is opened before its first use. */
export function createEmergencyStop(options: EmergencyStopOptions): EmergencyStop {
  return new LayeredStop(options);
}

class LayeredStop implements EmergencyStop {
  private controller = new AbortController();
  private redis: RedisLayer | null = null;
  /** Last word of Redis while watching. */
  private remote: Stop | null = null;
  private watching = false;

  constructor(private readonly options: EmergencyStopOptions) {}

  async state(): Promise<StopState | null> {
    const local = await readStopFile(this.options.file);
    if (local === null && !this.watching) {
      await this.withRedis(async (redis) => {
        this.remote = await this.unlifted(await redis.read());
      });
    }
    const found = local ?? this.remote;
    this.show(found);
    return found;
  }

  async set(state: StopState): Promise<void> {
    const stop: Stop = { ...state, id: state.id ?? randomUUID() };
    this.show(stop); // children die now, whatever becomes of the layers
    await writeStopFile(this.options.file, stop);
    await this.withRedis((redis) => redis.push(stop));
  }

  async lift(by: string, reason: string): Promise<void> {
    if (by.trim() === '' || reason.trim() === '') {
      throw new RatchetError('USAGE', 'Lifting the emergency stop needs a name and a reason.');
    }
    const { file } = this.options;
    const local = await readStopFile(file);
    await this.withRedis(async (redis) => {
      const remote = await redis.read();
      const ids = [local, remote, this.remote].flatMap((stop) => (stop === null ? [] : [stop.id]));
      await rememberLifts(file, ids);
      await redis.lift(ids);
    });
    if (local !== null) await rememberLifts(file, [local.id]);
    await removeStopFile(file);
    this.remote = null;
    this.show(null);
  }

  async check(): Promise<void> {
    const stop = await this.state();
    if (stop === null) return;
    throw new RatchetError('STOPPED', `Everything was stopped by ${stop.by}: ${stop.reason}`, {
      mend: 'Lift it with `ratchet resume` when it is safe.',
      data: { by: stop.by, at: stop.at },
    });
  }

  signal(): AbortSignal {
    return this.controller.signal;
  }

  async watch(): Promise<() => Promise<void>> {
    const { file, redisUrl, pollMs = 200 } = this.options;
    await mkdir(dirname(file), { recursive: true });
    const looking = new Set<Promise<unknown>>();
    const run = (look: () => Promise<unknown>): void => {
      const one: Promise<unknown> = look()
        .catch(() => undefined) // looked again at the next tick; reading itself fails towards "stopped"
        .finally(() => looking.delete(one));
      looking.add(one);
    };
    this.watching = true;
    if (redisUrl !== null) {
      this.redis = openRedisLayer(redisUrl);
      this.redis.listen(() => {
        if (looking.size < 8) run(() => this.syncRedis());
      });
    }
    const onFile = (): void => run(() => this.state());
    const watcher = watchFor(file, onFile);
    const timers = [
      setInterval(onFile, pollMs),
      setInterval(() => {
        if (looking.size < 8) run(() => this.syncRedis());
      }, redisPollMs),
    ];
    for (const timer of timers) timer.unref();
    await this.state();
    return async () => {
      watcher?.close();
      for (const timer of timers) clearInterval(timer);
      await Promise.all(looking);
      this.redis?.close();
      this.redis = null;
      this.watching = false;
    };
  }

  /** Brings file and Redis together: a stop goes up, a lifted stop goes away on both sides. */
  private async syncRedis(): Promise<void> {
    if (this.redis === null) return;
    const { file } = this.options;
    const local = await readStopFile(file);
    if (local !== null && (await this.redis.wasLifted(local.id))) {
      await rememberLifts(file, [local.id]);
      await removeStopFile(file);
    } else if (local !== null) {
      await this.redis.push(local);
    }
    this.remote = await this.unlifted(await this.redis.read());
    await this.state();
  }

  /** A stop that was lifted here while Redis was away is taken out of Redis instead of obeyed again. */
  private async unlifted(remote: Stop | null): Promise<Stop | null> {
    if (remote === null || !(await readLifts(this.options.file)).includes(remote.id)) return remote;
    await this.redis?.lift([remote.id]);
    return null;
  }

  /** Uses the open connection, or one for this call alone. */
  private async withRedis(work: (redis: RedisLayer) => Promise<unknown>): Promise<void> {
    const { redisUrl } = this.options;
    if (redisUrl === null) return;
    const own = this.redis === null ? openRedisLayer(redisUrl) : null;
    const redis = this.redis ?? own;
    if (redis !== null) await work(redis);
    own?.close();
  }

  private show(stop: StopState | null): void {
    if (stop !== null && !this.controller.signal.aborted) {
      this.controller.abort(
        new RatchetError('STOPPED', `Everything was stopped by ${stop.by}: ${stop.reason}`),
      );
    } else if (stop === null && this.controller.signal.aborted) {
      this.controller = new AbortController();
    }
  }
}

/** Hears of the file at once where the system can tell; the poll finds it anyway. */
function watchFor(file: string, changed: () => void): FSWatcher | null {
  try {
    const watcher = watchDirectory(dirname(file), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(file)) changed();
    });
    watcher.on('error', () => undefined); // e.g. the directory went away
    return watcher;
  } catch {
    return null; // out of watches: the poll remains
  }
}
