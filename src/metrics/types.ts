/** What the API measures of itself, and what is counted when somebody looks. */

/** The state of the house when it is looked at; null: not known now. */
export interface HouseState {
  readonly proposals: Readonly<Record<string, number>>;
  readonly changes: Readonly<Record<string, number>>;
  readonly cyclesRunning: number;
  /** Age of the proposal that waits longest, seconds; 0 when none waits. */
  readonly oldestWaitingSeconds: number;
  readonly stopped: boolean;
  readonly temporal: boolean;
  readonly redis: boolean | null;
}

export interface ApiMetrics {
  /** @param route pattern of the route, never the path: paths carry ids @param seconds from the first byte to the answer's head */
  observe(method: string, route: string, status: number, seconds: number): void;
  /** Prometheus' text format. */
  exposition(): Promise<{ readonly contentType: string; readonly text: string }>;
  close(): void;
}

/** Names and values of a series; keys in any order. */
export type Labels = Readonly<Record<string, string>>;

/** What is measured: one row of the catalogue. */
export interface MetricDefinition {
  readonly name: string;
  readonly unit: 'ms' | 'bytes' | 'ratio' | 'count' | 'tokens/s' | 'tokens';
  readonly about: string;
  /** Which direction is bad; null: neither. */
  readonly worse: 'higher' | 'lower' | null;
  readonly labels: readonly string[];
}

/** Samples of one series within one minute, added up: deltas commute, so late and out-of-order ones are no exception. */
export interface Delta {
  readonly metric: string;
  readonly labels: Labels;
  /** Start of the minute, ms since 1970. */
  readonly at: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** DDSketch: [key, count]. */
  readonly bins: readonly (readonly [key: number, count: number])[];
}

/** Written as a whole or not at all; the same id again changes nothing. */
export interface Batch {
  readonly id: string;
  readonly deltas: readonly Delta[];
}

export type Refusal = 'invalid' | 'future' | 'too-old' | 'too-many-series' | 'store';

export interface WriteOutcome {
  readonly written: number;
  /** The batch had been written before. */
  readonly repeated: boolean;
  readonly refused: Readonly<Partial<Record<Refusal, number>>>;
}

export type Resolution = 'minute' | 'hour' | 'day';
export type Statistic = 'mean' | 'count' | 'sum' | 'min' | 'max' | 'p50' | 'p95' | 'p99';

export interface SeriesInfo {
  readonly id: string;
  readonly metric: string;
  readonly labels: Labels;
}

/** What is read of one series; buckets are `step` long and begin at multiples of it. */
export interface Slice {
  readonly resolution: Resolution;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly step: number;
  readonly statistic: Statistic;
}

/** Buckets that hold samples, oldest first. */
export interface Column {
  readonly at: readonly number[];
  readonly value: readonly number[];
  readonly count: readonly number[];
}

/** Where series are kept, at three resolutions. Faults: REDIS_UNAVAILABLE. */
export interface MetricStore {
  /** By what it is kept: the module's time series, or strings and hashes of any Redis. */
  kind(): Promise<'time-series' | 'plain'>;
  write(batch: Batch): Promise<WriteOutcome>;
  /** All series, or those of one metric, by metric and labels. */
  series(metric?: string): Promise<readonly SeriesInfo[]>;
  read(series: string, slice: Slice): Promise<Column>;
  /** What was refused since the store began, by reason. */
  refused(): Promise<Readonly<Record<string, number>>>;
  /** Forgets series that nobody has written for longer than days are kept. */
  prune(): Promise<number>;
  close(): Promise<void>;
}

/** Counts what is measured in this process. Nothing here waits, throws or grows without bound. */
export interface Recorder {
  record(metric: string, labels: Labels, value: number, at?: number): void;
  /** Writes what has gathered; never rejects. */
  flush(): Promise<void>;
  stats(): RecorderStats;
  close(): Promise<void>;
}

export interface RecorderStats {
  readonly recorded: number;
  /** Samples that were not kept, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Times that the clock of the machine was set by more than half a minute. */
  readonly clockJumps: number;
  readonly waiting: number;
}
