/**
 * An API with a past: in process, on real Temporal, Redis, records, artifacts and git. Only gates, suites and the model
 * follow a script. Every kind of thing that the API shows is there once.
 */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ApiEnvironment } from '../../../src/api/dependencies.js';
import type { NightStatus } from '../../../src/activities/night-types.js';
import type { CycleStatus, PatchTrialStatus, ProposalStatus } from '../../../src/activities/types.js';
import { analyse } from '../../../src/analysis/index.js';
import { createApp } from '../../../src/api/app.js';
import { createGateway } from '../../../src/api/gateway.js';
import { homePaths } from '../../../src/config.js';
import { createConversations, type Message } from '../../../src/conversation/index.js';
import { createScriptedModel } from '../../../src/llm/index.js';
import { createMemory, createRepositorySource } from '../../../src/memory/index.js';
import { createRecorder, createRedisStore, type Alert } from '../../../src/metrics/index.js';
import {
  createAuditLog,
  createEmergencyStop,
  createLimiter,
  redactSecrets,
} from '../../../src/safety/index.js';
import { limitsOf } from '../../../src/safety/policy.js';
import { createArtifactStore, createRecordStore } from '../../../src/storage/index.js';
import { createTestHistory } from '../../../src/verification/history/index.js';
import { createVersioning, defaultPolicy } from '../../../src/versioning/index.js';
import type { Change } from '../../../src/versioning/types.js';
import type { Hono } from 'hono';
import { startScriptedWorkers, type Planned } from '../../dashboard/harness.js';
import { repositoryOf } from '../../e2e/product.js';
import { startTestStack, type TestStack } from '../../support/servers.js';
import { quietRuntime } from '../../workflows/harness.js';
import { host, token } from '../test-api.js';

const patienceMs = 60_000;
const files = {
  'package.json': '{"name": "tiny", "version": "1.0.0", "type": "module"}\n',
  'src/a.ts': 'export const a = 1;\n',
  'src/b.ts': 'export const b = 1;\n',
};
const plan: readonly Planned[] = ['a', 'b'].map((name) => ({
  id: `p-${name.repeat(10)}`,
  title: `Build the lookup once (${name})`,
  file: `src/${name}.ts`,
  after: `export const ${name} = 2;\n`,
  accepted: true,
}));

/** Ids of what there is, by the words that paths and bodies use for them. */
export type Known = Readonly<
  Record<
    | 'repository'
    | 'source'
    | 'analysis'
    | 'cycle'
    | 'landed'
    | 'waiting'
    | 'proof'
    | 'evidence'
    | 'change'
    | 'trial'
    | 'session'
    | 'other'
    | 'spare'
    | 'emptied'
    | 'turn'
    | 'message'
    | 'schedule'
    | 'idle'
    | 'night'
    | 'alert',
    string
  >
>;

export interface World {
  readonly app: Hono<ApiEnvironment>;
  readonly known: Known;
  readonly token: string;
  readonly host: string;
  /** A call that must succeed. */
  call<T>(method: string, path: string, body?: unknown): Promise<T>;
  lift(): Promise<void>;
  close(): Promise<void>;
}

type Parts = Awaited<ReturnType<typeof openParts>>;

