/** Every runner for real, in the sandbox: ids, statuses, durations, `.only`, exit codes. */
import { execFileSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { detectTestPlan, installDependencies, runSuite } from '../../../src/verification/index.js';
import type { Dependencies, Sandbox } from '../../../src/verification/types.js';
import { limits, realSandbox, removeAll, temporary, writeTree } from '../support/sandbox.js';
import { runnerPackages, type RunnerPackage } from './packages.js';

const cache = join(homedir(), '.cache', 'ratchet-test-dependencies');
const signal = new AbortController().signal;
const minutes = 60_000;

/** Is there a registry to install from? Asked once; without one only what is cached is tried. */
function reachesRegistry(): boolean {
  try {
    execFileSync('npm', ['view', 'tape@5.9.0', 'version'], { stdio: 'pipe', timeout: 60_000 });
    return true;
  } catch {
    console.warn('SKIPPED: no package registry can be reached; the runners are not tried.');
    return false;
  }
}

const online = reachesRegistry();
let place: string;
let sandbox: Sandbox;
beforeAll(async () => {
  place = temporary();
  sandbox = await realSandbox(join(place, 'scratch'));
});
afterAll(() => removeAll(place));

let serial = 0;
async function lay(one: RunnerPackage, files: Readonly<Record<string, string>>) {
  const tree = writeTree(join(place, `tree-${(serial += 1)}`), {
    'package.json': JSON.stringify(one.manifest),
    ...files,
  });
  const dependencies = await installDependencies({ tree, directory: '', cache, signal });
  return { tree, dependencies, plan: await detectTestPlan(tree, '', null) };
}

async function run(one: RunnerPackage, files: Readonly<Record<string, string>>) {
  const { tree, dependencies, plan } = await lay(one, files);
  const found = await runSuite({
    tree,
    plan,
    dependencies: dependencies satisfies Dependencies,
    sandbox,
    limits: { ...limits, processes: 256, memoryBytes: 4 * 2 ** 30, cpuSeconds: 200, wallMs: 3 * minutes },
    scratch: join(place, 'scratch'),
    signal,
  });
  return { plan, found, statuses: Object.fromEntries(found.tests.map(({ id, status }) => [id, status])) };
}

describe.each(runnerPackages.map((one) => [one.runner, one] as const))('%s', (_, one) => {
  const needsNetwork = Object.keys(Object(one.manifest['devDependencies'])).length > 0;
  const when = online || !needsNetwork ? it : it.skip;

  when(
    'names each test with its status, and ends with the runner’s own exit code',
    async () => {
      const { plan, found, statuses } = await run(one, one.files);
      expect(plan.runner).toBe(one.runner);
      expect({ statuses, tail: found.outputTail.slice(-1500) }).toMatchObject({ statuses: one.expected });
      expect(Object.keys(statuses).sort()).toEqual(Object.keys(one.expected).sort());
      expect(found.runner).toBe(one.runner);
      const red = Object.values(one.expected).includes('failed');
      expect(found.exitCode === 0).toBe(!red);
      for (const test of found.tests) {
        if (test.status === 'failed') expect(test.message).toBeTruthy();
        if (one.timed && test.status === 'passed') expect(test.durationMs).toBeGreaterThanOrEqual(0);
      }
      expect(found.only).toBe(false);
    },
    5 * minutes,
  );

  if (one.only === null) return;
  const { only, others } = one;
  when(
    'sees .only, and what it leaves out is not called passed',
    async () => {
      const { found, statuses } = await run(one, { ...one.files, ...only });
      expect(found.only).toBe(true);
      const alone = Object.keys(statuses).find((id) => id.includes('alone'));
      expect(alone === undefined ? Object.keys(statuses) : statuses[alone]).toBe('passed');
      const left = Object.keys(statuses).find((id) => id.includes('left out'));
      expect(left === undefined ? 'absent' : statuses[left]).toBe(others);
    },
    5 * minutes,
  );
});
