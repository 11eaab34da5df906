/** Runs our workflows on a real Temporal server with scripted activities. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  bundleWorkflowCode,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { queues } from '../../src/activities/types.js';
import type { Repository } from '../../src/versioning/types.js';
import { searchKeys, workflowIds } from '../../src/workflows/messages.js';
import { startTestStack } from '../support/servers.js';
import { scriptedActivities, type Script } from './scripted-activities.js';

const root = join(import.meta.dirname, '../..');

export const histories = join(import.meta.dirname, 'histories');

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The bundle that production uses, made from source once per test file. */
export async function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error };
  bundle ??= bundleWorkflowCode({
    workflowsPath: join(import.meta.dirname, '../../src/workflows/index.ts'),
    logger: quiet,
  });
  return bundle;
}

export interface WorkflowHarness {
  readonly client: Client;
  /** Runs `work` beside workers that play the script. */
  play(script: Script, work: (seen: ReturnType<typeof scriptedActivities>) => Promise<void>): Promise<void>;
  startCycle(repository: Repository, parallelTrials?: number): Promise<string>;
  /** Stores the history as a golden file when UPDATE_HISTORIES is set. */
  keep(workflowId: string, name: string): Promise<void>;
  close(): Promise<void>;
}

/** Scripted faults are expected here: the runtime's own log would drown the test's. */
export function quietRuntime(): void {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
}

/** Starts a real server and returns the harness. */
export async function startHarness(): Promise<WorkflowHarness> {
  quietRuntime();
  const stack = await startTestStack();
  const connection = await Connection.connect({ address: stack.temporalAddress });
  const native = await NativeConnection.connect({ address: stack.temporalAddress });
  const client = new Client({ connection });
  let cycles = 0;
  return {
    client,
    async play(script, work) {
      const seen = scriptedActivities(script);
      const options = { connection: native, shutdownGraceTime: 100, shutdownForceTime: 5_000 };
      const workers = await Promise.all([
        Worker.create({
          ...options,
          taskQueue: queues.main,
          workflowBundle: await workflowBundle(),
          activities: seen.light,
        }),
        Worker.create({ ...options, taskQueue: queues.exec, activities: seen.exec }),
      ]);
      const runs = Promise.all(workers.map((worker) => worker.run()));
      try {
        await work(seen);
      } finally {
        for (const worker of workers) worker.shutdown();
        await runs;
      }
    },
    async startCycle(repository, parallelTrials = 1) {
      cycles += 1;
      const workflowId = workflowIds.cycle(repository.id);
      await client.workflow.start('improvementCycle', {
        workflowId,
        taskQueue: queues.main,
        args: [
          {
            cycleId: `c-${cycles}`,
            repository,
            trigger: 'person',
            startedBy: 'tester',
            parallelTrials,
            maxProposals: 8,
            rules: [],
            seed: 7,
          },
        ],
        typedSearchAttributes: [
          { key: searchKeys.kind, value: 'cycle' },
          { key: searchKeys.repository, value: repository.id },
        ],
      });
      return workflowId;
    },
    async keep(workflowId, name) {
      if (!process.env['UPDATE_HISTORIES']) return;
      const history = await client.workflow.getHandle(workflowId).fetchHistory();
      await writeFile(
        join(histories, `${name}.json`),
        JSON.stringify(JSON.parse(historyToJSON(history))).replaceAll(root, '.'),
      );
    },
    async close() {
      await connection.close();
      await native.close();
      await stack.stop();
    },
  };
}
