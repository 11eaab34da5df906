/** Every operation of the document, called once as it says: the answer is of the declared status and schema. */
import type { Known } from './contract/world.js';
import { startWorld } from './contract/world.js';
import { draftOf, pick, randomOf, type Draft } from './contract/make-request.js';
import { asSent, spoil, type Sent } from './contract/spoil-request.js';
import { documentText, judge, operationAt, toldOperations } from './contract/read-document.js';

const requests = Number(process.env['RATCHET_FUZZ_REQUESTS'] ?? 2_000);
const seed = Number(process.env['RATCHET_FUZZ_SEED'] ?? 7);

let world: Awaited<ReturnType<typeof startWorld>>;
let exported: unknown;

beforeAll(async () => {
  world = await startWorld(documentText);
  exported = await world.call('GET', `/api/sessions/${world.known.session}/export`);
}, 240_000);
afterAll(async () => {
  await world.close();
}, 120_000);

/** Where the document's form says less than the words: one of two fields, a secret, a thing that may be lost. */
const particular: Readonly<Record<string, (known: Known) => Partial<Draft>>> = {
  startAnalysis: ({ repository }) => ({ body: { repository } }),
  decide: ({ waiting, proof }) => ({
    path: `/api/proposals/${waiting}/decision`,
    body: { decision: 'reject', evidence: proof, by: 'ada' },
  }),
  queryMetrics: () => ({ path: '/api/metrics/query?metric=suite.duration&since=7d&labels=repository:tiny' }),
  signIn: () => ({ body: { token: world.token } }),
  importSession: () => ({ body: exported }),
  clearSession: ({ emptied }) => ({ path: `/api/sessions/${emptied}/clear` }),
  deleteSession: ({ spare }) => ({ path: `/api/sessions/${spare}` }),
  regenerate: ({ other }) => ({ path: `/api/sessions/${other}/regenerate` }),
  removeSchedule: ({ idle }) => ({ path: `/api/schedules/${idle}` }),
  backfillSchedule: () => ({ body: { from: '2026-01-02T03:00:00Z', to: '2026-01-02T03:00:01Z' } }),
  registerRepository: ({ source }) => ({ body: { source } }),
};

async function send(draft: Sent): Promise<Response> {
  return world.app.request(draft.path, {
    method: draft.method,
    headers: draft.headers,
    ...(draft.body === null ? {} : { body: draft.body }),
  });
}

it.each(toldOperations)('$id answers as declared', async (operation) => {
  const draft = { ...draftOf(operation, world.known, null), ...particular[operation.id]?.(world.known) };
  const response = await send(asSent(draft, world));
  if (response.status >= 300) expect(`${response.status} ${await response.clone().text()}`).toBe('a success');
  expect(await judge(response, operation, operation.path)).toBeNull();
});

it('a status, a type or a field that is not declared is seen', async () => {
  const operation = operationAt('GET', '/api/emergency-stop');
  const answer = (status: number, body: object, type = 'application/json') =>
    judge(
      new Response(JSON.stringify(body), { status, headers: { 'content-type': type } }),
      operation,
      '/api/x',
    );
  expect(await answer(200, { stop: null })).toBeNull();
  expect(await answer(418, {})).toMatch('418, which it does not declare');
  expect(await answer(200, { stop: null }, 'text/plain')).toMatch('as text/plain, undeclared');
  expect(await answer(200, { stop: null, more: 1 })).toMatch('must NOT have additional properties');
  expect(await answer(401, { stop: null })).toMatch('undeclared');
  expect(operationAt('POST', '/api/sessions/import')?.id).toBe('importSession');
  expect(operationAt('POST', '/api/nothing')).toBeNull();
});

/** Temporal may be late on a busy machine: that is declared, and told. */
const late = new Set(['TEMPORAL_UNAVAILABLE', 'TIMEOUT']);

it(
  `${requests} requests that nobody would send never meet a defect (seed ${seed})`,
  async () => {
    const random = randomOf(seed);
    const defects: string[] = [];
    const statuses = new Map<number, number>();
    const succeeded = new Set<string>();
    const slow: string[] = [];
    for (let number = 0; number < requests && defects.length < 20; number += 1) {
      const sent = spoil(pick(random, toldOperations), world, random);
      const response = await send(sent);
      const { pathname } = new URL(sent.path, `http://${world.host}`);
      const { status } = response;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const told = `#${number} ${sent.method} ${sent.path.slice(0, 120)} ${JSON.stringify(sent.headers).slice(0, 200)} ${String(sent.body).slice(0, 200)}`;
      if (status >= 500 && pathname !== '/readyz') {
        const { code = '' } = (await response.clone().json()) as { code?: string };
        if (late.has(code)) slow.push(`${sent.method} ${pathname}`);
        else defects.push(`${status} ${code}: ${told} ${world.faults.at(-1) ?? ''}`);
      }
      const operation = operationAt(sent.method, pathname);
      if (response.ok && operation !== null) succeeded.add(operation.id);
      const wrong = await judge(response, operation, pathname);
      if (wrong !== null) defects.push(`${wrong}: ${told}`);
      if (pathname === '/api/emergency-stop' && status === 200 && sent.method === 'POST') await world.lift();
    }
    console.info(
      `${requests} requests, seed ${seed}: ${JSON.stringify(Object.fromEntries(statuses))}, ${succeeded.size} of ${toldOperations.length} operations also succeeded, Temporal late: ${slow.join(', ') || 'never'}`,
    );
    expect(defects).toEqual([]);
    expect(statuses.size).toBeGreaterThan(8);
    expect(succeeded.size).toBeGreaterThan(toldOperations.length / 2);
    expect((await world.call<{ kind: string }>('GET', '/api/audit/verify')).kind).toBe('intact');
  },
  20 * 60_000,
);