async function openParts(stack: TestStack, target: string, document: string) {
  const paths = homePaths(stack.home);
  const { redisUrl } = stack;
  const stop = createEmergencyStop({ file: paths.stopFile, redisUrl });
  const gateway = createGateway({ address: stack.temporalAddress, namespace: stack.namespace });
  const tests = createTestHistory(redisUrl);
  const conversations = createConversations({ directory: paths.conversations, redisUrl });
  const [records, artifacts] = [
    createRecordStore(paths.records, { cached: true }),
    createArtifactStore(paths.artifacts),
  ];
  const model = createScriptedModel(() => ({ text: 'It is looked up in a list.' }));
  const versioning = createVersioning({
    mirrors: paths.mirrors,
    workspaces: paths.workspaces,
    stopCheck: () => stop.check(),
    environment: process.env,
  });
  const memory = createMemory({
    sessions: conversations.store.source,
    repositories: createRepositorySource({
      ...{ records, artifacts, redact: redactSecrets },
      codeOf: (repository) => versioning.readCode(repository),
    }),
    embed: async () => null,
    log() {},
  });
  const report = await analyse({ root: target, fixers: [], isolate: false });
  const faults: string[] = [];
  // Counted, in Redis, and never in the way: what is found here is found behind the limits.
  const limits = limitsOf('read=9000000,write=9000000,work=9000000,chat=9000000,stream=9000000');
  const limiter = createLimiter({ limits, redisUrl: stack.redisUrl });
  const metricStore = createRedisStore({ url: redisUrl });
  const recorder = createRecorder(metricStore, { everyMs: 0 });
  recorder.record('suite.duration', { repository: 'tiny' }, 1_234);
  await recorder.close();
  const app = createApp({
    ...{ limiter, metricStore },
    ...{ records, artifacts, stop, gateway, tests, conversations, memory, model, document },
    audit: createAuditLog(paths.audit),
    analyse: async () => report,
    sources: versioning,
    ...{ defaultPolicy, token, web: null, version: '0.1.0', temporalUi: null },
    hosts: () => [host],
    log: (line) => faults.push(JSON.stringify(line)),
  });
  const close = async (): Promise<void> => {
    limiter.close();
    await Promise.allSettled([
      memory.close(),
      metricStore.close(),
      gateway.close(),
      tests.close(),
      conversations.store.close(),
      model.close(),
    ]);
  };
  return { app, records, artifacts, stop, model, faults, close };
}

