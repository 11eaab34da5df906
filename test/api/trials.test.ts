import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import type { PatchTrialInput, PatchTrialStatus } from '../../src/activities/types.js';
import type { ApiDependencies, ApiEnvironment } from '../../src/api/dependencies.js';
import type { Gateway } from '../../src/api/gateway.js';
import { problem } from '../../src/api/problem.js';
import { trialRoutes } from '../../src/api/routes/trials.js';
import { RatchetError } from '../../src/errors.js';
import { createEmergencyStop } from '../../src/safety/index.js';
import { createArtifactStore, createRecordStore } from '../../src/storage/index.js';
import { repository } from '../workflows/scripted-activities.js';

let home: string;
let app: Hono<ApiEnvironment>;
let started: PatchTrialInput[];
let cancelled: string[];
let away: boolean;
let dependencies: ApiDependencies;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'ratchet-trials-'));
  started = [];
  cancelled = [];
  away = false;
  const records = createRecordStore(join(home, 'records'));
  const check = async (): Promise<void> => {
    if (away) throw new RatchetError('TEMPORAL_UNAVAILABLE', 'Temporal does not answer.');
  };
  const gateway: Partial<Gateway> = {
    async startTrial(input: PatchTrialInput) {
      await check();
      started.push(input);
    },
    async cancelTrial(id: string) {
      cancelled.push(id);
    },
    async progress() {
      await check();
      return [];
    },
  };
  dependencies = {
    records,
    artifacts: createArtifactStore(join(home, 'artifacts')),
    stop: createEmergencyStop({ file: join(home, 'STOP'), redisUrl: null }),
    gateway: gateway as Gateway,
    // Only what these routes use.
  } as ApiDependencies;
  app = new Hono<ApiEnvironment>();
  app.onError((error, context) => problem(context, error));
  app.route('/api/trials', trialRoutes(dependencies));
  await records.put('repositories', 'shop-1', repository('shop-1'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const order = { repository: 'shop-1', patch: 'diff --git a/x b/x\n' };
const post = async (body: unknown, headers: Record<string, string> = {}) =>
  app.request('/api/trials', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const idOf = async (response: Response) => ((await response.json()) as { id: string }).id;

describe('POST /api/trials', () => {
  it('answers at once with the place where the trial is watched', async () => {
    const response = await post({ ...order, workload: 'export const sizes = [10];' });
    expect(response.status).toBe(202);
    const id = await idOf(response);
    expect(response.headers.get('location')).toBe(`/api/trials/${id}`);
    expect(started).toMatchObject([{ id, base: null, claimsGain: true, seed: 1 }]);
    const [{ diff, workload } = { diff: '', workload: null }] = started;
    expect(Buffer.from(await dependencies.artifacts.get(diff)).toString()).toBe(order.patch);
    expect(Buffer.from(await dependencies.artifacts.get(workload ?? '')).toString()).toContain('sizes');
    const view = (await (await app.request(`/api/trials/${id}`)).json()) as PatchTrialStatus;
    expect(view).toMatchObject({ stage: 'queued', gates: [], result: null });
  });

  it('starts once per idempotency key, and refuses the key for another patch', async () => {
    const key = { 'idempotency-key': 'pull-7' };
    const first = await idOf(await post(order, key));
    expect(await idOf(await post(order, key))).toBe(first);
    expect(started).toHaveLength(1);
    const other = await post({ ...order, patch: 'diff --git a/y b/y\n' }, key);
    expect(other.status).toBe(409);
    expect(other.headers.get('content-type')).toBe('application/problem+json');
  });

  it.each([
    ['no patch', { repository: 'shop-1' }, 400],
    ['an empty patch', { ...order, patch: '' }, 400],
    ['a patch above the limit', { ...order, patch: 'x'.repeat(512 * 1024 + 1) }, 400],
    ['a repository that nobody registered', { ...order, repository: 'nobody' }, 404],
    ['a base that is no commit', { ...order, base: 'main; rm -rf /' }, 400],
    ['an unknown field', { ...order, sudo: true }, 400],
    ['a seed that is no number', { ...order, seed: 'x' }, 400],
  ])('refuses %s with a problem', async (_, body, status) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(started).toEqual([]);
  });

  it('refuses a key that is no header value a person would send', async () => {
    expect((await post(order, { 'idempotency-key': 'k'.repeat(201) })).status).toBe(400);
  });

  it('leaves nothing behind when Temporal is away', async () => {
    away = true;
    expect((await post(order)).status).toBe(503);
    expect(await dependencies.records.list('patchTrials')).toEqual([]);
  });

  it('waits while the emergency stop is set', async () => {
    await dependencies.stop.set({ by: 'ada', reason: 'enough', at: new Date().toISOString() });
    expect((await post(order)).status).toBe(409);
  });
});

describe('watching and cancelling', () => {
  it('shows the gates so far, even while Temporal is away', async () => {
    const id = await idOf(await post(order));
    await dependencies.records.update<PatchTrialStatus>('patchTrials', id, (current) =>
      current === null
        ? null
        : { ...current, stage: 'trialling', gates: [{ gate: 'policy', verdict: 'pass', reason: 'fine' }] },
    );
    away = true;
    const view = await (await app.request(`/api/trials/${id}`)).json();
    expect(view).toMatchObject({ stage: 'trialling', gates: [{ gate: 'policy' }], progress: null });
  });

  it('cancels what runs, and leaves what has ended alone', async () => {
    const id = await idOf(await post(order));
    expect((await app.request(`/api/trials/${id}`, { method: 'DELETE' })).status).toBe(202);
    expect(cancelled).toEqual([id]);
    await dependencies.records.update<PatchTrialStatus>('patchTrials', id, (current) =>
      current === null ? null : { ...current, stage: 'cancelled' },
    );
    expect((await app.request(`/api/trials/${id}`, { method: 'DELETE' })).status).toBe(200);
    expect(cancelled).toEqual([id]);
  });

  it('knows nothing of other ids', async () => {
    expect((await app.request('/api/trials/t-0')).status).toBe(404);
    expect((await app.request('/api/trials/..%2Frepositories%2Fshop-1')).status).toBe(400);
  });
});
