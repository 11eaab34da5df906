/** The language model as the API sees it: what is offered, and how it is. A missing model is an answer, no fault. */
import { Hono } from 'hono';
import { toRatchetError } from '../../errors.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';

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
    const canary = context.req.query('canary') === 'true';
    return context.json(await model.health({ signal: context.req.raw.signal, canary }));
  });

  return routes;
}
