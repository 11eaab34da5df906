/** Proposals: the review queue, one proposal with its patch and evidence, and the decision. */
import { Hono } from 'hono';
import { z } from 'zod';
import { RatchetError } from '../../errors.js';
import type { ProposalStatus } from '../../activities/types.js';
import type { Proposal } from '../../improvement/types.js';
import { actorOf } from '../caller.js';
import { checked } from '../checked.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import { asksTemporal, type Operation } from '../operation.js';
import { RepositoryPageQuery, pageOfList } from '../list-page.js';
import { assertMatch, etagOf } from '../entity-tag.js';
import { readBody } from '../problem.js';
import { proposalReview, proposalView } from './evidence.js';

const ListQuery = RepositoryPageQuery.extend({
  stage: z.string().min(1).max(40).optional().describe('Such as awaitingDecision.'),
  cycle: z.string().min(1).max(128).optional(),
});
const DecisionBody = z.strictObject({
  decision: z.enum(['approve', 'reject']),
  /** Digest of the evidence that was seen; the whole one, or at least its first 8 characters. */
  evidence: z.string().regex(/^[0-9a-f]{8,64}$/, 'not an evidence digest'),
  by: z.string().min(1).max(200),
  reason: z.string().max(2_000).nullable().default(null),
});

export function proposalRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { records, artifacts, gateway, stop } = dependencies;
  const routes = new Hono<ApiEnvironment>();

  routes.get('/', async (context) => {
    const { stage, repository, cycle } = checked(ListQuery, context.req.query());
    const items = (await records.list<ProposalStatus>('proposals', 1_000)).filter(
      (one) =>
        (stage === undefined || one.stage === stage) &&
        (repository === undefined || one.repositoryId === repository) &&
        (cycle === undefined || one.cycleId === cycle),
    );
    return context.json(pageOfList(context, items, ({ id }) => id));
  });

  routes.get('/:id', async (context) => {
    const status = await findProposal(dependencies, context.req.param('id'));
    const proposal = await artifacts.getJson<Proposal>(status.artifact);
    context.header('etag', etagOf(status));
    return context.json({ ...status, proposal });
  });

  /** All that the dashboard's review page draws, in one answer. */
  routes.get('/:id/view', async (context) => {
    const status = await findProposal(dependencies, context.req.param('id'));
    context.header('etag', etagOf(status));
    return context.json(await proposalView(dependencies, status));
  });

  routes.get('/:id/evidence', async (context) => {
    const status = await findProposal(dependencies, context.req.param('id'));
    if (status.evidence === null) throw new RatchetError('NOT_FOUND', `${status.id} has no evidence yet.`);
    return context.json(await artifacts.getJson(status.evidence));
  });

  routes.get('/:id/review', async (context) =>
    proposalReview(dependencies, await findProposal(dependencies, context.req.param('id'))),
  );

  routes.post('/:id/decision', async (context) => {
    const body = await readBody(context, DecisionBody);
    const status = await findProposal(dependencies, context.req.param('id'));
    assertMatch(context, etagOf(status), `/api/proposals/${status.id}`);
    const stopped = await stop.state();
    if (stopped !== null && body.decision === 'approve') {
      throw new RatchetError('STOPPED', `Nothing lands while the emergency stop is set by ${stopped.by}.`, {
        mend: 'Lift it first: ratchet resume.',
      });
    }
    // A prefix is expanded only to what is stored, so a stale digest can never match by accident.
    const evidence = status.evidence?.startsWith(body.evidence) ? status.evidence : body.evidence;
    await gateway.decide(status.id, {
      approve: body.decision === 'approve',
      evidence,
      by: actorOf(context, body.by),
      reason: body.reason,
    });
    context.header('location', `/api/proposals/${status.id}`);
    return context.json({ id: status.id, decision: body.decision, evidence }, 202);
  });

  return routes;
}

/** @throws NOT_FOUND. A unique prefix of an id is enough. */
async function findProposal({ records }: ApiDependencies, id: string): Promise<ProposalStatus> {
  const exact = await records.get<ProposalStatus>('proposals', id);
  if (exact !== null) return exact;
  const like = (await records.list<ProposalStatus>('proposals', 1_000)).filter((one) =>
    one.id.startsWith(id),
  );
  const [only] = like;
  if (only !== undefined && like.length === 1) return only;
  throw new RatchetError(
    'NOT_FOUND',
    like.length > 1 ? `${id} fits ${like.length} proposals.` : `No proposal ${id}.`,
    {
      where: id,
      mend: 'List them: ratchet review --list.',
    },
  );
}

/** What these routes say of themselves. */
export const proposalOperations: readonly Operation[] = [
  { id: 'listProposals', at: 'GET /api/proposals', summary: 'Proposals', query: ListQuery },
  { id: 'readProposal', at: 'GET /api/proposals/{id}', summary: 'A proposal with its patch', tagged: true },
  {
    id: 'viewProposal',
    at: 'GET /api/proposals/{id}/view',
    summary: 'All that a reviewer is shown: the diff by lines, what each gate found, risks',
    tagged: true,
  },
  {
    id: 'readProposalEvidence',
    at: 'GET /api/proposals/{id}/evidence',
    summary: 'The present evidence of a proposal',
  },
  {
    id: 'readProposalReview',
    at: 'GET /api/proposals/{id}/review',
    summary: 'The same as a page for people',
    kinds: ['html'],
  },
  {
    id: 'decide',
    at: 'POST /api/proposals/{id}/decision',
    summary: 'Approve or reject, naming the evidence that was seen',
    body: DecisionBody,
    headers: ['If-Match'],
    statuses: [202],
    faults: ['STOPPED', 'CONFLICT', 'CHANGED_MEANWHILE', 'TIMEOUT', ...asksTemporal],
  },
];
