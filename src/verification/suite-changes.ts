/** A run of the suite against its baseline: what got worse, by test id. */
import type { Baseline, TestRun, TestStatus } from './types.js';

/** One test that is worse than before. */
export interface SuiteChange {
  readonly id: string;
  readonly before: TestStatus | null;
  readonly after: TestStatus | null;
  readonly sentence: string;
}

/** The whole run as one pseudo test, when it did not come to an end. */
const wholeRun = '(the run)';

/**
 * Tests that are worse: newly failed, missing, newly skipped, new and red; also `.only`, which hides the others.
 * Flaky tests are set aside, and what was red before may be red again.
 */
export function suiteChanges(baseline: Baseline, run: TestRun): SuiteChange[] {
  const worse: SuiteChange[] = [];
  const add = (id: string, before: TestStatus | null, after: TestStatus | null, sentence: string) =>
    worse.push({ id, before, after, sentence });
  if (run.limit !== null) add(wholeRun, null, null, `the suite was ended by its ${run.limit} limit`);
  if (run.only) add(wholeRun, null, null, 'the suite runs only some tests (.only)');
  const flaky = new Set(baseline.flaky);
  const after = new Map(run.tests.map((test) => [test.id, test]));
  for (const [id, before] of Object.entries(baseline.tests)) {
    if (flaky.has(id) || before !== 'passed') continue;
    const now = after.get(id);
    if (now === undefined) add(id, before, null, `${id} is missing`);
    else if (now.status !== 'passed') {
      const message = now.message === null ? '' : ` (${firstLine(now.message)})`;
      add(id, before, now.status, `${id} is ${now.status}${message}`);
    }
  }
  for (const test of run.tests) {
    if (test.status !== 'failed' || flaky.has(test.id) || baseline.tests[test.id] !== undefined) continue;
    add(test.id, null, 'failed', `${test.id} is new and failed`);
  }
  return worse;
}

function firstLine(text: string): string {
  const line = text.split('\n').find((candidate) => candidate.trim() !== '') ?? '';
  return line.trim().slice(0, 160);
}
