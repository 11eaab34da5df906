/** Metrics on Redis: the module's time series where COMMAND INFO knows them, else fixed records; never by version. */
import { sha256 } from '../canonical.js';
import { RatchetError } from '../errors.js';
import { definitionOf, seriesName } from './catalogue.js';
import { readBins, readRecords, readSeries } from './redis-readers.js';
import { fields, layout, metricKeys, openMetricRedis, type MetricRedis } from './redis-scripts.js';
import type { Delta, MetricStore, Refusal, Resolution, SeriesInfo } from './types.js';

/** All processes and repositories of one house together. */
const seriesMaximum = 2_000;
/** A batch is written again within seconds; what is read from evidence, at any later time. */
const markerMs = 40 * 24 * 3_600_000;
const futureMs = 10 * 60_000;
/** Minutes are kept for longer than this, so that a late one finds the whole of its day. */
const lateMs = 30 * 24 * 3_600_000;
const waitMs = 1_000;
const prunedAtOnce = 200;

interface StoreOptions {
  readonly url: string;
  readonly now?: () => number;
  /** `plain` does without the module even where it is there. */
  readonly use?: 'auto' | 'plain';
  readonly seriesMaximum?: number;
}

export const seriesId = (metric: string, labels: Delta['labels']): string =>
  sha256(seriesName(metric, labels)).slice(0, 16);

function refusalOf(delta: Delta, now: number): Refusal | null {
  const { count, sum, min, max, at } = delta;
  const numbers = [count, sum, min, max, at, ...delta.bins.flat()];
  if (!numbers.every(Number.isFinite) || count <= 0 || min < 0 || min > max) return 'invalid';
  if (definitionOf(delta.metric) === null || at % layout.minute.stepMs !== 0) return 'invalid';
  if (at > now + futureMs) return 'future';
  return at < now - lateMs ? 'too-old' : null;
}

async function hasModule(redis: MetricRedis): Promise<boolean> {
  const [info] = (await redis.call('COMMAND', 'INFO', 'TS.ADD')) as readonly unknown[];
  return Array.isArray(info);
}

/** Waits for a connection within its bound, runs, and says what is wrong with Redis in one way. */
async function ask<T>(redis: MetricRedis, work: () => Promise<T>): Promise<T> {
  if (redis.status === 'wait') await redis.connect().catch(() => undefined); // the status says what came of it
  const end = performance.now() + waitMs;
  while (redis.status !== 'ready' && redis.status !== 'end' && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 10));
  try {
    return await work();
  } catch (error) {
    if (error instanceof RatchetError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new RatchetError('REDIS_UNAVAILABLE', `Metrics cannot be asked: ${why}.`, {
      mend: 'See what runs: ratchet status.',
      cause: error,
    });
  }
}

/** Removes what belongs to series that nobody wrote for as long as days are kept. */
async function forget(redis: MetricRedis, before: number): Promise<number> {
  const gone = await redis.zrangebyscore(metricKeys.seen, '-inf', before, 'LIMIT', 0, prunedAtOnce);
  if (gone.length === 0) return 0;
  const resolutions = Object.keys(layout) as Resolution[];
  const keys = gone.flatMap((id) =>
    resolutions.flatMap((resolution) => fields.map((field) => metricKeys.series(id, resolution, field))),
  );
  await redis.unlink(...keys);
  await redis.hdel(metricKeys.index, ...gone);
  await redis.zrem(metricKeys.seen, ...gone);
  return gone.length;
}

/** @throws nothing; its methods throw REDIS_UNAVAILABLE */
export function createRedisStore({
  url,
  now = Date.now,
  use = 'auto',
  ...limits
}: StoreOptions): MetricStore {
  const redis = openMetricRedis(url);
  const most = String(limits.seriesMaximum ?? seriesMaximum);
  // Asked again after each connection: another Redis may have taken the place of this one.
  let module: Promise<boolean> | null = null;
  redis.on('close', () => {
    module = null;
  });
  const usesModule = (): Promise<boolean> =>
    (module ??= use === 'plain' ? Promise.resolve(false) : hasModule(redis));

  return {
    kind: () => ask(redis, async () => ((await usesModule()) ? 'time-series' : 'plain')),
    write: ({ id, deltas }) =>
      ask(redis, async () => {
        const at = now();
        const refused: Partial<Record<Refusal, number>> = {};
        const good = deltas.filter((delta) => {
          const reason = refusalOf(delta, at);
          if (reason !== null)
            refused[reason] = (refused[reason] ?? 0) + Math.max(1, Math.floor(delta.count) || 1);
          return reason === null;
        });
        for (const [reason, count] of Object.entries(refused))
          await redis.hincrby(metricKeys.refused, reason, count);
        if (good.length === 0) return { written: 0, repeated: false, refused };
        const { index, seen, refused: refusals } = metricKeys;
        const told = good.map((delta) => ({ ...delta, id: seriesId(delta.metric, delta.labels) }));
        const [written, repeated, tooMany] = await redis.metricWrite(
          ...([metricKeys.batch(id), index, seen, refusals] as const),
          ...([String(at), String(markerMs), JSON.stringify(told), most] as const),
          (await usesModule()) ? '1' : '0',
        );
        const many = tooMany === 0 ? {} : { 'too-many-series': tooMany };
        return { written, repeated: repeated === 1, refused: { ...refused, ...many } };
      }),
    series: (metric) =>
      ask(redis, async () => {
        const all = Object.entries(await redis.hgetall(metricKeys.index)).map(([id, text]): SeriesInfo => {
          const told = JSON.parse(text) as Omit<SeriesInfo, 'id'>;
          return { id, metric: told.metric, labels: told.labels };
        });
        const name = (one: SeriesInfo): string => seriesName(one.metric, one.labels);
        return all
          .filter((one) => metric === undefined || one.metric === metric)
          .toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
      }),
    read: (id, slice) =>
      ask(redis, async () => {
        if (slice.statistic.startsWith('p')) return readBins(redis, id, slice);
        return (await usesModule()) ? readSeries(redis, id, slice) : readRecords(redis, id, slice);
      }),
    refused: () =>
      ask(redis, async () => {
        const counts = Object.entries(await redis.hgetall(metricKeys.refused));
        return Object.fromEntries(counts.map(([reason, count]) => [reason, Number(count)]));
      }),
    prune: () => ask(redis, () => forget(redis, now() - layout.day.keepMs)),
    async close() {
      redis.disconnect();
      await Promise.resolve();
    },
  };
}
