/**
 * Deep copies inside one process: prototypes, cycles, shared references, Map, Set, Date, RegExp, typed arrays, errors,
 * hidden and symbol keys, property flags. Getters are not invoked; functions and what cannot be copied stay the same
 * object. Works across realms (jest runs tests in contexts of their own).
 */
'use strict';

const { types } = require('node:util');

const { getPrototypeOf, setPrototypeOf, getOwnPropertyDescriptor, defineProperty, create } = Object;
const { isExtensible, isFrozen, isSealed, freeze, seal, preventExtensions } = Object;
const { ownKeys, apply, get } = Reflect;
const { isArray } = Array;
const mapForEach = get(Map.prototype, 'forEach');
const mapSet = get(Map.prototype, 'set');
const setForEach = get(Set.prototype, 'forEach');
const setAdd = get(Set.prototype, 'add');
const getTime = get(Date.prototype, 'getTime');
const bufferSlice = get(ArrayBuffer.prototype, 'slice');
const isView = ArrayBuffer.isView.bind(ArrayBuffer);
const toText = get(Object.prototype, 'toString');

class TooLarge extends Error {}

/** Things that exist once, or whose state lives outside of their properties. */
function isUncopyable(value) {
  if (types.isProxy(value) || types.isPromise(value) || types.isWeakMap(value) || types.isWeakSet(value))
    return true;
  if (types.isModuleNamespaceObject(value) || types.isExternal(value) || types.isGeneratorObject(value))
    return true;
  if (types.isSharedArrayBuffer(value) || value === globalThis || value === process) return true;
  const tag = apply(toText, value, []);
  return /^\[object (global|Window|process|console|Math|JSON|Intl|Atomics|Reflect|WeakRef|WebAssembly|.*Iterator)\]$/.test(
    tag,
  );
}

function emptyArray(value) {
  const shell = [];
  shell.length = value.length;
  return shell;
}

function emptyView(value, copyOf) {
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  const buffer = copyOf(value.buffer);
  if (buffer === value.buffer) return value;
  const kind = types.isDataView(value) ? DataView : globalThis[apply(viewTag, value, [])];
  const length = types.isDataView(value) ? value.byteLength : value.length;
  return new kind(buffer, value.byteOffset, length);
}
const viewTag = get(
  getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag),
  'get',
);

/** The empty twin of an object, with the same inner slots. */
function shellOf(value, copyOf) {
  if (isArray(value)) return emptyArray(value);
  if (types.isMap(value)) return new Map();
  if (types.isSet(value)) return new Set();
  if (types.isDate(value)) return new Date(apply(getTime, value, []));
  if (types.isRegExp(value)) return new RegExp(value.source, value.flags);
  if (isView(value)) return emptyView(value, copyOf);
  if (types.isArrayBuffer(value)) return apply(bufferSlice, value, [0]);
  if (types.isNativeError(value)) return new Error();
  if (types.isBoxedPrimitive(value)) return Object(value.valueOf());
  return create(getPrototypeOf(value));
}

class Copier {
  /** Copy → label in the order of copying: the same in each copy of the same values. */
  labels = new Map();
  met = new Map();
  queue = [];
  /** How many objects could not be copied and are the very same in every copy. */
  shared = 0;

  constructor(nodesMax) {
    this.nodesMax = nodesMax;
    this.copyOf = (value) => this.enqueue(value);
  }

  /** @throws TooLarge beyond the bound */
  copy(value) {
    const out = this.enqueue(value);
    for (let at = 0; at < this.queue.length; at++) this.fill(this.queue[at][0], this.queue[at][1]);
    this.queue.length = 0;
    return out;
  }

  enqueue(value) {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return value;
    const known = this.met.get(value);
    if (known !== undefined) return known;
    const isSame = typeof value === 'function' || isUncopyable(value);
    const out = isSame ? value : shellOf(value, this.copyOf);
    this.met.set(value, out);
    this.labels.set(out, `@${this.labels.size}`);
    if (this.labels.size > this.nodesMax) throw new TooLarge('too many objects');
    if (isSame) this.shared += typeof value === 'function' ? 0 : 1;
    else this.queue.push([value, out]);
    return out;
  }

  fill(value, out) {
    const proto = getPrototypeOf(value);
    if (getPrototypeOf(out) !== proto) setPrototypeOf(out, proto);
    if (types.isMap(value)) {
      const add = (item, key) => apply(mapSet, out, [this.enqueue(key), this.enqueue(item)]);
      apply(mapForEach, value, [add]);
    } else if (types.isSet(value)) {
      apply(setForEach, value, [(item) => apply(setAdd, out, [this.enqueue(item)])]);
    }
    this.properties(value, out);
    if (!isExtensible(value)) {
      if (isFrozen(value)) freeze(out);
      else if (isSealed(value)) seal(out);
      else preventExtensions(out);
    }
  }

  properties(value, out) {
    const isBytes = isView(value);
    for (const key of ownKeys(value)) {
      if (isBytes && typeof key === 'string' && /^\d+$/.test(key)) continue;
      const field = getOwnPropertyDescriptor(value, key);
      if (field === undefined) continue;
      const isPlain = field.writable === true && field.enumerable && field.configurable;
      if (isPlain && !(key in out)) {
        out[key] = this.enqueue(field.value);
        continue;
      }
      const own = getOwnPropertyDescriptor(out, key);
      if ('value' in field) field.value = this.enqueue(field.value);
      // Of fixed properties (length of an array, lastIndex of an expression) only the value can be set.
      if (own !== undefined && !own.configurable) {
        if (own.writable && 'value' in field) out[key] = field.value;
      } else defineProperty(out, key, field);
    }
  }
}

module.exports = { Copier, TooLarge };
