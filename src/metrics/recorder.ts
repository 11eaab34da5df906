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

/** One series of this process, and the minute of it that was written to last. */
interface Series {
  readonly metric: string;
  readonly labels: Labels;
  readonly name: string;
  last: Gathered | null;
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

/** Counts by name. */
class Tally {
  readonly counts: Record<string, number> = {};
  add(name: string, by = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }
}

/** Labels lead from value to value to their series: strings that are there already need no new one as a key. */
interface Branch {
  readonly next: Map<string, Branch>;
  series: Series | null;
}
const branch = (): Branch => ({ next: new Map(), series: null });

interface Opened {
  readonly labels: readonly string[];
  readonly root: Branch;
  count: number;
  /** Where samples go when there are too many series. */
  other: Series | null;
}

/** The series that this process has opened; an explosion of labels ends in `(other)`. */
class Names {
  readonly #opened = new Map<string, Opened>();
  /** The last answer of `find` was `(other)`. */
  folded = false;

  /** Null: there is no such metric. */
  find(metric: string, labels: Labels): Series | null {
    this.folded = false;
    const opened = this.#opened.get(metric) ?? this.#open(metric);
    if (opened === null) return null;
    let at: Branch | undefined = opened.root;
    for (const name of opened.labels) at = at?.next.get(labels[name] ?? '');
    return at?.series ?? this.#add(metric, opened, labels);
  }

  /** Minutes that were taken away are written to no longer. */
  forget(): void {
    const walk = (at: Branch): void => {
      if (at.series !== null) at.series.last = null;
      for (const next of at.next.values()) walk(next);
    };
    for (const { root, other } of this.#opened.values()) {
      walk(root);
      if (other !== null) other.last = null;
    }
  }

  #open(metric: string): Opened | null {
    const definition = definitionOf(metric);
    if (definition === null) return null;
    const opened = { labels: definition.labels, root: branch(), count: 0, other: null };
    this.#opened.set(metric, opened);
    return opened;
  }

  #add(metric: string, opened: Opened, labels: Labels): Series {
    const of = (value: (name: string) => string): Series => {
      const own = Object.fromEntries(opened.labels.map((name) => [name, value(name)]));
      return { metric, labels: own, name: seriesName(metric, own), last: null };
    };
    if (opened.count >= seriesPerMetric) {
      this.folded = true;
      opened.other ??= of(() => otherLabel);
      return opened.other;
    }
    opened.count += 1;
    const series = of((name) => (labels[name] ?? '').slice(0, labelBytesMaximum));
    let at = opened.root;
    for (const name of opened.labels) {
      const value = labels[name] ?? '';
      const next = at.next.get(value) ?? branch();
      at.next.set(value, next);
      at = next;
    }
    at.series = series;
    return series;
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
    const series = this.#names.find(metric, labels);
    if (series === null) return this.refused.add('unknown-metric');
    if (this.#names.folded) this.refused.add('folded-labels');
    const minute = at - (at % minuteMs);
    const one = series.last?.at === minute ? series.last : this.#bucket(series, minute, value);
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
    this.#names.forget();
    return deltas;
  }

  #bucket(series: Series, at: number, value: number): Gathered | null {
    const key = `${at}${series.name}`;
    let one = this.#gathered.get(key);
    if (one === undefined) {
      if (this.#gathered.size >= gatheredMaximum) return null;
      const { metric, labels } = series;
      one = { metric, labels, at, count: 0, sum: 0, min: value, max: value, bins: new Map() };
      this.#gathered.set(key, one);
    }
    series.last = one;
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
