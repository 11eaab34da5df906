/**
 * Test history on Redis: one bounded stream per test and an index of tests per repository, on any Redis 7. Where the
 * time-series commands exist (asked by COMMAND INFO, never by version), durations are kept as time series too, for
 * charts. Redis may be away at any moment: then nothing is written, and nobody waits for it.
 */
import { Redis, type ChainableCommander } from 'ioredis';
import { sha256 } from '../../canonical.js';
import { suiteId } from './policy.js';
import type { HistoryStep, RunToKeep, TestHistory, TestPoint, TestSeries } from './types.js';

const connectMs = 1_000;
const commandMs = 5_000;
/** Runs that may wait to be written; a suite is slower than Redis, so this is never reached while Redis is well. */
const pendingMax = 8;
const testsMax = 20_000;
const idBytesMax = 1_000;
const runsPerTest = 100;
const keepSeconds = 90 * 24 * 3_600;
const batch = 500;

const statuses: Readonly<Record<string, TestPoint['status']>> = {
  p: 'passed',
  f: 'failed',
  s: 'skipped',
  t: 'todo',
};
const steps: Readonly<Record<string, HistoryStep>> = { b: 'baseline', t: 'trial', v: 'verify' };

const indexKey = (repositoryId: string): string => `rt:1:tests:${repositoryId}`;
const member = (id: string): string => sha256(id).slice(0, 24);
const streamKey = (repositoryId: string, test: string): string => `rt:1:test:${repositoryId}:${test}`;
const namesKey = (repositoryId: string): string => `rt:1:tests:${repositoryId}:names`;
const seriesKey = (repositoryId: string, test: string): string => `rt:1:ts:${repositoryId}:${test}:ms`;

interface Row {
  readonly id: string;
  readonly status: string;
  readonly durationMs: number | null;
}

/** Tests that can be named, and the suite itself, each once. */
function rowsOf({ run }: RunToKeep): readonly Row[] {
  const green = run.limit === null && run.tests.every(({ status }) => status !== 'failed');
  const suite: Row = { id: suiteId, status: green ? 'p' : 'f', durationMs: run.wallMs };
  const tests = run.tests
    .filter(({ id }) => id !== '' && Buffer.byteLength(id) <= idBytesMax)
    .slice(0, testsMax)
    .map(({ id, status, durationMs }): Row => ({ id, status: status.charAt(0), durationMs }));
  return [suite, ...tests];
}

function addRow(
  pipeline: ChainableCommander,
  kept: RunToKeep,
  row: Row,
  how: { readonly run: string; readonly timeSeries: boolean },
): void {
  const { repositoryId, commit, patch, step, at } = kept;
  const test = member(row.id);
  const key = streamKey(repositoryId, test);
  const duration = row.durationMs === null ? '' : String(Math.round(row.durationMs * 100) / 100);
  // The run's time and name make the entry's id: writing the same run twice is writing it once (the second is refused).
  const fields = ['s', row.status, 'd', duration, 'c', commit, 'p', patch, 'k', step.charAt(0), 'r', how.run];
  pipeline.xadd(key, 'MAXLEN', '=', runsPerTest, `${at}-1`, ...fields);
  pipeline.expire(key, keepSeconds);
  pipeline.zadd(indexKey(repositoryId), at, test);
  pipeline.hset(namesKey(repositoryId), test, row.id);
  if (how.timeSeries && row.durationMs !== null && patch === '' && row.status === 'p') {
    const labels = ['LABELS', 'repository', repositoryId, 'test', test];
    const options = ['RETENTION', String(keepSeconds * 1_000), 'ON_DUPLICATE', 'LAST', ...labels];
    pipeline.call('TS.ADD', seriesKey(repositoryId, test), String(at), duration, ...options);
  }
}

async function hasTimeSeries(redis: Redis): Promise<boolean> {
  const [info] = (await redis.call('COMMAND', 'INFO', 'TS.ADD')) as readonly unknown[];
  return Array.isArray(info);
}

async function forgetOld(redis: Redis, repositoryId: string, now: number): Promise<void> {
  const index = indexKey(repositoryId);
  const old = await redis.zrangebyscore(index, '-inf', now - keepSeconds * 1_000, 'LIMIT', 0, batch);
  const many = await redis.zrange(index, '0', String(-(testsMax + 2)));
  const gone = [...new Set([...old, ...many])].slice(0, testsMax);
  if (gone.length === 0) return;
  await redis.zrem(index, ...gone);
  await redis.hdel(namesKey(repositoryId), ...gone);
  for (let from = 0; from < gone.length; from += batch) {
    await redis.unlink(...gone.slice(from, from + batch).map((test) => streamKey(repositoryId, test)));
  }
}

