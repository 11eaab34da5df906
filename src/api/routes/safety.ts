/** Emergency stop and audit. Stopping works with Temporal and Redis down: the file flag comes first. */
import { Hono } from 'hono';
import { z } from 'zod';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import { pageOfList } from '../list-page.js';
import { readBody } from '../problem.js';

const Who = z.strictObject({
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(2_000),
});

export function safetyRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { stop, audit, gateway, log } = dependencies;
  const routes = new Hono<ApiEnvironment>();

  /** Tells running workflows; Temporal being away must not make the stop fail. */
  const tell = async (send: () => Promise<number>): Promise<number | null> => {
    try {
      return await send();
    } catch (error) {
      log({
        level: 'warn',
        message: 'workflows were not told: Temporal does not answer',
        error: String(error),
      });
      return null;
    }
  };

  routes.get('/emergency-stop', async (context) => context.json({ stop: await stop.state() }));

  routes.post('/emergency-stop', async (context) => {
    const body = await readBody(context, Who);
    const at = new Date().toISOString();
    await stop.set({ ...body, at });
    await audit.append({ actor: body.by, action: 'stop.set', subject: 'ratchet', reason: body.reason });
    const workflowsTold = await tell(() => gateway.stopAll(body));
    return context.json({ stop: await stop.state(), workflowsTold }, 200);
  });

  routes.delete('/emergency-stop', async (context) => {
    const body = await readBody(context, Who);
    await stop.lift(body.by, body.reason);
    await audit.append({ actor: body.by, action: 'stop.lifted', subject: 'ratchet', reason: body.reason });
    const workflowsTold = await tell(() => gateway.resumeAll());
    return context.json({ stop: await stop.state(), workflowsTold }, 200);
  });

  routes.get('/audit', async (context) => {
    const entries = (await audit.tail(1_000)).toSorted((one, other) => other.sequence - one.sequence);
    return context.json(pageOfList(context, entries, ({ sequence }) => String(sequence)));
  });
  routes.get('/audit/verify', async (context) => context.json(await audit.verify()));

  return routes;
}
