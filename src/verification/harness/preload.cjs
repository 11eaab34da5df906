/**
 * Runs first in every node process of a sandboxed test suite (NODE_OPTIONS=--require). It recognises the test runner,
 * whatever the command line looks like, and adds our reporter to it. Plain CommonJS without dependencies: it must
 * work beside any code and any module system. Failures in here must never change what the suite does.
 */
'use strict';
const Module = require('node:module');
const fs = require('node:fs');
const path = require('node:path');
const { isMainThread } = require('node:worker_threads');
const record = require('./record.cjs');

const options = record.options();

/** [package, path inside it] of the program that this process runs, or null. */
function entry() {
  try {
    const file = fs.realpathSync(process.argv[1]).split(path.sep).join('/');
    const match = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(file);
    return match === null ? { name: null, file } : { name: match[1], file };
  } catch {
    return { name: null, file: '' };
  }
}

/** Words put before `--` (or at the end) of our own command line. */
function addArguments(words) {
  const end = process.argv.indexOf('--', 2);
  process.argv.splice(end === -1 ? process.argv.length : end, 0, ...words);
}

function jestVersion(file) {
  try {
    const manifest = path.join(file.slice(0, file.lastIndexOf('/bin/')), 'package.json');
    return Number.parseInt(JSON.parse(fs.readFileSync(manifest, 'utf8')).version, 10);
  } catch {
    return 99;
  }
}

/** Jest ≥ 24, also behind react-scripts and the like: everything goes through @jest/core. */
function patchJest(core) {
  const runCLI = (argv, projects) => {
    record.activate('jest');
    argv.reporters = [...(argv.reporters ?? ['default']), path.join(__dirname, 'jest-reporter.cjs')];
    argv.coverage = false;
    argv.collectCoverage = false;
    argv.watch = false;
    argv.watchAll = false;
    if (options.only !== null) {
      argv._ = [...options.only];
      argv.runTestsByPath = true;
    }
    return core.runCLI(argv, projects);
  };
  return new Proxy({ ...core, runCLI }, { get: (own, name) => (name in own ? own[name] : core[name]) });
}

const patched = new WeakMap();

/** What a module answers to `require`, with our reporter in it where it is a runner. */
function adapt(request, loaded) {
  if (request === '@jest/core' && typeof loaded?.runCLI === 'function') {
    if (!patched.has(loaded)) patched.set(loaded, patchJest(loaded));
    return patched.get(loaded);
  }
  if (typeof loaded === 'function' && !patched.has(loaded)) {
    if (request.includes('mocha') && loaded.prototype?.run && loaded.prototype?.addFile) {
      patched.set(loaded, loaded);
      require('./mocha-reporter.cjs').patch(loaded, options);
    }
    if (request.endsWith('results') && loaded.prototype?._watch && loaded.prototype?.createStream) {
      patched.set(loaded, loaded);
      require('./tape-reporter.cjs').patch(loaded);
    }
  }
  return loaded;
}

function hookModules() {
  const load = Module._load;
  Module._load = function ratchetLoad(request, parent, isMain) {
    const loaded = load.call(this, request, parent, isMain);
    if (typeof request !== 'string') return loaded;
    if (request !== '@jest/core' && !request.includes('mocha') && !request.endsWith('results')) return loaded;
    try {
      return adapt(request, loaded);
    } catch {
      return loaded;
    }
  };
}

function recogniseEntry() {
  const { name, file } = entry();
  if ((name === 'jest' || name === 'jest-cli') && jestVersion(file) < 24) {
    record.activate('jest');
    addArguments(['--coverage=false', `--reporters=default`, `--reporters=${__dirname}/jest-reporter.cjs`]);
  } else if (
    name === 'vitest' &&
    file.endsWith('/vitest.mjs') &&
    !/^(bench|init|list|typecheck)$/.test(process.argv[2] ?? '')
  ) {
    record.activate('vitest');
    process.argv = process.argv.filter((word) => !/^--(coverage|ui|watch|open)(\.|=|$)|^-w$/.test(word));
    addArguments([
      '--watch=false',
      '--coverage.enabled=false',
      ...(process.argv.some((word) => word.startsWith('--reporter')) ? [] : ['--reporter=default']),
      `--reporter=${__dirname}/vitest-reporter.mjs`,
      ...(options.only ?? []),
    ]);
  } else if (name === 'ava') {
    record.activate('ava');
    process.argv = process.argv.filter(
      (word) => !/^(--verbose|-v|--watch|-w|--tap|-t|--color|--no-color)$/.test(word),
    );
    addArguments(['--tap']);
    record.teeStdout('ava', null);
  } else if (name === 'tap' || name === '@tapjs/run') {
    addArguments(tapArguments(file));
  } else if (process.execArgv.includes('--test') || process.argv.includes('--test')) {
    record.activate('node:test');
  } else if (isTapFile(name)) {
    record.activate('tap');
    record.teeStdout('tap', file);
  }
}

/** node-tap fails a run on missing coverage unless it is told not to. */
function tapArguments(file) {
  try {
    const root = file.slice(0, file.indexOf('/node_modules/tap/') + '/node_modules/tap/'.length);
    const major = Number.parseInt(JSON.parse(fs.readFileSync(`${root}package.json`, 'utf8')).version, 10);
    if (major >= 18) return ['--disable-coverage', '--allow-empty-coverage'];
    return major >= 15 ? ['--no-coverage', '--no-check-coverage'] : ['--no-coverage'];
  } catch {
    return [];
  }
}

/** A test file started by node-tap, or by the command itself when the plan says tap. */
function isTapFile(name) {
  if (name !== null || process.argv[1] === undefined) return false;
  return process.env.TAP_CHILD_ID !== undefined || process.env.TAP === '1' || options.runner === 'tap';
}

try {
  if (options.profile) require('./profile.cjs').start();
  if (!options.nested) {
    hookModules();
    if (isMainThread) recogniseEntry();
  }
} catch {
  // The suite runs without our reporter; the missing records are noticed outside.
}
