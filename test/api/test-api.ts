/** The API in process, with a scripted Temporal: real records, artifacts, audit log and stop in a home of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Decision } from '../../src/activities/types.js';
import { createApp } from '../../src/api/app.js';
import type { ApiDependencies } from '../../src/api/dependencies.js';
import type { Gateway } from '../../src/api/gateway.js';
import { rememberedSchedules } from './remembered-schedules.js';
import { createConversations } from '../../src/conversation/index.js';
import { RatchetError } from '../../src/errors.js';
import { createScriptedModel } from '../../src/llm/index.js';
import { createAuditLog, createEmergencyStop } from '../../src/safety/index.js';
import { createArtifactStore, createRecordStore } from '../../src/storage/index.js';
import { defaultPolicy } from '../../src/versioning/index.js';

export const token = 'rt_test-token-of-sufficient-length';
export const host = '127.0.0.1:7878';

/** What the scripted Temporal was asked. */
export interface Asked {
  readonly decisions: Decision[];
  readonly started: string[];
  stops: number;
}

export interface TestApi {
  readonly app: ReturnType<typeof createApp>;
  readonly records: ReturnType<typeof createRecordStore>;
  readonly artifacts: ReturnType<typeof createArtifactStore>;
  readonly asked: Asked;
  dispose(): void;
}

/** Temporal's place in these tests: it remembers what it was asked. */
function gatewayOf(asked: Asked): Gateway {
  return {
    async startCycle({ cycleId }) {
      asked.started.push(cycleId);
      return asked.started.length > 1 ? 'alreadyRunning' : 'started';
    },
    async stopCycle() {},
    async stopAll() {
      asked.stops += 1;
      throw new RatchetError('TEMPORAL_UNAVAILABLE', 'Temporal does not answer.');
    },
    async resumeAll() {
      return 0;
    },
    async decide(_, decision) {
      asked.decisions.push(decision);
    },
    async rollback() {},
    async startTrial() {},
    async cancelTrial() {},
    async ask() {
      return { running: null, waiting: [], turns: 0 };
    },
    async stopTurn() {
      return false;
    },
    async forgetConversation() {},
    schedules: rememberedSchedules(),
    async progress() {
      return [];
    },
    async isRunning() {
      return false;
    },
    async healthy() {
      return false;
    },
    async close() {},
  };
}

/** @param more takes the place of what a test wants otherwise */
export function createTestApi(more: Partial<ApiDependencies> = {}): TestApi {
  const home = mkdtempSync(join(tmpdir(), 'ratchet-api-'));
  const asked: Asked = { decisions: [], started: [], stops: 0 };
  const records = createRecordStore(join(home, 'records'), { cached: true });
  const artifacts = createArtifactStore(join(home, 'artifacts'));
  const app = createApp({
    records,
    artifacts,
    audit: createAuditLog(join(home, 'audit.jsonl')),
    stop: createEmergencyStop({ file: join(home, 'STOP'), redisUrl: null }),
    gateway: gatewayOf(asked),
    tests: { read: async () => null },
    memory: {
      search: async () => [],
      state: async () => ({ documents: 0, vectors: 0, model: null, index: 'process' }),
    },
    conversations: createConversations({ directory: join(home, 'conversations'), redisUrl: null }),
    model: createScriptedModel([{ text: '' }]),
    analyse: () => Promise.reject(new Error('no analysis in these tests')),
    sources: {
      async inspectSource(path) {
        if (path === '/nowhere')
          throw new RatchetError('NOT_A_REPOSITORY', '/nowhere is not a git repository.');
        return { root: path, directory: '', name: 'shop', id: 'shop-1', branch: 'main' };
      },
    },
    defaultPolicy,
    token,
    hosts: () => [host],
    temporalUi: null,
    log() {},
    ...more,
  });
  return {
    ...{ app, records, artifacts, asked },
    dispose: () => rmSync(home, { recursive: true, force: true }),
  };
}
