import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { processesOf } from './harness.js';

const launcher = join(import.meta.dirname, '..', '..', 'ratchet');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
}

/** Runs a command in its own process group, as a terminal does, and ends the group with SIGINT at a line of stdout. */
function ratchet(home: string, words: readonly string[], interruptAt?: RegExp): Promise<Ended> {
  const child = spawn(launcher, words, {
    cwd: tmpdir(),
    detached: true,
    env: { ...process.env, RATCHET_HOME: home, RATCHET_API_PORT: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    stdout += `${line}\n`;
    if (interruptAt?.test(line) === true) process.kill(-(child.pid ?? NaN), 'SIGINT');
  });
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, stdout }));
  });
}

describe('ratchet up with the real worker and API', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'ratchet-up-'));
  });
  afterEach(async () => {
    await ratchet(home, ['down']);
    rmSync(home, { recursive: true, force: true });
  });

  it('prints where everything is, and Ctrl-C stops everything', async () => {
    const { code, stdout } = await ratchet(home, ['up'], /^Temporal UI/);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^API and dashboard +http:\/\/127\.0\.0\.1:\d+\nTemporal UI +http:/);
    expect(processesOf(home)).toEqual([]);
    expect(existsSync(join(home, 'stack.json'))).toBe(false);
  }, 180_000);

  it('detached stays up until down', async () => {
    const up = await ratchet(home, ['up', '--detach', '--json']);
    expect(up.code).toBe(0);
    const state = JSON.parse(up.stdout) as { api: { url: string }; redis: { url: string } };
    expect(state.redis.url).toContain(':hidden@');
    expect((await fetch(`${state.api.url}/livez`)).status).toBe(200);
    expect(await ratchet(home, ['status'])).toMatchObject({ code: 0 });
    expect(await ratchet(home, ['down'])).toMatchObject({ code: 0 });
    expect(processesOf(home)).toEqual([]);
  }, 180_000);
});
