/** Mutants of a small repository, in the real sandbox. */
import { join } from 'node:path';
import { measureBaseline } from '../../../src/verification/index.js';
import { tryMutants } from '../../../src/verification/mutants/try-mutants.js';
import type { Baseline, Sandbox, TrialContext } from '../../../src/verification/types.js';
import { limits, realSandbox, removeAll, temporary, writeTree } from '../support/sandbox.js';

const files = {
  'package.json': '{"name":"small","type":"module","scripts":{"test":"node --test"}}',
  'src/fee.js': [
    'export function fee(amount, express) {',
    '  if (amount > 100) return 0;',
    '  if (express) {',
    '    return 9;',
    '  }',
    '  return 5;',
    '}',
    '',
  ].join('\n'),
  'test/fee.test.js': [
    "import { it } from 'node:test';",
    "import assert from 'node:assert';",
    "import { fee } from '../src/fee.js';",
    "it('is nothing above a hundred', () => { assert.equal(fee(100), 5); assert.equal(fee(101), 0); });",
    "it('is more for express', () => assert.ok(fee(1, true) > fee(1)));",
    '',
  ].join('\n'),
};

let place: string;
let sandbox: Sandbox;
let baseline: Baseline;
beforeAll(async () => {
  place = temporary();
  sandbox = await realSandbox(join(place, 'scratch'));
  writeTree(join(place, 'tree'), files);
  const measured = await measureBaseline({
    commit: 'a'.repeat(40),
    tree: join(place, 'tree'),
    plan: { runner: 'node:test', command: 'node --test', directory: '', origin: 'test' },
    dependencies: { path: null, manager: 'none', lockHash: '0', cached: true, elapsedMs: 0 },
    sandbox,
    limits,
    scratch: join(place, 'scratch'),
    signal: new AbortController().signal,
  });
  baseline = measured.baseline;
}, 60_000);
afterAll(() => removeAll(place));

async function report(lines: readonly number[], change: Partial<Baseline> = {}) {
  const tree = join(place, 'tree');
  const context: TrialContext = {
    repositoryId: 'small',
    base: 'a'.repeat(40),
    baseTree: tree,
    candidateTree: tree,
    directory: '',
    patch: { digest: 'd'.repeat(64), diff: '', files: [] },
    baseline: { ...baseline, ...change },
    sandbox,
    limits,
    claimsGain: false,
    workload: null,
    seed: 1,
    scratch: join(place, 'scratch'),
    coverageMinimum: 1,
    earlier: [],
    onProgress: () => undefined,
  };
  return tryMutants({
    context,
    tree: { workspace: tree, layers: [] },
    changed: new Map([['src/fee.js', new Set(lines)]]),
    signal: new AbortController().signal,
  });
}

it('are noticed where the suite is strong, and named where it is weak', async () => {
  // Time for all of them, however slow the machine is.
  const all = await report([2, 4], { suiteMs: 6_000 });
  expect(all.possible).toBe(5);
  expect(all.tried).toBeGreaterThanOrEqual(1);
  expect(all.killed + all.survived.length).toBe(all.tried);
  // Nobody asks what express costs, only that it is more; everything else is pinned by a test.
  for (const { line, what } of all.survived) expect(`${line} ${what}`).toBe('src/fee.js:4 9 becomes 10');
  expect(all.killed).toBeGreaterThanOrEqual(all.tried - 1);
}, 120_000);

it('are none, and it is said why, when the suite is slow or nothing can be mutated', async () => {
  expect(await report([2], { suiteMs: 31_000 })).toEqual({
    tried: 0,
    killed: 0,
    survived: [],
    possible: 0,
    note: 'the suite takes 31 s, more than 30 s',
  });
  expect((await report([5])).note).toBe('the changed lines offer no place for one');
});
