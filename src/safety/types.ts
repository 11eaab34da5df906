/** Safety: audit log and emergency stop. Pure contract. */

/** One link of the hash-chained audit log (JSON lines). */
export interface AuditEntry {
  readonly sequence: number;
  /** ISO 8601. */
  readonly time: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly reason: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  /** Idempotency key of the append, when it had one. */
  readonly key?: string;
  /** Hash of the previous entry, 64 zeros for the first. */
  readonly previous: string;
  /** sha256(previous || canonical JSON of the entry without `hash`). */
  readonly hash: string;
}

export interface AuditLog {
  /** Appends one entry; concurrent writers are serialised by a lock. An equal `key` is written once. */
  append(entry: AuditInput): Promise<AuditEntry>;
  verify(): Promise<AuditVerification>;
  tail(limit: number): Promise<AuditEntry[]>;
}

export interface AuditInput {
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly reason?: string | null;
  readonly data?: Readonly<Record<string, unknown>>;
  /** Idempotency key. */
  readonly key?: string;
}

export type AuditVerification =
  | { readonly kind: 'intact'; readonly entries: number; readonly head: string }
  | { readonly kind: 'broken'; readonly line: number; readonly reason: string };

/** Who stopped everything, when and why. */
export interface StopState {
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  /** Tells one stop from the next; made up when left out. */
  readonly id?: string;
}

/**
 * Emergency stop in layers: a file under RATCHET_HOME (works with everything down), a Redis key and channel (reaches
 * other hosts), and a signal to running workflows (sent by the API). Any layer that says stop means stop.
 */
export interface EmergencyStop {
  /** Current state from the file, else from Redis; null = running. Unreadable file = stopped. */
  state(): Promise<StopState | null>;
  set(state: StopState): Promise<void>;
  lift(by: string, reason: string): Promise<void>;
  /** Throws STOPPED when set. Call before every side effect on a repository. */
  check(): Promise<void>;
  /** Aborted within 300 ms of a stop; a fresh signal after lifting. Bound to running child processes. */
  signal(): AbortSignal;
  /** Starts watching; returns the function that ends it. */
  watch(): Promise<() => Promise<void>>;
}
