/** Tape (all versions): each assertion is one result, named by its test and its own words. */
'use strict';
const record = require('./record.cjs');

/** The first frame of the suite's own code: the file that called `test(…)`. */
function callerFile() {
  const lines = String(new Error('where').stack).split('\n').slice(1);
  for (const line of lines) {
    const match = /\(?((?:file:\/\/)?\/work\/[^():]+):\d+:\d+\)?$/.exec(line);
    if (match !== null && !match[1].includes('/node_modules/')) return match[1];
  }
  return process.argv[1] ?? '';
}

function statusOf(result, test) {
  if (result.skip || test._skip) return 'skipped';
  if (result.todo || test._todo) return 'todo';
  return result.ok ? 'passed' : 'failed';
}

/** Changes the class in place: `_watch` sees every test and sub-test before it runs. */
function patch(Results) {
  const watch = Results.prototype._watch;
  const titles = new WeakMap();
  let ended = false;
  Results.prototype._watch = function ratchetWatch(test) {
    if (process.env.RATCHET_ACTIVE === undefined) record.activate('tape');
    if (process.env.RATCHET_ACTIVE === 'tape') {
      const own = titles.get(test) ?? { file: callerFile(), path: [String(test.name)] };
      test.on('test', (inner) =>
        titles.set(inner, { file: own.file, path: [...own.path, String(inner.name)] }),
      );
      test.on('result', (result) => {
        if (typeof result === 'string') return;
        const failure = result.error ?? {
          message: `${result.operator}: expected ${String(result.expected)}, got ${String(result.actual)}`,
        };
        record.test(
          'tape',
          own.file,
          [...own.path, String(result.name)],
          statusOf(result, test),
          null,
          failure,
        );
      });
      if (!ended) {
        ended = true;
        process.once('exit', () => record.write({ kind: 'end', runner: 'tape' }));
      }
    }
    return watch.call(this, test);
  };
}

module.exports = { patch };
