/** The running function itself, so that it can be called again: named by its scope, or found along its `this`. */
'use strict';

const { types } = require('node:util');
const { isClass } = require('./shadow-run.cjs');

const { getPrototypeOf, getOwnPropertyDescriptor } = Object;
const { apply, get, ownKeys } = Reflect;
const functionText = get(Function.prototype, 'toString');

/** The function that is running: given by the instrumented code, or found by its mark along `this`. */
function functionOf(id, given, self) {
  const mark = `ratchet#${id}#`;
  const isIt = (value) => typeof value === 'function' && apply(functionText, value, []).includes(mark);
  if (typeof given === 'function' && !isClass(given) && isIt(given)) return given;
  let at = self;
  for (let hops = 0; at !== null && at !== undefined && hops < 20; hops++) {
    if (types.isProxy(at)) return null;
    for (const key of ownKeys(Object(at))) {
      const field = getOwnPropertyDescriptor(at, key) ?? {};
      const found = ['value', 'get', 'set']
        .map((part) => field[part])
        .find((value) => isIt(value) && !isClass(value));
      if (found !== undefined) return found;
    }
    at = getPrototypeOf(at);
  }
  return null;
}

const methods = new Map();
function cachedFunctionOf(id, given, self) {
  const proto = self === null || self === undefined ? null : getPrototypeOf(Object(self));
  const known = methods.get(id);
  if (typeof given !== 'function' && known !== undefined && known.proto === proto) return known.fn;
  const fn = functionOf(id, given, self);
  methods.set(id, { proto, fn });
  return fn;
}

module.exports = { cachedFunctionOf };
