import { digestOf, summaryOf } from '../workflows/scripted-activities.js';
import { createTestApi, host, token, type TestApi } from './test-api.js';

let api: TestApi;
let app: TestApi['app'];
let records: TestApi['records'];

beforeEach(() => {
  api = createTestApi();
  ({ app, records } = api);
});
afterEach(() => {
  api.dispose();
});

const headers = { host, authorization: `Bearer ${token}` };
const get = async (path: string, more: Record<string, string> = {}) =>
  app.request(path, { headers: { ...headers, ...more } });
const send = async (method: string, path: string, body: unknown, more: Record<string, string> = {}) =>
  app.request(path, {
    method,
    headers: { ...headers, 'content-type': 'application/json', ...more },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const problemOf = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()) as { code: string; status: number; detail: string; requestId: string };
};

let artifact = '';
const proposal = (id: string) => ({
  ...summaryOf(id),
  repositoryId: 'shop-1',
  cycleId: 'c-1',
  stage: 'awaitingDecision',
  evidence: digestOf('ab'),
  artifact,
});

describe('who may speak', () => {
  it.each([
    ['no token', {}, 401],
    ['a wrong token', { authorization: 'Bearer rt_wrong' }, 401],
    ['another scheme', { authorization: `Basic ${token}` }, 401],
    ['a foreign Host', { host: 'evil.example', authorization: `Bearer ${token}` }, 403],
    [
      'a Host that only starts like ours',
      { host: '127.0.0.1.evil.example', authorization: `Bearer ${token}` },
      403,
    ],
    ['a foreign Origin', { ...headers, origin: 'https://evil.example' }, 403],
  ])('refuses %s', async (_, given, status) => {
    const response = await app.request('/api/proposals', { headers: { host, ...given } });
    expect(response.status).toBe(status);
    await problemOf(response);
  });

  it('answers the probe without a token, and says that Temporal is away', async () => {
    expect((await app.request('/livez', { headers: { host } })).status).toBe(200);
    expect((await app.request('/readyz', { headers: { host } })).status).toBe(503);
  });
});

describe('failures are problems', () => {
  it.each([
    ['malformed JSON', async () => send('POST', '/api/cycles', '{'), 400],
    [
      'a wrong content type',
      async () => send('POST', '/api/cycles', '{}', { 'content-type': 'text/plain' }),
      415,
    ],
    ['a field of the wrong type', async () => send('POST', '/api/cycles', { repository: 7 }), 400],
    ['an unknown field', async () => send('POST', '/api/cycles', { repository: 'x', sudo: true }), 400],
    ['an unknown path', async () => get('/api/nothing'), 404],
    ['an id that is a path', async () => get('/api/proposals/..%2F..%2Fetc%2Fpasswd'), 400],
    ['a body of 2 MB', async () => send('POST', '/api/cycles', { repository: 'x'.repeat(2 << 20) }), 413],
    ['a repository that is none', async () => send('POST', '/api/repositories', { source: '/nowhere' }), 422],
    [
      'a branch that git would read as an option',
      async () => send('POST', '/api/repositories', { source: '/x', baseBranch: '--all' }),
      400,
    ],
  ])('%s', async (_, ask, status) => {
    const response = await ask();
    const body = await problemOf(response);
    expect({ status: response.status, body: body.status }).toEqual({ status, body: status });
    expect(body.requestId).not.toBe('');
  });
});

describe('cycles', () => {
  it('show what was decided about their proposals after they ended', async () => {
    const proposals = ['p-1', 'p-2'].map((id) => ({ id, stage: 'awaitingDecision', outcome: null }));
    const own = { cycleId: 'c-old', repositoryId: 'shop-1' };
    await records.put('cycles', 'c-old', { ...own, stage: 'finished', proposals });
    await records.put('proposals', 'p-1', {
      ...own,
      id: 'p-1',
      stage: 'landed',
      outcome: 'landed by ada',
    });
    const now = [
      { id: 'p-1', stage: 'landed', outcome: 'landed by ada' },
      { id: 'p-2', stage: 'awaitingDecision', outcome: null },
    ];
    expect(await (await get('/api/cycles/c-old')).json()).toMatchObject({ proposals: now });
    const { items } = (await (await get('/api/cycles')).json()) as { items: { cycleId: string }[] };
    expect(items.find(({ cycleId }) => cycleId === 'c-old')).toMatchObject({ proposals: now });
  });

  it('start once per idempotency key, and one at a time', async () => {
    expect((await send('POST', '/api/repositories', { source: '/shop' })).status).toBe(201);
    expect((await send('POST', '/api/repositories', { source: '/shop' })).status).toBe(200);
    const first = await send('POST', '/api/cycles', { repository: 'shop-1' }, { 'idempotency-key': 'a' });
    expect(first.status).toBe(202);
    const again = await send('POST', '/api/cycles', { repository: 'shop-1' }, { 'idempotency-key': 'a' });
    expect(await again.json()).toEqual(await first.clone().json());
    expect(api.asked.started).toHaveLength(1);
    expect((await send('POST', '/api/cycles', { repository: 'shop-1' })).status).toBe(409);
    const shown = await get(first.headers.get('location') ?? '');
    expect(await shown.json()).toMatchObject({ stage: 'preparing', repositoryName: 'shop' });
  });
});

