/** Admits requests by class and caller: counted in Redis while it answers, in this process while it does not. */
import { randomBytes } from 'node:crypto';
import { defaultLimits, type RouteClass, type RouteLimits } from '../policy.js';
import { createProcessCounters } from './process-counters.js';
import { openRedisCounters } from './redis-counters.js';
import type { Admission, Count, Counters, Limiter, Standing } from './types.js';

const renewMs = 20_000;
/** After a failure Redis is left alone for a while: no request pays for finding out again. */
const restMs = 1_000;

interface Held {
  readonly key: string;
  readonly counters: Counters;
  renewedAt: number;
}

export interface LimiterOptions {
  /** Null: nothing is limited. */
  readonly limits?: RouteLimits | null;
  /** Null: this process counts alone. */
  readonly redisUrl?: string | null;
  /** How long a request may wait for Redis; default 100 ms. */
  readonly patienceMs?: number;
}

/** The default limits, in this process alone, unless the options say otherwise. */
export function createLimiter(options: LimiterOptions = {}): Limiter {
  const { limits = defaultLimits, redisUrl = null, patienceMs } = options;
  const own = createProcessCounters();
  const shared = redisUrl === null || limits === null ? null : openRedisCounters(redisUrl, patienceMs);
  const held = new Map<string, Held>();
  const process = randomBytes(6).toString('base64url');
  let number = 0;
  let restUntil = 0;

  async function count(key: string, name: RouteClass, lease: string): Promise<[Count, Counters]> {
    const limit = (limits ?? defaultLimits)[name];
    if (shared !== null && Date.now() >= restUntil) {
      try {
        return [await shared.take(key, limit, lease), shared];
      } catch {
        // Away or slow: to refuse or to wait would be worse than to count here for a while.
        restUntil = Date.now() + restMs;
      }
    }
    return [await own.take(key, limit, lease), own];
  }

  const timer = setInterval(() => renewDue(held), renewMs / 2);
  timer.unref();

  function letGo(lease: string): void {
    const one = held.get(lease);
    held.delete(lease);
    one?.counters.letGo(one.key, lease).catch(() => undefined); // it ends by itself after a minute
  }

  return {
    async admit(caller, name): Promise<Admission | null> {
      if (limits === null) return null;
      const key = `${name}:${caller}`;
      number += 1;
      const lease = `${process}-${number}`;
      const [counted, counters] = await count(key, name, lease);
      const { perMinute } = limits[name];
      const standing = (remaining: number, ms: number): Standing => ({
        ...{ name, perMinute, remaining },
        fullInSeconds: Math.ceil(ms / 1_000),
      });
      if (counted.kind === 'refused') {
        const { why, againInMs } = counted;
        const againInSeconds = Math.max(1, Math.ceil(againInMs / 1_000));
        return { kind: 'refused', why, againInSeconds, standing: standing(0, againInMs) };
      }
      held.set(lease, { key, counters, renewedAt: Date.now() });
      const { remaining, fullInMs } = counted;
      return { kind: 'admitted', standing: standing(remaining, fullInMs), letGo: () => letGo(lease) };
    },
    close() {
      clearInterval(timer);
      own.close();
      shared?.close();
    },
  };
}

/** Streams last longer than a lease. */
function renewDue(held: ReadonlyMap<string, Held>): void {
  const due = Date.now() - renewMs;
  const groups = new Map<Counters, Map<string, string[]>>();
  for (const [lease, one] of held) {
    if (one.renewedAt > due) continue;
    one.renewedAt = Date.now();
    const byKey = groups.get(one.counters) ?? new Map<string, string[]>();
    groups.set(one.counters, byKey.set(one.key, [...(byKey.get(one.key) ?? []), lease]));
  }
  for (const [counters, byKey] of groups)
    for (const [key, leases] of byKey) counters.renew(key, leases).catch(() => undefined); // lost places are free: generous, and over soon
}
