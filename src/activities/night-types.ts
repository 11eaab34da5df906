/** Nights: a schedule that improves several repositories one after the other, and the one summary it leaves. */
import type { AuditNote, FaultNote, ProposalSummaryStatus, StopRequest } from './types.js';
import type { Repository } from '../versioning/types.js';

/** When a schedule fires: exactly one of `at`, `cron` and `everyMs` is given. */
export interface NightTimes {
  /** Time of day, "04:00". */
  readonly at: string | null;
  /** 0 = Sunday … 6 = Saturday; empty = every day. With `at` only. */
  readonly days: readonly number[];
  /** Five fields of cron. */
  readonly cron: string | null;
  /** Milliseconds between two firings. */
  readonly everyMs: number | null;
  /** IANA name. A time that daylight saving leaves out does not fire; one that comes twice fires twice. */
  readonly timezone: string;
}

/** What a night may spend. */
export interface NightBudget {
  /** Proposals per repository. */
  readonly maxProposals: number;
  /** Proposals of the whole night. */
  readonly totalProposals: number;
  /** Milliseconds after the start in which cycles may begin; what runs then is not cut off. */
  readonly windowMs: number;
}

/** Input of the nightly workflow; kept by the schedule, so that it is also the schedule's definition. */
export interface NightInput {
  readonly schemaVersion: 1;
  readonly schedule: string;
  readonly repositories: readonly string[];
  readonly times: NightTimes;
  readonly budget: NightBudget;
}

/** The repositories of a night in the order of their turn. */
export interface NightPlan {
  readonly repositories: readonly Repository[];
  /** Named by the schedule, but no longer registered. */
  readonly missing: readonly string[];
  readonly stopped: StopRequest | null;
}

export type NightStage = 'running' | 'finished' | 'failed' | 'stopped';

/** What came of one repository. */
export interface NightRow {
  readonly repositoryId: string;
  readonly name: string;
  readonly outcome: 'finished' | 'failed' | 'stopped' | 'skipped';
  readonly cycleId: string | null;
  /** Why it was skipped or stopped. */
  readonly reason: string | null;
  readonly fault: FaultNote | null;
  readonly elapsedMs: number;
  readonly findings: number | null;
  readonly proposals: readonly ProposalSummaryStatus[];
}

/** A night as it stands, and in the end its summary; a record. */
export interface NightStatus {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly schedule: string;
  readonly stage: NightStage;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly budget: NightBudget;
  readonly rows: readonly NightRow[];
  readonly missing: readonly string[];
  readonly stopped: StopRequest | null;
}

/** A schedule as people see it. */
export interface ScheduleView {
  readonly name: string;
  readonly definition: NightInput;
  readonly paused: boolean;
  /** Why it is paused, in the words of whoever paused it. */
  readonly note: string | null;
  /** ISO 8601, soonest first. */
  readonly next: readonly string[];
  readonly running: boolean;
  readonly taken: number;
  /** Firings left out because the night before still ran. */
  readonly skipped: number;
  /** Firings left out because Temporal was away for longer than the catch-up window. */
  readonly missed: number;
}

/** Quick activities of a night, on queue `ratchet`. */
export interface NightActivities {
  /** Repositories longest without a cycle come first, so that a short window starves none. */
  planNight(input: { readonly repositories: readonly string[] }): Promise<NightPlan>;
  /** Writes the record and, once the night has ended, its report as Markdown. */
  keepNight(input: { readonly night: NightStatus; readonly audit: readonly AuditNote[] }): Promise<void>;
}
