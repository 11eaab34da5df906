/** Mocha (all versions): our listeners are attached before the chosen reporter is made. */
'use strict';
const record = require('./record.cjs');

function titlesOf(test) {
  if (typeof test.titlePath === 'function') return test.titlePath();
  const titles = [];
  for (let at = test; at && !at.root; at = at.parent) titles.unshift(at.title);
  return titles;
}

function fileOf(test) {
  for (let at = test; at; at = at.parent) if (at.file) return at.file;
  return '';
}

function listen(runner) {
  runner.on('pass', (test) =>
    record.test('mocha', fileOf(test), titlesOf(test), 'passed', test.duration, null),
  );
  runner.on('pending', (test) => record.test('mocha', fileOf(test), titlesOf(test), 'skipped', null, null));
  runner.on('fail', (test, error) =>
    record.test('mocha', fileOf(test), titlesOf(test), 'failed', test.duration, error ?? test.err),
  );
  runner.on('end', () => record.write({ kind: 'end', runner: 'mocha' }));
}

/** Changes the class in place: `run` wraps the reporter, loading keeps only the asked files. */
function patch(Mocha, options) {
  const run = Mocha.prototype.run;
  Mocha.prototype.run = function ratchetRun(...words) {
    if (process.env.RATCHET_ACTIVE === undefined) {
      record.activate('mocha');
      const Chosen = this._reporter;
      this._reporter = function RatchetReporter(runner, settings) {
        listen(runner);
        return new Chosen(runner, settings);
      };
      Object.setPrototypeOf(this._reporter, Chosen);
      this._reporter.prototype = Chosen.prototype;
    }
    return run.apply(this, words);
  };
  if (options.only === null) return;
  const wanted = new Set(options.only.map((file) => `/work/${file}`));
  for (const name of ['loadFiles', 'loadFilesAsync']) {
    const load = Mocha.prototype[name];
    if (typeof load !== 'function') continue;
    Mocha.prototype[name] = function ratchetLoad(...words) {
      this.files = this.files.filter((file) => wanted.has(file));
      return load.apply(this, words);
    };
  }
}

module.exports = { patch };
