/** Jest (all versions with custom reporters): one record per test, one fault per file that does not load. */
'use strict';
const record = require('./record.cjs');

const statuses = { passed: 'passed', failed: 'failed', todo: 'todo' };

class RatchetReporter {
  onTestResult(test, result) {
    const file = test?.path ?? result.testFilePath;
    for (const one of result.testResults ?? []) {
      const titles = [...(one.ancestorTitles ?? []), one.title];
      const failure = (one.failureMessages ?? []).join('\n');
      record.test('jest', file, titles, statuses[one.status] ?? 'skipped', one.duration, failure);
    }
    const error = result.testExecError ?? (result.testResults?.length > 0 ? null : result.failureMessage);
    if (error) record.fault('jest', file, 'load', error);
  }

  onRunComplete() {
    record.write({ kind: 'end', runner: 'jest' });
  }
}

module.exports = RatchetReporter;
