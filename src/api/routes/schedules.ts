/** Nightly schedules and the summaries of their nights. */
import { Hono } from 'hono';
import { z } from 'zod';
import { RatchetError } from '../../errors.js';
import { headlineOf, nightReport } from '../../workflows/night-policy.js';
import type { NightInput, NightStatus } from '../../activities/night-types.js';
import { actorOf } from '../caller.js';
import { checked } from '../checked.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import { asksTemporal, type Operation } from '../operation.js';
import { readBody } from '../problem.js';
import { findRepository } from './repositories.js';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'lower-case letters, digits, dot, dash, underscore');
const hour = 3_600_000;
const backfillMaxMs = 31 * 24 * hour;

function isTimezone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    // An unknown name is a RangeError: that is the answer.
    return false;
  }
}

const Definition = z
  .strictObject({
    repositories: z.array(z.string().min(1).max(128)).min(1).max(200),
    at: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'not a time of day; give one such as 04:00')
      .optional(),
    days: z.array(z.number().int().min(0).max(6)).max(7).default([]),
    cron: z.string().min(9).max(200).optional(),
    everyMs: z
      .number()
      .int()
      .min(1_000)
      .max(31 * 24 * hour)
      .optional(),
    timezone: z
      .string()
      .min(1)
      .max(64)
      .refine(isTimezone, 'not a time zone; give one such as Europe/Berlin')
      .default('UTC'),
    maxProposals: z.number().int().min(1).max(50).default(5),
    totalProposals: z.number().int().min(1).max(1_000).default(40),
    windowMs: z
      .number()
      .int()
      .min(1_000)
      .max(24 * hour)
      .default(6 * hour),
    by: z.string().min(1).max(200).default('person'),
  })
  .refine(({ at, cron, everyMs }) => [at, cron, everyMs].filter((one) => one !== undefined).length <= 1, {
    message: 'give one of at, cron and everyMs',
    path: ['at'],
  });
const Note = z.strictObject({
  by: z.string().min(1).max(200).default('person'),
  reason: z.string().min(1).max(500).default('no reason given'),
});
const NightsQuery = z.object({ schedule: z.string().min(1).max(64).optional() });
const Backfill = z.strictObject({
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
});

const nameOf = (text: string): string => {
  const parsed = name.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new RatchetError('INVALID_INPUT', `"${text.slice(0, 80)}" cannot be the name of a schedule.`, {
    where: 'name',
    mend: 'Use lower-case letters, digits, dot, dash and underscore.',
  });
};

/** `/api/schedules`. */
export function scheduleRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { audit, gateway } = dependencies;
  const { schedules } = gateway;
  const routes = new Hono<ApiEnvironment>();
  const wrote = (action: string, subject: string, by: string, reason: string | null) =>
    audit.append({ actor: by, action: `schedule.${action}`, subject, reason });

  routes.put('/:name', async (context) => {
    const schedule = nameOf(context.req.param('name'));
    const { by, repositories, maxProposals, totalProposals, windowMs, ...times } = await readBody(
      context,
      Definition,
    );
    const known = await Promise.all(repositories.map((id) => findRepository(dependencies, id)));
    const isPlain = times.cron === undefined && times.everyMs === undefined;
    const definition: NightInput = {
      schemaVersion: 1,
      schedule,
      repositories: [...new Set(known.map(({ id }) => id))],
      times: {
        at: times.at ?? (isPlain ? '04:00' : null),
        days: times.days,
        cron: times.cron ?? null,
        everyMs: times.everyMs ?? null,
        timezone: times.timezone,
      },
      budget: { maxProposals, totalProposals, windowMs },
    };
    const done = await schedules.set(definition);
    await wrote(done, schedule, actorOf(context, by), null);
    return context.json(await schedules.get(schedule), done === 'created' ? 201 : 200);
  });

  routes.get('/', async (context) => context.json({ items: await schedules.list() }));
  routes.get('/:name', async (context) =>
    context.json(await schedules.get(nameOf(context.req.param('name')))),
  );

  addActs(routes, dependencies);

  routes.post('/:name/backfill', async (context) => {
    const schedule = nameOf(context.req.param('name'));
    const body = await readBody(context, Backfill);
    const [from, to] = [new Date(body.from), new Date(body.to)];
    if (!(from < to) || to.getTime() - from.getTime() > backfillMaxMs) {
      throw new RatchetError('INVALID_INPUT', `${body.from} … ${body.to} is not a span of at most 31 days.`, {
        where: 'from',
        mend: 'Give an earlier and a later instant.',
      });
    }
    await schedules.backfill(schedule, from, to);
    await wrote('backfill', schedule, actorOf(context, 'person'), `${body.from} … ${body.to}`);
    return context.json(await schedules.get(schedule), 202);
  });

  routes.delete('/:name', async (context) => {
    const schedule = nameOf(context.req.param('name'));
    const { by, reason } = await readBody(context, Note);
    await schedules.remove(schedule);
    await wrote('removed', schedule, actorOf(context, by), reason);
    return context.json({ name: schedule, removed: true });
  });
  return routes;
}

