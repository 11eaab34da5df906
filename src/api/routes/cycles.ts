/** Improvement cycles: start, watch, stop. */
import { createHash, randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import { z } from 'zod';
import { RatchetError } from '../../errors.js';
import type { CycleInput, CycleStatus, ProposalStatus } from '../../activities/types.js';
import { workflowIds } from '../../workflows/messages.js';
import { actorOf } from '../caller.js';
import { checked } from '../checked.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import { createCycleWatch, type CycleReader } from '../cycle-watch.js';
import type { Progress } from '../gateway.js';
import { asksTemporal, writes, type Operation } from '../operation.js';
import { RepositoryPageQuery, pageOfList } from '../list-page.js';
import { readBody } from '../problem.js';
import { findRepository } from './repositories.js';

const Start = z.strictObject({
  repository: z.string().min(1).max(128),
  startedBy: z.string().min(1).max(200).default('person'),
  parallelTrials: z.number().int().min(1).max(16).default(1),
  maxProposals: z.number().int().min(1).max(50).default(8),
  rules: z.array(z.string().min(1).max(100)).max(100).default([]),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .optional(),
});
const Stop = z.strictObject({
  by: z.string().min(1).max(200).default('person'),
  reason: z.string().min(1).max(1_000).default('stopped by a person'),
});

const ended = new Set(['finished', 'failed', 'stopped']);
const quietMs = 15_000;
const watchMaxMs = 6 * 3_600_000;

/** What `GET /api/cycles/:id` answers: the record, and what the running steps say. */
export interface CycleView extends CycleStatus {
  /** Null when Temporal does not answer. */
  readonly progress: readonly Progress[] | null;
  readonly temporalUi: string | null;
}

export function cycleRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { records, gateway, stop } = dependencies;
  const routes = new Hono<ApiEnvironment>();
  const watch = createCycleWatch(async (id) => {
    const value = await view(dependencies, id);
    return { value, ended: ended.has(value.stage) };
  });

  routes.post('/', async (context) => {
    const body = await readBody(context, Start);
    const repository = await findRepository(dependencies, body.repository);
    const stopped = await stop.state();
    if (stopped !== null) {
      throw new RatchetError('STOPPED', `The emergency stop is set by ${stopped.by}: ${stopped.reason}.`, {
        mend: 'Lift it first: ratchet resume.',
      });
    }
    const cycleId = idFor(repository.id, context.req.header('idempotency-key'));
    const known = await records.get<CycleStatus>('cycles', cycleId);
    if (known === null) {
      const input = {
        ...body,
        startedBy: actorOf(context, body.startedBy),
        cycleId,
        repository,
        trigger: 'person' as const,
        seed: body.seed ?? seedFrom(cycleId),
      };
      if ((await gateway.startCycle(input)) === 'alreadyRunning') {
        throw new RatchetError('CONFLICT', `A cycle of ${repository.name} is running already.`, {
          where: repository.id,
          mend: 'Watch it: ratchet status; or stop it first.',
        });
      }
      await records.update<CycleStatus>('cycles', cycleId, (current) => current ?? justStarted(input));
    }
    context.header('location', `/api/cycles/${cycleId}`);
    return context.json({ cycleId, repositoryId: repository.id }, 202);
  });

  routes.get('/', async (context) => {
    const { repository } = checked(RepositoryPageQuery, context.req.query());
    const items = await records.list<CycleStatus>('cycles', 200);
    const wanted = items.filter((one) => repository === undefined || one.repositoryId === repository);
    const page = pageOfList(context, wanted, ({ cycleId }) => cycleId);
    const proposals = await records.list<ProposalStatus>('proposals', 1_000);
    const byId = new Map(proposals.map((one) => [one.id, one]));
    return context.json({ ...page, items: page.items.map((cycle) => upToDate(cycle, (id) => byId.get(id))) });
  });

  routes.get('/:id', async (context) => context.json(await view(dependencies, context.req.param('id'))));

  routes.post('/:id/stop', async (context) => {
    const { by, reason } = await readBody(context, Stop);
    const cycle = await findCycle(dependencies, context.req.param('id'));
    if (!ended.has(cycle.stage)) {
      await gateway.stopCycle(cycle.repositoryId, { by: actorOf(context, by), reason });
    }
    return context.json({ cycleId: cycle.cycleId }, 202);
  });

  routes.get('/:id/events', async (context) => {
    // Asked before the stream begins: afterwards nothing but 200 can be answered.
    await findCycle(dependencies, context.req.param('id'));
    const seen = context.req.header('last-event-id') ?? '';
    return streamSSE(context, (stream) => pipeCycle(stream, watch(context.req.param('id')), seen));
  });

  return routes;
}

