/** What the host and the harness say to each other, and what the gate keeps as raw samples. Pure. */
import type { TrialContext } from '../types.js';

/** A workload as an ES module: `entry`, `setup(module, { size, variant })`, `run(state)`, optionally `sizes`. */
export interface Workload {
  /** Where it came from: a person's file, calls recorded from the suite, inputs generated from the types. */
  readonly origin: 'file' | 'recorded' | 'generated';
  /** For people: the file's name, or what was recorded or generated. */
  readonly title: string;
  /** Source text of the module. */
  readonly source: string;
  /** Set for a generated workload: what is bundled with all its bindings instead of importing an entry. */
  readonly room?: {
    readonly file: string;
    readonly packages: readonly string[];
    readonly sizes: readonly number[];
  };
  /** Set for a workload that lives inside the suite: how its own session is opened. */
  readonly open?: (context: TrialContext, signal: AbortSignal) => MeasureSession;
}

/** The processes of one trial's performance gate, from the first to the last pair. */
export interface MeasureSession {
  /** CPU milliseconds of whole processes, as the sandbox saw them. */
  readonly outside: Readonly<Record<Side, readonly number[]>>;
  /** Writes what both sides need. Returns the module that is measured. */
  prepare(): Promise<string>;
  /** Repetitions, sizes and the way to vary inputs: from the base alone, the candidate is not seen. */
  plan(): Promise<MeasurePlan>;
  /** Digests of results for the same inputs. */
  compare(side: Side, plan: MeasurePlan): Promise<readonly ResultRow[]>;
  measure(side: Side, plan: MeasurePlan, variant: number): Promise<ProcessSample>;
}

/** Plan of the timed part, made once on the base and used unchanged on both sides. */
export interface MeasurePlan {
  readonly kind: string;
  /** How inputs differ from call to call, for people; null = they could not be varied. */
  readonly varied: string | null;
  readonly sizes: readonly PlannedSize[];
}

export interface PlannedSize {
  readonly size: number | null;
  /** Calls per sample, each on a fresh input. */
  readonly calls: number;
  readonly samples: number;
  readonly warmUps: number;
  /** CPU microseconds of one call on the base. */
  readonly callUs: number;
}

/** What one process measured. Times per call, one entry per sample. */
export interface ProcessSample {
  readonly sizes: readonly {
    readonly size: number | null;
    readonly cpuUs: readonly number[];
    readonly wallUs: readonly number[];
  }[];
  /** CPU microseconds of the first call of the process. */
  readonly coldUs: number;
  /** Share of a short spin that waited for a core. */
  readonly contention: number;
  /** CPU microseconds of all timed passes. */
  readonly timedUs: number;
  /** Per call, results and inputs kept. */
  readonly retainedBytes: number | null;
  /** At the end, everything dropped that the workload returned: what the code itself keeps. */
  readonly aliveBytes: number;
  readonly peakRssBytes: number;
}

export type Side = 'base' | 'candidate';

/** One row of the comparison of results. */
export interface ResultRow {
  readonly size: number | null;
  readonly variant: number;
  readonly result: string;
  readonly repeatable: boolean;
  readonly empty: boolean;
  readonly cpuUs: number;
}

/** A process of the harness that did not end with a result. */
export interface HarnessFailure {
  readonly kind: 'threw' | 'hung' | 'memory' | 'died';
  /** What the harness was doing: "import of the workload", "setup", "run" … */
  readonly stage: string;
  readonly message: string;
}
