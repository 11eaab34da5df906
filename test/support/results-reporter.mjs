/** Writes jest's own totals to RATCHET_TEST_RESULTS (a directory) for .ci/run; without the variable it does nothing. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export default class ResultsReporter {
  onRunComplete(_contexts, results) {
    const directory = process.env.RATCHET_TEST_RESULTS;
    if (!directory) return;
    mkdirSync(directory, { recursive: true });
    const totals = {
      passed: results.numPassedTests,
      // A suite that could not even start has no tests: it counts as one failure.
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped: results.numPendingTests + results.numTodoTests,
    };
    writeFileSync(join(directory, `jest-${process.pid}.json`), JSON.stringify(totals));
  }
}
