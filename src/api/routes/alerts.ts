/** Alerts: which there are, and what people say to them. */
import { Hono } from 'hono';
import { z } from 'zod';
import { RatchetError } from '../../errors.js';
import { createAlertBook, defaultRules, type Alert } from '../../metrics/index.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import { checked } from '../checked.js';
import { writes, type Operation } from '../operation.js';
import { readBody } from '../problem.js';

const Query = z.object({
  /** `open`: pending or firing. */
  stage: z.enum(['open', 'firing', 'resolved', 'all']).default('open'),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
});
const Said = z.strictObject({ by: z.string().min(1).max(200), reason: z.string().min(1).max(2_000) });
const Silence = z.strictObject({
  ...Said.shape,
  /** From now on; 0 ends the silence. */
  minutes: z
    .number()
    .int()
    .min(0)
    .max(60 * 24 * 90),
});
const order = { critical: 0, warning: 1, info: 2 } as const;
const stages = { firing: 0, pending: 1, resolved: 2 } as const;

/** @throws RatchetError NOT_FOUND */
async function change(
  { records }: Pick<ApiDependencies, 'records'>,
  id: string,
  by: (alert: Alert) => Alert,
): Promise<Alert> {
  // An id that no record can have is one that is not there.
  const known = /^[A-Za-z0-9_.~-]{1,128}$/.test(id) && !/^\.+$/.test(id);
  const after = known
    ? await createAlertBook(records).update(id, (current) => (current === null ? null : by(current)))
    : null;
  if (after === null) {
    throw new RatchetError('NOT_FOUND', `No alert ${JSON.stringify(id.slice(0, 128))}.`, {
      where: 'id',
      mend: 'GET /api/alerts lists them.',
    });
  }
  return after;
}

export function alertRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { records, audit } = dependencies;
  const routes = new Hono<ApiEnvironment>();

  routes.get('/', async (context) => {
    const { stage, limit } = checked(Query, context.req.query());
    const all = await createAlertBook(records).list();
    const fits = (one: Alert): boolean =>
      stage === 'all' || one.stage === stage || (stage === 'open' && one.stage !== 'resolved');
    const items = all
      .filter(fits)
      .toSorted(
        (a, b) =>
          stages[a.stage] - stages[b.stage] ||
          order[a.severity] - order[b.severity] ||
          (a.since < b.since ? 1 : -1),
      );
    return context.json({ total: items.length, items: items.slice(0, limit), rules: defaultRules });
  });

  routes.post('/:id/acknowledge', async (context) => {
    const said = await readBody(context, Said);
    const at = new Date().toISOString();
    const alert = await change(dependencies, context.req.param('id'), (one) => ({
      ...one,
      acknowledged: { ...said, at },
    }));
    const { by: actor, reason } = said;
    await audit.append({ actor, action: 'alert.acknowledged', subject: alert.id, reason });
    return context.json(alert);
  });

  routes.post('/:id/silence', async (context) => {
    const { by: actor, reason, minutes } = await readBody(context, Silence);
    const until = minutes === 0 ? null : new Date(Date.now() + minutes * 60_000).toISOString();
    const alert = await change(dependencies, context.req.param('id'), (one) => ({
      ...one,
      silencedUntil: until,
    }));
    await audit.append({ actor, action: 'alert.silenced', subject: alert.id, reason, data: { until } });
    return context.json(alert);
  });

  return routes;
}

/** What these routes say of themselves. */
export const alertOperations: readonly Operation[] = [
  {
    id: 'listAlerts',
    at: 'GET /api/alerts',
    summary: 'Alerts, firing ones first, and their rules',
    query: Query,
  },
  {
    id: 'acknowledgeAlert',
    at: 'POST /api/alerts/{id}/acknowledge',
    summary: 'Somebody looks after it',
    body: Said,
    faults: writes,
  },
  {
    id: 'silenceAlert',
    at: 'POST /api/alerts/{id}/silence',
    summary: 'Send no messages about it for a while',
    body: Silence,
    faults: writes,
  },
];
