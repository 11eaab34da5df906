/** The routes of schedules and nights, with Temporal's part remembered in a Map. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nightRoutes, scheduleRoutes } from '../../src/api/routes/schedules.js';
import type { ApiDependencies } from '../../src/api/dependencies.js';
import { problem } from '../../src/api/problem.js';
import { createAuditLog } from '../../src/safety/index.js';
import { createRecordStore } from '../../src/storage/index.js';
import { repository } from '../workflows/scripted-activities.js';
import { rememberedSchedules } from './remembered-schedules.js';

let home: string;
let audit: ReturnType<typeof createAuditLog>;
let routes: ReturnType<typeof scheduleRoutes>;
let nights: ReturnType<typeof nightRoutes>;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'ratchet-schedules-'));
  audit = createAuditLog(join(home, 'audit.jsonl'));
  const records = createRecordStore(join(home, 'records'));
  await records.put('repositories', 'shop-1', repository('shop-1'));
  const dependencies: Pick<ApiDependencies, 'audit' | 'records'> & { gateway: object } = {
    audit,
    records,
    gateway: { schedules: rememberedSchedules() },
  };
  routes = scheduleRoutes(dependencies as ApiDependencies);
  nights = nightRoutes(dependencies as ApiDependencies);
  for (const one of [routes, nights]) one.onError((error, context) => problem(context, error));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const send = async (method: string, path: string, body: unknown) =>
  routes.request(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('schedules over HTTP', () => {
  it('are created, changed, paused, resumed, run and removed; each act is in the audit log', async () => {
    const made = await send('PUT', '/shops', {
      repositories: ['shop-1', 'shop-1'],
      days: [1, 2],
      by: 'maria',
    });
    expect(made.status).toBe(201);
    expect(await made.json()).toMatchObject({
      definition: {
        repositories: ['shop-1'],
        times: { at: '04:00', days: [1, 2], cron: null, everyMs: null, timezone: 'UTC' },
        budget: { maxProposals: 5, totalProposals: 40, windowMs: 21_600_000 },
      },
    });
    expect((await send('PUT', '/shops', { repositories: ['shop-1'], everyMs: 60_000 })).status).toBe(200);
    expect(await (await send('POST', '/shops/pause', { by: 'maria', reason: 'audit' })).json()).toMatchObject(
      {
        paused: true,
        note: 'maria: audit',
        definition: { times: { at: null, everyMs: 60_000 } },
      },
    );
    expect((await send('POST', '/shops/run', {})).status).toBe(202);
    expect((await send('POST', '/shops/resume', {})).status).toBe(200);
    expect((await send('DELETE', '/shops', {})).status).toBe(200);
    expect((await routes.request('/shops')).status).toBe(404);
    const actions = (await audit.tail(10)).map((one) => one.action);
    expect(actions.toSorted()).toEqual(
      ['changed', 'created', 'pause', 'removed', 'resume', 'run'].map((one) => `schedule.${one}`),
    );
  });

  it.each([
    ['no repository', '/shops', { repositories: [] }, 400, 'repositories'],
    ['an unknown repository', '/shops', { repositories: ['nobody'] }, 404, 'nobody'],
    ['two kinds of time', '/shops', { repositories: ['shop-1'], at: '04:00', cron: '0 4 * * *' }, 400, 'at'],
    ['no time of day', '/shops', { repositories: ['shop-1'], at: '25:00' }, 400, 'at'],
    ['no time zone', '/shops', { repositories: ['shop-1'], timezone: 'Mars/Base' }, 400, 'timezone'],
    ['too often', '/shops', { repositories: ['shop-1'], everyMs: 10 }, 400, 'everyMs'],
    ['an unknown field', '/shops', { repositories: ['shop-1'], often: true }, 400, 'often'],
    ['a name that is a path', '/..%2Fx', { repositories: ['shop-1'] }, 400, 'name'],
  ])('refuse %s, naming it', async (_, path, body, status, named) => {
    const response = await send('PUT', path, body);
    expect(response.status).toBe(status);
    expect(JSON.stringify(await response.json())).toContain(named);
  });

  it('refuse a backfill that runs backwards or over a month', async () => {
    await send('PUT', '/shops', { repositories: ['shop-1'] });
    const span = async (from: string, to: string) =>
      (await send('POST', '/shops/backfill', { from, to })).status;
    expect(await span('2026-03-02T00:00:00Z', '2026-03-01T00:00:00Z')).toBe(400);
    expect(await span('2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z')).toBe(400);
    expect(await span('2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z')).toBe(202);
  });

  it('say which night is unknown', async () => {
    const response = await nights.request('/n-none');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      where: 'n-none',
      mend: 'List them: ratchet schedule nights.',
    });
  });
});
