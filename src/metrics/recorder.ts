/**
 * Samples of this process, added up per series and minute, written in batches every few seconds. Recording is a look-up
 * and a few additions; when the store is away, batches wait within a bound and the oldest go first, counted.
 */
import { randomUUID } from 'node:crypto';
import { definitionOf, labelBytesMaximum, otherLabel, seriesName } from './catalogue.js';
import { keyOf } from './sketch.js';
import type { Batch, Delta, Labels, MetricStore, Recorder } from './types.js';

const minuteMs = 60_000;
const flushMs = 5_000;
/** Series that one process may open of one metric; what comes after them is `(other)`. */
const seriesPerMetric = 200;
/** Series and minutes that wait for the next write. */
const gatheredMaximum = 5_000;
const deltasPerBatch = 200;
const batchesWaitingMaximum = 100;
const jumpMs = 30_000;

interface Gathered {
  readonly metric: string;
  readonly labels: Labels;
  readonly at: number;
  count: number;
  sum: number;
  min: number;
  max: number;
  readonly bins: Map<number, number>;
}

interface RecorderOptions {
  /** Wall clock, ms. */
  readonly now?: () => number;
  /** Clock that nobody can set, ms. */
  readonly steady?: () => number;
  /** Milliseconds between two writes; 0: only `flush` writes. */
  readonly everyMs?: number;
  readonly log?: (message: string) => void;
}

/** Only the metric's own labels, each within its bound. */
function ownLabels(metric: string, labels: Labels): Labels | null {
  const definition = definitionOf(metric);
  if (definition === null) return null;
  const own: Record<string, string> = {};
  for (const name of definition.labels) own[name] = (labels[name] ?? '').slice(0, labelBytesMaximum);
  return own;
}

/** Counts by name. */
class Tally {
  readonly counts: Record<string, number> = {};
  add(name: string, by = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }
}

/** The series that this process has opened; an explosion of labels ends in `(other)`. */
class Names {
  readonly #known = new Map<string, { readonly name: string; readonly labels: Labels }>();
  readonly #opened = new Map<string, number>();

  /** Null: there is no such metric. `folded`: it was one series too many. */
  find(metric: string, labels: Labels): { name: string; labels: Labels; folded: boolean } | null {
    let given = metric;
    for (const name in labels) given += `\n${name}\t${labels[name] ?? ''}`;
    const known = this.#known.get(given);
    if (known !== undefined) return { ...known, folded: false };
    const own = ownLabels(metric, labels);
    if (own === null) return null;
    const opened = this.#opened.get(metric) ?? 0;
    if (opened >= seriesPerMetric) {
      const other = Object.fromEntries(Object.keys(own).map((name) => [name, otherLabel]));
      return { name: seriesName(metric, other), labels: other, folded: true };
    }
    const entry = { name: seriesName(metric, own), labels: own };
    this.#known.set(given, entry);
    this.#opened.set(metric, opened + 1);
    return { ...entry, folded: false };
  }
}

const deltaOf = ({ bins, ...rest }: Gathered): Delta => ({ ...rest, bins: [...bins] });

/** What has been measured and waits to be written, within bounds. */
class Gathering {
  readonly refused = new Tally();
  readonly #names = new Names();
  #gathered = new Map<string, Gathered>();
  recorded = 0;

  get size(): number {
    return this.#gathered.size;
  }

  add(metric: string, labels: Labels, value: number, at: number): void {
    if (!Number.isFinite(value) || !Number.isFinite(at)) return this.refused.add('not-a-number');
    if (value < 0) return this.refused.add('negative');
    const found = this.#names.find(metric, labels);
    if (found === null) return this.refused.add('unknown-metric');
    if (found.folded) this.refused.add('folded-labels');
    const minute = Math.floor(at / minuteMs) * minuteMs;
    const one = this.#bucket(`${minute}${found.name}`, { metric, labels: found.labels, at: minute }, value);
    if (one === null) return this.refused.add('full');
    this.recorded += 1;
    one.count += 1;
    one.sum += value;
    if (value < one.min) one.min = value;
    if (value > one.max) one.max = value;
    const bin = keyOf(value);
    one.bins.set(bin, (one.bins.get(bin) ?? 0) + 1);
  }

  take(): readonly Delta[] {
    const deltas = [...this.#gathered.values()].map(deltaOf);
    this.#gathered = new Map();
    return deltas;
  }

  #bucket(key: string, of: Pick<Gathered, 'metric' | 'labels' | 'at'>, value: number): Gathered | null {
    const known = this.#gathered.get(key);
    if (known !== undefined) return known;
    if (this.#gathered.size >= gatheredMaximum) return null;
    const one: Gathered = { ...of, count: 0, sum: 0, min: value, max: value, bins: new Map() };
    this.#gathered.set(key, one);
    return one;
  }
}

/** Follows the clock of the machine, and counts how often somebody set it. */
function watchedClock(now: () => number, steady: () => number) {
  let offset = now() - steady();
  const clock = {
    jumps: 0,
    read(): number {
      const wall = now();
      const moved = wall - steady() - offset;
      if (Math.abs(moved) > jumpMs) {
        offset += moved;
        clock.jumps += 1;
      }
      return wall;
    },
  };
  return clock;
}

/** A recorder that gathers and, when there is a store, writes. */
export function createRecorder(
  store: Pick<MetricStore, 'write'> | null,
  options: RecorderOptions = {},
): Recorder {
  const {
    now = Date.now,
    steady = () => performance.now(),
    everyMs = flushMs,
    log = () => undefined,
  } = options;
  const gathering = new Gathering();
  const clock = watchedClock(now, steady);
  const { refused } = gathering;
  const waiting: Batch[] = [];
  let running: Promise<void> | null = null;
  let away = false;

  const gatherUp = (): void => {
    const deltas = gathering.take();
    for (let from = 0; from < deltas.length; from += deltasPerBatch)
      waiting.push({ id: randomUUID(), deltas: deltas.slice(from, from + deltasPerBatch) });
    while (waiting.length > batchesWaitingMaximum) {
      const lost = waiting.shift();
      refused.add('store-away', lost?.deltas.reduce((sum, { count }) => sum + count, 0) ?? 0);
    }
  };

  /** The same id is written again after a fault, so that an answer that got lost counts nothing twice. */
  const writeAll = async (): Promise<void> => {
    gatherUp();
    if (store === null) return;
    for (let batch = waiting[0]; batch !== undefined; batch = waiting[0]) {
      const outcome = await store.write(batch);
      for (const [reason, count] of Object.entries(outcome.refused)) refused.add(`store-${reason}`, count);
      waiting.shift();
      away = false;
    }
  };
  const flush = async (): Promise<void> => {
    running ??= writeAll()
      .catch((error: unknown) => {
        if (!away) log(`metrics are not written: ${error instanceof Error ? error.message : String(error)}`);
        away = true;
      })
      .finally(() => {
        running = null;
      });
    await running;
  };
  const timer = store === null || everyMs === 0 ? null : setInterval(() => void flush(), everyMs);
  timer?.unref();

  return {
    record(metric, labels, value, at) {
      if (store !== null) gathering.add(metric, labels, value, at ?? clock.read());
    },
    flush,
    stats: () => ({
      recorded: gathering.recorded,
      refused: { ...refused.counts },
      clockJumps: clock.jumps,
      waiting: gathering.size + waiting.length,
    }),
    async close() {
      if (timer !== null) clearInterval(timer);
      await running;
      await flush();
    },
  };
}
