/** Questions about series: what fits into an answer, from which resolution, and what was made coarser on the way. */
import { RatchetError } from '../errors.js';
import { catalogue, definitionOf } from './catalogue.js';
import { layout } from './redis-scripts.js';
import type {
  Labels,
  MetricDefinition,
  MetricStore,
  Resolution,
  SeriesInfo,
  Slice,
  Statistic,
} from './types.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Steps that people read easily. */
const ladder = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 7 * 1_440, 30 * 1_440].map(
  (n) => n * minute,
);
const pointsDefault = 1_500;
/** Points of one answer, all series together. */
export const pointsMaximum = 50_000;
const seriesMaximum = 50;

export interface MetricQuery {
  readonly metric: string;
  /** Only series that have these values. */
  readonly labels?: Labels;
  readonly statistic: Statistic;
  /** Milliseconds since 1970; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds; default: what fits `maxPoints`. */
  readonly step?: number | null;
  /** Per series. */
  readonly maxPoints?: number;
}

export interface MetricPoint {
  readonly at: number;
  readonly value: number;
  readonly count: number;
}

export interface MetricAnswer {
  readonly metric: string;
  readonly unit: MetricDefinition['unit'];
  readonly worse: MetricDefinition['worse'];
  readonly statistic: Statistic;
  readonly from: number;
  readonly to: number;
  /** Milliseconds from one point to the next; a bucket without samples has no point. */
  readonly step: number;
  readonly resolution: Resolution;
  /** Why the answer is coarser, later or shorter than asked; empty: it is not. */
  readonly notes: readonly string[];
  readonly series: readonly {
    readonly id: string;
    readonly labels: Labels;
    readonly points: readonly MetricPoint[];
  }[];
}

const isQuantile = (statistic: Statistic): boolean => statistic.startsWith('p');

/** @throws RatchetError INVALID_INPUT, NOT_FOUND */
function checkedRange({ metric, from, to }: MetricQuery, now: number): MetricDefinition {
  const definition = definitionOf(metric);
  if (definition === null) {
    throw new RatchetError('NOT_FOUND', `No metric ${JSON.stringify(metric.slice(0, 80))} is measured.`, {
      where: 'metric',
      mend: `Ask for one of ${catalogue.map(({ name }) => name).join(', ')}.`,
    });
  }
  if (!Number.isFinite(from) || !Number.isFinite(to) || from >= to || from < 0) {
    throw new RatchetError('INVALID_INPUT', 'from must be an instant before to.', { where: 'from' });
  }
  if (from > now + day)
    throw new RatchetError('INVALID_INPUT', 'from is more than a day ahead of now.', { where: 'from' });
  return definition;
}

/** The finest resolution that still has the beginning, and the step that fits. */
function planOf(query: MetricQuery, now: number, series: number): { slice: Slice; notes: string[] } {
  const { statistic } = query;
  const notes: string[] = [];
  const kept = (resolution: Resolution): number =>
    isQuantile(statistic) ? layout[resolution].keepBinsMs : layout[resolution].keepMs;
  const from = Math.max(query.from, now - kept('day'));
  if (from > query.from) notes.push(`nothing before ${new Date(from).toISOString()} is kept`);
  const to = Math.min(query.to, now + hour);
  const points = Math.max(
    1,
    Math.min(query.maxPoints ?? pointsDefault, Math.floor(pointsMaximum / Math.max(1, series))),
  );
  const span = Math.max(1, to - from);
  const asked = query.step ?? 0;
  const order: readonly Resolution[] = ['minute', 'hour', 'day'];
  const resolution = order.find((one) => from >= now - kept(one)) ?? 'day';
  const least = Math.max(layout[resolution].stepMs, Math.ceil(span / points));
  const wanted = asked === 0 ? least : Math.max(asked, least);
  const { stepMs } = layout[resolution];
  const step =
    asked === 0 || wanted > asked
      ? (ladder.find((one) => one >= wanted && one % stepMs === 0) ?? Math.ceil(wanted / day) * day)
      : Math.ceil(wanted / stepMs) * stepMs;
  if (asked !== 0 && step > asked) {
    const why =
      asked < stepMs
        ? `${resolution === 'minute' ? 'minutes' : `${resolution}s`} are the finest kept for this range`
        : `at ${asked} ms the answer would have ${Math.ceil(span / asked) * Math.max(1, series)} points`;
    notes.push(`made coarser, ${step} ms instead of ${asked} ms: ${why}`);
  }
  // Whole hours and days are read from their roll-ups.
  const from2 = Math.floor(from / step) * step;
  const read = order.toReversed().find((one) => step % layout[one].stepMs === 0 && from2 >= now - kept(one));
  return { slice: { resolution: read ?? resolution, from: from2, to, step, statistic }, notes };
}

const matches = (one: SeriesInfo, labels: Labels): boolean =>
  Object.entries(labels).every(([name, value]) => one.labels[name] === value);

/**
 * Answers a question in at most 50,000 points; what is coarser than asked is said in `notes`.
 * @throws RatchetError NOT_FOUND for a metric that nobody measures, INVALID_INPUT, REDIS_UNAVAILABLE
 */
export async function queryMetrics(
  store: Pick<MetricStore, 'series' | 'read'>,
  query: MetricQuery,
  now = Date.now(),
): Promise<MetricAnswer> {
  const { name, unit, worse } = checkedRange(query, now);
  const found = (await store.series(name)).filter((one) => matches(one, query.labels ?? {}));
  const shown = found.slice(0, seriesMaximum);
  const { slice, notes } = planOf(query, now, shown.length);
  if (found.length > shown.length)
    notes.push(`${found.length - shown.length} of ${found.length} series left out: ask by label`);
  const series: MetricAnswer['series'][number][] = [];
  for (const { id, labels } of shown) {
    const { at, value, count } = await store.read(id, slice);
    const points = at.map((time, index) => ({
      at: time,
      value: value[index] ?? 0,
      count: count[index] ?? 0,
    }));
    series.push({ id, labels, points });
  }
  const { resolution, from, to, step, statistic } = slice;
  return { ...{ metric: name, unit, worse, statistic, from, to, step, resolution, notes, series } };
}
