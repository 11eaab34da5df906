/** The gates parses, types, tests and coverage over real small repositories in the real sandbox. */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  createCoverageGate,
  createParsesGate,
  createTestsGate,
  createTypesGate,
  measureBaseline,
} from '../../../src/verification/index.js';
import type { Baseline, Gate, Sandbox, TrialContext, Verdict } from '../../../src/verification/types.js';
import { limits, realSandbox, removeAll, temporary, writeTree } from '../support/sandbox.js';

const base = {
  'package.json': '{"name":"small","type":"module","scripts":{"test":"node --test"}}',
  'tsconfig.json':
    '{"compilerOptions":{"strict":true,"allowJs":true,"checkJs":true,"noEmit":true,"module":"esnext","target":"es2022","types":[]},"include":["src"]}',
  'src/sum.js': [
    '/** @param {number[]} xs @param {boolean} [twice] @returns {number} */',
    'export function sum(xs, twice) {',
    '  let total = 0;',
    '  for (const x of xs) total += x;',
    '  if (twice) total *= 2;',
    '  return total;',
    '}',
    '',
  ].join('\n'),
  'src/other.js': '/** @type {number} */\nexport const broken = "text";\n',
  'test/sum.test.js': [
    "import { describe, it } from 'node:test';",
    "import assert from 'node:assert';",
    "import { sum } from '../src/sum.js';",
    "describe('sum', () => {",
    "  it('adds', () => assert.equal(sum([1, 2]), 3));",
    "  it('is empty', () => assert.equal(sum([]), 0));",
    "  it('is red', () => assert.equal(1, 2));",
    "  it.skip('waits', () => {});",
    '});',
    "it('changes its mind', () => assert.ok(process.hrtime.bigint() % 2n === 0n || true));",
    '',
  ].join('\n'),
};

