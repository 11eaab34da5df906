/** Limits on requests: how much, and how many at once. Pure contract. */
import type { RouteClass, RouteLimit } from '../policy.js';

/** What the counters say of one request. */
export type Count =
  | { readonly kind: 'taken'; readonly remaining: number; readonly fullInMs: number }
  /** Too many in this minute, or too many at once; nothing was counted. */
  | { readonly kind: 'refused'; readonly why: 'rate' | 'gate'; readonly againInMs: number };

/** One place where requests are counted: this process, or Redis for all of them. */
export interface Counters {
  /**
   * Counts a request, and holds a place under `lease` until it is let go, or not renewed for a minute.
   * @param now microseconds since 1970; the place's own clock when left out
   * @throws when the place cannot be asked
   */
  take(key: string, limit: RouteLimit, lease: string, now?: number): Promise<Count>;
  letGo(key: string, lease: string): Promise<void>;
  renew(key: string, leases: readonly string[]): Promise<void>;
  close(): void;
}

/** What a caller is told, also as headers. */
export interface Standing {
  readonly name: RouteClass;
  readonly perMinute: number;
  readonly remaining: number;
  /** Seconds until the whole allowance is there again. */
  readonly fullInSeconds: number;
}

export type Admission =
  | { readonly kind: 'admitted'; readonly standing: Standing; readonly letGo: () => void }
  | {
      readonly kind: 'refused';
      readonly why: 'rate' | 'gate';
      readonly againInSeconds: number;
      readonly standing: Standing;
    };

export interface Limiter {
  /** Null: this class is not limited. Never throws and never waits long: without Redis, this process counts alone. */
  admit(caller: string, name: RouteClass): Promise<Admission | null>;
  close(): void;
}
