import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import type { ApiDependencies, ApiEnvironment } from '../../src/api/dependencies.js';
import { problem } from '../../src/api/problem.js';
import { evidenceRoutes } from '../../src/api/routes/evidence.js';
import { proposalRoutes } from '../../src/api/routes/proposals.js';
import { canonicalJson } from '../../src/canonical.js';
import { createArtifactStore, createRecordStore } from '../../src/storage/index.js';
import { evidenceWith, proposalWith } from '../verification/review/evidence.js';
import { summaryOf } from '../workflows/scripted-activities.js';

let home: string;
let app: Hono<ApiEnvironment>;
let digest: string;
let report: string;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'ratchet-evidence-'));
  const records = createRecordStore(join(home, 'records'));
  const artifacts = createArtifactStore(join(home, 'artifacts'));
  // The routes under test use the two stores and nothing else.
  const dependencies = { records, artifacts } as ApiDependencies;
  app = new Hono<ApiEnvironment>();
  app.onError((error, context) => problem(context, error));
  app.route('/api/evidence', evidenceRoutes(dependencies));
  app.route('/api/proposals', proposalRoutes(dependencies));
  digest = await artifacts.put(canonicalJson(evidenceWith({ reason: '<b>bold</b>' })));
  report = await artifacts.put(canonicalJson({ findings: [] }));
  const artifact = await artifacts.put(canonicalJson(proposalWith()));
  await records.put('proposals', 'p-1', {
    ...summaryOf('p-1'),
    artifact,
    evidence: digest,
    repositoryName: 'shop',
  });
  await records.put('proposals', 'p-2', { ...summaryOf('p-2'), artifact, evidence: null });
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

describe('the review page over HTTP', () => {
  it.each(['/api/proposals/p-1/review', () => `/api/evidence/${digest}/review`])(
    'may be drawn and nothing else: %s',
    async (path) => {
      const response = await app.request(typeof path === 'string' ? path : path());
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'; style-src 'unsafe-inline'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      const text = await response.text();
      expect(text).toContain('&lt;b&gt;bold&lt;/b&gt;');
      expect(text).not.toContain('<b>bold');
    },
  );

  it('carries the reason of the proposal', async () => {
    expect(await (await app.request('/api/proposals/p-1/review')).text()).toContain(
      'Build the lookup once (pick)',
    );
  });

  it('is missing before there is evidence', async () => {
    expect((await app.request('/api/proposals/p-2/review')).status).toBe(404);
  });
});

describe('evidence by digest', () => {
  it('is the stored document', async () => {
    expect(await (await app.request(`/api/evidence/${digest}`)).json()).toMatchObject({
      reason: '<b>bold</b>',
    });
  });

  it.each([
    ['no digest at all', () => '/api/evidence/..%2f..%2fetc', 400],
    ['one that nobody stored', () => `/api/evidence/${'0'.repeat(64)}`, 404],
    ['an artifact that is no evidence', () => `/api/evidence/${report}`, 404],
  ])('refuses %s', async (_, path, status) => {
    expect((await app.request(path())).status).toBe(status);
  });
});
