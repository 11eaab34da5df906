/** Tokens with scopes: what each may, what is kept of it, and that nothing is open by accident. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operations } from '../../src/api/operations.js';
import { createTokenBook, type TokenBook } from '../../src/safety/index.js';
import { neededScope, tokenScopes, type TokenScope } from '../../src/safety/policy.js';
import { root } from '../e2e/product.js';
import { createTestApi, host, token, type TestApi } from './test-api.js';

let home: string;
let book: TokenBook;
let api: TestApi;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ratchet-tokens-'));
  book = createTokenBook(join(home, 'tokens.json'));
  api = createTestApi({ tokens: book });
});
afterEach(() => {
  api.dispose();
  rmSync(home, { recursive: true, force: true });
});

const ask = async (given: string, method: string, path: string): Promise<number> =>
  (
    await api.app.request(path, {
      method,
      headers: { host, authorization: `Bearer ${given}`, 'content-type': 'application/json' },
      ...(method === 'GET' ? {} : { body: '{}' }),
    })
  ).status;

/** One request for each scope; 403 is the guard's, everything else is behind it. */
const requests: readonly (readonly [TokenScope, string, string])[] = [
  ['read', 'GET', '/api/proposals'],
  ['chat', 'GET', '/api/sessions'],
  ['chat', 'GET', '/api/memory/search?q=x'],
  ['chat', 'POST', '/v1/chat/completions'],
  ['improve', 'POST', '/api/cycles'],
  ['improve', 'POST', '/api/emergency-stop'],
  ['approve', 'POST', '/api/proposals/p-1/decision'],
  ['approve', 'POST', '/api/changes/x/rollback'],
  ['admin', 'DELETE', '/api/emergency-stop'],
  ['admin', 'POST', '/api/repositories'],
  ['admin', 'POST', '/api/sign-in/codes'],
];

it.each(tokenScopes)('a token that may %s may that, reads, and nothing else', async (scope) => {
  const given = await book.create(`for-${scope}`, [scope]);
  for (const [needed, method, path] of requests) {
    const allowed = needed === 'read' || needed === scope || scope === 'admin';
    expect({ path, allowed: (await ask(given, method, path)) !== 403 }).toEqual({ path, allowed });
  }
  expect(await ask(token, 'DELETE', '/api/emergency-stop')).toBe(400);
});

it('what a named token does is written down with its name, whoever it says it is', async () => {
  const given = await book.create('ci', ['admin']);
  const stop = (bearer: string, method: string) =>
    api.app.request('/api/emergency-stop', {
      method,
      headers: { host, authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify({ by: 'ada', reason: 'enough' }),
    });
  expect(await (await stop(given, 'POST')).json()).toMatchObject({ stop: { by: 'ada (token ci)' } });
  await stop(token, 'DELETE');
  const response = await api.app.request('/api/audit', {
    headers: { host, authorization: `Bearer ${token}` },
  });
  const { items } = (await response.json()) as { items: { actor: string; action: string }[] };
  expect(items.map(({ actor, action }) => [action, actor])).toEqual([
    ['stop.lifted', 'ada'],
    ['stop.set', 'ada (token ci)'],
  ]);
});

it('what no rule names needs admin', () => {
  expect(neededScope('POST', '/api/something/new')).toBe('admin');
  expect(neededScope('DELETE', '/api/cycles-of-another-kind')).toBe('admin');
  const approving = operations
    .map(({ at }) => at.replace(/\{\w+\}/g, 'x').split(' '))
    .filter(([method = '', path = '']) => neededScope(method, path) === 'approve');
  expect(approving.map(([, path]) => path).toSorted()).toEqual([
    '/api/changes/x/rollback',
    '/api/proposals/x/decision',
  ]);
});

it('only a hash is kept, for its owner alone; a revoked one is refused at once', async () => {
  const given = await book.create('ci', ['read']);
  const file = join(home, 'tokens.json');
  expect(readFileSync(file, 'utf8')).not.toContain(given);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await ask(given, 'GET', '/api/proposals')).toBe(200);
  await expect(book.create('ci', ['admin'])).rejects.toMatchObject({ code: 'CONFLICT' });
  await createTokenBook(file).revoke('ci');
  expect(await ask(given, 'GET', '/api/proposals')).toBe(401);
  await expect(book.revoke('ci')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

it('a damaged book lets nobody in but the owner', async () => {
  const given = await book.create('ci', ['admin']);
  writeFileSync(join(home, 'tokens.json'), '{"schemaVersion":1,"tokens":"all"}');
  expect(await ask(given, 'GET', '/api/proposals')).toBe(500);
  expect(await ask(token, 'GET', '/api/proposals')).toBe(200);
});

it('ratchet token makes, lists and takes back, with no server', () => {
  const run = (...argv: readonly string[]) =>
    JSON.parse(
      execFileSync(process.execPath, [join(root, 'dist/cli/main.js'), 'token', ...argv, '--json'], {
        encoding: 'utf8',
        env: { ...process.env, NODE_OPTIONS: '', RATCHET_HOME: home },
      }),
    ) as Record<string, unknown>;
  expect(run('create', 'nightly', '--scope', 'improve', 'chat')).toMatchObject({
    scopes: ['improve', 'chat'],
    token: expect.stringMatching(/^rt_[\w-]{32}$/) as string,
  });
  expect(run('list')).toMatchObject({ tokens: [{ name: 'nightly', scopes: ['improve', 'chat'] }] });
  expect(run('revoke', 'nightly')).toMatchObject({ revoked: true });
  expect(run('list')).toMatchObject({ tokens: [] });
  const bad = spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), 'token', 'create', '../x'], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', RATCHET_HOME: home },
  });
  expect(bad.status).not.toBe(0);
  expect(bad.stderr).toContain('not a name');
});
