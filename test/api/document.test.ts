/** The document of the API: made from what is served, of sound form, and shown on a page. */
import { readFileSync } from 'node:fs';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { operations } from '../../src/api/operations.js';
import { documentFile, makeDocument } from '../../scripts/openapi/make.js';
import { createTestApi, host, type TestApi } from './test-api.js';

const text = readFileSync(documentFile, 'utf8');
let api: TestApi;

beforeAll(() => {
  api = createTestApi({ document: text, version: '1.2.3' });
});
afterAll(() => {
  api.dispose();
});

describe('the document of the API', () => {
  it('is what routes and types say now (else: npm run openapi)', () => {
    expect(text === makeDocument()).toBe(true);
  }, 120_000);

  it('has an entry for every route, and a route for every entry', () => {
    const whole = api.app.routes.filter(({ method, path }) => method === 'ALL' && !path.endsWith('*'));
    // Speaks a protocol of its own, which OpenAPI has no words for.
    expect(whole.map(({ path }) => path)).toEqual(['/mcp']);
    const served = api.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    const told = operations.map(({ at }) => at);
    expect([...new Set(served)].toSorted()).toEqual(told.toSorted());
  });

  it('finds a linter of OpenAPI nothing to say', async () => {
    const config = await createConfig({
      extends: ['recommended-strict'],
      rules: { 'no-unused-components': 'error', 'operation-operationId-unique': 'error' },
    });
    const problems = await lintFromString({ source: text, absoluteRef: documentFile, config });
    expect(
      problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`),
    ).toEqual([]);
  }, 60_000);

  it('is served without a token, with the version that runs', async () => {
    const response = await api.app.request('/openapi.json', { headers: { host } });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({ openapi: '3.1.1', info: { version: '1.2.3' } });
    expect((await api.app.request('/openapi.json', { headers: { host: 'evil.example' } })).status).toBe(403);
  });

  it('is shown on a page that loads nothing, with every operation on it', async () => {
    const response = await api.app.request('/docs', { headers: { host } });
    const page = await response.text();
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-/,
    );
    expect(page).not.toMatch(/<script|<link|<img|src=|https?:/);
    for (const { id } of operations) expect(page).toContain(`id="${id}"`);
  });
});
