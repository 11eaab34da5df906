/** A whole stack for tests: real servers, stand-ins for worker and API, a detached supervisor built from src/. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import { readConfig, type Config } from '../../src/config.js';
import {
  ensureStack,
  readState,
  stackStatus,
  stopStack,
  type EnsureStackOptions,
} from '../../src/stack/index.js';
import type { StackProcess, StackState } from '../../src/stack/types.js';

const root = join(import.meta.dirname, '..', '..');
const programs = join(import.meta.dirname, 'programs');

/** One home with a stack in it. */
export interface Harness {
  readonly config: Config;
  readonly notices: string[];
  start(options?: { worker?: string }): Promise<StackState>;
  /** Waits for a process that serves and is not the one with `oldPid`. */
  untilBack(name: StackProcess['name'], oldPid: number): Promise<StackProcess>;
  pid(name: StackProcess['name']): number;
  /** SIGKILL, and a wait until it is gone. */
  killSupervisor(): Promise<void>;
  /** Ends everything and removes the home. */
  dispose(): Promise<void>;
}

async function bundled(entry: string, name: string): Promise<string> {
  const outfile = join(root, '.cache', 'test-stack', `${name}-${process.pid}.mjs`);
  await build({
    ...{ entryPoints: [join(root, entry)], outfile, bundle: true, platform: 'node', format: 'esm' },
    ...{ packages: 'external', logLevel: 'error' },
  });
  return outfile;
}

/** Makes a home; nothing runs yet. */
export async function createHarness(): Promise<Harness> {
  const home = mkdtempSync(join(tmpdir(), 'ratchet-supervised-'));
  const { RATCHET_PARTS } = process.env;
  const config = readConfig({ RATCHET_HOME: home, RATCHET_PARTS, RATCHET_API_PORT: '0' });
  const modules = [await bundled('src/stack/index.ts', 'stack'), await bundled('src/config.ts', 'config')];
  const notices: string[] = [];
  const find = (name: StackProcess['name']): StackProcess | undefined =>
    readState(home)?.processes.find((one) => one.name === name);
  return {
    config,
    notices,
    start({ worker = 'worker.mjs' } = {}) {
      const scripts = [join(programs, worker), join(programs, 'api.mjs')];
      const options: EnsureStackOptions = {
        root,
        environment: { ...process.env, RATCHET_API_PORT: '0' },
        onNotice: (line) => notices.push(line),
        supervisor: [join(programs, 'supervise.mjs'), ...modules, ...scripts],
      };
      return ensureStack(config, options);
    },
    async untilBack(name, oldPid) {
      for (const deadline = Date.now() + 50_000; Date.now() < deadline; await delay(50)) {
        const one = find(name);
        if (one?.ready === true && one.pid !== oldPid) return one;
      }
      throw new Error(`${name} did not come back`);
    },
    pid(name) {
      const pid = find(name)?.pid;
      if (typeof pid !== 'number') throw new Error(`${name} does not run`);
      return pid;
    },
    async killSupervisor() {
      process.kill(find('supervisor')?.pid ?? NaN, 'SIGKILL');
      while ((await stackStatus(config)).running) await delay(20);
    },
    async dispose() {
      await stopStack(config);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Every living process whose command line or environment names this home, this process excluded. */
export function processesOf(home: string): string[] {
  const found = execFileSync('sh', [
    '-c',
    `for p in /proc/[0-9]*; do if tr '\\0' '\\n' 2>/dev/null < $p/environ | grep -qxF "RATCHET_STACK_HOME=$1"; then tr '\\0' ' ' < $p/cmdline; echo; fi; done`,
    'sh',
    home,
  ]);
  return found
    .toString()
    .split('\n')
    .filter((line) => line.trim() !== '');
}
