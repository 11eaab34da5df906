/** The watch: every minute measurements are looked at, whether the API runs or not. Pure contract. */

/** What one look found. */
export interface WatchResult {
  /** False: Redis could not be asked, and nothing is said. */
  readonly looked: boolean;
  readonly series: number;
  readonly open: number;
  readonly fired: readonly string[];
  readonly resolved: readonly string[];
  /** Messages that arrived, and those that will be tried again. */
  readonly sent: number;
  readonly failed: number;
  /** Id of the report that was written by this look. */
  readonly report: string | null;
}

/** Quick activities of the watch, on queue `ratchet`. */
export interface WatchActivities {
  watchMetrics(): Promise<WatchResult>;
}
