/** What a browser gets of the API: pages without data, a session by cookie, and no change from anywhere else. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSignIn } from '../../src/api/dashboard/sign-in.js';
import { readWebFiles } from '../../src/api/dashboard/web-files.js';
import { createTestApi, host, token, type TestApi } from './test-api.js';

let api: TestApi;
let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ratchet-web-'));
  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'index.html'), '<!doctype html><title>x</title>');
  writeFileSync(join(directory, 'assets', 'app-1.js'), 'export {};');
  writeFileSync(join(directory, 'secret.txt'), 'no');
  api = createTestApi({ web: await readWebFiles(directory), person: 'ada' });
});
afterEach(() => {
  api.dispose();
  rmSync(directory, { recursive: true, force: true });
});

const origin = `http://${host}`;
const json = { 'content-type': 'application/json' };
const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) =>
  api.app.request(path, {
    method,
    headers: { host, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

async function codeFor(): Promise<string> {
  const response = await ask('POST', '/api/sign-in/codes', { ...json, authorization: `Bearer ${token}` }, {});
  return ((await response.json()) as { code: string }).code;
}
async function cookieBy(credentials: object): Promise<string> {
  const response = await ask('POST', '/api/sign-in', { ...json, origin }, credentials);
  expect(response.status).toBe(200);
  return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

describe('pages', () => {
  it.each(['/', '/review', '/proposals/p-1', '/cycles/c-1', '/chat/s-1', '/audit'])(
    '%s is the page, for anybody, under a strict policy',
    async (path) => {
      const response = await ask('GET', path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain('text/html');
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    },
  );

  it('assets are kept for ever, the page never; an unchanged one is not sent again', async () => {
    const asset = await ask('GET', '/assets/app-1.js');
    expect(asset.headers.get('cache-control')).toContain('immutable');
    const page = await ask('GET', '/');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const again = await ask('GET', '/', { 'if-none-match': page.headers.get('etag') ?? '' });
    expect(again.status).toBe(304);
  });

  it('serves nothing else of the directory, and no data', async () => {
    for (const path of ['/secret.txt', '/assets/..%2fsecret.txt', '/api/proposals', '/openapi'])
      expect((await ask('GET', path)).status).toBe(401);
  });

  it('are not served to a foreign Host', async () => {
    expect((await api.app.request('/', { headers: { host: 'evil.example' } })).status).toBe(403);
  });
});

describe('signing in', () => {
  it('by a code that is good once, into a cookie that scripts and other sites cannot use', async () => {
    const code = await codeFor();
    const response = await ask('POST', '/api/sign-in', { ...json, origin }, { code });
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    expect(cookie).not.toContain(token);
    expect(await response.json()).toMatchObject({ person: 'ada' });
    const second = await ask('POST', '/api/sign-in', { ...json, origin }, { code });
    expect(second.status).toBe(401);
    const read = await ask('GET', '/api/proposals', { cookie: cookie.split(';')[0] ?? '' });
    expect(read.status).toBe(200);
  });

  it('by the token, and by nothing that only looks like it', async () => {
    expect(await cookieBy({ token })).toContain('ratchet_session=');
    const wrong = await ask('POST', '/api/sign-in', { ...json, origin }, { token: `${token}x` });
    expect(wrong.status).toBe(401);
    const both = await ask('POST', '/api/sign-in', { ...json, origin }, { token, code: 'x' });
    expect(both.status).toBe(400);
  });

  it('codes are made for the token alone', async () => {
    expect((await ask('POST', '/api/sign-in/codes', json, {})).status).toBe(401);
  });

  it('is closed for a while after many failures, and says when to come back', async () => {
    let last = 0;
    for (let attempt = 0; attempt < 25; attempt += 1) {
      const response = await ask('POST', '/api/sign-in', { ...json, origin }, { token: 'wrong' });
      last = response.status;
      if (last === 429) expect(response.headers.get('retry-after')).toBe('60');
    }
    expect(last).toBe(429);
    expect((await ask('POST', '/api/sign-in', { ...json, origin }, { token })).status).toBe(429);
  });

  it('out: the cookie is taken back', async () => {
    const cookie = await cookieBy({ token });
    const response = await ask('DELETE', '/api/sign-in', { cookie, origin });
    expect(response.headers.get('set-cookie')).toContain('Max-Age=0');
  });

  it('ends with time, with another token, and with any changed byte', () => {
    let now = 1_000_000;
    const signIn = createSignIn(token, () => now);
    const cookie = signIn.cookie().split(';')[0] ?? '';
    expect(signIn.accepts(`theme=dark; ${cookie}`)).toBe(true);
    expect(createSignIn(`${token}2`, () => now).accepts(cookie)).toBe(false);
    const until = /=(\d+)\./.exec(cookie)?.[1] ?? '';
    expect(signIn.accepts(cookie.replace(until, String(Number(until) + 1)))).toBe(false);
    expect(signIn.accepts(undefined)).toBe(false);
    now += 13 * 3_600_000;
    expect(signIn.accepts(cookie)).toBe(false);
    const code = signIn.issueCode();
    now += 3 * 60_000;
    expect(signIn.redeemCode(code)).toBe(false);
  });
});

describe('a cookie alone changes nothing', () => {
  const stop = { by: 'ada', reason: 'enough' };

  it.each([
    ['no Origin', {}, 403],
    ['a foreign Origin', { origin: 'https://evil.example' }, 403],
    ['another port of this machine', { origin: 'http://127.0.0.1:9999' }, 403],
    ['an opaque Origin', { origin: 'null' }, 403],
    ['our own Origin', { origin }, 200],
  ])('with %s', async (_, headers, status) => {
    const cookie = await cookieBy({ token });
    const response = await ask('POST', '/api/emergency-stop', { ...json, cookie, ...headers }, stop);
    expect(response.status).toBe(status);
  });

  it('a wrong token beside a good cookie is refused', async () => {
    const cookie = await cookieBy({ token });
    expect((await ask('GET', '/api/cycles', { cookie, authorization: 'Bearer rt_wrong' })).status).toBe(401);
  });
});

describe('lists', () => {
  const authorization = `Bearer ${token}`;
  const read = async (path: string) => ask('GET', path, { authorization });

  it('come in pages, each item once', async () => {
    for (let index = 0; index < 7; index += 1)
      await api.records.put('changes', `ch-${index}`, { id: `ch-${index}`, repositoryId: 'shop-1' });
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&cursor=${next}`;
      const response = await read(`/api/changes?limit=3${cursor}`);
      const page = (await response.json()) as { items: { id: string }[]; next: string | null };
      seen.push(...page.items.map(({ id }) => id));
      next = page.next;
    }
    expect(seen.toSorted()).toEqual(Array.from({ length: 7 }, (_, index) => `ch-${index}`));
    expect((await read('/api/changes?limit=0')).status).toBe(400);
    expect((await read('/api/changes?cursor=nowhere')).status).toBe(400);
  });

  it('another method is 405 and says which; an unknown path is 404', async () => {
    const response = await ask('DELETE', '/api/cycles', { authorization });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect((await read('/api/nowhere')).status).toBe(404);
  });

  it('health says what is away; findings of a repository that was not analysed are none', async () => {
    expect(await (await read('/api/health')).json()).toMatchObject({ temporal: false, stop: null });
    await ask('POST', '/api/repositories', { ...json, authorization }, { source: '/shop' });
    expect(await (await read('/api/findings?repository=shop-1')).json()).toMatchObject({
      source: null,
      total: 0,
    });
    expect((await read('/api/findings?repository=shop-1&severity=terrible')).status).toBe(400);
    expect((await read('/api/findings')).status).toBe(400);
  });
});