describe('decisions', () => {
  beforeEach(async () => {
    artifact = await api.artifacts.putJson({ title: 'a proposal' });
    await records.put('proposals', 'p-1a', proposal('p-1a'));
    await records.put('proposals', 'p-1b', proposal('p-1b'));
  });

  it('bind the whole digest when its beginning is given', async () => {
    const body = { decision: 'approve', evidence: digestOf('ab').slice(0, 8), by: 'ada' };
    expect((await send('POST', '/api/proposals/p-1a/decision', body)).status).toBe(202);
    expect(api.asked.decisions).toEqual([
      { approve: true, evidence: digestOf('ab'), by: 'ada', reason: null },
    ]);
  });

  it('pass a digest on unchanged when it is not the one that waits', async () => {
    await send('POST', '/api/proposals/p-1a/decision', {
      decision: 'approve',
      evidence: 'deadbeef',
      by: 'ada',
    });
    expect(api.asked.decisions[0]?.evidence).toBe('deadbeef');
  });

  it('about another state than the one that was seen are refused with 412', async () => {
    const path = '/api/proposals/p-1a';
    const etag = (await get(path)).headers.get('etag') ?? '';
    const decide = (tag: string) =>
      send(
        'POST',
        `${path}/decision`,
        { decision: 'approve', evidence: digestOf('ab'), by: 'ada' },
        { 'if-match': tag },
      );
    await records.put('proposals', 'p-1a', { ...proposal('p-1a'), evidence: digestOf('cd') });
    const late = await decide(etag);
    expect(late.status).toBe(412);
    expect((await problemOf(late)).code).toBe('CHANGED_MEANWHILE');
    expect((await decide(`W/${etag}`)).status).toBe(412);
    expect(api.asked.decisions).toEqual([]);
    const present = (await get(path)).headers.get('etag') ?? '';
    expect(present).toMatch(/^"[0-9a-f]{32}"$/);
    expect(present).not.toBe(etag);
    expect((await decide(`"x", ${present}`)).status).toBe(202);
    expect((await decide('*')).status).toBe(202);
  });

  it('need a unique id', async () => {
    const body = { decision: 'approve', evidence: 'deadbeef', by: 'ada' };
    expect((await send('POST', '/api/proposals/p-1/decision', body)).status).toBe(404);
    expect(api.asked.decisions).toEqual([]);
  });
});

describe('emergency stop', () => {
  it('is set, refuses work and is lifted, with Temporal away', async () => {
    const set = await send('POST', '/api/emergency-stop', { by: 'ada', reason: 'enough' });
    expect(set.status).toBe(200);
    expect(await set.json()).toMatchObject({ stop: { by: 'ada', reason: 'enough' }, workflowsTold: null });
    expect(api.asked.stops).toBe(1);
    await send('POST', '/api/repositories', { source: '/shop' });
    expect((await problemOf(await send('POST', '/api/cycles', { repository: 'shop-1' }))).code).toBe(
      'STOPPED',
    );
    await records.put('proposals', 'p-1a', proposal('p-1a'));
    const body = { decision: 'approve', evidence: digestOf('ab'), by: 'ada' };
    expect((await problemOf(await send('POST', '/api/proposals/p-1a/decision', body))).code).toBe('STOPPED');
    expect(api.asked.decisions).toEqual([]);
    expect((await send('DELETE', '/api/emergency-stop', { by: 'ada', reason: 'fixed' })).status).toBe(200);
    expect((await send('POST', '/api/cycles', { repository: 'shop-1' })).status).toBe(202);
    expect(await (await get('/api/audit/verify')).json()).toMatchObject({ kind: 'intact' });
  });
});
