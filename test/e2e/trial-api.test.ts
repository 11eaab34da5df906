/** A patch from outside over HTTP: judged by the same gates as a proposal, cancelled when asked, nothing lands. */
import type { PatchTrialStatus } from '../../src/activities/types.js';
import type { TestAssessment } from '../../src/verification/history/index.js';
import type { Evidence } from '../../src/verification/types.js';
import { createProduct, fingerprintOf, git, repositoryOf, tinyRepository, type Product } from './product.js';

let product: Product;
beforeAll(async () => {
  product = createProduct();
  await product.run(['up', '--detach']);
}, 300_000);
afterAll(async () => {
  await product.stop();
});

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(new URL(path, product.stack().api.url), {
    method,
    headers: {
      authorization: `Bearer ${product.token()}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function register(source: string): Promise<string> {
  return ((await (await call('POST', '/api/repositories', { source })).json()) as { id: string }).id;
}

async function until(id: string, enough: (status: PatchTrialStatus) => boolean): Promise<PatchTrialStatus> {
  const end = Date.now() + 400_000;
  for (;;) {
    const status = (await (await call('GET', `/api/trials/${id}`)).json()) as PatchTrialStatus;
    if (enough(status)) return status;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(status)}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 200);
    });
  }
}

const wrong = [
  'diff --git a/src/select.js b/src/select.js',
  '--- a/src/select.js',
  '+++ b/src/select.js',
  '@@ -9,5 +9,5 @@',
  '   const found = [];',
  "   for (const word of text.split(' ')) {",
  '-    if (listed.includes(word)) {',
  '+    if (listed.includes(word) && !text.startsWith(word)) {',
  '       found.push(word);',
  '     }',
  '',
].join('\n');

it('judges a patch, shows the gates while they answer, and keeps the evidence', async () => {
  const source = tinyRepository();
  const before = fingerprintOf(source);
  const repository = await register(source);
  const accepted = await call('POST', '/api/trials', { repository, patch: wrong, claimsGain: false });
  expect(accepted.status).toBe(202);
  const place = accepted.headers.get('location') ?? '';
  const id = place.replace('/api/trials/', '');
  const partly = await until(id, ({ gates }) => gates.length > 0);
  expect(partly.gates[0]).toMatchObject({ gate: 'policy', verdict: 'pass' });

  const ended = await until(id, ({ stage }) => stage !== 'queued' && stage !== 'trialling');
  expect(ended).toMatchObject({ stage: 'finished', result: { verdict: 'refused' } });
  expect(ended.result?.outcome).toMatch(/^tests: /);
  const digest = ended.result?.evidence ?? '';
  const evidence = (await (await call('GET', `/api/evidence/${digest}`)).json()) as Evidence;
  expect(evidence.patch.diff).toContain('+    if (listed.includes(word) && !text.startsWith(word)) {');
  const page = await call('GET', `/api/evidence/${digest}/review`);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await page.text()).toContain('!text.startsWith(word)');
  expect((await product.run(['evidence', 'verify', digest])).code).toBe(0);
  expect(fingerprintOf(source)).toBe(before);

  // Two runs of the baseline, one or two of the candidate: kept under the patch, so that nobody calls them flaky.
  const history = await product.json<{ available: boolean; items: TestAssessment[] }>([
    'tests',
    'history',
    '--repository',
    repository,
  ]);
  expect(history.available).toBe(true);
  const kept = history.items.find(({ id }) => id.endsWith('keeps order and repeats'));
  expect(kept).toMatchObject({ flakyScore: 0, last: { status: 'failed' } });
  expect(kept?.runs).toBeGreaterThanOrEqual(3);
  expect(git(source, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
}, 600_000);

it('ends soon after it was cancelled', async () => {
  const manifest = { name: 'slow', version: '1.0.0', type: 'module', scripts: { test: 'node --test' } };
  const repository = await register(
    repositoryOf({
      'package.json': JSON.stringify(manifest),
      'src/a.js': 'export const a = 1;\n',
      'slow.test.js': `import { test } from 'node:test';\ntest('slow', async () => { await new Promise((resolve) => setTimeout(resolve, 120_000)); });\n`,
    }),
  );
  const patch = '--- a/src/a.js\n+++ b/src/a.js\n@@ -1 +1 @@\n-export const a = 1;\n+export const a = 2;\n';
  const { id } = (await (await call('POST', '/api/trials', { repository, patch })).json()) as { id: string };
  await until(id, ({ stage }) => stage === 'trialling');
  expect((await call('DELETE', `/api/trials/${id}`)).status).toBe(202);
  const cancelled = Date.now();
  expect(await until(id, ({ stage }) => stage !== 'trialling')).toMatchObject({ stage: 'cancelled' });
  expect(Date.now() - cancelled).toBeLessThan(60_000);
}, 300_000);
