/** Ratchet over the Model Context Protocol: both revisions, official clients of two generations, the API's own rights. */
import { createTestApi, host, token, type TestApi } from '../api/test-api.js';
import { connectNew, connectOld, type TestClient } from './clients.js';

const url = new URL(`http://${host}/mcp`);
let api: TestApi;
const opened: TestClient[] = [];

beforeEach(() => {
  api = createTestApi({ version: '9.9.9' });
});
afterEach(async () => {
  for (const client of opened.splice(0)) await client.close();
  api.dispose();
});

/** As if over a socket: the Host that a browser or program would send. */
async function ask(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const request = new Request(input, init);
  const headers = new Headers(request.headers);
  headers.set('host', host);
  return api.app.fetch(new Request(request, { headers }));
}

async function open(how: string): Promise<TestClient> {
  const client =
    how === 'old'
      ? await connectOld(url, token, ask)
      : await connectNew(url, token, how === 'modern' ? { pin: '2026-07-28' } : 'legacy', ask);
  opened.push(client);
  return client;
}

const ways = [
  ['modern', '2026-07-28'],
  ['legacy', '2025-11-25'],
  ['old', '2025-11-25'],
] as const;

describe.each(ways)('a client of kind %s (%s)', (how, revision) => {
  it('finds the tools with schemas, and none that decides', async () => {
    const client = await open(how);
    expect(client.revision).toBe(revision);
    const tools = await client.tools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        ...['analyze', 'list_findings', 'start_cycle', 'cycle_status', 'show_proposal', 'trial_patch'],
        ...['explain_change', 'search_memory', 'ask', 'report'],
      ]),
    );
    expect(names.filter((name) => /approve|reject|decide|rollback|roll_back|resume|lift/.test(name))).toEqual(
      [],
    );
    for (const { outputSchema, description, annotations } of tools) {
      expect(outputSchema).toMatchObject({ type: 'object' });
      expect(description?.length).toBeGreaterThan(20);
      expect(annotations?.readOnlyHint).toBeDefined();
    }
  });

  it('starts a cycle once per key, and is told what is wrong in words', async () => {
    const client = await open(how);
    const order = { repository: '/somewhere/shop', idempotencyKey: 'k1' };
    const first = await client.call('start_cycle', order);
    expect(first.text).toMatch(/^Cycle c-[0-9a-f]+ of shop: preparing\./);
    const again = await client.call('start_cycle', order);
    expect(again.data['cycleId']).toBe(first.data['cycleId']);
    expect(api.asked.started).toEqual([first.data['cycleId']]);
    const other = await client.call('start_cycle', { repository: 'shop' });
    expect(other).toMatchObject({ isError: true });
    expect(other.text).toMatch(/^CONFLICT: A cycle of shop is running already\./);

    const unknown = await client.call('list_findings', { repository: 'nothing' });
    expect(unknown.isError).toBe(true);
    expect(unknown.text).toContain('NOT_FOUND: No repository "nothing" is registered.');
    expect(unknown.text).toContain('Use one of: shop (shop-1)');
    const none = await client.call('list_findings', { repository: 'shop' });
    expect(none.text).toContain('was not analysed yet');
    expect((await client.call('list_repositories', {})).data).toEqual({
      repositories: [{ id: 'shop-1', name: 'shop', source: '/somewhere/shop' }],
    });
    const report = await client.call('report', {});
    expect(report.text).toContain('Temporal does not answer.');
    expect((await client.call('show_proposal', { proposal: 'p-1' })).text).toContain('No proposal p-1');
  });
});

it('refuses arguments that do not fit, before anything is asked', async () => {
  const client = await open('modern');
  for (const input of [{}, { repository: '' }, { repository: 'shop', maxProposals: 1e9 }, { repository: 7 }])
    expect((await client.call('start_cycle', input)).isError).toBe(true);
  expect(api.asked.started).toEqual([]);
});

it('serves resources and the review prompt', async () => {
  const { client } = await open('legacy');
  expect(client.getServerVersion()).toMatchObject({ name: 'ratchet', version: '9.9.9' });
  const report = await client.readResource({ uri: 'ratchet://report' });
  expect(report.contents[0]).toMatchObject({ mimeType: 'text/markdown' });
  const { resourceTemplates } = await client.listResourceTemplates();
  expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate).sort()).toEqual([
    'ratchet://evidence/{digest}',
    'ratchet://findings/{repository}',
  ]);
  const { prompts } = await client.listPrompts();
  expect(prompts.map(({ name }) => name)).toEqual(['review_proposal']);
  await client.callTool({ name: 'start_cycle', arguments: { repository: '/somewhere/shop' } });
  const ref = { type: 'ref/resource', uri: 'ratchet://findings/{repository}' } as const;
  const { completion } = await client.complete({ ref, argument: { name: 'repository', value: 'sh' } });
  expect(completion.values).toEqual(['shop']);
  await expect(client.readResource({ uri: 'ratchet://evidence/..%2F..%2Ftoken' })).rejects.toThrow();
  await expect(client.getPrompt({ name: 'review_proposal', arguments: { proposal: 'p-1' } })).rejects.toThrow(
    /No proposal p-1/,
  );
});

describe('who may come in', () => {
  const discover = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
  const send = (headers: Record<string, string>, body = discover) =>
    api.app.fetch(
      new Request(url, {
        method: 'POST',
        headers: {
          ...{ host, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          accept: 'application/json, text/event-stream',
          ...headers,
        },
        body,
      }),
    );

  it.each([
    ['without a token', { authorization: '' }, 401],
    ['with a wrong one', { authorization: 'Bearer rt_wrong-token-of-some-length' }, 401],
    ['by a name that is not ours', { host: 'evil.example' }, 403],
    ['from a page elsewhere', { origin: 'http://evil.example' }, 403],
    ['as a form', { 'content-type': 'text/plain' }, 415],
  ])('not %s', async (_, headers, status) => {
    expect((await send(headers)).status).toBe(status);
  });

  it('answers broken messages as the protocol says, and stays up', async () => {
    for (const body of [
      '{',
      '[]',
      'null',
      '{"jsonrpc":"2.0"}',
      '"x"',
      '{"jsonrpc":"1.0","id":1,"method":"x"}',
    ]) {
      const response = await send({}, body);
      expect(response.status).toBeGreaterThanOrEqual(200);
      expect(response.status).toBeLessThan(500);
    }
    expect((await send({}, `{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(2_000_000)}"}`)).status).toBe(413);
    expect((await send({})).status).toBe(200);
  });
});
