import { suiteDifference } from '../../src/activities/suite-difference.js';
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

describe('the suite after landing', () => {
  const same = { a: 'passed', b: 'passed', red: 'failed', wobbly: 'passed', off: 'skipped' } as const;
  it.each<[string, TestRun, string | null]>([
    ['is as before', run(same), null],
    ['has a red test that was red before', run({ ...same, red: 'failed' }), null],
    ['has a flaky test that fails', run({ ...same, wobbly: 'failed' }), null],
    ['mended a red test', run({ ...same, red: 'passed' }), null],
    ['broke a test', run({ ...same, a: 'failed' }), 'a is failed.'],
    ['skips a test', run({ ...same, b: 'skipped' }), 'b is skipped.'],
    ['lost a test', run({ a: 'passed' }), 'b is missing.'],
    ['has a new red one', run({ ...same, extra: 'failed' }), 'extra is new and failed.'],
    ['hangs', run(same, 'wall'), 'The suite was ended by its wall limit.'],
  ])('%s', (_, after, expected) => {
    expect(suiteDifference(baseline, after)).toBe(expected);
  });

  it('names three and counts the rest', () => {
    const tests = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((id) => [id, 'passed' as const]));
    const many = { ...baseline, tests, flaky: [] };
    expect(suiteDifference(many, run({}))).toBe('a is missing; b is missing; c is missing and 2 more.');
  });
});
