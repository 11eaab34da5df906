import { suiteChanges } from '../../src/verification/suite-changes.js';
import type { Baseline, TestResult, TestRun, TestStatus } from '../../src/verification/types.js';

const baseline: Baseline = {
  commit: 'b0',
  plan: { runner: 'jest', command: 'npx jest', directory: '', origin: 'test' },
  dependencies: { path: null, manager: 'none', lockHash: '', cached: true, elapsedMs: 0 },
  tests: { a: 'passed', b: 'passed', red: 'failed', wobbly: 'passed', off: 'skipped' },
  durationsMs: {},
  flaky: ['wobbly'],
  red: ['red'],
  suiteMs: 1,
  node: '20.20.2',
};

const run = (tests: Readonly<Record<string, TestStatus>>, limit: TestRun['limit'] = null): TestRun => ({
  runner: 'jest',
  tests: Object.entries(tests).map(([id, status]): TestResult => ({
    id,
    file: id,
    name: id,
    status,
    durationMs: 1,
    message: null,
  })),
  exitCode: 0,
  limit,
  wallMs: 1,
  cpuMs: 1,
  outputTail: '',
  only: false,
});

describe('the suite against its baseline', () => {
  const same = { a: 'passed', b: 'passed', red: 'failed', wobbly: 'passed', off: 'skipped' } as const;
  it.each<[string, TestRun, readonly string[]]>([
    ['is as before', run(same), []],
    ['has a red test that was red before', run({ ...same, red: 'failed' }), []],
    ['has a flaky test that fails', run({ ...same, wobbly: 'failed' }), []],
    ['mended a red test', run({ ...same, red: 'passed' }), []],
    ['broke a test', run({ ...same, a: 'failed' }), ['a is failed']],
    ['skips a test', run({ ...same, b: 'skipped' }), ['b is skipped']],
    ['turned a test into a plan', run({ ...same, b: 'todo' }), ['b is todo']],
    ['lost a test', run({ a: 'passed' }), ['b is missing']],
    ['has a new red one', run({ ...same, extra: 'failed' }), ['extra is new and failed']],
    ['hangs', run(same, 'wall'), ['the suite was ended by its wall limit']],
    ['runs one test only', { ...run(same), only: true }, ['the suite runs only some tests (.only)']],
  ])('%s', (_, after, expected) => {
    expect(suiteChanges(baseline, after).map(({ sentence }) => sentence)).toEqual(expected);
  });

  it('shows the first line of a failure', () => {
    const failed = run({ ...same, a: 'failed' });
    const tests = failed.tests.map((test) =>
      test.id === 'a' ? { ...test, message: '\n  expected 1\nto be 2' } : test,
    );
    expect(suiteChanges(baseline, { ...failed, tests })[0]?.sentence).toBe('a is failed (expected 1)');
  });
});
