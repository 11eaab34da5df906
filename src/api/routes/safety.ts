/** Emergency stop and audit. Stopping works with Temporal and Redis down: the file flag comes first. */
import { Hono, type Context } from 'hono';
import { z } from 'zod';
import { actorOf } from '../caller.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import { writes, type Operation } from '../operation.js';
import { PageQuery, pageOfList } from '../list-page.js';
import { readBody } from '../problem.js';

const Who = z.strictObject({
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(2_000),
});

async function whoFrom(context: Context<ApiEnvironment>): Promise<z.infer<typeof Who>> {
  const { by, reason } = await readBody(context, Who);
  return { by: actorOf(context, by), reason };
}

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
    const body = await whoFrom(context);
    const at = new Date().toISOString();
    await stop.set({ ...body, at });
    await audit.append({ actor: body.by, action: 'stop.set', subject: 'ratchet', reason: body.reason });
    const workflowsTold = await tell(() => gateway.stopAll(body));
    return context.json({ stop: await stop.state(), workflowsTold }, 200);
  });

  routes.delete('/emergency-stop', async (context) => {
    const body = await whoFrom(context);
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

/** What these routes say of themselves. */
export const safetyOperations: readonly Operation[] = [
  { id: 'readStop', at: 'GET /api/emergency-stop', summary: 'Who stopped everything; null while it runs' },
  {
    id: 'setStop',
    at: 'POST /api/emergency-stop',
    summary: 'Stop everything; works with Temporal and Redis down',
    body: Who,
    faults: writes,
  },
  { id: 'liftStop', at: 'DELETE /api/emergency-stop', summary: 'Lift the stop', body: Who, faults: writes },
  {
    id: 'readAudit',
    at: 'GET /api/audit',
    summary: 'The last 1,000 entries of the audit log',
    query: PageQuery,
  },
  { id: 'verifyAudit', at: 'GET /api/audit/verify', summary: 'Is the chain of the audit log whole?' },
];
