/** What a rule sees of one series now: the value, what was usual, and whether that is good, bad or between. */
import { median, spread, theilSen, noiseOf } from '../detection/robust.js';
import { layout } from '../redis-scripts.js';
import type { Column, MetricStore, Resolution, SeriesInfo } from '../types.js';
import type { AlertRule, Condition, Reading } from './types.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Parts of a baseline that must have samples enough. */
const partsMinimum = 5;
const growthPoints = 12;

const unknown = (samples: number): Reading => ({ state: null, value: null, usual: null, samples });

type Store = Pick<MetricStore, 'read'>;

/** Steps of one window, as whole minutes (or hours, where minutes are not kept for so long). */
async function parts(
  store: Store,
  id: string,
  rule: AlertRule,
  from: number,
  to: number,
  now: number,
): Promise<Column> {
  const isLong = from < now - layout.minute.keepBinsMs;
  const resolution: Resolution = isLong ? 'hour' : 'minute';
  const step = Math.max(layout[resolution].stepMs, Math.round(rule.windowMs / hour) * hour || rule.windowMs);
  const start = Math.ceil(from / step) * step;
  return store.read(id, { resolution, from: start, to, step, statistic: rule.statistic });
}

/** The window as one value: read at its finest, so that it ends now and not at a multiple of its length. */
async function windowOf(
  store: Store,
  id: string,
  rule: AlertRule,
  now: number,
): Promise<{ value: number; count: number }> {
  const from = Math.floor((now - rule.windowMs) / minute) * minute + minute;
  const resolution: Resolution = rule.windowMs > 2 * day ? 'hour' : 'minute';
  const slice = { resolution, from, to: now + 1, step: layout[resolution].stepMs };
  const counts = await store.read(id, { ...slice, statistic: 'count' });
  const count = counts.value.reduce((sum, one) => sum + one, 0);
  if (rule.statistic === 'count' || count === 0) return { value: count, count };
  const { value, count: weights } = await store.read(id, { ...slice, statistic: rule.statistic });
  if (rule.statistic === 'min') return { value: Math.min(...value), count };
  if (rule.statistic === 'max') return { value: Math.max(...value), count };
  if (rule.statistic === 'sum') return { value: value.reduce((sum, one) => sum + one, 0), count };
  // Means and quantiles of minutes, each as heavy as its samples.
  return { value: weighted(value, weights), count };
}

/** The weighted median of quantiles; of one value, that value. */
function weighted(values: readonly number[], weights: readonly number[]): number {
  const order = values
    .map((value, index) => ({ value, weight: weights[index] ?? 0 }))
    .toSorted((a, b) => a.value - b.value);
  const half = weights.reduce((sum, one) => sum + one, 0) / 2;
  let below = 0;
  for (const { value, weight } of order) {
    below += weight;
    if (below >= half) return value;
  }
  return Number.NaN;
}

function judged({ direction, enter, leave }: Condition, figure: number): Reading['state'] {
  const [bad, good] =
    direction === 'above' ? [figure >= enter, figure <= leave] : [figure <= enter, figure >= leave];
  return bad ? 'bad' : good ? 'good' : 'between';
}

async function readShift(store: Store, id: string, rule: AlertRule, now: number): Promise<Reading> {
  const { condition } = rule;
  if (condition.kind !== 'shift') return unknown(0);
  const { value, count } = await windowOf(store, id, rule, now);
  if (count < rule.samplesMinimum) return unknown(count);
  const until = now - rule.windowMs;
  const before = await parts(store, id, rule, until - condition.baselineMs, until, now);
  const enough = before.value.filter(
    (_, index) => (before.count[index] ?? 0) >= Math.min(rule.samplesMinimum, 20) / 2,
  );
  if (enough.length < partsMinimum) return unknown(count);
  const usual = median(enough);
  const apart = Math.abs(value - usual);
  const state = judged(condition, usual > 0 ? value / usual : Number.NaN);
  const isClear = apart >= condition.deviations * spread(enough) && apart >= condition.differenceMinimum;
  return { state: state === 'bad' && !isClear ? 'good' : state, value, usual, samples: count };
}

async function readGrowth(store: Store, id: string, rule: AlertRule, now: number): Promise<Reading> {
  const { condition } = rule;
  if (condition.kind !== 'growth') return unknown(0);
  const slice = { resolution: 'minute', from: now - rule.windowMs, to: now + 1, step: 5 * minute } as const;
  const { at, value, count } = await store.read(id, { ...slice, statistic: rule.statistic });
  const samples = count.reduce((sum, one) => sum + one, 0);
  const isWhole = (at.at(-1) ?? 0) - (at[0] ?? 0) >= rule.windowMs * 0.8;
  if (samples < rule.samplesMinimum || at.length < growthPoints || !isWhole) return unknown(samples);
  const level = median(value);
  const shares = Float64Array.from(value, (one) => one / level);
  const x = Float64Array.from(at, (time) => (time - (at[0] ?? 0)) / day);
  const { rho } = noiseOf(shares);
  const { slope, lower, upper } = theilSen(x, shares, Math.sqrt((1 + rho) / (1 - rho)));
  const careful = condition.direction === 'above' ? lower : upper;
  const days = rule.windowMs / day;
  const factor = (1 + (slope * days) / 2) / Math.max(0.01, 1 - (slope * days) / 2);
  const isWorth =
    condition.direction === 'above' ? factor >= condition.factorMinimum : factor <= condition.factorMinimum;
  const state = judged(condition, careful);
  const usual = level * (1 - (slope * days) / 2);
  return {
    state: state === 'bad' && !isWorth ? 'between' : state,
    value: value.at(-1) ?? null,
    usual,
    samples,
  };
}

/** @throws RatchetError REDIS_UNAVAILABLE */
export async function readCondition(
  store: Store,
  { id }: Pick<SeriesInfo, 'id'>,
  rule: AlertRule,
  now: number,
): Promise<Reading> {
  if (rule.condition.kind === 'shift') return readShift(store, id, rule, now);
  if (rule.condition.kind === 'growth') return readGrowth(store, id, rule, now);
  const { value, count } = await windowOf(store, id, rule, now);
  // No failures are no samples, and good news.
  if (rule.statistic === 'count' && count === 0) return { state: 'good', value: 0, usual: null, samples: 0 };
  if (count < rule.samplesMinimum) return unknown(count);
  return { state: judged(rule.condition, value), value, usual: null, samples: count };
}
