/** The repository of a conversation, as its tools read it: the mirror's base commit, and the newest findings. */
import type { AnalysisReport } from '../analysis/types.js';
import type { CodeReader } from '../conversation/index.js';
import type { CodeAtCommit } from '../versioning/index.js';
import type { Digest, Repository } from '../versioning/types.js';
import type { Tools } from './tools.js';
import type { CycleStatus } from './types.js';

/** How long a look at the source is good for. */
const freshMs = 30_000;
const readersMaximum = 50;

interface AnalysisRecord {
  readonly repositoryId: string;
  readonly report: Digest | null;
  readonly finishedAt: string | null;
}

/** The newest report over this repository, by an analysis or a cycle. */
async function newestReport(
  { records, artifacts }: Tools,
  repositoryId: string,
): Promise<AnalysisReport | null> {
  const analyses = await records.list<AnalysisRecord>('analyses', 200);
  const cycles = await records.list<CycleStatus>('cycles', 200);
  const known = [
    ...analyses.map((one) => ({ ...one, at: one.finishedAt ?? '' })),
    ...cycles.map((one) => ({
      repositoryId: one.repositoryId,
      report: one.analysis?.report ?? null,
      at: one.startedAt,
    })),
  ].filter((one) => one.repositoryId === repositoryId && one.report !== null);
  const newest = known.sort((a, b) => (a.at < b.at ? 1 : -1))[0];
  return newest?.report === undefined || newest.report === null
    ? null
    : artifacts.getJson<AnalysisReport>(newest.report);
}

/** Readers by repository id; null when it is not registered any more. */
export function createCodeReaders(tools: Tools): (repositoryId: string) => Promise<CodeReader | null> {
  const known = new Map<string, { readonly at: number; readonly code: Promise<CodeAtCommit> }>();
  return async (repositoryId) => {
    const repository = await tools.records.get<Repository>('repositories', repositoryId);
    if (repository === null) return null;
    const recent = known.get(repositoryId);
    const fresh = recent !== undefined && Date.now() - recent.at < freshMs;
    const opened = fresh ? recent.code : tools.versioning.readCode(repository);
    if (!fresh) {
      if (known.size > readersMaximum) known.clear();
      known.set(repositoryId, { at: Date.now(), code: opened });
      // A look that failed is not remembered; who waits for it gets the fault.
      opened.catch(() => known.delete(repositoryId));
    }
    return readerOf(tools, repositoryId, await opened);
  };
}

function readerOf(tools: Tools, repositoryId: string, code: CodeAtCommit): CodeReader {
  return {
    commit: code.commit,
    files: (paths) => code.files(paths),
    search: (query, limit) => code.search(query, limit),
    paths: () => code.paths(),
    async lines(path, from, to) {
      const text = await code.file(path);
      if (text === null) return null;
      const all = text.replace(/\n$/, '').split('\n');
      const first = Math.min(from, all.length);
      const last = Math.min(Math.max(to, first), all.length);
      return { path, from: first, to: last, total: all.length, text: all.slice(first - 1, last).join('\n') };
    },
    async findings(limit) {
      const report = await newestReport(tools, repositoryId);
      return (report?.findings ?? []).slice(0, limit).map(({ rule, file, span, severity, title }) => ({
        ...{ rule, severity, title },
        path: file,
        line: span.start.line,
      }));
    },
  };
}
