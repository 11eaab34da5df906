/** `/metrics`: what Prometheus is told, with labels that stay few, and the alert rules of the run-book. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createApiMetrics, type HouseState } from '../../src/metrics/index.js';
import { createTestApi, host, token, type TestApi } from '../api/test-api.js';
import { root } from '../support/measure-tree.js';

let api: TestApi;
beforeEach(() => {
  api = createTestApi();
});
afterEach(() => api.dispose());

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  Promise.resolve(api.app.request(path, { headers: { host, authorization: `Bearer ${token}`, ...headers } }));
const scrape = async (): Promise<string> => (await get('/metrics')).text();

/** Value of a sample by the beginning of its line. */
function valueOf(text: string, sample: string): number | null {
  const line = text.split('\n').find((one) => one.startsWith(`${sample} `));
  return line === undefined ? null : Number(line.slice(sample.length + 1));
}

it('needs the token, and speaks the text format', async () => {
  expect((await get('/metrics', { authorization: '' })).status).toBe(401);
  const response = await get('/metrics');
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
});

it('counts requests by pattern: ids, unknown paths and made-up methods make no new series', async () => {
  for (let at = 0; at < 200; at += 1) {
    await get(`/api/changes/ch-${at}`);
    await get(`/nothing/${at}`);
    await api.app.request('/api/changes', { method: `X${at}`, headers: { host } });
  }
  const text = await scrape();
  const counts = text
    .split('\n')
    .filter((line) => line.startsWith('ratchet_http_request_duration_seconds_count'));
  expect(counts.length).toBeLessThanOrEqual(6);
  const series = 'ratchet_http_request_duration_seconds_count';
  expect(valueOf(text, `${series}{method="GET",route="/api/changes/:id",status="404"}`)).toBe(200);
});

it('tells what waits, what landed, what is away, and the stop', async () => {
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
  await api.records.put('proposals', 'p-1', { id: 'p-1', stage: 'awaitingDecision', updatedAt: hourAgo });
  await api.records.put('proposals', 'p-2', { id: 'p-2', stage: 'refused', updatedAt: hourAgo });
  await api.records.put('changes', 'ch-1', { id: 'ch-1', state: 'verified' });
  await api.records.put('cycles', 'c-1', { cycleId: 'c-1', stage: 'trialling', proposals: [] });
  const text = await scrape();
  expect(valueOf(text, 'ratchet_proposals{stage="awaitingDecision"}')).toBe(1);
  expect(valueOf(text, 'ratchet_changes{state="verified"}')).toBe(1);
  expect(valueOf(text, 'ratchet_cycles_running')).toBe(1);
  expect(valueOf(text, 'ratchet_oldest_waiting_seconds')).toBeGreaterThanOrEqual(3_600);
  expect(valueOf(text, 'ratchet_dependency_up{dependency="temporal"}')).toBe(0);
  expect(valueOf(text, 'ratchet_emergency_stop')).toBe(0);
});

it('a look that fails is counted, and the last state stays', async () => {
  const state: HouseState = {
    ...{ proposals: { landed: 2 }, changes: {}, cyclesRunning: 0, oldestWaitingSeconds: 0 },
    ...{ stopped: true, temporal: true, redis: null },
  };
  let looks = 0;
  const metrics = createApiMetrics(
    () => {
      looks += 1;
      return looks === 1 ? Promise.resolve(state) : Promise.reject(new Error('the disk is away'));
    },
    { process: true },
  );
  // Many at once are one look.
  const [first] = await Promise.all([metrics.exposition(), metrics.exposition(), metrics.exposition()]);
  expect(looks).toBe(1);
  expect(valueOf(first?.text ?? '', 'ratchet_emergency_stop')).toBe(1);
  expect(first?.text).toContain('process_resident_memory_bytes');
  for (const odd of [Number.NaN, -1, Number.POSITIVE_INFINITY]) metrics.observe('GET', '/x', 200, odd);
  expect((await metrics.exposition()).text).not.toContain('route="/x"');
  metrics.close();
});

it('the alert rules of the run-book use metrics that exist, and each has its section', async () => {
  const page = readFileSync(join(root, 'docs/runbook.md'), 'utf8');
  const yaml = /```yaml\n(groups:[\s\S]*?)```/.exec(page)?.[1] ?? '';
  const { groups } = parse(yaml) as { groups: { rules: { alert: string; expr: string }[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThanOrEqual(5);
  await api.records.put('proposals', 'p-1', { id: 'p-1', stage: 'awaitingDecision', updatedAt: '' });
  const text = `${await scrape()}\n${await scrape()}`;
  const process = createApiMetrics(() => Promise.reject(new Error('not looked at')), { process: true });
  const known = text + (await process.exposition()).text;
  process.close();
  for (const { alert, expr } of rules) {
    for (const [name] of expr.matchAll(/\b(ratchet|process|nodejs)_\w+/g))
      expect(known.includes(`# TYPE ${name.replace(/_(bucket|count|sum)$/, '')} `) ? name : `${name}?`).toBe(
        name,
      );
    expect(page).toContain(`## ${alert}`);
  }
});
