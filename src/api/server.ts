/** Entry of the API process: settings → adapters → app. Exits when its supervisor goes away. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { homePaths, readConfig, type Config } from '../config.js';
import { explainFault, toRatchetError } from '../errors.js';
import { analyse, readAnalysisConfig, type Analyse } from '../analysis/without-compiler.js';
import { createConversations, type Conversations } from '../conversation/index.js';
import { createLmStudioModel, embedIfThere, settingsFrom, type LmStudioModel } from '../llm/index.js';
import { createMemory, createRepositorySource, type MemoryRoom } from '../memory/index.js';
import { createRecorder, createRedisStore, measuredModel, sampleProcess } from '../metrics/index.js';
import {
  createAuditLog,
  createEmergencyStop,
  createLimiter,
  createTokenBook,
  redactSecrets,
  screenText,
} from '../safety/index.js';
import { limitsOf } from '../safety/policy.js';
import { createArtifactStore, createRecordStore } from '../storage/index.js';
import type { ArtifactStore, RecordStore } from '../storage/types.js';
import { createTestHistory } from '../verification/history/index.js';
import { createVersioning, defaultPolicy, type Versioning } from '../versioning/index.js';
import { createApp } from './app.js';
import { readWebFiles } from './dashboard/web-files.js';
import { createGateway } from './gateway.js';
import { listen, type Listening } from './listen.js';

const log = (line: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), process: 'api', ...line })}\n`);
};

/** Makes the token on first run, readable by its owner only. */
async function ownToken(file: string, given: string | null): Promise<string> {
  if (given !== null) return given;
  await mkdir(dirname(file), { recursive: true });
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(`rt_${randomBytes(24).toString('base64url')}\n`);
    await handle.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return (await readFile(file, 'utf8')).trim();
}

