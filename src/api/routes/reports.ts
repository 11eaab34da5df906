/** What changed, how sure that is, and what to do: now, and as each day left it. */
import { Hono } from 'hono';
import { z } from 'zod';
import { RatchetError } from '../../errors.js';
import { buildReport, createAlertBook, findTrends, houseEvents, type Report } from '../../metrics/index.js';
import type { CycleStatus } from '../../activities/types.js';
import type { Change } from '../../versioning/types.js';
import { checked } from '../checked.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import type { Operation } from '../operation.js';
import { keptMetrics, spanMs, spanPattern } from './measurements.js';

const Query = z.object({
  since: z.string().regex(spanPattern, 'a span such as 36h or 7d').default('7d'),
});
const listed = 100;

async function partsOf(dependencies: ApiDependencies) {
  const { records } = dependencies;
  const [alerts, changes, cycles] = await Promise.all([
    createAlertBook(records).list(),
    records.list<Change>('changes', 1_000),
    records.list<CycleStatus>('cycles', 500),
  ]);
  return { store: keptMetrics(dependencies), alerts, events: houseEvents(changes, cycles) };
}

export function trendRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  routes.get('/', async (context) => {
    const { since } = checked(Query, context.req.query());
    const now = Date.now();
    return context.json(await findTrends(await partsOf(dependencies), now - spanMs(since), now));
  });
  return routes;
}

export function reportRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { records } = dependencies;
  const routes = new Hono<ApiEnvironment>();
  routes.get('/', async (context) => {
    const items = (await records.list<Report>('reports', listed)).map(({ id, from, to, headline }) => ({
      ...{ id, from, to, headline },
    }));
    return context.json({ items: items.toSorted((a, b) => (a.to < b.to ? 1 : -1)) });
  });
  routes.get('/:id', async (context) => {
    const { since } = checked(Query, context.req.query());
    const id = context.req.param('id');
    if (id === 'now') {
      const now = Date.now();
      return context.json(await buildReport(await partsOf(dependencies), id, now - spanMs(since), now));
    }
    const report = /^[A-Za-z0-9-]{1,64}$/.test(id) ? await records.get<Report>('reports', id) : null;
    if (report === null)
      throw new RatchetError('NOT_FOUND', `No report ${JSON.stringify(id.slice(0, 64))}.`, { where: 'id' });
    return context.json(report);
  });
  return routes;
}

/** What these routes say of themselves. */
export const reportOperations: readonly Operation[] = [
  {
    id: 'listTrends',
    at: 'GET /api/trends',
    summary: 'What changed and grew, worst first',
    query: Query,
    faults: ['REDIS_UNAVAILABLE'],
  },
  { id: 'listReports', at: 'GET /api/reports', summary: 'Reports of days, newest first' },
  {
    id: 'readReport',
    at: 'GET /api/reports/{id}',
    summary: 'A report; `now` makes one of the time since',
    query: Query,
    faults: ['REDIS_UNAVAILABLE'],
  },
];
