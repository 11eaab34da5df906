/**
 * `npm run bench:metrics`: what recording costs, how much is taken in, how long questions and detection take, and how
 * well the detector finds what is known to have happened. REDIS_URL: a plain Redis; REDIS_STACK_URL: one with the
 * time-series module. Keys under `rt:1:met:` are removed from both.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { Redis } from 'ioredis';
import { measured } from '../src/api/routes/metrics.js';
import { createApiMetrics } from '../src/metrics/api-metrics.js';
import { detect } from '../src/metrics/detection/detect.js';
import { queryMetrics } from '../src/metrics/query.js';
import { createRecorder } from '../src/metrics/recorder.js';
import { createRedisStore } from '../src/metrics/redis-store.js';
import { keyOf } from '../src/metrics/sketch.js';
import type { Delta, MetricStore } from '../src/metrics/types.js';
import type { ApiEnvironment } from '../src/api/dependencies.js';
import { detectors, qualityOf } from './support/detection-quality.js';
import { median, quantile } from './support/figures.js';

const minute = 60_000;
const day = 1_440 * minute;
const bars = {
  recordUs: 2,
  share: 0.01,
  perSecond: 50_000,
  queryMs: 50,
  detectMs: 100,
  falseAlarms: 1,
} as const;
const figures: Record<string, unknown> = {};
const barsMet: Record<string, boolean> = {};
const seedsPerKind = 16;

/** Microseconds per sample, of batches of a thousand. */
function recording(): void {
  const recorder = createRecorder(
    { write: async () => ({ written: 0, repeated: false, refused: {} }) },
    { everyMs: 0 },
  );
  const times: number[] = [];
  for (let round = 0; round < 300; round += 1) {
    const began = performance.now();
    for (let index = 0; index < 1_000; index += 1)
      recorder.record(
        'http.duration',
        { route: `/api/${index % 30}`, method: 'GET', status: '2xx' },
        1 + (index % 250) / 7,
      );
    times.push(performance.now() - began);
  }
  const p50Us = median(times.slice(20));
  console.log(
    `recording: ${p50Us.toFixed(2)} µs a sample (p50), ${quantile(times.slice(20), 0.95).toFixed(2)} µs (p95)`,
  );
  figures['recordUs'] = p50Us;
  barsMet['recording'] = p50Us <= bars.recordUs;
}

/** Requests with and without a recorder, in pairs whose order alternates. */
async function overhead(): Promise<void> {
  const build = (recorder: ReturnType<typeof createRecorder> | undefined) => {
    const app = new Hono<ApiEnvironment>();
    const look = async () => Promise.reject(new Error('not asked'));
    app.use(measured(createApiMetrics(look, { process: false }), recorder));
    // As much work as the smallest of our answers.
    const items = Array.from({ length: 200 }, (_, index) => ({
      id: `p-${index}`,
      stage: 'landed',
      file: 'src/a.ts',
    }));
    app.get('/api/proposals', (context) => context.json({ items }));
    return app;
  };
  const recorder = createRecorder(
    { write: async () => ({ written: 0, repeated: false, refused: {} }) },
    { everyMs: 0 },
  );
  const [withIt, without] = [build(recorder), build(undefined)];
  const served = [withIt, without].map((app) => serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }));
  const [urlWith = '', urlWithout = ''] = await Promise.all(
    served.map(async (server) => {
      if (!server.listening) await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      return `http://127.0.0.1:${port}/api/proposals`;
    }),
  );
  const time = async (isWith: boolean): Promise<number> => {
    const began = performance.now();
    for (let index = 0; index < 200; index += 1) await (await fetch(isWith ? urlWith : urlWithout)).text();
    return performance.now() - began;
  };
  for (let warm = 0; warm < 5; warm += 1) await time(warm % 2 === 0);
  const ratios: number[] = [];
  for (let pair = 0; pair < 40; pair += 1) {
    const first = pair % 2 === 0;
    const [a, b] = [await time(first), await time(!first)];
    ratios.push(first ? a / b : b / a);
  }
  for (const server of served) server.close();
  const share = median(ratios) - 1;
  console.log(
    `overhead: ${(share * 100).toFixed(2)} % of the time of a small answer over HTTP (median of ${ratios.length} pairs)`,
  );
  figures['overheadShare'] = share;
  barsMet['overhead'] = share <= bars.share;
}

