/** `/metrics` for Prometheus, and the stop-watch around every request. */
import { Hono, type MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { CycleStatus, ProposalStatus } from '../../activities/types.js';
import { createApiMetrics, type ApiMetrics, type HouseState, type Recorder } from '../../metrics/index.js';
import type { Change } from '../../versioning/types.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import type { Operation } from '../operation.js';

const newest = 1_000;
const ended = new Set<CycleStatus['stage']>(['finished', 'failed', 'stopped']);

function counted<T>(items: readonly T[], nameOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1;
  return counts;
}

async function look({ records, stop, gateway, tests, conversations }: ApiDependencies): Promise<HouseState> {
  const [proposals, changes, cycles, stopped, temporal, history] = await Promise.all([
    records.list<ProposalStatus>('proposals', newest),
    records.list<Change>('changes', newest),
    records.list<CycleStatus>('cycles', 200),
    stop.state(),
    gateway.healthy(),
    tests.read('health'),
  ]);
  const waiting = proposals.filter(({ stage }) => stage === 'awaitingDecision');
  const oldest = Math.min(Date.now(), ...waiting.map(({ updatedAt }) => Date.parse(updatedAt)));
  return {
    proposals: counted(proposals, ({ stage }) => stage),
    changes: counted(changes, ({ state }) => state),
    cyclesRunning: cycles.filter(({ stage }) => !ended.has(stage)).length,
    oldestWaitingSeconds: Math.max(0, (Date.now() - oldest) / 1_000),
    stopped: stopped !== null,
    temporal,
    redis: conversations.store.live === null ? null : history !== null,
  };
}

export const apiMetrics = (dependencies: ApiDependencies): ApiMetrics =>
  createApiMetrics(() => look(dependencies), { process: dependencies.measureProcess === true });

/** Measures each request by its route's pattern; a request that no route serves counts as `none`. */
export function measured(
  metrics: ApiMetrics,
  recorder?: Pick<Recorder, 'record'>,
): MiddlewareHandler<ApiEnvironment> {
  return async (context, next) => {
    const started = performance.now();
    await next();
    const pattern = routePath(context, -1);
    const route = pattern === '*' || pattern === '/*' ? 'none' : pattern;
    const elapsedMs = performance.now() - started;
    const { method } = context.req;
    metrics.observe(method, route, context.res.status, elapsedMs / 1_000);
    // Anybody may ask for what is not there: such requests open one series, not one each.
    const status = `${Math.floor(context.res.status / 100)}xx`;
    recorder?.record(
      'http.duration',
      { route, method: route === 'none' ? 'any' : method, status },
      elapsedMs,
    );
  };
}

export function metricRoutes(metrics: ApiMetrics): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  routes.get('/', async (context) => {
    const { contentType, text } = await metrics.exposition();
    return context.body(text, 200, { 'content-type': contentType });
  });
  return routes;
}

/** What this route says of itself. */
export const metricOperations: readonly Operation[] = [
  {
    id: 'readMetrics',
    at: 'GET /metrics',
    summary: 'Metrics in the text format of Prometheus',
    kinds: ['text'],
  },
];
