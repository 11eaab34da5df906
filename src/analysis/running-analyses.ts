/** Analyses that this API process has started: bounded in number, cancellable, their ends kept as records. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { AnalyseOptions, AnalysisReport, AnalysisSummary } from './types.js';
import { toRatchetError, type FaultCode } from '../errors.js';
import type { EmergencyStop } from '../safety/types.js';
import type { ArtifactStore, RecordStore } from '../storage/types.js';
import type { Digest, Repository } from '../versioning/types.js';

export interface AnalysisStatus {
  readonly id: string;
  readonly repositoryId: string;
  readonly repositoryName: string;
  readonly stage: 'running' | 'finished' | 'cancelled' | 'failed';
  /** The whole report, fixes included, in the artifact store. */
  readonly report: Digest | null;
  readonly summary: AnalysisSummary | null;
  readonly fault: { readonly code: FaultCode; readonly message: string; readonly mend: string | null } | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}
export interface AnalysisProgress {
  readonly done: number;
  readonly total: number;
  readonly step: string;
}
/** Analyses a directory, in a child process. */
export type Analyse = (
  options: Pick<AnalyseOptions, 'root' | 'cacheScope' | 'signal' | 'onProgress'>,
) => Promise<AnalysisReport>;

interface Running {
  readonly status: AnalysisStatus;
  readonly controller: AbortController;
  progress: AnalysisProgress | null;
  readonly ended: Promise<void>;
}

/** More children at once would only share the processors and the memory. */
export const runningMax = 2;

export interface RunningAnalyses {
  /** The running analysis of the repository, or a new one; null when as many run as may. */
  start(repository: Repository): Promise<AnalysisStatus | null>;
  /** Null when it does not run in this process. */
  progressOf(id: string): AnalysisProgress | 'starting' | null;
  /** Resolves when the child has ended and the record says so; false when it does not run here. */
  cancel(id: string): Promise<boolean>;
}

interface Stores {
  readonly records: RecordStore;
  readonly artifacts: ArtifactStore;
  readonly stop: EmergencyStop;
}

export function createRunningAnalyses(stores: Stores, analyse: Analyse): RunningAnalyses {
  const { records, stop } = stores;
  const running = new Map<string, Running>();

  return {
    async start(repository) {
      const same = [...running.values()].find(({ status }) => status.repositoryId === repository.id);
      if (same !== undefined) return same.status;
      if (running.size >= runningMax) return null;
      const status: AnalysisStatus = {
        id: `a-${randomBytes(8).toString('hex')}`,
        repositoryId: repository.id,
        repositoryName: repository.name,
        stage: 'running',
        report: null,
        summary: null,
        fault: null,
        startedAt: new Date().toISOString(),
        finishedAt: null,
      };
      const controller = new AbortController();
      const written = records.put('analyses', status.id, status);
      const ended = written
        .then(() =>
          run(stores, analyse, {
            status,
            repository,
            signal: AbortSignal.any([controller.signal, stop.signal()]),
            onProgress(progress) {
              const one = running.get(status.id);
              if (one !== undefined) one.progress = progress;
            },
          }),
        )
        .finally(() => running.delete(status.id));
      // The end is told by the record; who waits for `ended` gets the error, nobody else needs it.
      ended.catch(() => undefined);
      running.set(status.id, { status, controller, progress: null, ended });
      await written;
      return status;
    },
    progressOf(id) {
      const one = running.get(id);
      return one === undefined ? null : (one.progress ?? 'starting');
    },
    async cancel(id) {
      const one = running.get(id);
      if (one === undefined) return false;
      one.controller.abort();
      await one.ended;
      return true;
    },
  };
}

interface Run {
  readonly status: AnalysisStatus;
  readonly repository: Repository;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: AnalysisProgress) => void;
}

/** One analysis from start to its last record. */
async function run(
  { records, artifacts }: Stores,
  analyse: Analyse,
  { status, repository, signal, onProgress }: Run,
): Promise<void> {
  let end: Pick<AnalysisStatus, 'stage' | 'report' | 'summary' | 'fault'>;
  try {
    const report = await analyse({
      root: join(repository.source, repository.directory),
      cacheScope: repository.id,
      signal,
      onProgress,
    });
    const digest = await artifacts.putJson(report);
    end = { stage: 'finished', report: digest, summary: report.summary, fault: null };
  } catch (error) {
    const { code, message, mend = null } = toRatchetError(error);
    const cancelled = signal.aborted || code === 'CANCELLED';
    end = {
      stage: cancelled ? 'cancelled' : 'failed',
      report: null,
      summary: null,
      fault: cancelled ? null : { code, message, mend },
    };
  }
  await records.put('analyses', status.id, { ...status, ...end, finishedAt: new Date().toISOString() });
}
