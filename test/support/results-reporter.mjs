/**
 * Writes jest's own totals, suite by suite, to RATCHET_TEST_RESULTS (a directory) for .ci/run; without the variable it
 * does nothing. Its form: `{ suites: { [path]: { passed, failed, skipped } } }`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export default class ResultsReporter {
  onRunComplete(_contexts, results) {
    const directory = process.env.RATCHET_TEST_RESULTS;
    if (!directory) return;
    mkdirSync(directory, { recursive: true });
    const suites = {};
    for (const suite of results.testResults) {
      suites[relative(process.cwd(), suite.testFilePath)] = {
        passed: suite.numPassingTests,
        // A suite that could not even start has no tests: it counts as one failure.
        failed: suite.numFailingTests + (suite.testExecError ? 1 : 0),
        skipped: suite.numPendingTests + suite.numTodoTests,
      };
    }
    writeFileSync(join(directory, `jest-${Date.now()}-${process.pid}.json`), JSON.stringify({ suites }));
  }
}
