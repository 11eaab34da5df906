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
