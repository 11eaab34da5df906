/** One look of all rules at all their series. */
import type { MetricStore, SeriesInfo } from '../types.js';
import { advance, alertId } from './policy.js';
import { readCondition } from './read-condition.js';
import type { Alert, AlertRule } from './types.js';

/** Series per rule and look; the rest wait for labels that are fewer. */
const seriesMaximum = 300;
const keepResolvedMs = 30 * 24 * 3_600_000;

/** Where alerts are kept; `change` runs under a lock, so that acknowledging is not lost. */
export interface AlertBook {
  get(id: string): Promise<Alert | null>;
  update(id: string, change: (current: Alert | null) => Alert | null): Promise<Alert | null>;
  list(): Promise<readonly Alert[]>;
  remove(id: string): Promise<void>;
}

export interface Looked {
  readonly series: number;
  readonly open: number;
  readonly fired: readonly Alert[];
  readonly resolved: readonly Alert[];
}

function concerns({ metric, labels = {}, except = {} }: AlertRule, one: SeriesInfo): boolean {
  if (one.metric !== metric) return false;
  const isNamed = Object.entries(labels).every(([name, value]) => one.labels[name] === value);
  return isNamed && !Object.entries(except).some(([name, values]) => values.includes(one.labels[name] ?? ''));
}

/**
 * Evaluates each rule once; what changed is kept before this returns.
 * @throws RatchetError REDIS_UNAVAILABLE when series cannot be read: nothing is said about what nobody could see
 */
export async function evaluateAlerts(
  {
    store,
    book,
    rules,
  }: { store: Pick<MetricStore, 'series' | 'read'>; book: AlertBook; rules: readonly AlertRule[] },
  now: number,
): Promise<Looked> {
  const all = await store.series();
  const [fired, resolved]: [Alert[], Alert[]] = [[], []];
  let looked = 0;
  for (const rule of rules) {
    for (const series of all.filter((one) => concerns(rule, one)).slice(0, seriesMaximum)) {
      looked += 1;
      const reading = await readCondition(store, series, rule, now);
      const id = alertId(rule.id, series.id);
      const known = await book.get(id);
      if (known === null && reading.state !== 'bad') continue;
      if (known?.stage === 'resolved' && reading.state !== 'bad') continue;
      const after = await book.update(id, (current) => advance(rule, series, current, reading, now));
      if (after?.stage === 'firing' && known?.stage !== 'firing') fired.push(after);
      if (after?.stage === 'resolved' && known?.stage === 'firing') resolved.push(after);
    }
  }
  return { series: looked, open: await tidy(book, rules, now), fired, resolved };
}

/** Forgets what ended long ago, and alerts of rules that are no more; counts what is open. */
async function tidy(book: AlertBook, rules: readonly AlertRule[], now: number): Promise<number> {
  let open = 0;
  for (const alert of await book.list()) {
    const isOld =
      alert.stage === 'resolved' && now - Date.parse(alert.resolvedAt ?? alert.since) > keepResolvedMs;
    const isOrphan = !rules.some(({ id }) => id === alert.rule);
    if (isOld || isOrphan) await book.remove(alert.id);
    else if (alert.stage === 'firing') open += 1;
  }
  return open;
}