let place: string;
let sandbox: Sandbox;
let baseline: Baseline;
beforeAll(async () => {
  place = temporary();
  sandbox = await realSandbox(join(place, 'scratch'));
  writeTree(join(place, 'base'), base);
  const measured = await measureBaseline({
    commit: 'a'.repeat(40),
    tree: join(place, 'base'),
    plan: { runner: 'node:test', command: 'node --test', directory: '', origin: 'test' },
    dependencies: { path: null, manager: 'none', lockHash: '0', cached: true, elapsedMs: 0 },
    sandbox,
    limits,
    scratch: join(place, 'scratch'),
    cache: join(place, 'cache'),
    signal: new AbortController().signal,
  });
  baseline = measured.baseline;
});
afterAll(() => removeAll(place));

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Asks one gate about a candidate given as changed files (null = removed). */
async function ask(gate: Gate, changes: Readonly<Record<string, string | null>>): Promise<Verdict> {
  const candidate = join(place, 'candidate');
  rmSync(candidate, { recursive: true, force: true });
  cpSync(join(place, 'base'), candidate, { recursive: true });
  for (const [path, text] of Object.entries(changes)) {
    if (text === null) rmSync(join(candidate, path));
    else writeTree(candidate, { [path]: text });
  }
  let diff = '';
  try {
    execFileSync('git', ['diff', '--no-index', '--no-color', 'base', 'candidate'], { cwd: place });
  } catch (error) {
    diff = String((error as { stdout: Buffer }).stdout).replaceAll(/([ab])\/(?:base|candidate)\//g, '$1/');
  }
  const files = Object.entries(changes).map(([path, text]) => ({
    path,
    before: path in base ? digest(base[path as keyof typeof base]) : null,
    after: text === null ? null : digest(text),
    addedLines: 1,
    removedLines: 1,
  }));
  const context: TrialContext = {
    repositoryId: 'small',
    base: 'a'.repeat(40),
    baseTree: join(place, 'base'),
    candidateTree: candidate,
    directory: '',
    patch: { digest: digest(diff), diff, files },
    baseline,
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
  return gate.run(context, new AbortController().signal);
}

const sum = base['src/sum.js'];
const sumTest = base['test/sum.test.js'];

describe('baseline', () => {
  it('names red and skipped tests and agrees with itself', () => {
    expect(baseline.tests).toEqual({
      'test/sum.test.js › sum › adds': 'passed',
      'test/sum.test.js › sum › is empty': 'passed',
      'test/sum.test.js › sum › is red': 'failed',
      'test/sum.test.js › sum › waits': 'skipped',
      'test/sum.test.js › changes its mind': 'passed',
    });
    expect(baseline.red).toEqual(['test/sum.test.js › sum › is red']);
    expect(baseline.flaky).toEqual([]);
  });
});

describe('gate parses', () => {
  it.each([
    ['pass', { 'src/sum.js': sum.replace('total += x', 'total = total + x') }],
    ['fail', { 'src/sum.js': sum.replace('for (const', 'for ((const') }],
    ['fail', { 'package.json': '{"name": }' }],
    ['pass', { 'src/new.tsx': 'export const A = () => <b title="x">{1}</b>;\n' }],
  ] as const)('answers %s', async (verdict, changes) => {
    expect(await ask(createParsesGate(), changes)).toMatchObject({ verdict });
  });
});

describe('gate types', () => {
  it('passes what adds no diagnostic, although the base has one', async () => {
    const verdict = await ask(createTypesGate(), {
      'src/sum.js': sum.replace('total += x', 'total = total + x'),
    });
    expect(verdict).toMatchObject({ verdict: 'pass', numbers: { base: 1 } });
  });
  it('fails a new diagnostic and names it, also in a file that depends on the changed one', async () => {
    const verdict = await ask(createTypesGate(), {
      'src/sum.js': sum.replace('let total = 0', "let total = ''"),
    });
    expect(verdict.verdict).toBe('fail');
    expect(verdict.reason).toContain('src/sum.js');
  });
});

describe('gate tests', () => {
  it('passes an equal function and sets the red test aside', async () => {
    const verdict = await ask(createTestsGate(), {
      'src/sum.js': sum.replace('total += x', 'total = total + x'),
    });
    expect(verdict).toMatchObject({ verdict: 'pass', numbers: { red: 1, measuredRuns: 1 } });
  });
  it('fails a wrong function by the name of the test', async () => {
    const verdict = await ask(createTestsGate(), { 'src/sum.js': sum.replace('total += x', 'total -= x') });
    expect(verdict).toMatchObject({
      verdict: 'fail',
      numbers: { worse: ['fails: test/sum.test.js › sum › adds'] },
    });
  });
  it.each([
    ['ends the process', 'process.exit(0);\n'],
    ['cannot be loaded', "import './absent.js';\n"],
  ])('fails code that %s', async (_name, text) => {
    expect(await ask(createTestsGate(), { 'src/sum.js': text + sum })).toMatchObject({ verdict: 'fail' });
  });
  it('restores tests that the candidate weakened', async () => {
    const weak = sumTest.replace("it('adds', () => assert.equal(sum([1, 2]), 3))", "it('adds', () => {})");
    const verdict = await ask(createTestsGate(), {
      'src/sum.js': sum.replace('total += x', 'total -= x'),
      'test/sum.test.js': weak,
    });
    expect(verdict).toMatchObject({ verdict: 'fail', numbers: { restored: ['test/sum.test.js'] } });
  });
  it('notices a removed module', async () => {
    expect(await ask(createTestsGate(), { 'src/sum.js': null })).toMatchObject({ verdict: 'fail' });
    expect(await ask(createTestsGate(), { 'src/other.js': null })).toMatchObject({ verdict: 'pass' });
  });
});

describe('gate coverage', () => {
  it('passes when every changed line and branch runs', async () => {
    const verdict = await ask(createCoverageGate(), {
      'src/sum.js': sum.replace('total += x', 'total = total + x'),
    });
    expect(verdict).toMatchObject({ verdict: 'pass', numbers: { share: 1, unexecuted: [] } });
  });
  it('is inconclusive and names the branch that no test takes', async () => {
    const verdict = await ask(createCoverageGate(), {
      'src/sum.js': sum.replace('total *= 2', 'total = total * 2'),
    });
    expect(verdict).toMatchObject({ verdict: 'inconclusive', numbers: { unexecuted: ['src/sum.js:5'] } });
    expect(verdict.settle).toContain('src/sum.js:5');
  });
  it('does not apply to comments', async () => {
    const verdict = await ask(createCoverageGate(), {
      'src/sum.js': sum.replace('export', '// words\nexport'),
    });
    expect(verdict.verdict).toBe('notApplicable');
  });
});
