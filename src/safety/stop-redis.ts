/** The second layer of the emergency stop: a Redis key and channel. Optional; never waited for longer than its bound. */
import { Redis } from 'ioredis';
import { sha256 } from '../canonical.js';
import { parseStop, type Stop } from './stop-file.js';

const key = 'rt:1:stop';
const liftedKey = 'rt:1:stop:lifted';
const channel = 'rt:1:stop:events';
const liftedKeepSeconds = 30 * 24 * 3600;
/** Upper bound of every Redis operation here, ms. */
const boundMs = 400;

/** What Redis says: the stop that is set there, and whether a given stop was lifted elsewhere. */
export interface RedisLayer {
  /** Null = no stop there, or Redis cannot be asked. */
  read(): Promise<Stop | null>;
  /** True when it reached Redis. A stop that is already there stays. */
  push(stop: Stop): Promise<boolean>;
  lift(ids: readonly string[]): Promise<boolean>;
  wasLifted(id: string): Promise<boolean>;
  /** Calls back when anything about the stop changes in Redis, and when Redis is back. */
  listen(changed: () => void): void;
  close(): void;
}

/** Opens the layer; nothing throws and nothing waits when Redis is down. */
export function openRedisLayer(url: string): RedisLayer {
  const options = {
    connectTimeout: boundMs,
    commandTimeout: boundMs,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: (times: number) => Math.min(100 * times, 1_000),
  };
  const commands = new Redis(url, options);
  let subscriber: Redis | null = null;
  // A Redis that is down is an expected state of this layer: the file is the one that counts.
  commands.on('error', () => undefined);
  const ready = async (): Promise<boolean> => {
    const end = performance.now() + boundMs;
    while (commands.status !== 'ready' && commands.status === 'connecting' && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    if (commands.status === 'connect') await new Promise((resolve) => setTimeout(resolve, 30));
    return commands.status === 'ready';
  };
  const ask = async <T>(work: () => Promise<T>): Promise<T | null> => {
    if (!(await ready())) return null;
    return work().catch(() => null); // asked again at the next poll
  };
  return {
    read: () => ask(async () => stopOf(await commands.get(key))),
    async push(stop) {
      const set = await ask(async () => {
        // Only news are published: every listener pushes what it holds, and an echo would never end.
        const isNew = (await commands.set(key, JSON.stringify(stop), 'NX')) === 'OK';
        if (isNew) await commands.publish(channel, 'set');
        return true;
      });
      return set === true;
    },
    async lift(ids) {
      const lifted = await ask(async () => {
        if (ids.length > 0) await commands.sadd(liftedKey, ...ids);
        await commands.expire(liftedKey, liftedKeepSeconds);
        await commands.del(key);
        await commands.publish(channel, 'lifted');
        return true;
      });
      return lifted === true;
    },
    wasLifted: async (id) => (await ask(() => commands.sismember(liftedKey, id))) === 1,
    listen(changed) {
      subscriber = new Redis(url, options);
      const heard = subscriber;
      heard.on('error', () => undefined);
      heard.on('ready', () => {
        heard.subscribe(channel).catch(() => undefined); // polled anyway
        changed();
      });
      heard.on('message', changed);
    },
    close() {
      commands.disconnect();
      subscriber?.disconnect();
    },
  };
}

/** Any value under the key stops, also one that was set by hand. */
function stopOf(text: string | null): Stop | null {
  if (text === null) return null;
  const parsed = parseStop(text);
  const id = parsed?.id ?? sha256(text).slice(0, 32);
  if (parsed !== null) return { ...parsed, id };
  return { by: 'unknown', reason: 'A stop is set in Redis.', at: new Date(0).toISOString(), id };
}
