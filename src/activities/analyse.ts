/** Analysis of the base commit: the report goes into the artifact store, the workflow gets its digest. */
import { join } from 'node:path';
import { readAnalysisConfig } from '../analysis/index.js';
import { baselineOf } from './prepare.js';
import type { Step } from './run.js';
import type { Tools } from './tools.js';
import type { AnalysisNote, ExecActivities } from './types.js';

export async function analyseStep(
  tools: Tools,
  { repository, base, cycleId }: Parameters<ExecActivities['analyse']>[0],
  step: Step,
): Promise<AnalysisNote> {
  const workspace = await tools.versioning.openWorkspace(repository, base, `${cycleId}-base`);
  const root = join(workspace.path, repository.directory);
  // First: a mistake in it is told before any test runs.
  const { include, exclude, severities, compat } = await readAnalysisConfig(root);
  const { hotShares } = await baselineOf(tools, repository, workspace, step);
  const report = await tools.analyse({
    root,
    ...{ include, exclude, severities, compat },
    // The codemods are loaded in the analysis' own process, so that heartbeats go on while it works.
    fixers: [],
    fixersModule: new URL('../improvement/index.js', import.meta.url).href,
    cacheScope: repository.id,
    hotShares,
    cacheDirectory: join(tools.paths.cache, 'analysis'),
    signal: step.signal,
    onProgress: ({ done, total, step: part }) => step.progress(`${part} ${done} of ${total}`),
  });
  const { summary } = report;
  return {
    report: await tools.artifacts.putJson(report),
    files: summary.files,
    lines: summary.lines,
    elapsedMs: summary.elapsedMs,
    findings: summary.findings,
    fixable: summary.fixable,
  };
}
