/** Is the suite at a landed commit as green as before? Flaky tests do not count, either way. */
import type { Baseline, TestRun } from '../verification/types.js';

const shown = 3;

/** One sentence naming what got worse, or null. */
export function suiteDifference(baseline: Baseline, run: TestRun): string | null {
  if (run.limit !== null) return `The suite was ended by its ${run.limit} limit.`;
  const flaky = new Set(baseline.flaky);
  const after = new Map(run.tests.map((test) => [test.id, test.status]));
  const worse: string[] = [];
  for (const [id, before] of Object.entries(baseline.tests)) {
    if (flaky.has(id) || before !== 'passed') continue;
    const now = after.get(id);
    if (now !== 'passed') worse.push(`${id} ${now === undefined ? 'is missing' : `is ${now}`}`);
  }
  for (const test of run.tests) {
    if (test.status === 'failed' && !flaky.has(test.id) && baseline.tests[test.id] === undefined) {
      worse.push(`${test.id} is new and failed`);
    }
  }
  if (worse.length === 0) return null;
  const more = worse.length > shown ? ` and ${worse.length - shown} more` : '';
  return `${worse.slice(0, shown).join('; ')}${more}.`;
}
