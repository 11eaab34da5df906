/** Small real packages, one per runner: the same four tests in each one's own words, and a second file with `.only`. */
import type { RunnerId, TestStatus } from '../../../src/verification/types.js';

export interface RunnerPackage {
  readonly runner: RunnerId;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, string>>;
  /** Files that are laid over the others to try `.only`; null where the runner has none. */
  readonly only: Readonly<Record<string, string>> | null;
  /** What one run of `files` must answer. */
  readonly expected: Readonly<Record<string, TestStatus>>;
  /** Statuses that a run with `.only` must answer for the other tests of the file; null where it has none. */
  readonly others: 'skipped' | 'absent' | null;
  /** Does the runner say how long a test took? */
  readonly timed: boolean;
}

const manifest = (runner: string, test: string, devDependencies: Record<string, string>) => ({
  name: `uses-${runner}`,
  version: '1.0.0',
  private: true,
  scripts: { test },
  devDependencies,
});

const describeIt = (head: string, skip: string, todo: string): string => `${head}
describe('sum', () => {
  it('passes', () => assert.equal(1 + 1, 2));
  it('fails', () => assert.equal(1 + 1, 3));
  ${skip}
  ${todo}
});
`;

const onlyOne = (head: string): string => `${head}
describe('sum', () => {
  it.only('alone', () => assert.equal(1, 1));
  it('left out', () => assert.equal(1, 1));
});
`;

const skip = "it.skip('waits', () => {});";
const todo = "it.todo('comes');";

const four = (file: string, more: Partial<Record<'waits' | 'comes', TestStatus>> = {}) => ({
  [`${file} › sum › passes`]: 'passed' as const,
  [`${file} › sum › fails`]: 'failed' as const,
  [`${file} › sum › waits`]: more.waits ?? ('skipped' as const),
  [`${file} › sum › comes`]: more.comes ?? ('todo' as const),
});

const commonJs = "const assert = require('node:assert');";
const vitestHead = "import assert from 'node:assert';\nimport { describe, it } from 'vitest';";
const nodeHead = `${commonJs}\nconst { describe, it } = require('node:test');`;

const flat = (load: string, words: { skip: string; todo: string }): string => `${load}
test('passes', (t) => { t.ok(true, 'is true'); t.end?.(); });
test('fails', (t) => { t.ok(false, 'is false'); t.end?.(); });
${words.skip}
${words.todo}
`;

export const runnerPackages: readonly RunnerPackage[] = [
  {
    runner: 'jest',
    manifest: manifest('jest', 'jest', { jest: '29.7.0' }),
    files: { 'test/sum.test.js': describeIt(commonJs, skip, todo) },
    only: { 'test/only.test.js': onlyOne(commonJs) },
    expected: four('test/sum.test.js'),
    others: 'skipped',
    timed: true,
  },
  {
    runner: 'vitest',
    manifest: manifest('vitest', 'vitest', { vitest: '3.2.4' }),
    files: { 'test/sum.test.mjs': describeIt(vitestHead, skip, todo) },
    only: { 'test/only.test.mjs': onlyOne(vitestHead) },
    expected: four('test/sum.test.mjs'),
    others: 'skipped',
    timed: true,
  },
  {
    runner: 'mocha',
    manifest: manifest('mocha', 'nyc mocha', { mocha: '10.8.2', nyc: '15.1.0' }),
    files: { 'test/sum.js': describeIt(commonJs, skip, "it('comes');") },
    only: { 'test/sum.js': onlyOne(commonJs) },
    expected: four('test/sum.js', { comes: 'skipped' }),
    others: 'absent',
    timed: true,
  },
  {
    runner: 'node:test',
    manifest: manifest('node', 'node --test', {}),
    files: { 'test/sum.test.js': describeIt(nodeHead, skip, todo) },
    only: null,
    expected: four('test/sum.test.js'),
    others: null,
    timed: true,
  },
  {
    runner: 'ava',
    manifest: { ...manifest('ava', 'ava', { ava: '6.2.0' }), type: 'module' },
    files: {
      'test/sum.js': `import test from 'ava';
test('passes', (t) => t.is(1 + 1, 2));
test('fails', (t) => t.is(1 + 1, 3));
test.skip('waits', (t) => t.pass());
test.todo('comes');
`,
    },
    only: {
      'test/sum.js':
        "import test from 'ava';\ntest.only('alone', (t) => t.pass());\ntest('left out', (t) => t.pass());\n",
    },
    expected: { passes: 'passed', fails: 'failed', waits: 'skipped', comes: 'todo' },
    others: 'absent',
    timed: false,
  },
  {
    runner: 'tape',
    manifest: manifest('tape', "tape 'test/*.js'", { tape: '5.9.0' }),
    files: {
      'test/sum.js': flat("const test = require('tape');", {
        skip: "test.skip('waits', (t) => { t.ok(true, 'is true'); t.end(); });",
        todo: "test('comes', { todo: true }, (t) => { t.ok(false, 'is false'); t.end(); });",
      }),
    },
    only: {
      'test/sum.js':
        "const test = require('tape');\ntest.only('alone', (t) => { t.pass('fine'); t.end(); });\ntest('left out', (t) => { t.pass('fine'); t.end(); });\n",
    },
    expected: {
      'test/sum.js › passes › is true': 'passed',
      'test/sum.js › fails › is false': 'failed',
      'test/sum.js › comes › is false': 'todo',
    },
    others: 'absent',
    timed: false,
  },
  {
    runner: 'tap',
    manifest: manifest('tap', 'tap test/*.js', { tap: '16.3.10' }),
    files: {
      'test/sum.js': flat("const { test } = require('tap');", {
        skip: "test('waits', { skip: true }, (t) => { t.pass('fine'); t.end(); });",
        todo: "test('comes', { todo: true }, (t) => { t.pass('fine'); t.end(); });",
      }),
    },
    only: null,
    expected: {
      'test/sum.js › passes › is true': 'passed',
      'test/sum.js › fails › is false': 'failed',
      'test/sum.js › waits': 'skipped',
      'test/sum.js › comes': 'todo',
    },
    others: null,
    timed: false,
  },
  {
    runner: 'command',
    manifest: manifest('script', 'node check.js', {}),
    files: { 'check.js': "console.log('all is well');\n" },
    only: null,
    expected: { '(command)': 'passed' },
    others: null,
    timed: false,
  },
];
