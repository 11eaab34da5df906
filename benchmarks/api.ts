/**
 * `npm run bench:api`: reads beside a bare Hono route, decisions through Temporal, 500 watchers of one cycle, and the
 * dashboard in a browser. The API is the built one, a process of its own; suites and gates follow a script.
 */
import { spawn } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { CycleStatus, ProposalStatus } from '../src/activities/types.js';
import { homePaths } from '../src/config.js';
import { createRecordStore } from '../src/storage/index.js';
import { startDashboard, type DashboardHarness } from '../test/dashboard/harness.js';
import { browserFigures, bundleKb } from './support/dashboard-figures.js';
import { quantile, table } from './support/figures.js';
import { asFastAsItGoes, atRate, type Target } from './support/http-load.js';
import { residentBytes } from './support/processes.js';

const bars = {
  ...{ readsPerSecond: 1_000, readP99Ms: 30, decisionP95Ms: 150, watchersMb: 200 },
  ...{ bundleKb: 60, firstPaintMs: 500, longTaskMs: 50 },
} as const;
const decisions = 40;
const watchers = 500;
const diffLines = 2_000;

const file = (at: number): string => `src/f${at}.js`;
const short = (at: number): string => `export const f${at} = (x) => x + ${at};\n`;
const long = Array.from({ length: diffLines }, (_, at) => `export const v${at} = [${at}, "text", true];\n`);
const files: Record<string, string> = {
  'package.json': JSON.stringify({ name: 'bench', type: 'module', scripts: { test: 'node --test' } }),
  'src/long.js': long.join(''),
  ...Object.fromEntries(Array.from({ length: decisions }, (_, at) => [file(at), short(at)])),
};
const large = {
  ...{ id: 'p-large', title: 'A large change', file: 'src/long.js', accepted: true },
  after: long.map((line, at) => (at % 2 === 0 ? line : line.replace('true', 'false'))).join(''),
};
const small = Array.from({ length: decisions }, (_, at) => ({
  ...{ id: `p-${String(at).padStart(10, '0')}`, title: `Change ${at}`, file: file(at), accepted: true },
  after: short(at).replace('+', '-'),
}));

const say = (what: string): void => void process.stderr.write(`… ${what}\n`);

/** Waits until all proposals wait for a decision. */
async function improved(harness: DashboardHarness): Promise<readonly ProposalStatus[]> {
  const order = { repository: harness.repositoryId, maxProposals: decisions + 1, parallelTrials: 4 };
  await harness.api('POST', '/api/cycles', order);
  for (let left = 1_200; left > 0; left -= 1) {
    const { items } = await harness.api<{ items: ProposalStatus[] }>(
      'GET',
      '/api/proposals?stage=awaitingDecision',
    );
    if (items.length === decisions + 1) return items;
    await sleep(250);
  }
  throw new Error('the proposals did not come in time');
}

/** Hono with one route and nothing else, as a process of its own. */
async function bareHono(): Promise<{ readonly target: Target; readonly end: () => void }> {
  const source = `
    import { serve } from '@hono/node-server';
    import { Hono } from 'hono';
    const app = new Hono();
    app.get('/x', (context) => context.json({ items: [{ id: 'x', name: 'bench' }] }));
    serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => console.log(port));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<string>((resolve) => {
    child.stdout.once('data', (data: Buffer) => resolve(data.toString().trim()));
  });
  return {
    target: { origin: `http://127.0.0.1:${port}`, path: '/x', headers: {} },
    end: () => child.kill('SIGTERM'),
  };
}

async function reads({ url, token, repositoryId }: DashboardHarness, proposal: string) {
  const headers = { authorization: `Bearer ${token}` };
  const bare = await bareHono();
  const targets: Readonly<Record<string, Target>> = {
    'bare Hono': bare.target,
    'GET /livez': { origin: url, path: '/livez', headers },
    'GET /api/repositories/{id}': { origin: url, path: `/api/repositories/${repositoryId}`, headers },
    'GET /api/proposals/{id}': { origin: url, path: `/api/proposals/${proposal}`, headers },
    'GET /api/proposals': { origin: url, path: '/api/proposals?limit=20', headers },
  };
  const figures: Record<string, object> = {};
  for (const [name, target] of Object.entries(targets)) {
    say(name);
    await asFastAsItGoes(target, 16, 1);
    const most = await asFastAsItGoes(target, 16, 4);
    const steady = await atRate(target, 200, 5);
    const failed = most.failed + steady.failed;
    figures[name] = { perSecond: most.perSecond, p50MsAt200: steady.p50Ms, p99MsAt200: steady.p99Ms, failed };
  }
  bare.end();
  return figures as Readonly<Record<string, { perSecond: number; p99MsAt200: number; failed: number }>>;
}

