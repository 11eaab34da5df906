/** What the history of runs says about each test of a repository. */
import { Hono } from 'hono';
import { z } from 'zod';
import { assessHistory } from '../../verification/history/index.js';
import { checked } from '../checked.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import type { Operation } from '../operation.js';
import { findRepository } from './repositories.js';

const flag = z.enum(['true', 'false']).default('false');
const Query = z.object({
  flaky: flag,
  slow: flag,
  limit: z.coerce.number().int().min(1).max(5_000).default(500),
});

export function testRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();

  routes.get('/:id/tests', async (context) => {
    const { flaky, slow, limit } = checked(Query, context.req.query());
    const repository = await findRepository(dependencies, context.req.param('id'));
    const series = await dependencies.tests.read(repository.id);
    const all = assessHistory(series ?? []);
    const either = flaky === 'true' || slow === 'true';
    const items = all.filter(
      (one) =>
        !either || (flaky === 'true' && one.flakyScore > 0) || (slow === 'true' && one.slower !== null),
    );
    // `available: false` is not "no runs": Redis could not be asked.
    return context.json({ available: series !== null, total: items.length, items: items.slice(0, limit) });
  });

  return routes;
}

/** What these routes say of themselves. */
export const testOperations: readonly Operation[] = [
  {
    id: 'listTests',
    at: 'GET /api/repositories/{id}/tests',
    summary: 'What the history of runs says about each test',
    query: Query,
  },
];
