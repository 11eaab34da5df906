/** What changed, how sure that is, what may have caused it, what to do next. Pure contract. */
import type { Labels, MetricDefinition, Statistic } from '../types.js';

/** Something that happened, and may be a cause. */
export interface HouseEvent {
  readonly kind: 'change' | 'rollback' | 'cycle';
  readonly id: string;
  readonly title: string;
  /** ISO 8601. */
  readonly at: string;
  readonly repository: string | null;
}

export interface TrendItem {
  readonly kind: 'step' | 'trend';
  readonly effect: 'worse' | 'better' | 'different';
  readonly metric: string;
  readonly statistic: Statistic;
  readonly unit: MetricDefinition['unit'];
  readonly labels: Labels;
  /** In one sentence. */
  readonly sentence: string;
  /** How sure, in words with the numbers behind them. */
  readonly sure: string;
  readonly at: string;
  readonly before: number;
  readonly after: number;
  readonly factor: number;
  /** What happened just before; being before is no proof. */
  readonly causes: readonly HouseEvent[];
  readonly next: string;
  /** [ms since 1970, value]; at most 336. */
  readonly points: readonly (readonly [number, number])[];
}

export interface ReportAlert {
  readonly id: string;
  readonly title: string;
  readonly severity: string;
  readonly stage: string;
  readonly since: string;
  readonly resolvedAt: string | null;
  readonly value: number | null;
  readonly usual: number | null;
  readonly next: string;
}

export interface Report {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** The whole in one sentence. */
  readonly headline: string;
  readonly seriesLookedAt: number;
  readonly items: readonly TrendItem[];
  readonly alerts: readonly ReportAlert[];
  /** What was not looked at, and why. */
  readonly notes: readonly string[];
}