/** Polls until the answer is one. @throws Error after a minute */
export async function until<T>(ask: () => Promise<T | null>, what: string): Promise<T> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const found = await ask();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error(`${what} did not come in time`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

type Call = World['call'];

/** A cycle with one change landed and one proposal that waits. */
async function improve(call: Call, repository: string) {
  const { cycleId } = await call<{ cycleId: string }>('POST', '/api/cycles', { repository });
  const [landing, waiting] = ['p-aaaaaaaaaa', 'p-bbbbbbbbbb'];
  const at = (id: string, stage: string) => async () => {
    const { items } = await call<{ items: ProposalStatus[] }>('GET', '/api/proposals');
    return items.find((one) => one.id === id && one.stage === stage) ?? null;
  };
  const { evidence } = await until(at(landing, 'awaitingDecision'), 'a proposal');
  const other = await until(at(waiting, 'awaitingDecision'), 'another proposal');
  const order = { decision: 'approve', evidence, by: 'ada' };
  await call('POST', `/api/proposals/${landing}/decision`, order);
  await until(at(landing, 'landed'), 'the landing');
  await until(async () => {
    const { stage } = await call<CycleStatus>('GET', `/api/cycles/${cycleId}`);
    return stage === 'finished' ? stage : null;
  }, 'the end of the cycle');
  const { items } = await call<{ items: Change[] }>('GET', '/api/changes');
  return {
    ...{ cycle: cycleId, landed: landing, waiting, evidence: evidence ?? '', proof: other.evidence ?? '' },
    change: items[0]?.id ?? '',
  };
}

/** A conversation with an answer, one with another, one to be deleted, one to be cleared. */
async function converse(call: Call, repositoryId: string) {
  const begin = async (): Promise<string> =>
    (await call<{ id: string }>('POST', '/api/sessions', { repositoryId })).id;
  const ask = async (id: string) => {
    const path = `/api/sessions/${id}/messages`;
    const asked = await call<{ turn: string; question: string }>('POST', path, {
      content: 'How is it found?',
    });
    await until(async () => {
      const { items } = await call<{ items: Message[] }>('GET', path);
      return items.find(({ role }) => role === 'assistant') ?? null;
    }, 'an answer');
    return asked;
  };
  const [session, other] = [await begin(), await begin()];
  const [spare, emptied] = [await begin(), await begin()];
  const { turn, question } = await ask(session);
  await ask(other);
  return { session, other, spare, emptied, turn, message: question };
}

async function fill({ records }: Parts, call: Call, target: string): Promise<Known> {
  const { id: repository } = await call<{ id: string }>('POST', '/api/repositories', { source: target });
  const improved = await improve(call, repository);
  const { id: analysis } = await call<{ id: string }>('POST', '/api/analyses', { repository });
  await until(async () => {
    const { stage } = await call<{ stage: string }>('GET', `/api/analyses/${analysis}`);
    return stage === 'finished' ? stage : null;
  }, 'the analysis');
  const patch = '--- a/src/b.ts\n+++ b/src/b.ts\n@@ -1 +1 @@\n-export const b = 1;\n+export const b = 3;\n';
  const { id: trial } = await call<{ id: string }>('POST', '/api/trials', { repository, patch });
  await until(async () => {
    const { stage } = await call<PatchTrialStatus>('GET', `/api/trials/${trial}`);
    return stage === 'finished' ? stage : null;
  }, 'the trial');
  for (const name of ['weekly', 'idle'])
    await call('PUT', `/api/schedules/${name}`, { repositories: [repository], at: '04:00' });
  const alert: Alert = {
    ...{ id: 'slow-endpoint~0123456789abcdef', rule: 'slow-endpoint', title: 'GET /x is slower than before' },
    ...{ severity: 'warning', metric: 'http.duration', statistic: 'p95', labels: { route: '/x' } },
    ...{ stage: 'firing', since: '2026-01-02T04:00:00.000Z', firedAt: '2026-01-02T04:05:00.000Z' },
    ...{ resolvedAt: null, value: 300, usual: 100, peak: 310, lookedAt: '2026-01-02T04:10:00.000Z' },
    ...{ seenAt: '2026-01-02T04:10:00.000Z', acknowledged: null, silencedUntil: null, quietUntil: null },
    ...{ outbox: [], times: 1, next: 'Look.' },
  };
  await records.put('alerts', alert.id, alert);
  const night: NightStatus = {
    ...{ schemaVersion: 1, id: 'n-1', schedule: 'weekly', stage: 'finished', missing: [], stopped: null },
    ...{ startedAt: '2026-01-02T04:00:00.000Z', finishedAt: '2026-01-02T04:10:00.000Z' },
    budget: { maxProposals: 5, totalProposals: 40, windowMs: 3_600_000 },
    rows: [
      {
        ...{ repositoryId: repository, name: 'tiny', outcome: 'finished', cycleId: improved.cycle },
        ...{ reason: null, fault: null, elapsedMs: 600_000, findings: 3, proposals: [] },
      },
    ],
  };
  await records.put('nights', night.id, night);
  const conversation = await converse(call, repository);
  return {
    ...{ repository, source: target, analysis, trial, schedule: 'weekly', idle: 'idle', night: 'n-1' },
    alert: 'slow-endpoint~0123456789abcdef',
    ...improved,
    ...conversation,
  };
}

/** @param document openapi.json */
export async function startWorld(document: string): Promise<World & Pick<Parts, 'faults'>> {
  quietRuntime();
  const stack = await startTestStack();
  const target = repositoryOf(files);
  const parts = await openParts(stack, target, document);
  const workers = await startScriptedWorkers(stack, {
    ...{ plan, target, model: parts.model },
    more: {
      async tryPatch() {
        const evidence = await parts.artifacts.putJson({ none: true });
        const outcome = 'policy: this world tries nothing';
        return { verdict: 'refused', evidence, gates: [], outcome, measured: null, covered: null };
      },
    },
  });
  const call: Call = async <T>(method: string, path: string, body?: unknown) => {
    const response = await parts.app.request(path, {
      method,
      headers: { host, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    ...{ app: parts.app, faults: parts.faults, token, host, call },
    known: await fill(parts, call, target),
    lift: () => parts.stop.lift('tester', 'go on'),
    async close() {
      await workers.close();
      await parts.close();
      await stack.stop();
      rmSync(dirname(target), { recursive: true, force: true });
    },
  };
}