async function decide(harness: DashboardHarness, waiting: readonly ProposalStatus[]) {
  const times: number[] = [];
  for (const { id, evidence } of waiting) {
    const from = performance.now();
    await harness.api('POST', `/api/proposals/${id}/decision`, { decision: 'reject', evidence, by: 'bench' });
    times.push(performance.now() - from);
  }
  return { p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95) };
}

/** A running cycle that changes ten times; all watchers must see its last state. */
async function watch(harness: DashboardHarness, one: CycleStatus) {
  const { url, token, home } = harness;
  const records = createRecordStore(homePaths(home).records);
  const put = (stage: CycleStatus['stage'], files: number) =>
    records.put('cycles', 'c-bench', { ...one, cycleId: 'c-bench', repositoryId: 'none', stage, files });
  await put('baseline', 0);
  const before = residentBytes(harness.apiPid());
  const dispatcher = new Agent({ connections: watchers, pipelining: 1, bodyTimeout: 0 });
  let ended = 0;
  const each = async (): Promise<void> => {
    const { body } = await request(`${url}/api/cycles/c-bench/events`, {
      ...{ dispatcher, headers: { authorization: `Bearer ${token}` } },
    });
    let tail = '';
    for await (const part of body) tail = `${tail}${String(part)}`.slice(-20_000);
    if (tail.includes('"stage":"finished"')) ended += 1;
  };
  const all = Array.from({ length: watchers }, each);
  await sleep(3_000);
  let most = residentBytes(harness.apiPid());
  for (let number = 1; number <= 10; number += 1) {
    await put('baseline', number);
    await sleep(400);
    most = Math.max(most, residentBytes(harness.apiPid()));
  }
  await put('finished', 11);
  await Promise.all(all);
  await dispatcher.close();
  return { beforeMb: before / 2 ** 20, mostMb: most / 2 ** 20, sawTheEnd: ended };
}

const harness = await startDashboard(files, [large, ...small]);
try {
  say(`a cycle with ${decisions + 1} proposals`);
  const waiting = await improved(harness);
  const { items: cycles } = await harness.api<{ items: CycleStatus[] }>('GET', '/api/cycles');
  const [cycle] = cycles;
  if (cycle === undefined) throw new Error('the cycle is gone');
  const read = await reads(harness, waiting[0]?.id ?? '');
  say(`${watchers} watchers`);
  const watched = await watch(harness, cycle);
  say('a browser');
  const { code } = await harness.api<{ code: string }>('POST', '/api/sign-in/codes', {});
  const shown = await browserFigures(`${harness.url}/#code=${code}`, 'p-large');
  say('decisions');
  const decided = await decide(
    harness,
    waiting.filter(({ id }) => id !== 'p-large'),
  );
  const kB = bundleKb();
  const figures = { read, decided, watched, bundleKb: kB, browser: shown };
  const ours = Object.entries(read).filter(([name]) => name.startsWith('GET /api'));
  const barsMet = {
    readsPerSecond: ours.every(([, one]) => one.perSecond >= bars.readsPerSecond && one.failed === 0),
    readP99Ms: ours.every(([, one]) => one.p99MsAt200 <= bars.readP99Ms),
    decisionP95Ms: decided.p95Ms <= bars.decisionP95Ms,
    watchersMb: watched.mostMb <= bars.watchersMb && watched.sawTheEnd === watchers,
    bundleKb: kB < bars.bundleKb,
    firstPaintMs: shown !== null && shown.firstPaintMs <= bars.firstPaintMs,
    longTaskMs: shown !== null && shown.scrollLongestTaskMs <= bars.longTaskMs,
  };
  console.log(table(figures));
  console.log(`load ${loadavg()[0]?.toFixed(1) ?? '?'} on ${availableParallelism()} cores`);
  console.log(JSON.stringify({ bench: 'api', figures, barsMet }));
} finally {
  await harness.close();
}