async function ownVersion(): Promise<string> {
  const manifest = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** Analyses in a child process, by the repository's own settings. */
function analyseWith(cacheDirectory: string): Analyse {
  return async (options) => {
    const { include, exclude, severities, compat } = await readAnalysisConfig(options.root);
    return analyse({
      ...options,
      ...{ include, exclude, severities, compat },
      // Loaded by the child: this process has no need of the codemods.
      fixers: [],
      fixersModule: new URL('../improvement/index.js', import.meta.url).href,
      cacheDirectory,
    });
  };
}

/** Short waits for a connection; turns of conversations are written by the worker. */
function modelToLookAt(config: Config): LmStudioModel {
  const short = { probeMs: 3_000, timeouts: { connectMs: 2_000 }, redact: redactSecrets };
  return createLmStudioModel({ ...settingsFrom(config), ...short });
}

/** The conversations; expired ones are removed when the list is read: now, and every hour. */
function openConversations(
  { redisUrl }: Config,
  directory: string,
  memory: () => Pick<MemoryRoom, 'forget'>,
): Conversations {
  const redact = (text: string): string => screenText(redactSecrets(text)).text;
  // What is pruned within half a minute anyway is no reason to say that a deletion failed.
  const onForgotten = (id: string): Promise<void> =>
    memory()
      .forget(id)
      .catch((error: unknown) =>
        log({ level: 'warn', message: `memory: forgotten later: ${String(error)}` }),
      );
  const conversations = createConversations({ directory, redisUrl, redact, onForgotten });
  const look = (): void =>
    void conversations.list().catch((error: unknown) => {
      log({ level: 'warn', message: `expired conversations were not removed: ${String(error)}` });
    });
  look();
  setInterval(look, 3_600_000).unref();
  return conversations;
}

interface MemoryParts {
  readonly records: RecordStore;
  readonly artifacts: ArtifactStore;
  readonly versioning: Versioning;
  readonly conversations: Conversations;
  readonly model: LmStudioModel;
}

/** What a person searches; nothing is read before the first search. */
function openMemory(
  { llm, memory: mode, redisUrl }: Config,
  vectorDirectory: string,
  { records, artifacts, versioning, conversations, model }: MemoryParts,
): MemoryRoom {
  return createMemory({
    sessions: conversations.store.source,
    repositories: createRepositorySource({
      ...{ records, artifacts, redact: redactSecrets },
      codeOf: (repository) => versioning.readCode(repository),
    }),
    embed: embedIfThere(model, llm.embeddingModel),
    index: { mode, redisUrl, vectorDirectory },
    log: (message) => log({ level: 'warn', message }),
  });
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const paths = homePaths(config.home);
  const stop = createEmergencyStop({ file: paths.stopFile, redisUrl: config.redisUrl });
  const unwatch = await stop.watch();
  const { address, namespace } = config.temporal;
  const gateway = createGateway({ address: address ?? '127.0.0.1:7233', namespace });
  const tests = createTestHistory(config.redisUrl);
  const conversations = openConversations(config, paths.conversations, () => memory);
  const metricStore = config.redisUrl === null ? null : createRedisStore({ url: config.redisUrl });
  const recorder = createRecorder(metricStore, { log: (message) => log({ level: 'warn', message }) });
  const stopSampling = sampleProcess(recorder, 'api');
  const model = measuredModel(modelToLookAt(config), recorder);
  const records = createRecordStore(paths.records, { cached: true });
  const artifacts = createArtifactStore(paths.artifacts);
  const versioning = createVersioning({
    mirrors: paths.mirrors,
    workspaces: paths.workspaces,
    stopCheck: () => stop.check(),
    environment: process.env,
  });
  const memory = openMemory(config, paths.vectors, { records, artifacts, versioning, conversations, model });
  const limiter = createLimiter({ limits: limitsOf(config.api.limits), redisUrl: config.redisUrl });
  let port = config.api.port;
  const app = createApp({
    ...{ records, artifacts, stop, gateway, tests, conversations, memory, model },
    audit: createAuditLog(paths.audit),
    analyse: analyseWith(paths.cache),
    sources: versioning,
    defaultPolicy,
    token: await ownToken(paths.token, config.token),
    tokens: createTokenBook(paths.tokens),
    ...{ limiter, metricStore, recorder },
    document: await readFile(new URL('./openapi.json', import.meta.url), 'utf8'),
    web: await readWebFiles(fileURLToPath(new URL('../web', import.meta.url))),
    ...{ person: userInfo().username, version: await ownVersion(), measureProcess: true },
    hosts: () => [
      ...['127.0.0.1', 'localhost', '[::1]', config.api.host].map((name) => `${name}:${port}`),
      ...config.api.hosts,
    ],
    temporalUi: config.temporal.ui,
    log,
  });

  const listening = listen({
    ...{ fetch: app.fetch, hostname: config.api.host, port },
    onListening(own) {
      port = own;
      const at = `http://${config.api.host}:${port}`;
      log({ level: 'info', message: 'ready', address: at });
      process.send?.({ kind: 'ready', address: at });
    },
    onError(error) {
      log({ level: 'error', message: String(error) });
      process.exit(1);
    },
  });

  endWhenTold(listening, () => {
    void memory.close();
    limiter.close();
    stopSampling();
    const measured = recorder.close().then(() => metricStore?.close());
    return [unwatch(), gateway.close(), tests.close(), conversations.store.close(), model.close(), measured];
  });
}

/** Drains: what is being answered is answered, streams are cut after five seconds. */
function endWhenTold(listening: Listening, closeParts: () => readonly Promise<unknown>[]): void {
  let ending = false;
  const end = (reason: string): void => {
    if (ending) return;
    ending = true;
    log({ level: 'info', message: 'draining', reason });
    setTimeout(() => process.exit(0), 5_000).unref();
    void listening
      .close()
      .then(() => Promise.allSettled(closeParts()))
      .then(() => process.exit(0));
  };
  process.once('SIGTERM', () => end('SIGTERM'));
  process.once('SIGINT', () => end('SIGINT'));
  process.once('disconnect', () => end('the supervisor has gone'));
}

try {
  await main();
} catch (error) {
  log({ level: 'error', message: explainFault(toRatchetError(error)) });
  process.exit(1);
}
