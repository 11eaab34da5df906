/** The adapters that activities share, made once per worker process. */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { analyse, metricsOf } from '../analysis/index.js';
import type { Config, HomePaths } from '../config.js';
import type { LanguageModel } from '../llm/types.js';
import type { MetricStore, Recorder } from '../metrics/types.js';
import { createAuditLog, createEmergencyStop } from '../safety/index.js';
import type { AuditLog, EmergencyStop } from '../safety/types.js';
import { findPart } from '../stack/index.js';
import { createArtifactStore, createRecordStore } from '../storage/index.js';
import type { ArtifactStore, RecordStore } from '../storage/types.js';
import { createTestHistory, type TestHistory } from '../verification/history/index.js';
import { createGates, createSandbox } from '../verification/index.js';
import { createCrashPoint, type CrashPoint } from './crash-points.js';
import type { Gate, Sandbox } from '../verification/types.js';
import { createVersioning, judgePatch, parseDiff } from '../versioning/index.js';
import type { Versioning } from '../versioning/index.js';
import type { RepositoryPolicy } from '../versioning/types.js';

/** What every activity may use. */
export interface Tools {
  readonly config: Config;
  readonly paths: HomePaths;
  readonly version: string;
  readonly stop: EmergencyStop;
  readonly audit: AuditLog;
  readonly records: RecordStore;
  readonly artifacts: ArtifactStore;
  readonly versioning: Versioning;
  /** All gates of a trial under a repository's own policy, on a base that holds these files. */
  gatesFor(policy: RepositoryPolicy, existingPaths: readonly string[]): readonly Gate[];
  /** Runs of tests, kept where Redis is; never a reason to fail. */
  readonly tests: TestHistory;
  readonly analyse: typeof analyse;
  readonly crashPoint: CrashPoint;
  /** Made at first use: a machine without a sandbox still lands and rolls back. */
  sandbox(): Promise<Sandbox>;
  close(): Promise<void>;
}

export interface ToolOptions {
  readonly config: Config;
  /** PATH and what fetching a part needs; read by the entry point. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly paths: HomePaths;
  readonly version: string;
  /** Instead of the one that the settings name. */
  readonly model?: LanguageModel;
  /** Hears how the model answers. */
  readonly recorder?: Pick<Recorder, 'record'>;
  /** Where series are kept; left out: nowhere. */
  readonly metricStore?: MetricStore | null;
}

/** Wires the rooms together. */
export async function createTools({ config, environment, paths, version }: ToolOptions): Promise<Tools> {
  const stop = createEmergencyStop({ file: paths.stopFile, redisUrl: config.redisUrl });
  const unwatch = await stop.watch();
  const crashPoint = createCrashPoint(config.crashAt, paths);
  const tests = createTestHistory(config.redisUrl);
  let sandbox: Promise<Sandbox> | undefined;
  return {
    config,
    paths,
    version,
    stop,
    audit: createAuditLog(paths.audit),
    records: createRecordStore(paths.records),
    artifacts: createArtifactStore(paths.artifacts),
    versioning: createVersioning({
      mirrors: paths.mirrors,
      workspaces: paths.workspaces,
      stopCheck: () => checkBeforeWrite(stop, crashPoint),
      signal: () => stop.signal(),
      environment,
    }),
    gatesFor: (policy, existingPaths) =>
      createGates({
        judge: ({ patch }) =>
          judgePatch({
            diff: patch.diff,
            files: parseDiff(patch.diff),
            policy,
            existingPaths,
          }),
        metricsOf,
        loadAverage: () => loadavg()[0] ?? 0,
      }),
    tests,
    analyse,
    crashPoint,
    async sandbox() {
      sandbox ??= findPart('sandbox', { config, environment }).then(({ path }) =>
        createSandbox({
          bwrap: path ?? '',
          scratch: join(paths.scratch, 'sandbox'),
          stopSignal: () => stop.signal(),
        }),
      );
      try {
        return await sandbox;
      } catch (error) {
        sandbox = undefined;
        throw error;
      }
    },
    async close() {
      await tests.close();
      await unwatch();
    },
  };
}

const writes = new Map<string, number>();

/** Every write to a repository asks for the stop flag first; the crash matrix counts these moments. */
async function checkBeforeWrite(stop: EmergencyStop, crashPoint: CrashPoint): Promise<void> {
  await stop.check();
  const { activityType, activityId } = Context.current().info;
  const key = `${activityType}/${activityId}`;
  const count = (writes.get(key) ?? 0) + 1;
  if (writes.size > 1_000) writes.clear();
  writes.set(key, count);
  crashPoint(`${activityType}:check-${count}`);
}
