/** Landed changes and their rollback. */
import { Hono } from 'hono';
import { z } from 'zod';
import { RatchetError } from '../../errors.js';
import type { Change } from '../../versioning/types.js';
import { actorOf } from '../caller.js';
import { checked } from '../checked.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import { asksTemporal, type Operation } from '../operation.js';
import { RepositoryPageQuery, pageOfList } from '../list-page.js';
import { readBody } from '../problem.js';
import { findRepository } from './repositories.js';

const RollbackBody = z.strictObject({
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(2_000),
});

export function changeRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { records, gateway, stop } = dependencies;
  const routes = new Hono<ApiEnvironment>();

  routes.get('/', async (context) => {
    const { repository } = checked(RepositoryPageQuery, context.req.query());
    const items = await records.list<Change>('changes', 1_000);
    const wanted = items.filter((one) => repository === undefined || one.repositoryId === repository);
    return context.json(pageOfList(context, wanted, ({ id }) => id));
  });

  routes.get('/:id', async (context) =>
    context.json(await findChange(dependencies, context.req.param('id'))),
  );

  routes.post('/:id/rollback', async (context) => {
    const body = await readBody(context, RollbackBody);
    const change = await findChange(dependencies, context.req.param('id'));
    const stopped = await stop.state();
    if (stopped !== null) {
      throw new RatchetError(
        'STOPPED',
        `No repository is written while the emergency stop is set by ${stopped.by}.`,
        {
          mend: 'Lift it first: ratchet resume.',
        },
      );
    }
    const repository = await findRepository(dependencies, change.repositoryId);
    if (change.state !== 'rolledBack') {
      const { by, reason } = body;
      await gateway.rollback({ repository, changeId: change.id, by: actorOf(context, by), reason });
    }
    context.header('location', `/api/changes/${change.id}`);
    return context.json({ id: change.id, state: change.state }, 202);
  });

  return routes;
}

/** @throws NOT_FOUND. A change is found by its id, by the id of its proposal, or by a unique prefix of either or of its commit. */
async function findChange({ records }: ApiDependencies, id: string): Promise<Change> {
  const exact = await records.get<Change>('changes', id);
  if (exact !== null) return exact;
  const like = (await records.list<Change>('changes', 1_000)).filter(
    (one) =>
      one.id.startsWith(id) || one.proposalId.startsWith(id) || (id.length >= 7 && one.commit.startsWith(id)),
  );
  const [only] = like;
  if (only !== undefined && like.length === 1) return only;
  throw new RatchetError(
    'NOT_FOUND',
    like.length > 1 ? `${id} fits ${like.length} changes.` : `No change ${id}.`,
    {
      where: id,
      mend: 'List them: ratchet history.',
    },
  );
}

/** What these routes say of themselves. */
export const changeOperations: readonly Operation[] = [
  { id: 'listChanges', at: 'GET /api/changes', summary: 'Landed changes', query: RepositoryPageQuery },
  {
    id: 'readChange',
    at: 'GET /api/changes/{id}',
    summary: 'A change, by its id, its proposal or its commit; a unique prefix is enough',
  },
  {
    id: 'rollBackChange',
    at: 'POST /api/changes/{id}/rollback',
    summary: 'Undo one change; nothing happens when it is undone already',
    body: RollbackBody,
    statuses: [202],
    faults: ['STOPPED', ...asksTemporal],
  },
];
