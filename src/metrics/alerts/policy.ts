/** How one alert goes on: hysteresis, for-duration, cool-down, one message per beginning and end. Pure. */
import type { Labels } from '../types.js';
import type { Alert, AlertNotice, AlertRule, Reading } from './types.js';

const iso = (ms: number): string => new Date(ms).toISOString();
/** A series that has gone quiet ends its alert after this many windows. */
const quietWindows = 6;
const quietMinimumMs = 6 * 3_600_000;
const outboxMaximum = 20;

export const alertId = (rule: string, series: string): string => `${rule}~${series}`;

/** `{route}` → the label's value. */
export const filled = (text: string, labels: Labels): string =>
  text.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => labels[name] ?? whole);

export const isSilent = ({ silencedUntil }: Pick<Alert, 'silencedUntil'>, now: number): boolean =>
  silencedUntil !== null && Date.parse(silencedUntil) > now;

function notice(alert: Alert, event: AlertNotice['event'], now: number): AlertNotice {
  const id = `${alert.id}~${event}~${now}`;
  return { id, event, at: iso(now), attempts: 0, notBefore: iso(now) };
}

const told = (alert: Alert, event: AlertNotice['event'], now: number): Alert => ({
  ...alert,
  outbox: [...alert.outbox, notice(alert, event, now)].slice(-outboxMaximum),
});

function farther({ condition }: AlertRule, peak: number | null, value: number | null): number | null {
  if (peak === null || value === null) return value ?? peak;
  return condition.direction === 'above' ? Math.max(peak, value) : Math.min(peak, value);
}

/** A new alert: pending until its condition has held for long enough. */
function opened(
  rule: AlertRule,
  series: { id: string; labels: Labels },
  reading: Reading,
  now: number,
): Alert {
  return {
    ...{ id: alertId(rule.id, series.id), rule: rule.id, title: filled(rule.title, series.labels) },
    ...{ severity: rule.severity, metric: rule.metric, statistic: rule.statistic, labels: series.labels },
    ...{ stage: 'pending', since: iso(now), firedAt: null, resolvedAt: null },
    ...{ value: reading.value, usual: reading.usual, peak: null, lookedAt: iso(now), seenAt: iso(now) },
    ...{ acknowledged: null, silencedUntil: null, quietUntil: null, outbox: [], times: 0, next: rule.next },
  };
}

function fired(rule: AlertRule, alert: Alert, now: number): Alert {
  const firing: Alert = {
    ...alert,
    ...{ stage: 'firing', firedAt: iso(now), resolvedAt: null, peak: alert.value, acknowledged: null },
    times: alert.times + 1,
  };
  const isQuiet = alert.quietUntil !== null && Date.parse(alert.quietUntil) > now;
  return isQuiet || isSilent(alert, now) ? firing : told(firing, 'fired', now);
}

function resolved(rule: AlertRule, alert: Alert, now: number): Alert {
  const wasTold =
    alert.quietUntil === null || Date.parse(alert.quietUntil) <= Date.parse(alert.firedAt ?? '');
  const ended: Alert = {
    ...alert,
    ...{ stage: 'resolved', resolvedAt: iso(now), quietUntil: iso(now + rule.coolDownMs) },
  };
  return !wasTold || isSilent(alert, now) ? ended : told(ended, 'resolved', now);
}

/**
 * The alert after one more look; null: there is none, and none was there.
 * @param previous as it was left by the look before
 */
export function advance(
  rule: AlertRule,
  series: { readonly id: string; readonly labels: Labels },
  previous: Alert | null,
  reading: Reading,
  now: number,
): Alert | null {
  if (previous === null || previous.stage === 'resolved') {
    if (reading.state !== 'bad') return previous;
    const again = opened(rule, series, reading, now);
    const kept =
      previous === null
        ? again
        : {
            ...again,
            ...{ times: previous.times, quietUntil: previous.quietUntil, outbox: previous.outbox },
            silencedUntil: previous.silencedUntil,
          };
    return rule.forMs === 0 ? fired(rule, kept, now) : kept;
  }
  const { value, usual } = reading.state === null ? previous : reading;
  const looked: Alert = {
    ...previous,
    ...{ value, usual, lookedAt: iso(now), seenAt: reading.state === null ? previous.seenAt : iso(now) },
    peak: previous.stage === 'firing' ? farther(rule, previous.peak, value) : null,
  };
  const quietMs = now - Date.parse(looked.seenAt);
  const hasGone = quietMs > Math.max(quietMinimumMs, quietWindows * rule.windowMs);
  if (looked.stage === 'pending') {
    // What is between good and bad does not hold the condition, nor does it end it: only time does.
    if (reading.state === 'good' || hasGone) return { ...looked, stage: 'resolved', resolvedAt: iso(now) };
    const held = now - Date.parse(looked.since) >= rule.forMs;
    return held && reading.state === 'bad' ? fired(rule, looked, now) : looked;
  }
  return reading.state === 'good' || hasGone ? resolved(rule, looked, now) : looked;
}
