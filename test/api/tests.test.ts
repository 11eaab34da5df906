import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import type { ApiDependencies, ApiEnvironment } from '../../src/api/dependencies.js';
import { problem } from '../../src/api/problem.js';
import { testRoutes } from '../../src/api/routes/tests.js';
import { createRecordStore } from '../../src/storage/index.js';
import type { TestSeries } from '../../src/verification/history/index.js';
import { repository } from '../workflows/scripted-activities.js';

let home: string;
let app: Hono<ApiEnvironment>;
let series: readonly TestSeries[] | null;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'ratchet-tests-'));
  const records = createRecordStore(join(home, 'records'));
  await records.put('repositories', 'shop-1', repository('shop-1'));
  app = new Hono<ApiEnvironment>();
  app.onError((error, context) => problem(context, error));
  const dependencies: Partial<ApiDependencies> = { records, tests: { read: async () => series } };
  app.route('/api/repositories', testRoutes(dependencies as ApiDependencies));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const runs = (id: string, ...statuses: readonly ('passed' | 'failed')[]): TestSeries => ({
  id,
  points: statuses.map((status, at) => ({
    at,
    status,
    durationMs: 5,
    commit: 'c1',
    patch: '',
    step: 'baseline' as const,
    run: String(at),
  })),
});
const get = async (query = '') => app.request(`/api/repositories/shop-1/tests${query}`);

it('lists tests, the flaky ones alone when asked', async () => {
  series = [runs('calm', 'passed', 'passed'), runs('coin', 'passed', 'failed')];
  expect(await (await get()).json()).toMatchObject({
    available: true,
    total: 2,
    items: [{ id: 'coin' }, { id: 'calm' }],
  });
  expect(await (await get('?flaky=true')).json()).toMatchObject({
    total: 1,
    items: [{ id: 'coin', flakyScore: 1 }],
  });
  expect(await (await get('?slow=true')).json()).toMatchObject({ total: 0, items: [] });
  expect(await (await get('?limit=1')).json()).toMatchObject({ total: 2, items: [{ id: 'coin' }] });
});

it('tells "no runs" from "cannot be asked"', async () => {
  series = [];
  expect(await (await get()).json()).toEqual({ available: true, total: 0, items: [] });
  series = null;
  expect(await (await get()).json()).toEqual({ available: false, total: 0, items: [] });
});

it.each([
  ['/api/repositories/nobody/tests', 404],
  ['/api/repositories/shop-1/tests?limit=0', 400],
  ['/api/repositories/shop-1/tests?flaky=perhaps', 400],
])('refuses %s', async (path, status) => {
  series = [];
  expect((await app.request(path)).status).toBe(status);
});
