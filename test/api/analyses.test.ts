/** Analyses over HTTP: started, watched, cancelled, bounded; the report comes from the artifact store. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyse as analyseTree, isReport } from '../../src/analysis/index.js';
import { createApp } from '../../src/api/app.js';
import type { ApiDependencies } from '../../src/api/dependencies.js';
import type { Gateway } from '../../src/api/gateway.js';
import type { Analyse } from '../../src/analysis/running-analyses.js';
import { createConversations } from '../../src/conversation/index.js';
import { RatchetError } from '../../src/errors.js';
import { createScriptedModel } from '../../src/llm/index.js';
import { createAuditLog, createEmergencyStop } from '../../src/safety/index.js';
import { createArtifactStore, createRecordStore } from '../../src/storage/index.js';
import { defaultPolicy } from '../../src/versioning/index.js';

const token = 'rt_test-token-of-sufficient-length';
const host = '127.0.0.1:7878';
const headers = { host, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
const slow = 'export const f = (a: string[], b: string[]) => a.filter((x) => b.includes(x));\n';

let home: string;
let dependencies: ApiDependencies;
let app: ReturnType<typeof createApp>;
/** What stands in for the child in the tests of order: it ends when it is told to. */
let held: { root: string; finish: () => void }[];

const holding: Analyse = ({ root, signal, onProgress }) =>
  new Promise((resolve, reject) => {
    onProgress?.({ done: 1, total: 4, step: 'tsconfig.json' });
    signal?.addEventListener('abort', () => reject(new RatchetError('CANCELLED', 'Cancelled.')));
    held.push({
      root,
      finish: () => void analyseTree({ root, fixers: [], isolate: false }).then(resolve, reject),
    });
  });

async function register(id: string): Promise<void> {
  const source = join(home, id);
  mkdirSync(join(source, 'packages/a'), { recursive: true });
  writeFileSync(join(source, 'packages/a/slow.ts'), slow);
  const directory = id === 'part' ? 'packages/a' : '';
  const repository = {
    id,
    name: id,
    source,
    directory,
    baseBranch: null,
    targetBranch: 'x',
    policy: defaultPolicy,
  };
  await dependencies.records.put('repositories', id, repository);
}

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'ratchet-analyses-'));
  held = [];
  dependencies = {
    records: createRecordStore(join(home, 'records')),
    artifacts: createArtifactStore(join(home, 'artifacts')),
    audit: createAuditLog(join(home, 'audit.jsonl')),
    stop: createEmergencyStop({ file: join(home, 'STOP'), redisUrl: null }),
    // Analyses ask Temporal nothing: a gateway that has no answers shows it.
    gateway: {} as Gateway,
    analyse: holding,
    tests: { read: async () => null },
    memory: {
      search: async () => [],
      state: async () => ({ documents: 0, vectors: 0, model: null, index: 'process' }),
    },
    conversations: createConversations({ directory: join(home, 'conversations'), redisUrl: null }),
    model: createScriptedModel([{ text: '' }]),
    sources: {
      async inspectSource(path) {
        return { root: path, directory: '', name: 'x', id: path.slice(home.length + 1), branch: 'main' };
      },
    },
    defaultPolicy,
    token,
    hosts: () => [host],
    temporalUi: null,
    log() {},
  };
  app = createApp(dependencies);
  for (const id of ['one', 'two', 'three', 'part']) await register(id);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface View {
  readonly id: string;
  readonly stage: string;
  readonly progress: object | null;
  readonly report: { readonly findings: readonly { readonly file: string }[] } | null;
  readonly fault: { readonly code: string } | null;
  readonly code?: string;
  readonly detail?: string;
}
const call = async (method: string, path: string, body?: unknown) => {
  const response = await app.request(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as View };
};
const start = (repository: string) => call('POST', '/api/analyses', { repository });

