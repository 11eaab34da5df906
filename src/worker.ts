/** Entry of the worker process: settings → adapters → activities → workers. SIGTERM drains. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from './activities/index.js';
import { ensureWatch } from './activities/watch-schedule.js';
import { measureActivities } from './activities/measure-activities.js';
import { queues } from './activities/types.js';
import { homePaths, readConfig, type WorkerQueue } from './config.js';
import { explainFault, toRatchetError } from './errors.js';
import { createRecorder, createRedisStore, sampleProcess } from './metrics/index.js';

const here = dirname(fileURLToPath(import.meta.url));
const cachedWorkflows = 200;
const lightSlots = 50;
/** More than a model serves: who waits there waits in the client's own queue, cancellable. */
const llmSlots = 16;
const heartbeatThrottle = '500 milliseconds';
const connectForMs = 60_000;

const log = (line: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), process: 'worker', ...line })}\n`);
};

/** The server may still be starting: keep trying for a minute. */
async function connect(address: string): Promise<NativeConnection> {
  const until = Date.now() + connectForMs;
  for (;;) {
    try {
      return await NativeConnection.connect({ address });
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, 300);
      });
    }
  }
}

function ownVersion(): string {
  const manifest = readFileSync(join(here, '..', 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** What this process measures; without Redis nothing is kept. */
function openMetrics(redisUrl: string | null) {
  const metricStore = redisUrl === null ? null : createRedisStore({ url: redisUrl });
  const recorder = createRecorder(metricStore, { log: (message) => log({ level: 'warn', message }) });
  const stopSampling = sampleProcess(recorder, 'worker');
  const closeMetrics = async (): Promise<void> => {
    stopSampling();
    await recorder.close();
    await metricStore?.close();
  };
  return { metricStore, recorder, closeMetrics };
}

/** Running work ends or is given back; nothing new is taken. */
function drainWhenTold(workers: readonly Worker[]): void {
  const drain = (reason: string): void => {
    log({ level: 'info', message: 'draining', reason });
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  process.once('SIGTERM', () => drain('SIGTERM'));
  process.once('SIGINT', () => drain('SIGINT'));
  process.once('disconnect', () => drain('the supervisor has gone'));
}

const noWatch = (error: unknown): void =>
  log({ level: 'warn', message: `the watch has no schedule: ${String(error)}` });

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const version = ownVersion();
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      log({ level: level.toLowerCase(), message, ...meta });
    }),
  });
  const connection = await connect(config.temporal.address ?? '127.0.0.1:7233');
  const { metricStore, recorder, closeMetrics } = openMetrics(config.redisUrl);
  const activities = await createActivities({
    config,
    environment: process.env,
    paths: homePaths(config.home),
    version,
    ...{ recorder, metricStore },
  });
  const shared = {
    connection,
    namespace: config.temporal.namespace,
    interceptors: { activity: [measureActivities(recorder)] },
    maxHeartbeatThrottleInterval: heartbeatThrottle,
    defaultHeartbeatThrottleInterval: heartbeatThrottle,
    shutdownGraceTime: '3 seconds' as const,
    shutdownForceTime: '8 seconds' as const,
  };
  const plans: Readonly<Record<WorkerQueue, WorkerOptions>> = {
    main: {
      ...shared,
      taskQueue: queues.main,
      workflowBundle: { codePath: join(here, 'workflow-bundle.js') },
      activities: activities.light,
      maxCachedWorkflows: cachedWorkflows,
      maxConcurrentActivityTaskExecutions: lightSlots,
    },
    exec: {
      ...shared,
      taskQueue: queues.exec,
      activities: activities.exec,
      // One more slot than workspaces: landing and cleaning up never wait behind a trial.
      maxConcurrentActivityTaskExecutions: config.execSlots + 1,
    },
    llm: {
      ...shared,
      taskQueue: queues.llm,
      activities: activities.llm,
      maxConcurrentActivityTaskExecutions: llmSlots,
    },
  };
  const own = [...new Set(config.workerQueues)];
  const workers = await Promise.all(own.map((name) => Worker.create(plans[name])));

  drainWhenTold(workers);

  if (own.includes('main')) {
    // Without it nothing else stands still: the next worker that starts tries again.
    void ensureWatch(connection, config.temporal.namespace).catch(noWatch);
  }
  const running = Promise.all(workers.map((worker) => worker.run()));
  log({ level: 'info', message: 'ready', pid: process.pid, queues: own });
  process.send?.({ kind: 'ready' });
  await running;
  await activities.close();
  await closeMetrics();
  await connection.close();
}

try {
  await main();
  process.exit(0);
} catch (error) {
  log({ level: 'error', message: explainFault(toRatchetError(error)) });
  process.exit(1);
}
