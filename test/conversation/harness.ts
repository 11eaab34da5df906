/** Conversations on a real Temporal and a real Redis, with a model that says what it was told to say. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities, type ActivitySet } from '../../src/activities/index.js';
import { queues } from '../../src/activities/types.js';
import { createApp } from '../../src/api/app.js';
import { createGateway } from '../../src/api/gateway.js';
import { homePaths, readConfig, type Config } from '../../src/config.js';
import { createConversations, type Conversations, type Message } from '../../src/conversation/index.js';
import type { LanguageModel } from '../../src/llm/types.js';
import { createMemory, createRepositorySource } from '../../src/memory/index.js';
import { createAuditLog, createEmergencyStop, redactSecrets } from '../../src/safety/index.js';
import { createArtifactStore, createRecordStore } from '../../src/storage/index.js';
import { createVersioning, defaultPolicy } from '../../src/versioning/index.js';
import { workflowIds } from '../../src/workflows/messages.js';
import { startTestStack, type TestStack } from '../support/servers.js';
import { histories, quietRuntime, workflowBundle } from '../workflows/harness.js';
import { readEvents, type SseEvent } from './sse.js';

const token = 'rt_test-token-of-conversations';
const host = '127.0.0.1:7878';

export interface Place {
  readonly turn: string;
  readonly question: string;
  readonly answer: string;
  readonly state: string;
}

export interface ChatHarness {
  readonly stack: TestStack;
  readonly client: Client;
  readonly config: Config;
  readonly conversations: Conversations;
  /** The product's own worker, in this process. */
  work<T>(model: LanguageModel, body: () => Promise<T>): Promise<T>;
  /** Starts a worker that the test ends by itself. */
  startWorker(model: LanguageModel): Promise<{ stop(): Promise<void> }>;
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  json<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T>;
  session(order?: object): Promise<string>;
  ask(id: string, content: string, key?: string, more?: object): Promise<Place>;
  /** Waits until the turn's answer is kept. */
  answered(id: string, messageId: string, ms?: number): Promise<Message>;
  say(id: string, content: string, key?: string): Promise<Message>;
  events(id: string, until: (event: SseEvent) => boolean, after?: string): Promise<readonly SseEvent[]>;
  /** Stores the history as a golden file when UPDATE_HISTORIES is set. */
  keep(sessionId: string, name: string): Promise<void>;
  close(): Promise<void>;
}

export async function startChatHarness(): Promise<ChatHarness> {
  quietRuntime();
  const stack = await startTestStack();
  const config = readConfig(stack.environment);
  const paths = homePaths(config.home);
  const connection = await Connection.connect({ address: stack.temporalAddress });
  const native = await NativeConnection.connect({ address: stack.temporalAddress });
  const gateway = createGateway({ address: stack.temporalAddress, namespace: stack.namespace });
  const conversations = createConversations({ directory: paths.conversations, redisUrl: config.redisUrl });
  let shown: LanguageModel | null = null;
  const records = createRecordStore(paths.records);
  const artifacts = createArtifactStore(paths.artifacts);
  const versioning = createVersioning({
    ...{ mirrors: paths.mirrors, workspaces: paths.workspaces, environment: process.env },
    stopCheck: async () => undefined,
  });
  const memory = createMemory({
    sessions: conversations.store.source,
    repositories: createRepositorySource({
      ...{ records, artifacts, redact: redactSecrets },
      codeOf: (repository) => versioning.readCode(repository),
    }),
    embed: async () => null,
  });
  const app = createApp({
    records,
    artifacts,
    memory,
    audit: createAuditLog(paths.audit),
    stop: createEmergencyStop({ file: paths.stopFile, redisUrl: config.redisUrl }),
    gateway,
    conversations,
    model: {
      models: (options) => shown?.models(options) ?? Promise.reject(new Error('no model')),
      complete: (request, options) =>
        shown?.complete(request, options) ?? Promise.reject(new Error('no model')),
      embed: (texts, options) => shown?.embed(texts, options) ?? Promise.reject(new Error('no model')),
      health: (options) => shown?.health(options) ?? Promise.reject(new Error('no model')),
    },
    tests: { read: async () => null },
    analyse: () => Promise.reject(new Error('no analysis in these tests')),
    sources: { inspectSource: () => Promise.reject(new Error('no sources in these tests')) },
    defaultPolicy,
    token,
    hosts: () => [host],
    temporalUi: null,
    log() {},
  });

  const startWorker = async (model: LanguageModel) => {
    shown = model;
    const activities: ActivitySet = await createActivities({
      ...{ config, paths, environment: process.env, version: '0', model },
    });
    const options = {
      ...{ connection: native, shutdownGraceTime: 100, shutdownForceTime: 5_000 },
      maxHeartbeatThrottleInterval: '200 milliseconds',
      defaultHeartbeatThrottleInterval: '200 milliseconds',
    } as const;
    const workers = await Promise.all([
      Worker.create({
        ...options,
        taskQueue: queues.main,
        workflowBundle: await workflowBundle(),
        activities: activities.light,
      }),
      Worker.create({ ...options, taskQueue: queues.llm, activities: activities.llm }),
    ]);
    const runs = Promise.all(workers.map((worker) => worker.run()));
    return {
      async stop() {
        for (const worker of workers) worker.shutdown();
        await runs;
        await activities.close();
      },
    };
  };

  const harness: ChatHarness = {
    ...{ stack, config, conversations, startWorker },
    client: new Client({ connection }),
    async work(model, body) {
      const worker = await startWorker(model);
      try {
        return await body();
      } finally {
        await worker.stop();
      }
    },
    request: async (method, path, body, headers = {}) =>
      app.request(path, {
        method,
        headers: {
          ...{ host, authorization: `Bearer ${token}` },
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    async json<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
      const response = await harness.request(method, path, body, headers);
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return JSON.parse(text) as T;
    },
    session: async (order = {}) => (await harness.json<{ id: string }>('POST', '/api/sessions', order)).id,
    ask: async (id, content, key, more = {}) =>
      harness.json<Place>(
        ...(['POST', `/api/sessions/${id}/messages`, { content, ...more }] as const),
        key === undefined ? {} : { 'idempotency-key': key },
      ),
    async answered(id, messageId, ms = 30_000) {
      const end = Date.now() + ms;
      for (;;) {
        const found = (await conversations.get(id)).messages.find((one) => one.id === messageId);
        if (found !== undefined) return found;
        if (Date.now() > end) throw new Error(`no answer ${messageId} after ${ms} ms`);
        await new Promise((resolve) => {
          setTimeout(resolve, 20);
        });
      }
    },
    async say(id, content, key) {
      return harness.answered(id, (await harness.ask(id, content, key)).answer);
    },
    async events(id, until, after = '0-0') {
      const response = await harness.request('GET', `/api/sessions/${id}/events`, undefined, {
        'last-event-id': after,
      });
      return readEvents(response, until);
    },
    async keep(sessionId, name) {
      if (!process.env['UPDATE_HISTORIES']) return;
      const history = await harness.client.workflow
        .getHandle(workflowIds.conversation(sessionId))
        .fetchHistory();
      const text = JSON.stringify(JSON.parse(historyToJSON(history)));
      const here = join(import.meta.dirname, '../..');
      await writeFile(join(histories, `${name}.json`), text.replaceAll(here, '.'));
    },
    async close() {
      await memory.close();
      await conversations.store.close();
      await gateway.close();
      await connection.close();
      await native.close();
      await stack.stop();
    },
  };
  return harness;
}
