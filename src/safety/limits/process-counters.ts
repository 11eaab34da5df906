/** Counting in this process: what Redis does for several, by the same formula. */
import { burstOf, type RouteLimit } from '../policy.js';
import type { Count, Counters } from './types.js';

/** A place that nobody renews is free again; µs. */
export const leaseUs = 60_000_000;
/** How soon a caller that met a full gate may ask again, ms: nobody knows when a place gets free. */
export const gateAgainMs = 1_000;
const keysMax = 10_000;

interface Entry {
  /** Theoretical arrival time of the next request (GCRA, ITU-T I.371), µs. */
  arrival: number;
  /** Until when each lease holds its place, µs. */
  readonly leases: Map<string, number>;
}

/** µs between two requests in the long run, and how far ahead of them one may be. */
export const paceOf = (limit: RouteLimit): { readonly step: number; readonly ahead: number } => {
  const step = Math.max(1, Math.round(60_000_000 / limit.perMinute));
  return { step, ahead: step * burstOf(limit) };
};

export function createProcessCounters(): Counters {
  const entries = new Map<string, Entry>();

  /** A forgotten entry is one with its whole allowance: fair to whoever has been quiet. */
  function entryOf(key: string, now: number): Entry {
    const known = entries.get(key);
    if (known !== undefined) return known;
    if (entries.size >= keysMax)
      for (const [other, { arrival, leases }] of entries)
        if (arrival <= now && leases.size === 0) entries.delete(other);
    const made: Entry = { arrival: 0, leases: new Map() };
    entries.set(key, made);
    return made;
  }

  return {
    take(key, limit, lease, now = Date.now() * 1_000) {
      const entry = entryOf(key, now);
      const { step, ahead } = paceOf(limit);
      const next = Math.max(entry.arrival, now) + step;
      const early = next - ahead - now;
      let count: Count = {
        kind: 'taken',
        remaining: Math.floor(-early / step),
        fullInMs: Math.ceil((next - now) / 1_000),
      };
      for (const [one, until] of entry.leases) if (until <= now) entry.leases.delete(one);
      if (early > 0) count = { kind: 'refused', why: 'rate', againInMs: Math.ceil(early / 1_000) };
      else if (entry.leases.size >= limit.atOnce)
        count = { kind: 'refused', why: 'gate', againInMs: gateAgainMs };
      else {
        entry.arrival = next;
        entry.leases.set(lease, now + leaseUs);
      }
      return Promise.resolve(count);
    },
    letGo(key, lease) {
      entries.get(key)?.leases.delete(lease);
      return Promise.resolve();
    },
    renew(key, leases) {
      const held = entries.get(key)?.leases;
      for (const lease of leases) if (held?.has(lease)) held.set(lease, Date.now() * 1_000 + leaseUs);
      return Promise.resolve();
    },
    close() {
      entries.clear();
    },
  };
}
