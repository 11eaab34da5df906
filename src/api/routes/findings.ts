/** Findings of a repository's newest analysis, whoever asked for it: a person, or a cycle. */
import { Hono } from 'hono';
import { z } from 'zod';
import type { CycleStatus } from '../../activities/types.js';
import type { AnalysisReport, Finding, FunctionMetrics, Severity } from '../../analysis/types.js';
import { checked } from '../checked.js';
import type { ApiDependencies, ApiEnvironment } from '../dependencies.js';
import type { Operation } from '../operation.js';
import { PageQuery, pageOfList } from '../list-page.js';
import type { AnalysisStatus } from '../../analysis/without-compiler.js';
import { findRepository } from './repositories.js';

const severities = ['critical', 'high', 'medium', 'low', 'info'] as const satisfies readonly Severity[];
const hotspotsMax = 24;

const Query = PageQuery.extend({
  repository: z.string().min(1).max(128),
  severity: z.enum(severities).optional(),
  rule: z.string().min(1).max(100).optional(),
  text: z.string().min(1).max(200).optional(),
  fixable: z.enum(['true', 'false']).optional(),
});

/** What `GET /api/findings` answers; `source` is null when nothing was analysed yet. */
export interface FindingsView {
  readonly source: { readonly kind: 'analysis' | 'cycle'; readonly id: string; readonly at: string } | null;
  readonly summary: AnalysisReport['summary'] | null;
  readonly rules: readonly { readonly rule: string; readonly count: number }[];
  /** Matches of the filters, on all pages. */
  readonly total: number;
  readonly items: readonly Finding[];
  readonly next: string | null;
  /** The functions that are hardest to read. */
  readonly hotspots: readonly FunctionMetrics[];
}

interface Source {
  readonly kind: 'analysis' | 'cycle';
  readonly id: string;
  readonly at: string;
  readonly report: string;
}

async function newestReport({ records }: ApiDependencies, repositoryId: string): Promise<Source | null> {
  const [analyses, cycles] = await Promise.all([
    records.list<AnalysisStatus>('analyses', 200),
    records.list<CycleStatus>('cycles', 200),
  ]);
  const found = [
    ...analyses.map(({ id, repositoryId, report, finishedAt }) => ({
      ...{ kind: 'analysis' as const, id, repositoryId, report, at: finishedAt ?? '' },
    })),
    ...cycles.map(({ cycleId, repositoryId, analysis, startedAt }) => ({
      ...{
        kind: 'cycle' as const,
        id: cycleId,
        repositoryId,
        report: analysis?.report ?? null,
        at: startedAt,
      },
    })),
  ]
    .filter((one) => one.repositoryId === repositoryId)
    .sort((one, other) => (one.at < other.at ? 1 : -1))
    .flatMap(({ report, kind, id, at }) => (report === null ? [] : [{ kind, id, at, report }]));
  return found[0] ?? null;
}

const byWeight = (one: Finding, other: Finding): number =>
  severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
  (one.file < other.file ? -1 : one.file > other.file ? 1 : one.span.start.line - other.span.start.line);

function matching(findings: readonly Finding[], asked: z.infer<typeof Query>): Finding[] {
  const text = asked.text?.toLowerCase();
  return findings
    .filter(
      ({ severity, rule, tier, file, title }) =>
        (asked.severity === undefined || severity === asked.severity) &&
        (asked.rule === undefined || rule === asked.rule) &&
        (asked.fixable === undefined || (asked.fixable === 'true') === (tier !== null)) &&
        (text === undefined || `${file} ${title} ${rule}`.toLowerCase().includes(text)),
    )
    .sort(byWeight);
}

export function findingRoutes(dependencies: ApiDependencies): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  routes.get('/', async (context) => {
    const asked = checked(Query, context.req.query());
    const repository = await findRepository(dependencies, asked.repository);
    const source = await newestReport(dependencies, repository.id);
    if (source === null) {
      const nothing = { summary: null, rules: [], total: 0, items: [], next: null, hotspots: [] };
      return context.json<FindingsView>({ source, ...nothing });
    }
    const report = await dependencies.artifacts.getJson<AnalysisReport>(source.report);
    const found = matching(report.findings, asked);
    const counts = new Map<string, number>();
    for (const { rule } of report.findings) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    const { kind, id, at } = source;
    return context.json<FindingsView>({
      source: { kind, id, at },
      summary: report.summary,
      rules: [...counts].map(([rule, count]) => ({ rule, count })),
      total: found.length,
      ...pageOfList(context, found, ({ fingerprint, range }) => `${fingerprint}-${range[0]}`),
      hotspots: report.functions
        .filter(({ cognitive }) => cognitive > 0)
        .toSorted((one, other) => other.cognitive - one.cognitive)
        .slice(0, hotspotsMax),
    });
  });
  return routes;
}

/** What these routes say of themselves. */
export const findingOperations: readonly Operation[] = [
  {
    id: 'listFindings',
    at: 'GET /api/findings',
    summary: "Findings of a repository's newest analysis",
    query: Query,
    faults: ['NOT_FOUND'],
  },
];
