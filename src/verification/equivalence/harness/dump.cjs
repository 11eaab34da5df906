/**
 * Canonical text of everything observable in values after a call: SameValue for numbers, holes, key order,
 * prototypes, property flags, Map and Set order, and identity: the second appearance of an object is its label.
 */
'use strict';

const { types } = require('node:util');

// Kept before repository code can change them.
const { getPrototypeOf, getOwnPropertyDescriptor, isFrozen, isExtensible, is } = Object;
const { ownKeys, get, apply } = Reflect;
const { isArray } = Array;
const stringify = JSON.stringify.bind(JSON);
const objectToString = get(Object.prototype, 'toString');
const mapForEach = get(Map.prototype, 'forEach');
const setForEach = get(Set.prototype, 'forEach');
const getTime = get(Date.prototype, 'getTime');
const regexpSource = get(getOwnPropertyDescriptor(RegExp.prototype, 'source') ?? {}, 'get');
const regexpFlags = get(getOwnPropertyDescriptor(RegExp.prototype, 'flags') ?? {}, 'get');
const isView = ArrayBuffer.isView.bind(ArrayBuffer);

const nodesMax = 2_000_000;
const depthMax = 1_500;

class Dumper {
  nodes = 0;
  met = new Set();
  out = '';

  /**
   * @param labels Map object → label of what was built before the call; grows with what is met
   * @param hidden Map class → Set of names of private fields, left out
   */
  constructor(labels, hidden) {
    this.labels = labels;
    this.hidden = hidden;
  }

  write(value, depth) {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
      this.out += primitive(value);
      return;
    }
    let label = this.labels.get(value);
    if (label === undefined) {
      label = `%${this.labels.size}`;
      this.labels.set(value, label);
    }
    this.out += label;
    if (this.met.has(value)) return;
    this.met.add(value);
    if (++this.nodes > nodesMax || depth > depthMax) this.out += '<…>';
    else if (typeof value === 'function')
      this.out += label.startsWith('@') ? '' : `<function ${value.length}>`;
    else this.object(value, depth);
  }

  object(value, depth) {
    if (types.isProxy(value)) {
      this.out += '<proxy>';
      return;
    }
    if (isArray(value)) this.array(value, depth);
    else if (types.isMap(value) || types.isSet(value)) this.collection(value, depth);
    else if (types.isNativeError(value)) this.error(value, depth);
    else if (!this.special(value)) {
      const name = protoName(value);
      this.out += name === 'Object' ? '{' : `${name}{`;
      this.properties(value, depth);
      this.out += '}';
    }
    if (!isExtensible(value)) this.out += isFrozen(value) ? '<frozen>' : '<sealed>';
  }

  array(value, depth) {
    const name = protoName(value);
    this.out += name === 'Array' ? '[' : `${name}[`;
    for (let i = 0; i < value.length && this.nodes <= nodesMax; i++) {
      const item = value[i];
      if (typeof item === 'number' || typeof item === 'string') {
        // Most elements of long arrays: no descriptor is made for them.
        this.out += `${primitive(item)},`;
        continue;
      }
      const field = getOwnPropertyDescriptor(value, i);
      if (field === undefined) this.out += '<hole>';
      else if ('value' in field) this.write(field.value, depth + 1);
      else this.out += '<accessor>';
      this.out += ',';
    }
    if (ownKeys(value).length !== value.length + 1) this.properties(value, depth, isIndexOrLength);
    this.out += ']';
  }

  collection(value, depth) {
    this.out += `${protoName(value)}{`;
    if (types.isMap(value)) {
      const each = (item, key) => {
        this.write(key, depth + 1);
        this.out += '=>';
        this.write(item, depth + 1);
        this.out += ',';
      };
      apply(mapForEach, value, [each]);
    } else {
      const each = (item) => {
        this.write(item, depth + 1);
        this.out += ',';
      };
      apply(setForEach, value, [each]);
    }
    this.properties(value, depth);
    this.out += '}';
  }

  error(value, depth) {
    this.out += `${protoName(value)}<${String(value.name)}: ${String(value.message)}>`;
    this.properties(value, depth, (key) => key === 'stack' || key === 'message');
  }

  /** Objects with inner slots; true when it was one. */
  special(value) {
    if (types.isDate(value)) this.out += `Date(${apply(getTime, value, [])})`;
    else if (types.isPromise(value)) this.out += '<promise>';
    else if (types.isRegExp(value)) {
      this.out += `/${apply(regexpSource, value, [])}/${apply(regexpFlags, value, [])}@${value.lastIndex}`;
    } else if (isView(value)) {
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      this.out += `${protoName(value)}(${bytes.join()})`;
    } else if (types.isAnyArrayBuffer(value)) this.out += `ArrayBuffer(${new Uint8Array(value).join()})`;
    else if (types.isBoxedPrimitive(value)) this.out += `${protoName(value)}(${primitive(value.valueOf())})`;
    else if (types.isWeakMap(value) || types.isWeakSet(value)) this.out += protoName(value);
    else return false;
    return true;
  }

  /** Own properties in order, with the flags that differ from those of an assignment. */
  properties(value, depth, skip) {
    const unseen = this.hidden.get(getPrototypeOf(value)?.constructor);
    for (const key of ownKeys(value)) {
      if (skip?.(key) === true || unseen?.has(key) === true) continue;
      const field = getOwnPropertyDescriptor(value, key);
      if (field === undefined) continue;
      this.out += typeof key === 'symbol' ? `[${String(key)}]` : stringify(key);
      const flags = flagsOf(field);
      this.out += flags === '' ? ':' : `!${flags}:`;
      if ('value' in field) this.write(field.value, depth + 1);
      else this.out += `<accessor${field.get ? ' get' : ''}${field.set ? ' set' : ''}>`;
      this.out += ',';
    }
  }
}

function primitive(value) {
  if (typeof value === 'string') return stringify(value);
  if (typeof value === 'number') return is(value, -0) ? '-0' : String(value);
  return typeof value === 'bigint' ? `${value}n` : String(value);
}

function flagsOf(field) {
  const readOnly = 'value' in field && !field.writable;
  return `${field.enumerable ? '' : 'e'}${field.configurable ? '' : 'c'}${readOnly ? 'w' : ''}`;
}

function isIndexOrLength(key) {
  return key === 'length' || (typeof key === 'string' && /^\d+$/.test(key));
}

function protoName(value) {
  const proto = getPrototypeOf(value);
  if (proto === null) return 'null';
  const maker = getOwnPropertyDescriptor(proto, 'constructor')?.value;
  return typeof maker === 'function' ? maker.name : `anonymous:${apply(objectToString, value, [])}`;
}

/** Canonical text of one value; `labels` grows. */
function dump(value, labels, hidden) {
  const dumper = new Dumper(labels, hidden);
  dumper.write(value, 0);
  return dumper.out;
}

/** Several values with shared identity: an object that appears in two of them is written once. */
function dumpAll(entries, labels, hidden) {
  const dumper = new Dumper(labels, hidden);
  for (const [prefix, value] of entries) {
    dumper.out += prefix;
    dumper.write(value, 0);
  }
  return dumper.out;
}

module.exports = { dump, dumpAll };
