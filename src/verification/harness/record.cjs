/** How reporters write what they saw: JSON lines in a file of this process, appended at once (a crash loses nothing). */
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { threadId } = require('node:worker_threads');

const directory = '/out/results';
const root = '/work';
let descriptor = null;

/** What the run was asked to do, from the environment that the sandbox gives. */
function options() {
  const text = process.env.RATCHET_SUITE;
  const parsed = text === undefined ? {} : JSON.parse(text);
  return {
    runner: parsed.runner ?? null,
    only: parsed.only ?? null,
    profile: parsed.profile === true,
    /** Set when a test started this process: what it runs is not the suite. */
    nested: process.env.RATCHET_ACTIVE !== undefined,
  };
}

/** This process is the runner (or, for tap, one test file): whatever it starts is not recorded. */
function activate(runner) {
  process.env.RATCHET_ACTIVE = runner;
  write({ kind: 'start', runner });
}

function write(value) {
  try {
    if (descriptor === null) {
      fs.mkdirSync(directory, { recursive: true });
      descriptor = fs.openSync(path.join(directory, `${process.pid}-${threadId}.jsonl`), 'a');
    }
    fs.writeSync(descriptor, `${JSON.stringify(value)}\n`);
  } catch {
    // A full disk or a closed descriptor: the missing record is noticed outside.
  }
}

/** Path of a test file relative to the tree. */
function relative(file) {
  if (typeof file !== 'string' || file === '') return '';
  let plain = file;
  if (plain.startsWith('file://')) plain = new URL(plain).pathname;
  return path.isAbsolute(plain) ? path.relative(root, plain).split(path.sep).join('/') : plain;
}

function message(error) {
  if (error === null || error === undefined) return null;
  const text = typeof error === 'string' ? error : String(error.stack ?? error.message ?? error);
  return text.slice(0, 4000);
}

/** One finished test. */
function test(runner, file, titles, status, durationMs, failure) {
  write({
    kind: 'test',
    runner,
    file: relative(file),
    path: titles.map(String),
    status,
    durationMs: typeof durationMs === 'number' && Number.isFinite(durationMs) ? durationMs : null,
    message: status === 'failed' ? message(failure) : null,
  });
}

/** A test file that could not be loaded, or a fault outside any test. */
function fault(runner, file, what, failure) {
  write({ kind: 'fault', runner, file: relative(file), what, message: message(failure) });
}

/** Copies what this process prints into a TAP file of its own. */
function teeStdout(runner, file) {
  const name = `${process.pid}-${threadId}`;
  fs.mkdirSync('/out/tap', { recursive: true });
  const target = fs.openSync(`/out/tap/${name}.tap`, 'a');
  write({ kind: 'tap', runner, file: file === null ? '' : relative(file), name: `${name}.tap` });
  const print = process.stdout.write.bind(process.stdout);
  process.stdout.write = function ratchetWrite(chunk, ...rest) {
    try {
      fs.writeSync(target, chunk);
    } catch {
      // The suite's own output goes on.
    }
    return print(chunk, ...rest);
  };
}

module.exports = { options, activate, write, relative, message, test, fault, teeStdout };