function pointOf([, fields]: readonly [string, readonly string[]], at: number): TestPoint | null {
  const values = new Map<string, string>();
  for (let index = 0; index + 1 < fields.length; index += 2)
    values.set(fields[index] ?? '', fields[index + 1] ?? '');
  const status = statuses[values.get('s') ?? ''];
  const step = steps[values.get('k') ?? ''];
  const duration = values.get('d') ?? '';
  if (status === undefined || step === undefined) return null;
  return {
    at,
    status,
    durationMs: duration === '' || !Number.isFinite(Number(duration)) ? null : Number(duration),
    commit: values.get('c') ?? '',
    patch: values.get('p') ?? '',
    step,
    run: values.get('r') ?? '',
  };
}

async function readAll(redis: Redis, repositoryId: string): Promise<readonly TestSeries[]> {
  const tests = await redis.zrange(indexKey(repositoryId), String(-testsMax), '-1');
  const all: TestSeries[] = [];
  for (let from = 0; from < tests.length; from += batch) {
    const some = tests.slice(from, from + batch);
    const names = await redis.hmget(namesKey(repositoryId), ...some);
    const pipeline = redis.pipeline();
    for (const test of some) pipeline.xrange(streamKey(repositoryId, test), '-', '+', 'COUNT', runsPerTest);
    const answers = (await pipeline.exec()) ?? [];
    for (const [index, [error, entries]] of answers.entries()) {
      if (error !== null) throw error;
      const points = (entries as readonly (readonly [string, readonly string[]])[])
        .map((entry) => pointOf(entry, Number(entry[0].split('-')[0])))
        .filter((point) => point !== null);
      const id = names[index];
      if (id !== null && id !== undefined && points.length > 0) all.push({ id, points });
    }
  }
  return all;
}

/** Waits for a connection, never longer than its bound. */
async function isReady(redis: Redis): Promise<boolean> {
  if (redis.status === 'wait') await redis.connect().catch(() => undefined); // the status says what came of it
  const end = performance.now() + connectMs;
  while (redis.status !== 'ready' && redis.status !== 'end' && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return redis.status === 'ready';
}

async function write(redis: Redis, kept: RunToKeep, timeSeries: boolean): Promise<void> {
  const run = sha256(`${kept.at} ${kept.step} ${kept.commit} ${kept.patch}`).slice(0, 12);
  const rows = rowsOf(kept);
  for (let from = 0; from < rows.length; from += batch) {
    const pipeline = redis.pipeline();
    for (const row of rows.slice(from, from + batch)) addRow(pipeline, kept, row, { run, timeSeries });
    await pipeline.exec();
  }
  await redis.expire(indexKey(kept.repositoryId), keepSeconds);
  await redis.expire(namesKey(kept.repositoryId), keepSeconds);
  await forgetOld(redis, kept.repositoryId, kept.at);
}

/** Opens the history. `log` hears once per outage that runs are not kept. */
export function createRedisHistory(
  url: string,
  log: (message: string) => void = () => undefined,
): TestHistory {
  const redis = new Redis(url, {
    connectTimeout: connectMs,
    commandTimeout: commandMs,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    lazyConnect: true,
    retryStrategy: (times) => Math.min(200 * times, 5_000),
  });
  // A Redis that is down is an expected state: the answer of `keep` and `read` says so.
  redis.on('error', () => undefined);
  let timeSeries: Promise<boolean> | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let pending = 0;
  let away = false;

  const writeNext = async (kept: RunToKeep): Promise<void> => {
    if (!(await isReady(redis))) throw new Error('Redis does not answer');
    timeSeries ??= hasTimeSeries(redis);
    await write(redis, kept, await timeSeries);
  };
  return {
    async keep(kept) {
      if (pending >= pendingMax) return false;
      pending += 1;
      const mine = last.then(() => writeNext(kept));
      last = mine.catch(() => undefined); // the next run does not care why this one was not kept
      try {
        await mine;
        away = false;
        return true;
      } catch (error) {
        timeSeries = null;
        const why = error instanceof Error ? error.message : String(error);
        if (!away) log(`runs of tests are not kept: ${why}`);
        away = true;
        return false;
      } finally {
        pending -= 1;
      }
    },
    async read(repositoryId) {
      try {
        return (await isReady(redis)) ? await readAll(redis, repositoryId) : null;
      } catch {
        // Null says that it could not be asked; why is in Redis's own log.
        return null;
      }
    },
    async close() {
      await last;
      redis.disconnect();
    },
  };
}
