/** The desk of a repository, as conversations may look at it: records of proposals, and analyses in a child process. */
import { analyse, createRunningAnalyses, readAnalysisConfig } from '../analysis/without-compiler.js';
import type { ProposalNote, RepositoryDesk } from '../conversation/index.js';
import type { Proposal } from '../improvement/types.js';
import type { Repository } from '../versioning/types.js';
import type { Tools } from './tools.js';
import type { ProposalStatus } from './types.js';

const proposalsRead = 1_000;

const noteOf = (status: ProposalStatus): ProposalNote => {
  const { id, title, rule, file, line, stage, risk, impact, verdict, measured, covered, outcome, gates } =
    status;
  return { id, title, rule, file, line, stage, risk, impact, verdict, measured, covered, outcome, gates };
};

/** Desks by repository; null when it is not registered any more. */
export function createDesks(tools: Pick<Tools, 'records' | 'artifacts' | 'stop' | 'paths'>) {
  const { records, artifacts, paths } = tools;
  const analyses = createRunningAnalyses(tools, async (options) => {
    const { include, exclude, severities, compat } = await readAnalysisConfig(options.root);
    return analyse({
      ...{ ...options, include, exclude, severities, compat, cacheDirectory: paths.cache },
      // Loaded by the child alone.
      fixers: [],
      fixersModule: new URL('../improvement/index.js', import.meta.url).href,
    });
  });
  return async (repositoryId: string): Promise<RepositoryDesk | null> => {
    const repository = await records.get<Repository>('repositories', repositoryId);
    if (repository === null) return null;
    return {
      repositoryId,
      async proposals(limit) {
        const all = await records.list<ProposalStatus>('proposals', proposalsRead);
        return all
          .filter((one) => one.repositoryId === repositoryId)
          .sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1))
          .slice(0, limit)
          .map((one) => noteOf(one));
      },
      async proposal(id) {
        const status = await records.get<ProposalStatus>('proposals', id);
        if (status?.repositoryId !== repositoryId) return null;
        const { reason, patch } = await artifacts.getJson<Proposal>(status.artifact);
        return { note: noteOf(status), reason, diff: patch.diff };
      },
      startAnalysis: () => analyses.start(repository),
    };
  };
}