/** Events are snapshots, so a client that comes back needs no backlog: it gets the present state first. */
async function pipeCycle(stream: SSEStreamingApi, reader: CycleReader, seen: string): Promise<void> {
  stream.onAbort(() => reader.close());
  let last = seen;
  const until = Date.now() + watchMaxMs;
  try {
    while (!stream.aborted && Date.now() < until) {
      const snapshot = await reader.next(last, quietMs);
      if (snapshot === null) await stream.write(': still here\n\n');
      else if (snapshot.id !== last)
        await stream.writeSSE({ id: snapshot.id, event: 'cycle', data: snapshot.data });
      last = snapshot?.id ?? last;
      if (snapshot?.ended === true) break;
    }
  } finally {
    reader.close();
  }
}

/** A retried request with the same key is the same cycle. */
function idFor(repositoryId: string, key: string | undefined): string {
  if (key === undefined) return `c-${randomBytes(5).toString('hex')}`;
  return `c-${createHash('sha256').update(`${repositoryId}\n${key}`).digest('hex').slice(0, 10)}`;
}

/** So that whoever started a cycle can look at it before a worker took it. */
function justStarted({ cycleId, repository, trigger }: CycleInput): CycleStatus {
  return {
    schemaVersion: 1,
    cycleId,
    repositoryId: repository.id,
    repositoryName: repository.name,
    stage: 'preparing',
    trigger,
    startedAt: new Date().toISOString(),
    finishedAt: null,
    base: null,
    branch: null,
    files: null,
    baseline: null,
    analysis: null,
    proposals: [],
    notes: [],
    fault: null,
    stopped: null,
  };
}

function seedFrom(cycleId: string): number {
  return Number.parseInt(createHash('sha256').update(cycleId).digest('hex').slice(0, 7), 16);
}

async function findCycle({ records }: ApiDependencies, id: string): Promise<CycleStatus> {
  const cycle = await records.get<CycleStatus>('cycles', id);
  if (cycle === null) {
    throw new RatchetError('NOT_FOUND', `No cycle ${id}.`, {
      where: id,
      mend: 'List them: ratchet history.',
    });
  }
  return cycle;
}

/** A cycle's record is as it was at its end; what was decided since stands in the records of its proposals. */
function upToDate(cycle: CycleStatus, find: (id: string) => ProposalStatus | null | undefined): CycleStatus {
  const proposals = cycle.proposals.map((one) => {
    const now = find(one.id);
    return now?.cycleId === cycle.cycleId ? { ...one, stage: now.stage, outcome: now.outcome } : one;
  });
  return { ...cycle, proposals };
}

async function view(dependencies: ApiDependencies, id: string): Promise<CycleView> {
  const found = await findCycle(dependencies, id);
  const proposals = await Promise.all(
    found.proposals.map((one) => dependencies.records.get<ProposalStatus>('proposals', one.id)),
  );
  const cycle = upToDate(found, (wanted) => proposals.find((one) => one?.id === wanted));
  const base = { ...cycle, temporalUi: dependencies.temporalUi };
  if (ended.has(cycle.stage)) return { ...base, progress: [] };
  try {
    const running = cycle.proposals
      .filter((one) => one.stage === 'trialling')
      .map((one) => workflowIds.proposal(one.id));
    const steps = await Promise.all(
      [workflowIds.cycle(cycle.repositoryId), ...running.slice(0, 8)].map((workflow) =>
        dependencies.gateway.progress(workflow),
      ),
    );
    return { ...base, progress: steps.flat() };
  } catch {
    // Temporal away: the record still says where the cycle stands; `null` says that the live part is missing.
    return { ...base, progress: null };
  }
}

/** What these routes say of themselves. */
export const cycleOperations: readonly Operation[] = [
  {
    id: 'startCycle',
    at: 'POST /api/cycles',
    summary: 'Start an improvement cycle; the same key is the same cycle',
    body: Start,
    headers: ['Idempotency-Key'],
    statuses: [202],
    faults: ['NOT_FOUND', 'STOPPED', 'CONFLICT', ...asksTemporal, ...writes],
  },
  { id: 'listCycles', at: 'GET /api/cycles', summary: 'Cycles, newest first', query: RepositoryPageQuery },
  { id: 'readCycle', at: 'GET /api/cycles/{id}', summary: 'A cycle, and what its running steps say' },
  {
    id: 'stopCycle',
    at: 'POST /api/cycles/{id}/stop',
    summary: 'Stop a cycle; nothing happens when it has ended',
    body: Stop,
    statuses: [202],
    faults: asksTemporal,
  },
  {
    id: 'watchCycle',
    at: 'GET /api/cycles/{id}/events',
    summary: 'The cycle whenever it changes, until it has ended',
    headers: ['Last-Event-ID'],
    kinds: ['events'],
  },
];
