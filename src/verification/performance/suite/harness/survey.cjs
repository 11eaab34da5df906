/** What a call looks like from outside: kinds and sizes of `this` and the arguments. Cheap, and runs no getters. */
'use strict';

const { collectionOf } = require('./grow.cjs');

const fieldsMaximum = 12;

function describe(value, deep) {
  if (value === null) return { text: 'n', size: 0 };
  if (typeof value !== 'object') {
    const text =
      typeof value === 'string' ? `s${value.length}` : typeof value === 'undefined' ? 'u' : (typeof value)[0];
    return { text, size: typeof value === 'string' ? Math.min(value.length, 64) / 64 : 0 };
  }
  const found = collectionOf(value);
  let size = found?.size ?? 0;
  const text = `${found?.kind[0] ?? 'o'}${found?.size ?? ''}`;
  if (!deep) return { text, size };
  const keys = Object.keys(value).slice(0, found?.kind === 'array' ? 1 : fieldsMaximum);
  const inner = keys.map((key) => {
    const field = Object.getOwnPropertyDescriptor(value, key);
    return 'value' in field ? describe(field.value, false) : { text: 'g', size: 0 };
  });
  for (const one of inner) size += one.size;
  return { text: `${text}{${inner.map((one) => one.text).join()}}`, size };
}

/** `{ signature, size }` of one call. */
function describeCall(self, args) {
  const parts = [self, ...args.slice(0, 8)].map((value) => describe(value, true));
  return {
    signature: parts.map(({ text }) => text).join('|'),
    size: parts.reduce((sum, part) => sum + part.size, 0),
  };
}

const signaturesMaximum = 400;

/** Writes down calls that differ from those seen before, with the test file that they came from. */
function createSurvey({ options, write }) {
  const seen = new Map();
  /** The outermost test file on the stack; after an `await` only the runner knows. */
  function testFile() {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 200;
    const { stack } = new Error('where');
    Error.stackTraceLimit = limit;
    const places = String(stack).match(/\/work\/[^\s):?]+/g) ?? [];
    const known = globalThis.__vitest_worker__?.filepath ?? globalThis.expect?.getState?.()?.testPath;
    const all = [...places.reverse(), String(known ?? ''), ...process.argv.slice(1, 2)];
    const files = new Set(options.testFiles);
    return (
      all.map((path) => path.replace(/^(?:file:\/\/)?\/work\//, '')).find((path) => files.has(path)) ?? null
    );
  }
  return (id, self, args) => {
    const one = seen.get(id) ?? { calls: 0, known: new Set() };
    seen.set(id, one);
    one.calls += 1;
    // Functions that are called very often are looked at ever more rarely.
    if (one.calls > 2_000 && one.calls % (one.calls > 50_000 ? 256 : 16) !== 0) return;
    const { signature, size } = describeCall(self, args);
    if (one.known.has(signature) || one.known.size >= signaturesMaximum) return;
    one.known.add(signature);
    write({ id, signature, size, file: testFile() });
  };
}

module.exports = { createSurvey, describeCall };