/** Pausing, resuming and running now: the same request, another verb. */
function addActs(routes: Hono<ApiEnvironment>, { audit, gateway }: ApiDependencies): void {
  for (const [action, act] of [
    ['pause', (schedule: string, note: string) => gateway.schedules.pause(schedule, note)],
    ['resume', (schedule: string, note: string) => gateway.schedules.resume(schedule, note)],
    ['run', (schedule: string) => gateway.schedules.run(schedule)],
  ] as const) {
    routes.post(`/:name/${action}`, async (context) => {
      const schedule = nameOf(context.req.param('name'));
      const { by: claimed, reason } = await readBody(context, Note);
      const by = actorOf(context, claimed);
      await act(schedule, `${by}: ${reason}`);
      await audit.append({ actor: by, action: `schedule.${action}`, subject: schedule, reason });
      return context.json(await gateway.schedules.get(schedule), action === 'run' ? 202 : 200);
    });
  }
}

/** `/api/nights`: newest first; `text/markdown` for one is its report. */
export function nightRoutes({ records }: ApiDependencies): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  routes.get('/', async (context) => {
    const { schedule } = checked(NightsQuery, context.req.query());
    const all = await records.list<NightStatus>('nights', 200);
    const items = all
      .filter((night) => schedule === undefined || night.schedule === schedule)
      .toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
      .map((night) => ({ ...night, headline: headlineOf(night) }));
    return context.json({ items });
  });
  routes.get('/:id', async (context) => {
    const id = context.req.param('id');
    const night = await records.get<NightStatus>('nights', id);
    if (night === null) {
      throw new RatchetError('NOT_FOUND', `No night ${id}.`, {
        where: id,
        mend: 'List them: ratchet schedule nights.',
      });
    }
    if (context.req.header('accept')?.includes('text/markdown')) {
      return context.body(nightReport(night), 200, { 'content-type': 'text/markdown; charset=utf-8' });
    }
    return context.json({ ...night, headline: headlineOf(night) });
  });
  return routes;
}

/** What these routes say of themselves. */
export const scheduleOperations: readonly Operation[] = [
  {
    id: 'setSchedule',
    at: 'PUT /api/schedules/{name}',
    summary: 'Create or change a nightly schedule',
    body: Definition,
    statuses: [200, 201],
    faults: asksTemporal,
  },
  { id: 'listSchedules', at: 'GET /api/schedules', summary: 'Schedules', faults: asksTemporal },
  {
    id: 'readSchedule',
    at: 'GET /api/schedules/{name}',
    summary: 'A schedule and its next nights',
    faults: asksTemporal,
  },
  ...(['pause', 'resume', 'run'] as const).map((act): Operation => ({
    id: `${act}Schedule`,
    at: `POST /api/schedules/{name}/${act}`,
    summary: { pause: 'Pause a schedule', resume: 'Resume it', run: 'Start a night now' }[act],
    body: Note,
    statuses: [act === 'run' ? 202 : 200],
    faults: asksTemporal,
  })),
  {
    id: 'backfillSchedule',
    at: 'POST /api/schedules/{name}/backfill',
    summary: 'Take the nights between two instants, one after the other',
    body: Backfill,
    statuses: [202],
    faults: asksTemporal,
  },
  {
    id: 'removeSchedule',
    at: 'DELETE /api/schedules/{name}',
    summary: 'Remove a schedule; its nights stay',
    body: Note,
    faults: asksTemporal,
  },
  { id: 'listNights', at: 'GET /api/nights', summary: 'Nights, newest first', query: NightsQuery },
  {
    id: 'readNight',
    at: 'GET /api/nights/{id}',
    summary: 'A night; as Markdown when that is accepted',
    kinds: ['json', 'markdown'],
  },
];
