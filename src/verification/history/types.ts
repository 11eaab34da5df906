/** What is kept of each run of each test, and what can be said from it. Pure contract. */
import type { TestRun, TestStatus } from '../types.js';

/** Which step ran the suite. Only `baseline` and `verify` run code that is (or was) on a branch. */
export type HistoryStep = 'baseline' | 'trial' | 'verify';

/** One run of a suite, to be written down. */
export interface RunToKeep {
  readonly repositoryId: string;
  readonly commit: string;
  /** Digest of the patch on top of the commit; '' for none. */
  readonly patch: string;
  readonly step: HistoryStep;
  readonly run: Pick<TestRun, 'tests' | 'wallMs' | 'limit'>;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** One run of one test. */
export interface TestPoint {
  readonly at: number;
  readonly status: TestStatus;
  readonly durationMs: number | null;
  readonly commit: string;
  readonly patch: string;
  readonly step: HistoryStep;
  /** The same for all tests of one run of the suite. */
  readonly run: string;
}

/** One test's kept runs, oldest first. */
export interface TestSeries {
  readonly id: string;
  readonly points: readonly TestPoint[];
}

/** Where runs are kept. Being away is a state, not a fault: nothing here throws because Redis is down. */
export interface TestHistory {
  /** True when it was written. Bounded in time; never rejects. */
  keep(run: RunToKeep): Promise<boolean>;
  /** All series of a repository; null when the history cannot be asked. */
  read(repositoryId: string): Promise<readonly TestSeries[] | null>;
  close(): Promise<void>;
}

/** Slower than before. Milliseconds; `before` and `now` are medians. */
export interface SlowAlert {
  readonly beforeMs: number;
  readonly nowMs: number;
  readonly factor: number;
  /** Since which commit, as far as it is known. */
  readonly commit: string;
}

/** What the history says about one test. */
export interface TestAssessment {
  readonly id: string;
  readonly runs: number;
  readonly last: { readonly status: TestStatus; readonly at: string; readonly commit: string };
  /** Median of the green runs on unpatched code, ms; null when none was timed. */
  readonly medianMs: number | null;
  /** 0 = always the same on the same code … 1 = a coin (docs/test-history.md). */
  readonly flakyScore: number;
  /** Runs that disagree with the majority on the same code. */
  readonly disagreeing: number;
  readonly slower: SlowAlert | null;
}