async function ended(id: string): Promise<View> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const { body } = await call('GET', `/api/analyses/${id}`);
    if (body.stage !== 'running') return body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the analysis does not end');
}

describe('an analysis', () => {
  it('is accepted, shows progress, and ends with the report', async () => {
    const { status, headers: answered, body } = await start('part');
    expect(status).toBe(202);
    expect(answered.get('location')).toBe(`/api/analyses/${body.id}`);
    expect((await call('GET', `/api/analyses/${body.id}`)).body).toMatchObject({
      stage: 'running',
      progress: { done: 1, total: 4, step: 'tsconfig.json' },
      report: null,
    });
    held[0]?.finish();
    const view = await ended(body.id);
    expect(view).toMatchObject({
      stage: 'finished',
      fault: null,
      report: { findings: [{ file: 'slow.ts' }] },
    });
    expect(isReport(view.report)).toBe(true);
    // Another process with the same home knows it too.
    app = createApp(dependencies);
    expect(await ended(body.id)).toEqual(view);
  });

  it('is found by the path of a registered repository, and only of such', async () => {
    expect((await call('POST', '/api/analyses', { path: join(home, 'one') })).status).toBe(202);
    expect(held[0]?.root).toBe(join(home, 'one'));
    expect(await call('POST', '/api/analyses', { path: join(home, 'elsewhere') })).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
  });

  it('runs once per repository, and few run at once', async () => {
    const first = await start('one');
    expect((await start('one')).body.id).toBe(first.body.id);
    expect((await start('two')).status).toBe(202);
    const third = await start('three');
    expect(third).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
    expect(third.headers.get('retry-after')).toBe('5');
    expect(third.headers.get('content-type')).toBe('application/problem+json');
    await call('DELETE', `/api/analyses/${first.body.id}`);
    expect((await start('three')).status).toBe(202);
  });

  it('is cancelled by DELETE, twice the same', async () => {
    const { body } = await start('one');
    expect((await call('DELETE', `/api/analyses/${body.id}`)).body).toMatchObject({
      stage: 'cancelled',
      fault: null,
    });
    expect((await call('DELETE', `/api/analyses/${body.id}`)).body).toMatchObject({ stage: 'cancelled' });
    expect((await call('GET', `/api/analyses/${body.id}`)).body).toMatchObject({
      stage: 'cancelled',
      report: null,
    });
  });

  it('says why it failed', async () => {
    app = createApp({
      ...dependencies,
      analyse: () => Promise.reject(new RatchetError('NOT_FOUND', 'Gone.')),
    });
    const { body } = await start('one');
    expect(await ended(body.id)).toMatchObject({
      stage: 'failed',
      fault: { code: 'NOT_FOUND', message: 'Gone.' },
    });
  });

  it('of an API process that has ended is failed, not running for ever', async () => {
    const { body } = await start('one');
    app = createApp(dependencies);
    expect((await call('GET', `/api/analyses/${body.id}`)).body).toMatchObject({
      stage: 'failed',
      fault: { message: 'The API ended meanwhile.' },
    });
  });

  it('is not started while the emergency stop is set', async () => {
    await dependencies.stop.set({ by: 'person', reason: 'test', at: new Date().toISOString() });
    expect(await start('one')).toMatchObject({ status: 409, body: { code: 'STOPPED' } });
    expect(held).toEqual([]);
  });

  it.each([[{}], [{ repository: 'one', path: '/x' }], [{ repository: 7 }], [{ repository: 'one', more: 1 }]])(
    'refuses the order %j',
    async (order) => {
      expect(await call('POST', '/api/analyses', order)).toMatchObject({
        status: 400,
        body: { code: 'INVALID_INPUT' },
      });
    },
  );

  it('that nobody knows is a problem', async () => {
    for (const method of ['GET', 'DELETE'])
      expect(await call(method, '/api/analyses/a-0')).toMatchObject({
        status: 404,
        body: { code: 'NOT_FOUND' },
      });
  });
});
