/** How numbers and quantiles are read: of the module's series, of fixed records in strings, of packed bins. */
import { RatchetError } from '../errors.js';
import { layout, metricKeys, type Field, type MetricRedis } from './redis-scripts.js';
import { addPacked, quantileOf } from './sketch.js';
import type { Column, Slice, Statistic } from './types.js';

const recordBytes = 32;
const keysPerCall = 200;
const ranks: Readonly<Partial<Record<Statistic, number>>> = { p50: 0.5, p95: 0.95, p99: 0.99 };

interface GrowingColumn {
  readonly at: number[];
  readonly value: number[];
  readonly count: number[];
}
const column = (): GrowingColumn => ({ at: [], value: [], count: [] });

/** Chunks that a slice touches, oldest first. */
function chunksOf({ resolution, from, to }: Slice): number[] {
  const { chunkMs } = layout[resolution];
  const first = Math.floor(from / chunkMs);
  const last = Math.floor((to - 1) / chunkMs);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** Buckets of the slice, filled in order of time. */
class Buckets {
  readonly #column = column();
  #at = Number.NaN;
  #count = 0;
  #sum = 0;
  #min = 0;
  #max = 0;
  constructor(private readonly slice: Slice) {}

  add(time: number, count: number, sum: number, min: number, max: number): void {
    const at = Math.floor(time / this.slice.step) * this.slice.step;
    if (at !== this.#at) {
      this.#close();
      this.#at = at;
      this.#count = 0;
      this.#sum = 0;
      this.#min = min;
      this.#max = max;
    }
    this.#count += count;
    this.#sum += sum;
    this.#min = Math.min(this.#min, min);
    this.#max = Math.max(this.#max, max);
  }
  end(): Column {
    this.#close();
    this.#at = Number.NaN;
    return this.#column;
  }
  #close(): void {
    if (Number.isNaN(this.#at)) return;
    const { statistic } = this.slice;
    const value =
      statistic === 'count'
        ? this.#count
        : statistic === 'sum'
          ? this.#sum
          : statistic === 'min'
            ? this.#min
            : statistic === 'max'
              ? this.#max
              : this.#sum / this.#count;
    this.#column.at.push(this.#at);
    this.#column.value.push(value);
    this.#column.count.push(this.#count);
  }
}

/** Mean, count, sum, minimum and maximum from fixed records. */
export async function readRecords(redis: MetricRedis, id: string, slice: Slice): Promise<Column> {
  const { stepMs, chunkMs } = layout[slice.resolution];
  const buckets = new Buckets(slice);
  const chunks = chunksOf(slice);
  for (let first = 0; first < chunks.length; first += keysPerCall) {
    const some = chunks.slice(first, first + keysPerCall);
    const texts = await redis.mgetBuffer(
      ...some.map((chunk) => metricKeys.numbers(id, slice.resolution, chunk)),
    );
    for (const [index, text] of texts.entries()) {
      if (text === null) continue;
      const start = (some[index] ?? 0) * chunkMs;
      const view = new DataView(text.buffer, text.byteOffset, text.byteLength);
      for (let from = 0; from + recordBytes <= text.byteLength; from += recordBytes) {
        const time = start + (from / recordBytes) * stepMs;
        const count = view.getFloat64(from, true);
        if (count === 0 || time < slice.from || time >= slice.to) continue;
        const [sum, min, max] = [8, 16, 24].map((place) => view.getFloat64(from + place, true));
        buckets.add(time, count, sum ?? 0, min ?? 0, max ?? 0);
      }
    }
  }
  return buckets.end();
}

/** A quantile from the bins of all buckets of the resolution within a step. */
export async function readBins(redis: MetricRedis, id: string, slice: Slice): Promise<Column> {
  const { stepMs, chunkMs } = layout[slice.resolution];
  const rank = ranks[slice.statistic] ?? 0.5;
  const merged = new Map<number, Map<number, number>>();
  const chunks = chunksOf(slice);
  for (let first = 0; first < chunks.length; first += keysPerCall) {
    const some = chunks.slice(first, first + keysPerCall);
    const pipeline = redis.pipeline();
    for (const chunk of some) pipeline.hgetallBuffer(metricKeys.bins(id, slice.resolution, chunk));
    for (const [index, [error, found]] of ((await pipeline.exec()) ?? []).entries()) {
      if (error !== null) throw error;
      for (const [field, packed] of Object.entries(found as Record<string, Buffer>)) {
        const time = (some[index] ?? 0) * chunkMs + Number(field) * stepMs;
        if (time < slice.from || time >= slice.to) continue;
        const at = Math.floor(time / slice.step) * slice.step;
        const bins = merged.get(at) ?? new Map<number, number>();
        addPacked(bins, packed);
        merged.set(at, bins);
      }
    }
  }
  const result = column();
  for (const at of [...merged.keys()].toSorted((a, b) => a - b)) {
    const bins = merged.get(at) ?? new Map<number, number>();
    result.at.push(at);
    result.value.push(quantileOf(bins, rank));
    result.count.push([...bins.values()].reduce((sum, count) => sum + count, 0));
  }
  return result;
}

const aggregators = { count: 'sum', sum: 'sum', min: 'min', max: 'max' } as const satisfies Record<
  Field,
  string
>;

/** One field of the module's series, added up by the server. A series that is not there has no buckets. */
async function range(
  redis: MetricRedis,
  id: string,
  slice: Slice,
  field: Field,
): Promise<[number, string][]> {
  const { resolution, from, to, step } = slice;
  const key = metricKeys.series(id, resolution, field);
  // At the resolution's own step each bucket is one sample already.
  const grouped = step === layout[resolution].stepMs ? [] : ['AGGREGATION', aggregators[field], String(step)];
  try {
    // LATEST: the bucket of the hour or the day that has not ended counts too.
    const latest = resolution === 'minute' ? [] : ['LATEST'];
    const found = await redis.call('TS.RANGE', key, String(from), String(to - 1), ...latest, ...grouped);
    return found as [number, string][];
  } catch (error) {
    if (error instanceof Error && error.message.includes('key does not exist')) return [];
    throw error;
  }
}

/** Mean, count, sum, minimum and maximum from the module's series. */
export async function readSeries(redis: MetricRedis, id: string, slice: Slice): Promise<Column> {
  const { statistic } = slice;
  const field: Field =
    statistic === 'min' || statistic === 'max' || statistic === 'count' ? statistic : 'sum';
  const [counts, values] = await Promise.all([
    range(redis, id, slice, 'count'),
    field === 'count' ? null : range(redis, id, slice, field),
  ]);
  const result = column();
  for (const [index, [at, text]] of counts.entries()) {
    const count = Number(text);
    const [time, value] = values?.[index] ?? [at, text];
    if (time !== at)
      throw new RatchetError('CORRUPT', `The fields of the series ${id} do not agree.`, { where: id });
    result.at.push(at);
    result.value.push(statistic === 'mean' ? Number(value) / count : Number(value));
    result.count.push(count);
  }
  return result;
}
