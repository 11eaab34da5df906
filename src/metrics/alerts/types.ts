/** Alerts: rules as data, and where each alert stands. Pure contract. */
import type { Labels, Statistic } from '../types.js';

export type AlertSeverity = 'info' | 'warning' | 'critical';

/** When a series is not as it should be. Each kind has a higher bar to begin than to end. */
export type Condition =
  /** The value itself is above (or below) a limit. */
  | {
      readonly kind: 'level';
      readonly direction: 'above' | 'below';
      readonly enter: number;
      readonly leave: number;
    }
  /** The value by the median of the time before is above (below) a factor, and out of its usual noise. */
  | {
      readonly kind: 'shift';
      readonly direction: 'above' | 'below';
      readonly enter: number;
      readonly leave: number;
      /** Milliseconds before the window. */
      readonly baselineMs: number;
      /** Robust standard deviations of the baseline's own windows. */
      readonly deviations: number;
      /** Differences smaller than this are of no interest, whatever their factor. */
      readonly differenceMinimum: number;
    }
  /** It grows (or shrinks) steadily: share a day, by the careful end of the 99 % interval. */
  | {
      readonly kind: 'growth';
      readonly direction: 'above' | 'below';
      readonly enter: number;
      readonly leave: number;
      /** Growth over the whole window that is worth a word, as factor. */
      readonly factorMinimum: number;
    };

export interface AlertRule {
  readonly id: string;
  /** `{route}` and other labels are filled in. */
  readonly title: string;
  readonly severity: AlertSeverity;
  readonly metric: string;
  readonly statistic: Statistic;
  /** Only series with these values. */
  readonly labels?: Labels;
  /** Series with these values are left out. */
  readonly except?: Readonly<Record<string, readonly string[]>>;
  /** Milliseconds that "now" means. */
  readonly windowMs: number;
  /** Samples in the window (shift: also in each part of the baseline). */
  readonly samplesMinimum: number;
  readonly condition: Condition;
  /** For so long the condition must hold, ms. */
  readonly forMs: number;
  /** After its end nobody is told of the same alert for so long, ms. */
  readonly coolDownMs: number;
  /** What a person can do. */
  readonly next: string;
}

/** What a rule saw of one series. */
export interface Reading {
  /** `null`: too few samples to say. */
  readonly state: 'bad' | 'good' | 'between' | null;
  readonly value: number | null;
  readonly usual: number | null;
  readonly samples: number;
}

export type AlertStage = 'pending' | 'firing' | 'resolved';

export interface AlertNotice {
  /** The same when it is sent again. */
  readonly id: string;
  readonly event: 'fired' | 'resolved';
  readonly at: string;
  readonly attempts: number;
  readonly notBefore: string;
}

/** One alert of one rule and one series; a record. */
export interface Alert {
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  readonly severity: AlertSeverity;
  readonly metric: string;
  readonly statistic: Statistic;
  readonly labels: Labels;
  readonly stage: AlertStage;
  /** When the condition began to hold, ISO 8601. */
  readonly since: string;
  readonly firedAt: string | null;
  readonly resolvedAt: string | null;
  readonly value: number | null;
  /** What it was before; null when the rule has a limit instead. */
  readonly usual: number | null;
  /** Farthest from good since it fired. */
  readonly peak: number | null;
  readonly lookedAt: string;
  /** Last time that there were samples enough. */
  readonly seenAt: string;
  readonly acknowledged: { readonly by: string; readonly at: string; readonly reason: string } | null;
  readonly silencedUntil: string | null;
  /** Nobody is told before this. */
  readonly quietUntil: string | null;
  /** Messages that have not arrived yet. */
  readonly outbox: readonly AlertNotice[];
  readonly times: number;
  readonly next: string;
}
