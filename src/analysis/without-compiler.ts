/**
 * The room's second door: what needs no compiler. Loading TypeScript takes longer than answering from the cache, so a
 * command line that only wants a report comes in here; everything else uses index.ts.
 */
export { analyse } from './analyse.js';
export { severityRank } from './assemble-report.js';
export { formatTable, type TableOptions } from './report/format-table.js';
export { toMarkdown } from './report/to-markdown.js';
export { toSarif } from './report/to-sarif.js';
export { readAnalysisConfig, type AnalysisConfig } from './config/read-config.js';
export { changedSince } from './changed-files.js';
export { readBaseline, withoutKnown, baselineOf } from './report/baseline.js';
export {
  createRunningAnalyses,
  runningMax,
  type Analyse,
  type AnalysisProgress,
  type AnalysisStatus,
  type RunningAnalyses,
} from './running-analyses.js';
