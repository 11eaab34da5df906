/** Analyses of registered repositories: started here, run in a child of the API process, read by id. */
import { Hono } from 'hono';
import { z } from 'zod';
import { RatchetError } from '../../errors.js';
import type { AnalysisReport } from '../../analysis/types.js';
import type { Repository } from '../../versioning/types.js';
import { checked } from '../checked.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import { writes, type Operation } from '../operation.js';
import { RepositoryPageQuery, pageOfList } from '../list-page.js';
import { readBody } from '../problem.js';
import {
  createRunningAnalyses,
  runningMax,
  type AnalysisProgress,
  type AnalysisStatus,
} from '../../analysis/without-compiler.js';
import { findRepository } from './repositories.js';

const Order = z
  .strictObject({
    repository: z.string().min(1).max(128).optional(),
    /** Path of a registered repository. */
    path: z.string().min(1).max(4_096).optional(),
  })
  .refine((order) => (order.repository === undefined) !== (order.path === undefined), {
    message: 'give either repository or path',
    path: ['repository'],
  });

/** What `GET /api/analyses/:id` answers. */
export interface AnalysisView extends Omit<AnalysisStatus, 'report'> {
  readonly progress: AnalysisProgress | null;
  /** As `ratchet analyze --json` prints it; null until finished. */
  readonly report: Omit<AnalysisReport, 'fixes'> | null;
}

async function repositoryOf(
  dependencies: ApiDependencies,
  order: z.infer<typeof Order>,
): Promise<Repository> {
  if (order.repository !== undefined) return findRepository(dependencies, order.repository);
  const { id } = await dependencies.sources.inspectSource(order.path ?? '');
  return findRepository(dependencies, id);
}

async function findAnalysis({ records }: ApiDependencies, id: string): Promise<AnalysisStatus> {
  const found = await records.get<AnalysisStatus>('analyses', id);
  if (found !== null) return found;
  throw new RatchetError('NOT_FOUND', `No analysis ${id}.`, {
    where: id,
    mend: 'List them: GET /api/analyses.',
  });
}

export function analysisRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const { records, artifacts, stop } = dependencies;
  const analyses = createRunningAnalyses(dependencies, dependencies.analyse);
  const routes = new Hono<ApiEnvironment>();

  /** A record that says "running" while nothing runs is one of an API process that has ended. */
  const settled = (status: AnalysisStatus): AnalysisStatus =>
    status.stage === 'running' && analyses.progressOf(status.id) === null
      ? {
          ...status,
          stage: 'failed',
          fault: { code: 'INTERNAL', message: 'The API ended meanwhile.', mend: 'Start the analysis again.' },
        }
      : status;

  routes.post('/', async (context) => {
    const repository = await repositoryOf(dependencies, await readBody(context, Order));
    const stopped = await stop.state();
    if (stopped !== null)
      throw new RatchetError('STOPPED', `The emergency stop is set by ${stopped.by}: ${stopped.reason}.`, {
        mend: 'Lift it first: ratchet resume.',
      });
    const status = await analyses.start(repository);
    if (status === null)
      throw new RatchetError('RATE_LIMITED', `${runningMax} analyses run already.`, {
        mend: 'Wait for one to end, or cancel it: DELETE /api/analyses/:id.',
        data: { retryAfterSeconds: 5 },
      });
    context.header('location', `/api/analyses/${status.id}`);
    return context.json({ id: status.id, repositoryId: repository.id }, 202);
  });

  routes.get('/', async (context) => {
    const { repository } = checked(RepositoryPageQuery, context.req.query());
    const all = await records.list<AnalysisStatus>('analyses', 200);
    const wanted = all.filter((one) => repository === undefined || one.repositoryId === repository);
    return context.json(pageOfList(context, wanted.map(settled), ({ id }) => id));
  });

  routes.get('/:id', async (context) => {
    // Asked before the record is read: an analysis that ends in between is then read as ended.
    const progress = analyses.progressOf(context.req.param('id'));
    const found = await findAnalysis(dependencies, context.req.param('id'));
    const status = progress === null ? settled(found) : found;
    const answer: AnalysisView = {
      ...status,
      progress: progress === 'starting' || status.stage !== 'running' ? null : progress,
      report: status.report === null ? null : await readReport(status.report),
    };
    return context.json(answer);
  });

  /** Cancelling twice, or after the end, changes nothing. */
  routes.delete('/:id', async (context) => {
    const id = context.req.param('id');
    await findAnalysis(dependencies, id);
    await analyses.cancel(id);
    return context.json(settled(await findAnalysis(dependencies, id)));
  });

  async function readReport(digest: Parameters<typeof artifacts.get>[0]): Promise<AnalysisView['report']> {
    const { fixes: _fixes, ...printed } = await artifacts.getJson<AnalysisReport>(digest);
    return printed;
  }

  return routes;
}

/** What these routes say of themselves. */
export const analysisOperations: readonly Operation[] = [
  {
    id: 'startAnalysis',
    at: 'POST /api/analyses',
    summary: 'Analyse a registered repository, in a process of its own',
    body: Order,
    statuses: [202],
    faults: ['NOT_FOUND', 'STOPPED', 'NOT_A_REPOSITORY', 'EMPTY_REPOSITORY', 'GIT_FAILED', ...writes],
  },
  {
    id: 'listAnalyses',
    at: 'GET /api/analyses',
    summary: 'Analyses, newest first',
    query: RepositoryPageQuery,
  },
  { id: 'readAnalysis', at: 'GET /api/analyses/{id}', summary: 'An analysis: its progress, then its report' },
  { id: 'cancelAnalysis', at: 'DELETE /api/analyses/{id}', summary: 'Cancel an analysis', faults: writes },
];
