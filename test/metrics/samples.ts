/** Samples and questions that the tests of metrics share. */
import { queryMetrics, type MetricQuery } from '../../src/metrics/query.js';
import { createRecorder } from '../../src/metrics/recorder.js';
import type { Batch, Delta, MetricStore, WriteOutcome } from '../../src/metrics/types.js';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
/** The last noon that has passed for sure: Redis lets keys expire by its own clock. */
export const noon = Math.floor(Date.now() / day) * day - 12 * hour;

/** A store whose clock the test holds. */
export interface Held {
  readonly store: MetricStore;
  now: number;
}

/** A recorder whose clock the test holds. */
export const recorderOf = (tried: Held) =>
  createRecorder(tried.store, { now: () => tried.now, steady: () => tried.now, everyMs: 0 });
export const suite = { repository: 'shop-1' };
export const ask = (tried: Held, more: Partial<MetricQuery> = {}) =>
  queryMetrics(
    tried.store,
    { metric: 'suite.duration', statistic: 'mean', from: noon - day, to: noon + hour, step: minute, ...more },
    tried.now,
  );

/** What a server that went away left open fails; the same batch is written again. */
export async function untilWritten(store: MetricStore, batch: Batch): Promise<WriteOutcome> {
  const end = performance.now() + 60_000;
  for (;;) {
    try {
      return await store.write(batch);
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}

export const delta = (at: number, value: number, change: Partial<Delta> = {}): Delta => ({
  ...{ metric: 'suite.duration', labels: suite, at, count: 1, sum: value, min: value, max: value },
  ...{ bins: [[Math.round(value), 1]] as const, ...change },
});
