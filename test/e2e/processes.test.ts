/** The processes of temporal-docker-compose.yml apart from each other and without a supervisor, on real servers. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { CycleStatus } from '../../src/activities/types.js';
import type { Repository } from '../../src/versioning/types.js';
import { startTestStack, type TestStack } from '../support/servers.js';
import { root } from './product.js';

const waitMs = 180_000;
const token = 'rt_token-of-the-processes-test';
const compose = parse(readFileSync(join(root, 'temporal-docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, { command: string[]; environment?: Record<string, string> }>;
};
let stack: TestStack;
const children: ChildProcess[] = [];
let api = '';

/** Starts a service of ours by the command and the queues that the file gives it. */
async function start(
  name: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>> {
  const { command, environment = {} } = compose.services[name] ?? { command: [] };
  const queues = environment['RATCHET_WORKER_QUEUES'];
  const child = spawn(process.execPath, command.slice(1), {
    cwd: root,
    env: {
      ...{ PATH: process.env['PATH'], HOME: stack.home, ...stack.environment, RATCHET_TOKEN: token },
      ...(queues === undefined ? {} : { RATCHET_WORKER_QUEUES: queues }),
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} was not ready in time:\n${seen}`)), waitMs);
    let seen = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (seen += chunk));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      seen += chunk;
      const line = seen.split('\n').find((one) => one.includes('"message":"ready"'));
      if (line === undefined) return;
      clearTimeout(timer);
      resolve(JSON.parse(line) as Record<string, unknown>);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`${name} ended with ${code}:\n${seen}`));
    });
  });
}

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(api + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

beforeAll(async () => {
  stack = await startTestStack();
}, 120_000);
afterAll(async () => {
  await Promise.all(
    children.map(
      (child) =>
        new Promise<void>((resolve) => {
          if (child.exitCode !== null || child.signalCode !== null) return resolve();
          child.once('exit', () => resolve());
          child.kill('SIGTERM');
        }),
    ),
  );
  await stack.stop();
}, 60_000);

describe('API and workers apart', () => {
  it('take a repository from its registration to the end of a cycle', async () => {
    const ready = await Promise.all([
      start('api', { RATCHET_API_PORT: '0', RATCHET_API_HOST: '127.0.0.1' }),
      start('worker-main'),
      start('worker-exec'),
      start('worker-llm'),
    ]);
    expect(ready.slice(1).map(({ queues }) => queues)).toEqual([['main'], ['exec'], ['llm']]);
    api = String(ready[0]?.['address']);
    const directory = join(stack.home, 'repository');
    mkdirSync(directory);
    writeFileSync(
      join(directory, 'package.json'),
      JSON.stringify({ name: 'tiny', version: '1.0.0', scripts: { test: 'node --test' } }),
    );
    writeFileSync(join(directory, 'one.test.js'), `require('node:test')('one', () => {});\n`);
    const git = (...argv: string[]) => execFileSync('git', ['-C', directory, ...argv]);
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-q', '-m', 'one');

    const { id } = await ask<Repository>('POST', '/api/repositories', { source: directory });
    const { cycleId } = await ask<{ cycleId: string }>('POST', '/api/cycles', { repository: id });
    const end = Date.now() + waitMs;
    let cycle = await ask<CycleStatus>('GET', `/api/cycles/${cycleId}`);
    while (cycle.finishedAt === null && Date.now() < end) {
      await new Promise((resolve) => {
        setTimeout(resolve, 300);
      });
      cycle = await ask<CycleStatus>('GET', `/api/cycles/${cycleId}`);
    }
    expect(cycle).toMatchObject({ stage: 'finished', fault: null, baseline: { tests: 1 } });
  }, 300_000);

  it('refuse an address that others reach, unless somebody wrote it down', async () => {
    await expect(start('api', { RATCHET_API_PORT: '0', RATCHET_API_HOST: '0.0.0.0' })).rejects.toThrow(
      /RATCHET_API_HOST.*not a loopback address/,
    );
    const exposed = { RATCHET_API_PORT: '0', RATCHET_API_HOST: '0.0.0.0', RATCHET_API_EXPOSE: 'plain-http' };
    const { address } = await start('api', { ...exposed, RATCHET_API_HOSTS: 'ratchet.example.org:443' });
    const { port } = new URL(String(address));
    const status = async (host: string) =>
      Number(
        execFileSync('curl', [
          ...['-s', '-o', '/dev/null', '-w', '%{http_code}', '--max-time', '30'],
          ...['-H', `Host: ${host}`, `http://127.0.0.1:${port}/livez`],
        ]).toString(),
      );
    expect(await status('ratchet.example.org:443')).toBe(200);
    expect(await status('evil.example.org:443')).toBe(403);
  }, 120_000);
});
