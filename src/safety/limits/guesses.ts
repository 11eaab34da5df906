/**
 * Who tries tokens that are none is made to wait, twice as long each time. A token that was good before goes on being
 * served from the same address: on loopback everybody shares one, and a guesser must not lock the owner out.
 */
import { createHash } from 'node:crypto';

const freeFailures = 20;
const windowMs = 60_000;
const waitMaxMs = 60_000;
const addressesMax = 10_000;
const knownMax = 1_000;

interface Tries {
  failures: number;
  /** When the count began, ms since 1970. */
  since: number;
  until: number;
}

export interface GuessWatch {
  /** Milliseconds until this address may offer a token that it has not used before; 0: now. */
  waitMs(address: string, token: string): number;
  failed(address: string): void;
  passed(address: string, token: string): void;
}

/** @param now milliseconds since 1970; given by tests */
export function createGuessWatch(now: () => number = Date.now): GuessWatch {
  const tries = new Map<string, Tries>();
  const known = new Set<string>();
  const nameOf = (address: string, token: string): string =>
    createHash('sha256').update(`${address}\n${token}`).digest('base64url');

  return {
    waitMs(address, token) {
      const wait = (tries.get(address)?.until ?? 0) - now();
      return wait > 0 && !known.has(nameOf(address, token)) ? wait : 0;
    },
    failed(address) {
      const old = tries.get(address);
      const isOver = old === undefined || now() - Math.max(old.since, old.until) > windowMs;
      const one = isOver ? { failures: 0, since: now(), until: 0 } : old;
      one.failures += 1;
      const over = one.failures - freeFailures;
      if (over >= 0) one.until = now() + Math.min(waitMaxMs, 1_000 * 2 ** Math.min(over, 10));
      tries.delete(address);
      tries.set(address, one);
      const [oldest] = tries.keys();
      if (tries.size > addressesMax && oldest !== undefined) tries.delete(oldest);
    },
    passed(address, token) {
      const name = nameOf(address, token);
      if (known.has(name)) return;
      known.add(name);
      const [oldest] = known;
      if (known.size > knownMax && oldest !== undefined) known.delete(oldest);
    },
  };
}
