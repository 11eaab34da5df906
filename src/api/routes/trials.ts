/** Trials of patches from outside: all gates on anybody's diff, without landing anything. */
import { createHash, randomBytes } from 'node:crypto';
import { Hono } from 'hono';
import { z } from 'zod';
import type { PatchTrialInput, PatchTrialStatus } from '../../activities/types.js';
import { canonicalJson, sha256 } from '../../canonical.js';
import { RatchetError } from '../../errors.js';
import { workflowIds } from '../../workflows/messages.js';
import { checked } from '../checked.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import type { Progress } from '../gateway.js';
import { asksTemporal, writes, type Operation } from '../operation.js';
import { readBody } from '../problem.js';
import { findRepository } from './repositories.js';

const Order = z.strictObject({
  repository: z.string().min(1).max(128),
  /** A unified diff, as `git diff` prints it. */
  patch: z
    .string()
    .min(1)
    .max(512 * 1024),
  /** Source text of a workload module. */
  workload: z
    .string()
    .min(1)
    .max(256 * 1024)
    .nullable()
    .default(null),
  claimsGain: z.boolean().default(true),
  /** Commit to try it on; default: what the next improvement would be based on. */
  base: z
    .string()
    .regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/, 'not a whole commit id')
    .nullable()
    .default(null),
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
});

const ListQuery = z.object({ repository: z.string().min(1).max(128).optional() });

const ended = new Set<PatchTrialStatus['stage']>(['finished', 'cancelled', 'stopped', 'failed']);

/** What `GET /api/trials/:id` answers. */
export interface PatchTrialView extends PatchTrialStatus {
  /** Null when Temporal does not answer. */
  readonly progress: readonly Progress[] | null;
}

/** A retried request with the same key is the same trial. @throws INVALID_INPUT */
function idFor(repositoryId: string, key: string | undefined): string {
  if (key === undefined) return `t-${randomBytes(8).toString('hex')}`;
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) {
    throw new RatchetError('INVALID_INPUT', 'The key must be 1 to 200 printable characters.', {
      where: 'Idempotency-Key',
    });
  }
  return `t-${createHash('sha256').update(`${repositoryId}\n${key}`).digest('hex').slice(0, 16)}`;
}

const justAsked = ({ id, order, repository }: PatchTrialInput): PatchTrialStatus => ({
  id,
  order,
  repositoryId: repository.id,
  repositoryName: repository.name,
  stage: 'queued',
  gates: [],
  result: null,
  fault: null,
  startedAt: new Date().toISOString(),
  finishedAt: null,
});

async function findTrial({ records }: ApiDependencies, id: string): Promise<PatchTrialStatus> {
  const found = await records.get<PatchTrialStatus>('patchTrials', id);
  if (found === null) {
    throw new RatchetError('NOT_FOUND', `No trial ${id}.`, {
      where: id,
      mend: 'List them: GET /api/trials.',
    });
  }
  return found;
}

async function view(dependencies: ApiDependencies, id: string): Promise<PatchTrialView> {
  const status = await findTrial(dependencies, id);
  if (ended.has(status.stage)) return { ...status, progress: [] };
  try {
    return { ...status, progress: await dependencies.gateway.progress(workflowIds.trial(id)) };
  } catch {
    // Temporal away: the record still says where the trial stands; null says that the live part is missing.
    return { ...status, progress: null };
  }
}

/** Starts the trial; the order is written down beside it, once. @throws CONFLICT */
async function start(
  { records, artifacts, gateway }: ApiDependencies,
  body: z.infer<typeof Order>,
  asked: Pick<PatchTrialInput, 'id' | 'repository'>,
): Promise<void> {
  const order = sha256(canonicalJson(body));
  const known = await records.get<PatchTrialStatus>('patchTrials', asked.id);
  if (known !== null && known.order !== order) {
    throw new RatchetError('CONFLICT', 'This key was used for another trial.', {
      where: 'Idempotency-Key',
      mend: 'Use a new key for a new patch.',
    });
  }
  if (known !== null) return;
  const input: PatchTrialInput = {
    ...asked,
    order,
    base: body.base,
    diff: await artifacts.put(body.patch),
    workload: body.workload === null ? null : await artifacts.put(body.workload),
    claimsGain: body.claimsGain,
    seed: body.seed,
  };
  await gateway.startTrial(input);
  // The workflow may have written already: only a trial that nobody knows is put down as waiting.
  await records.update<PatchTrialStatus>('patchTrials', input.id, (current) => current ?? justAsked(input));
}

export function trialRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { records, gateway, stop } = dependencies;
  const routes = new Hono<ApiEnvironment>();

  routes.post('/', async (context) => {
    const body = await readBody(context, Order);
    const repository = await findRepository(dependencies, body.repository);
    const stopped = await stop.state();
    if (stopped !== null) {
      throw new RatchetError('STOPPED', `The emergency stop is set by ${stopped.by}: ${stopped.reason}.`, {
        mend: 'Lift it first: ratchet resume.',
      });
    }
    const id = idFor(repository.id, context.req.header('idempotency-key'));
    await start(dependencies, body, { id, repository });
    context.header('location', `/api/trials/${id}`);
    return context.json({ id, repositoryId: repository.id }, 202);
  });

  routes.get('/', async (context) => {
    const { repository } = checked(ListQuery, context.req.query());
    const all = await records.list<PatchTrialStatus>('patchTrials', 200);
    const items = all.filter((one) => repository === undefined || one.repositoryId === repository);
    return context.json({ items });
  });

  routes.get('/:id', async (context) => context.json(await view(dependencies, context.req.param('id'))));

  /** Cancelling twice, or after the end, changes nothing. */
  routes.delete('/:id', async (context) => {
    const status = await findTrial(dependencies, context.req.param('id'));
    if (ended.has(status.stage)) return context.json(status, 200);
    await gateway.cancelTrial(status.id);
    return context.json(status, 202);
  });

  return routes;
}

/** What these routes say of themselves. */
export const trialOperations: readonly Operation[] = [
  {
    id: 'startTrial',
    at: 'POST /api/trials',
    summary: "Try anybody's patch by all gates; nothing lands",
    body: Order,
    headers: ['Idempotency-Key'],
    statuses: [202],
    faults: ['NOT_FOUND', 'STOPPED', 'CONFLICT', ...asksTemporal, ...writes],
  },
  { id: 'listTrials', at: 'GET /api/trials', summary: 'Trials, newest first', query: ListQuery },
  { id: 'readTrial', at: 'GET /api/trials/{id}', summary: 'A trial, its gates as they answer, its result' },
  {
    id: 'cancelTrial',
    at: 'DELETE /api/trials/{id}',
    summary: 'Cancel a trial; nothing happens when it has ended',
    statuses: [200, 202],
    faults: asksTemporal,
  },
];
