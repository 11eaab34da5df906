/** One run of the suite in the sandbox, with our reporter in whatever runner it starts. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dependencies, Limits, Sandbox, SandboxResult, TestPlan, TestResult, TestRun } from './types.js';
import { findTestFiles } from './runners/find-test-files.js';
import { listOutput } from './sandbox/read-output.js';
import { readResults, tapTests, type Recorded } from './runners/read-results.js';

export interface SuiteRequest {
  /** Absolute path of the pristine tree. */
  readonly tree: string;
  readonly plan: TestPlan;
  readonly dependencies: Pick<Dependencies, 'path'>;
  readonly sandbox: Sandbox;
  readonly limits: Limits;
  /** Host directory for this run's output; a fresh sub-directory is made in it. */
  readonly scratch: string;
  /** Trees laid over the tested one (instrumented or restored files). */
  readonly layers?: readonly string[];
  /** Collect a CPU profile of every process. */
  readonly profile?: boolean;
  /** Only these test files, where the runner can (jest, vitest, mocha); others run everything. */
  readonly only?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** A run of the suite and where its by-products are. */
export interface SuiteRun extends TestRun {
  /** Host directory that the suite saw as /out; read it only by `readOutput`. The caller removes it. */
  readonly output: string;
  readonly peakRssBytes: number | null;
  /** Names of `.cpuprofile` files under `output`. */
  readonly profiles: readonly string[];
}

/** Our own files that run beside untrusted code. */
export const harnessDirectory = join(import.meta.dirname, 'harness');

const outputTailBytes = 20_000;

/**
 * Runs the suite once. Red tests, crashes and crossed limits are results.
 * @throws RatchetError STOPPED or CANCELLED when stopped, SANDBOX_UNAVAILABLE when it cannot be isolated.
 */
export async function runSuite(request: SuiteRequest): Promise<SuiteRun> {
  const { plan, tree } = request;
  const output = join(request.scratch, `suite-${randomUUID()}`);
  await mkdir(output, { recursive: true });
  const result = await request.sandbox.run(
    {
      workspace: tree,
      dependencies: request.dependencies.path,
      layers: request.layers ?? [],
      harness: harnessDirectory,
      output,
      argv: ['/bin/sh', '-c', `PATH="${binPath(plan.directory)}:$PATH"; export PATH\n${plan.command}`],
      directory: plan.directory,
      environment: { ...(await environmentOf(request)), ...request.environment },
      limits: request.limits,
    },
    request.signal,
  );
  const recorded = await readResults(output);
  const tests = complete(plan, recorded, result);
  return {
    runner: recorded.runners[0] ?? (tests.length > 1 ? 'tap' : 'command'),
    tests,
    exitCode: result.exitCode,
    limit: result.limit,
    wallMs: result.wallMs,
    cpuMs: result.cpuMs,
    peakRssBytes: result.peakRssBytes,
    outputTail: tailOf(result),
    only: await marksOnly(tree, plan.directory, tests),
    output,
    profiles: (await listOutput(output, 'profiles'))
      .filter((name) => name.endsWith('.cpuprofile'))
      .map((name) => `profiles/${name}`),
  };
}

async function environmentOf(request: SuiteRequest): Promise<Record<string, string>> {
  const { plan } = request;
  const manifest = await readFile(join(request.tree, plan.directory, 'package.json'), 'utf8').catch(
    () => '{}',
  );
  const field = (name: string): string =>
    new RegExp(`^\\s{0,8}"${name}"\\s*:\\s*"([^"\\\\]*)"`, 'm').exec(manifest)?.[1] ?? '';
  const suite = { runner: plan.runner, only: request.only ?? null, profile: request.profile === true };
  return {
    NODE_OPTIONS: [
      '--require=/harness/preload.cjs',
      '--test-reporter=spec --test-reporter-destination=stdout',
      '--test-reporter=/harness/node-test-reporter.mjs --test-reporter-destination=/dev/null',
    ].join(' '),
    RATCHET_SUITE: JSON.stringify(suite),
    INIT_CWD: plan.directory === '' ? '/work' : `/work/${plan.directory}`,
    npm_lifecycle_event: 'test',
    npm_package_name: field('name'),
    npm_package_version: field('version'),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    NO_UPDATE_NOTIFIER: '1',
  };
}

/** node_modules/.bin of the package and of every directory above it, nearest first. */
function binPath(directory: string): string {
  const parts = directory === '' ? [] : directory.split('/');
  const places = parts.map((_, index) => `/work/${parts.slice(0, parts.length - index).join('/')}`);
  return [...places, '/work'].map((place) => `${place}/node_modules/.bin`).join(':');
}

/** Adds what no reporter can say: a crash before the first test, an exit code that no red test explains. */
function complete(plan: TestPlan, recorded: Recorded, result: SandboxResult): TestResult[] {
  const message = tailOf(result).slice(-4000);
  const pseudo = (name: string, status: 'passed' | 'failed'): TestResult => ({
    id: name,
    file: '',
    name,
    status,
    durationMs: null,
    message: status === 'failed' ? message : null,
  });
  const tests = [...recorded.tests];
  if (tests.length === 0 && recorded.runners.length === 0) {
    const tap = /^TAP version 1[34]$/m.test(result.stdout) ? tapTests(result.stdout) : [];
    if (tap.length > 0) return tap;
    if (plan.runner === 'command') return [pseudo('(command)', result.exitCode === 0 ? 'passed' : 'failed')];
  }
  const red = tests.some((test) => test.status === 'failed');
  if (result.limit === null && (recorded.unfinished || (result.exitCode !== 0 && !red))) {
    tests.push(pseudo(tests.length === 0 ? '(suite) › (load)' : '(suite) › (exit code)', 'failed'));
  }
  return tests;
}

function tailOf(result: SandboxResult): string {
  const text = `${result.stdout}${result.stderr === '' ? '' : `\n${result.stderr}`}`;
  return text.length <= outputTailBytes ? text : `…${text.slice(1 - outputTailBytes)}`;
}

/** `.only` in the text of a test file: runners do not report it. Where they name no files, all likely ones are read. */
async function marksOnly(tree: string, directory: string, tests: readonly TestResult[]): Promise<boolean> {
  const marks = /\b(?:describe|context|suite|it|test|specify)(?:\.\w+)*\.only\b|\b(?:fit|fdescribe)\s*\(/;
  const named = tests.map((test) => test.file).filter((file) => /^[^/].*\.[cm]?[jt]sx?$/.test(file));
  const likely =
    named.length > 0 ? [] : (await findTestFiles(join(tree, directory))).map((file) => join(directory, file));
  const files = [...new Set([...named, ...likely])];
  for (const file of files.slice(0, 5_000)) {
    if (file.split('/').includes('..')) continue;
    const text = await readFile(join(tree, file), 'utf8').catch(() => '');
    if (marks.test(text)) return true;
  }
  return false;
}

/** How many tests have each status; for people and logs. */
export function countTests(run: Pick<TestRun, 'tests'>): { passed: number; failed: number; skipped: number } {
  const count = (...wanted: string[]): number =>
    run.tests.filter((test) => wanted.includes(test.status)).length;
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped', 'todo') };
}
