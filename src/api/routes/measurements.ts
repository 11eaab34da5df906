/** Series of measurements: what there is, and how it went. */
import { Hono } from 'hono';
import { z } from 'zod';
import { RatchetError } from '../../errors.js';
import { catalogue, queryMetrics } from '../../metrics/index.js';
import type { MetricStore } from '../../metrics/types.js';
import { checked } from '../checked.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import type { Operation } from '../operation.js';

const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const names = catalogue.map(({ name }) => name);
const statistics = ['mean', 'count', 'sum', 'min', 'max', 'p50', 'p95', 'p99'] as const;

const labelsPattern = /^[a-z]+:[^,]*(,[a-z]+:[^,]*){0,9}$/;

/** "7d", "36h", "90m". */
export const spanPattern = /^[1-9][0-9]{0,4}[mhd]$/;
export const spanMs = (span: string): number =>
  Number(span.slice(0, -1)) * units[span.slice(-1) as keyof typeof units];

const Query = z.object({
  metric: z.enum(names),
  statistic: z.enum(statistics).default('mean'),
  /** Instead of `from`: so long before `to`. */
  since: z.string().regex(spanPattern, 'a span such as 90m, 36h or 7d').default('24h'),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  /** Seconds between points; default: what fits. */
  step: z.coerce.number().int().min(60).max(31_536_000).optional(),
  maxPoints: z.coerce.number().int().min(1).max(50_000).default(1_500),
  /** `route:/api/health,method:GET`: only series that have these values. */
  labels: z.string().max(1_000).regex(labelsPattern, 'name:value, separated by commas').optional(),
});
const SeriesQuery = z.object({ metric: z.enum(names).optional() });

/** @throws RatchetError REDIS_UNAVAILABLE where nothing is kept */
export function keptMetrics({ metricStore }: Pick<ApiDependencies, 'metricStore'>): MetricStore {
  if (metricStore) return metricStore;
  throw new RatchetError('REDIS_UNAVAILABLE', 'Nothing is kept: series of measurements need Redis.', {
    mend: 'Start with ratchet up, or set REDIS_URL.',
  });
}

function labelsOf(text: string | undefined): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const pair of (text ?? '').split(',').filter((one) => one !== '')) {
    // Values may hold colons: patterns of routes do.
    const at = pair.indexOf(':');
    labels[pair.slice(0, at)] = pair.slice(at + 1);
  }
  return labels;
}

export function measurementRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();

  routes.get('/query', async (context) => {
    const { metric, statistic, since, from, to, step, maxPoints, labels } = checked(
      Query,
      context.req.query(),
    );
    const now = Date.now();
    const until = to === undefined ? now : Date.parse(to);
    const answer = await queryMetrics(keptMetrics(dependencies), {
      ...{ metric, statistic, maxPoints, to: until },
      from: from === undefined ? Math.max(0, until - spanMs(since)) : Date.parse(from),
      step: step === undefined ? null : step * 1_000,
      labels: labelsOf(labels),
    });
    return context.json(answer);
  });

  routes.get('/series', async (context) => {
    const { metric } = checked(SeriesQuery, context.req.query());
    const store = keptMetrics(dependencies);
    const [keptAs, items, refused] = await Promise.all([store.kind(), store.series(metric), store.refused()]);
    return context.json({ keptAs, metrics: catalogue, items, refused });
  });

  return routes;
}

/** What these routes say of themselves. */
export const measurementOperations: readonly Operation[] = [
  {
    id: 'queryMetrics',
    at: 'GET /api/metrics/query',
    summary: 'How a metric went: points per series, in at most 50,000',
    query: Query,
    faults: ['NOT_FOUND', 'REDIS_UNAVAILABLE'],
  },
  {
    id: 'listSeries',
    at: 'GET /api/metrics/series',
    summary: 'Which series there are, and what was refused',
    query: SeriesQuery,
    faults: ['REDIS_UNAVAILABLE'],
  },
];
