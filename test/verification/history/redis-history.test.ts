/** The history on a real, plain Redis. */
import { createTestHistory, suiteId, type RunToKeep } from '../../../src/verification/history/index.js';
import type { TestResult } from '../../../src/verification/types.js';
import { useServers } from '../../support/servers.js';

const servers = useServers();

const result = (
  id: string,
  status: TestResult['status'] = 'passed',
  durationMs: number | null = 5,
): TestResult => ({
  id,
  file: 'a.test.ts',
  name: id,
  status,
  durationMs,
  message: null,
});

const start = Date.now() - 1_000_000;
const kept = (at: number, tests: readonly TestResult[], change: Partial<RunToKeep> = {}): RunToKeep => ({
  repositoryId: 'shop-1',
  commit: 'c'.repeat(40),
  patch: '',
  step: 'baseline',
  run: { tests, wallMs: 1_234.5, limit: null },
  at: start + at,
  ...change,
});

it('keeps each run of each test, and the suite itself', async () => {
  const history = createTestHistory(servers.stack.redisUrl);
  const hostile = 'a › "quotes" \u202e \n * and spaces';
  expect(await history.keep(kept(1, [result('a › works'), result(hostile, 'failed', null)]))).toBe(true);
  expect(await history.keep(kept(2, [result('a › works', 'skipped')], { step: 'trial', patch: 'p1' }))).toBe(
    true,
  );
  const all = (await history.read('shop-1')) ?? [];
  expect(all.map(({ id }) => id).toSorted()).toEqual([suiteId, hostile, 'a › works'].toSorted());
  expect(all.find(({ id }) => id === 'a › works')?.points).toMatchObject([
    { at: start + 1, status: 'passed', durationMs: 5, step: 'baseline', patch: '', commit: 'c'.repeat(40) },
    { at: start + 2, status: 'skipped', step: 'trial', patch: 'p1' },
  ]);
  expect(all.find(({ id }) => id === hostile)?.points).toMatchObject([
    { status: 'failed', durationMs: null },
  ]);
  expect(all.find(({ id }) => id === suiteId)?.points).toMatchObject([
    { status: 'failed', durationMs: 1_234.5 },
    { status: 'passed' },
  ]);
  expect(await history.read('another')).toEqual([]);
  await history.close();
});

it('is bounded: one hundred runs a test, ninety days, no more tests than allowed', async () => {
  const history = createTestHistory(servers.stack.redisUrl);
  for (let at = 1; at <= 120; at += 1) {
    await history.keep(kept(at, [result('b')], { repositoryId: 'bounded' }));
  }
  const all = (await history.read('bounded')) ?? [];
  expect(all.find(({ id }) => id === 'b')?.points.map(({ at }) => at - start)).toEqual(
    Array.from({ length: 100 }, (_, index) => index + 21),
  );
  for (const key of await servers.redis.keys('rt:1:test*:bounded*')) {
    expect(await servers.redis.ttl(key)).toBeGreaterThan(80 * 24 * 3_600);
  }
  const later = Date.now() + 91 * 24 * 3_600_000;
  await history.keep(kept(0, [result('new')], { repositoryId: 'bounded', at: later }));
  expect((await history.read('bounded'))?.map(({ id }) => id).toSorted()).toEqual(
    [suiteId, 'new'].toSorted(),
  );
  await history.close();
});

it('writes a run once, however often it is told', async () => {
  const history = createTestHistory(servers.stack.redisUrl);
  const one = kept(7, [result('once')], { repositoryId: 'twice' });
  await history.keep(one);
  await history.keep(one);
  expect((await history.read('twice'))?.find(({ id }) => id === 'once')?.points).toHaveLength(1);
  await history.close();
});

it('takes five thousand tests in one run', async () => {
  const history = createTestHistory(servers.stack.redisUrl);
  const tests = Array.from({ length: 5_000 }, (_, index) =>
    result(`file-${index % 50}.test.ts › case ${index}`),
  );
  expect(await history.keep(kept(1, tests, { repositoryId: 'large' }))).toBe(true);
  expect(await history.read('large')).toHaveLength(5_001);
  await history.close();
}, 60_000);

it('says so, and fails nobody, when Redis is not there', async () => {
  const said: string[] = [];
  const history = createTestHistory('redis://127.0.0.1:1', (message) => said.push(message));
  expect(await history.keep(kept(1, [result('a')]))).toBe(false);
  expect(await history.keep(kept(2, [result('a')]))).toBe(false);
  expect(await history.read('shop-1')).toBeNull();
  expect(said).toHaveLength(1);
  await history.close();
  const none = createTestHistory(null);
  expect(await none.keep(kept(1, []))).toBe(false);
  expect(await none.read('shop-1')).toBeNull();
  await none.close();
});

it('goes on by itself when Redis comes back', async () => {
  const history = createTestHistory(servers.stack.redisUrl);
  await history.keep(kept(1, [result('back')], { repositoryId: 'back' }));
  servers.stack.kill('redis');
  await history.keep(kept(2, [result('back')], { repositoryId: 'back' }));
  await servers.stack.untilBack('redis');
  const end = Date.now() + 20_000;
  let number = 3;
  while (!(await history.keep(kept(number, [result('back')], { repositoryId: 'back' })))) {
    if (Date.now() > end) throw new Error('never came back');
    number += 1;
  }
  const points = (await history.read('back'))?.find(({ id }) => id === 'back')?.points ?? [];
  expect(points.at(0)?.at).toBe(start + 1);
  expect(points.length).toBeGreaterThanOrEqual(2);
  await history.close();
}, 60_000);