/** Samples per second from `record` to Redis, in bursts of 50,000. */
async function ingest(name: string, store: MetricStore): Promise<void> {
  const rates: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const recorder = createRecorder(store, { everyMs: 0 });
    const began = performance.now();
    for (let index = 0; index < 50_000; index += 1)
      recorder.record(
        'http.duration',
        { route: `/r/${index % 100}`, method: 'GET', status: '2xx' },
        1 + (index % 997),
      );
    await recorder.close();
    rates.push(50_000 / ((performance.now() - began) / 1_000));
  }
  const rate = median(rates);
  console.log(`${name}: ${Math.round(rate)} samples/s taken in, written`);
  figures[`${name} perSecond`] = rate;
  barsMet[`${name} ingest`] = rate >= bars.perSecond;
}

async function questions(name: string, store: MetricStore): Promise<void> {
  const now = Math.floor(Date.now() / minute) * minute;
  const labels = { repository: 'bench' };
  for (let at = now - 30 * day; at < now; at += 500 * minute) {
    const deltas = Array.from({ length: 500 }, (_, index): Delta => {
      const value = 1_000 + ((index * 7_919) % 997);
      const one = { count: 3, sum: 3 * value, min: value, max: value, bins: [[keyOf(value), 3]] as const };
      return { metric: 'suite.duration', labels, at: Math.min(now, at + index * minute), ...one };
    });
    await store.write({ id: `bench-${at}`, deltas });
  }
  const asked = [
    ['every minute', { statistic: 'mean', step: minute, maxPoints: 50_000 }],
    ['as a chart', { statistic: 'mean', step: null, maxPoints: 1_500 }],
    ['p95 as a chart', { statistic: 'p95', step: null, maxPoints: 1_500 }],
  ] as const;
  for (const [what, more] of asked) {
    const times: number[] = [];
    let points = 0;
    for (let round = 0; round < 25; round += 1) {
      const began = performance.now();
      const query = { metric: 'suite.duration', labels, from: now - 30 * day, to: now, ...more };
      points = (await queryMetrics(store, query)).series[0]?.points.length ?? 0;
      times.push(performance.now() - began);
    }
    const ms = median(times);
    console.log(`${name}: 30 days ${what}, ${points} points: ${ms.toFixed(1)} ms (p50)`);
    figures[`${name} ${what}`] = { ms, points };
    barsMet[`${name} ${what}`] = ms <= bars.queryMs;
  }
}

function detection(): void {
  const at = Array.from({ length: 10_000 }, (_, index) => index * minute);
  const values = at.map((_, index) => (index < 6_000 ? 100 : 130) + ((index * 7_919) % 101) / 5);
  const times: number[] = [];
  for (let round = 0; round < 15; round += 1) {
    const began = performance.now();
    detect(at, values);
    times.push(performance.now() - began);
  }
  const ms = median(times);
  console.log(`detector: ${ms.toFixed(1)} ms for 10,000 points`);
  figures['detectMs'] = ms;
  barsMet['detector'] = ms <= bars.detectMs;
  console.log(
    '\n| method | precision | recall | F1 | false alarms / 30 days | ramps named |\n| --- | ---: | ---: | ---: | ---: | ---: |',
  );
  for (const [name, detector] of Object.entries(detectors)) {
    const one = qualityOf(detector, seedsPerKind);
    const numbers = [one.precision, one.recall, one.f1, one.falseAlarms].map((figure) => figure.toFixed(2));
    console.log(`| ${name} | ${numbers.join(' | ')} | ${one.rampsFound} of ${one.ramps} |`);
    figures[name] = one;
    if (name === 'ratchet') barsMet['false alarms'] = one.falseAlarms <= bars.falseAlarms;
  }
}

async function emptied(url: string): Promise<void> {
  const redis = new Redis(url);
  for await (const keys of redis.scanStream({ match: 'rt:1:met:*', count: 1_000 }) as AsyncIterable<string[]>)
    if (keys.length > 0) await redis.unlink(...keys);
  redis.disconnect();
}

recording();
await overhead();
for (const [name, url] of [
  ['plain', process.env['REDIS_URL']],
  ['time-series', process.env['REDIS_STACK_URL']],
] as const) {
  if (url === undefined) {
    console.warn(`SKIPPED ${name}: set ${name === 'plain' ? 'REDIS_URL' : 'REDIS_STACK_URL'}`);
    continue;
  }
  await emptied(url);
  const store = createRedisStore({ url, use: name === 'plain' ? 'plain' : 'auto' });
  await ingest(name, store);
  await questions(name, store);
  await store.close();
  await emptied(url);
}
detection();
console.log(`load ${loadavg()[0]?.toFixed(1) ?? '?'}`);
console.log(JSON.stringify({ bench: 'metrics', figures, barsMet }));
