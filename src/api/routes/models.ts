/** The language model as the API sees it: what is offered, and how it is. A missing model is an answer, no fault. */
import { Hono } from 'hono';
import { z } from 'zod';
import { toRatchetError } from '../../errors.js';
import { checked } from '../checked.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import type { Operation } from '../operation.js';

const HealthQuery = z.object({
  canary: z.enum(['true', 'false']).default('false').describe('Also generate a few tokens: takes seconds.'),
});

export function modelRoutes({ model }: ApiDependencies): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();

  routes.get('/models', async (context) => {
    try {
      const { server, models } = await model.models({ signal: context.req.raw.signal });
      return context.json({ available: true, server, items: models, fault: null });
    } catch (error) {
      const { code, message, mend = null } = toRatchetError(error);
      return context.json({ available: false, server: null, items: [], fault: { code, message, mend } });
    }
  });

  routes.get('/health/llm', async (context) => {
    const { canary } = checked(HealthQuery, context.req.query());
    return context.json(await model.health({ signal: context.req.raw.signal, canary: canary === 'true' }));
  });

  return routes;
}

/** What these routes say of themselves. */
export const modelOperations: readonly Operation[] = [
  { id: 'listModels', at: 'GET /api/models', summary: 'What the model server offers; away is an answer too' },
  {
    id: 'readModelHealth',
    at: 'GET /api/health/llm',
    summary: 'How the language model is',
    query: HealthQuery,
  },
];
