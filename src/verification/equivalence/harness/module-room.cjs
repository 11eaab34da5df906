/** One loaded copy of the bundled modules: registered bindings, exports, classes, and the way to a target. */
'use strict';

const { createRequire } = require('node:module');
const { pathToFileURL } = require('node:url');
const vm = require('node:vm');
const path = require('node:path');

/** Compiles once; each `load()` evaluates anew, so that module state starts fresh. */
function createLoader(code, filename, home) {
  const parameters =
    'exports, require, module, __filename, __dirname, __ratchetRegister, __ratchetExports, __ratchetUrl';
  const prefix = `(function (${parameters}) {`;
  const script = new vm.Script(`${prefix}${code}\n})`, { filename });
  const wrapper = script.runInThisContext();
  const entry = path.join(home, 'ratchet-entry.js');
  const url = (file) => pathToFileURL(path.join(home, file)).href;

  function load() {
    const bindings = new Map();
    const exported = new Map();
    const register = (file, names) => bindings.set(file, Object.assign(bindings.get(file) ?? {}, names));
    const module = { exports: {} };
    wrapper(
      module.exports,
      createRequire(entry),
      module,
      entry,
      home,
      register,
      (file, value) => exported.set(file, value),
      url('ratchet-entry.js'),
    );
    const classes = new Map();
    for (const [file, names] of bindings) {
      for (const [name, read] of Object.entries(names)) {
        const value = attempt(read);
        if (typeof value === 'function') classes.set(`${file}#${name}`, value);
      }
    }
    for (const [file, value] of exported) {
      if (typeof value === 'function') classes.set(`${file}#`, value);
      for (const [name, found] of exportsOf(value)) {
        if (typeof found === 'function' && !classes.has(`${file}#${name}`))
          classes.set(`${file}#${name}`, found);
      }
    }
    return { bindings, exported, classes };
  }
  return { load, prefixLength: prefix.length };
}

function exportsOf(value) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return [];
  return Object.keys(value).map((name) => [name, attempt(() => value[name])]);
}

function attempt(read) {
  try {
    return read();
  } catch {
    // A binding in its temporal dead zone, or a throwing export getter: not usable, the same on both sides.
    return undefined;
  }
}

/** Value at the end of a target's access path, and its owner (the `this` of an object's own function). */
function locate(room, target) {
  let owner;
  let value;
  if (target.access.from === 'binding') {
    const read = room.bindings.get(target.file)?.[target.access.name];
    value = read === undefined ? undefined : attempt(read);
  } else {
    value = room.exported.get(target.file);
    if (target.access.name !== '') {
      owner = value;
      value = value?.[target.access.name];
    }
  }
  for (const name of target.access.path) {
    owner = value;
    value = value?.[name];
  }
  return { value, owner: target.access.path.length > 0 ? owner : undefined };
}

module.exports = { createLoader, locate };
