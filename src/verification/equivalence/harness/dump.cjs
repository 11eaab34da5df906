/**
 * Canonical text of everything observable in values after a call: SameValue for numbers, holes, key order,
 * prototypes, property flags, Map and Set order, and identity: the second appearance of an object is its label.
 */
/* oxlint-disable typescript/unbound-method -- built-ins are kept before repository code can change them */
'use strict';

const getProto = Object.getPrototypeOf;
const ownKeys = Reflect.ownKeys;
const descriptorOf = Object.getOwnPropertyDescriptor;
const isArray = Array.isArray;
const stringify = JSON.stringify;
const isFrozen = Object.isFrozen;
const isExtensible = Object.isExtensible;
const objectToString = Object.prototype.toString;
const mapForEach = Map.prototype.forEach;
const setForEach = Set.prototype.forEach;
const dateGetTime = Date.prototype.getTime;
const regexpSource = descriptorOf(RegExp.prototype, 'source').get;
const regexpFlags = descriptorOf(RegExp.prototype, 'flags').get;
const isView = ArrayBuffer.isView;
const { types } = require('node:util');

const nodesMax = 2_000_000;
const depthMax = 2_000;

/**
 * @param labels Map object → label of what was built before the call; grows with what is met.
 * @param hidden names of private fields per constructor, left out
 * @param promises collects promises that were met, for settling
 */
function createDumper(labels, hidden, promises, resolveFunction) {
  let nodes = 0;
  const met = new Set();
  let out = '';

  function primitive(value) {
    switch (typeof value) {
      case 'string':
        return stringify(value);
      case 'number':
        return Object.is(value, -0) ? '-0' : String(value);
      case 'bigint':
        return `${value}n`;
      case 'symbol':
        return String(value);
      default:
        return String(value);
    }
  }

  function protoName(value) {
    const proto = getProto(value);
    if (proto === null) return 'null';
    const own = descriptorOf(proto, 'constructor');
    const maker = own === undefined ? undefined : own.value;
    return typeof maker === 'function' ? maker.name : `anonymous:${objectToString.call(value)}`;
  }

  function properties(value, depth, skip) {
    const unseen = hidden.get(getProto(value)?.constructor);
    for (const key of ownKeys(value)) {
      if (skip !== undefined && skip(key)) continue;
      if (unseen !== undefined && unseen.has(key)) continue;
      const d = descriptorOf(value, key);
      if (d === undefined) continue;
      let flags = '';
      if (!d.enumerable) flags += 'e';
      if (!d.configurable) flags += 'c';
      if ('value' in d && !d.writable) flags += 'w';
      out += typeof key === 'symbol' ? `[${String(key)}]` : stringify(key);
      if (flags !== '') out += `!${flags}`;
      out += ':';
      if ('value' in d) write(d.value, depth + 1);
      else out += `<accessor${d.get ? ' get' : ''}${d.set ? ' set' : ''}>`;
      out += ',';
    }
  }

  function array(value, depth) {
    const name = protoName(value);
    out += name === 'Array' ? '[' : `${name}[`;
    const length = value.length;
    let i = 0;
    for (; i < length; i++) {
      const d = descriptorOf(value, i);
      if (d === undefined) out += '<hole>';
      else if ('value' in d) write(d.value, depth + 1);
      else out += '<accessor>';
      out += ',';
      if (nodes > nodesMax) break;
    }
    if (ownKeys(value).length !== length + 1 || !isExtensible(value)) {
      properties(value, depth, (key) => key === 'length' || (typeof key === 'string' && /^\d+$/.test(key)));
    }
    out += ']';
  }

  function write(value, depth) {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
      out += primitive(value);
      return;
    }
    let label = labels.get(value);
    if (label === undefined) {
      label = `%${labels.size}`;
      labels.set(value, label);
    }
    out += label;
    if (met.has(value)) return;
    met.add(value);
    if (++nodes > nodesMax || depth > depthMax) {
      out += '<…>';
      return;
    }
    if (typeof value === 'function') {
      out += label.startsWith('@') ? '' : resolveFunction(value);
      return;
    }
    if (!types.isProxy(value) && isArray(value)) array(value, depth);
    else exotic(value, depth);
    if (!isExtensible(value)) out += isFrozen(value) ? '<frozen>' : '<sealed>';
  }

  function exotic(value, depth) {
    if (types.isProxy(value)) {
      out += '<proxy>';
    } else if (types.isPromise(value)) {
      promises.push(value);
      out += '<promise>';
    } else if (types.isMap(value)) {
      out += `${protoName(value)}{`;
      mapForEach.call(value, (item, key) => {
        write(key, depth + 1);
        out += '=>';
        write(item, depth + 1);
        out += ',';
      });
      properties(value, depth);
      out += '}';
    } else if (types.isSet(value)) {
      out += `${protoName(value)}{`;
      setForEach.call(value, (item) => {
        write(item, depth + 1);
        out += ',';
      });
      properties(value, depth);
      out += '}';
    } else if (types.isDate(value)) {
      out += `Date(${dateGetTime.call(value)})`;
      properties(value, depth);
    } else if (types.isRegExp(value)) {
      out += `/${regexpSource.call(value)}/${regexpFlags.call(value)}@${value.lastIndex}`;
    } else if (types.isNativeError(value)) {
      error(value, depth);
    } else if (isView(value)) {
      out += `${protoName(value)}(${value.length ?? value.byteLength})`;
      const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      for (const byte of bytes) out += `${byte},`;
    } else if (types.isAnyArrayBuffer(value)) {
      out += `ArrayBuffer(${new Uint8Array(value).join(',')})`;
    } else if (types.isBoxedPrimitive(value)) {
      out += `${protoName(value)}(${primitive(value.valueOf())})`;
    } else if (types.isWeakMap(value) || types.isWeakSet(value)) {
      out += protoName(value);
    } else {
      const name = protoName(value);
      out += name === 'Object' ? '{' : `${name}{`;
      properties(value, depth);
      out += '}';
    }
  }

  function error(value, depth) {
    const name = String(value.name);
    const message = String(value.message);
    out += `${protoName(value)}<${name}: ${message}>`;
    properties(value, depth, (key) => key === 'stack' || key === 'message');
  }

  return {
    /** Appends a value. */
    add(prefix, value) {
      out += prefix;
      write(value, 0);
    },
    /** Appends ready text. */
    text(part) {
      out += part;
    },
    result: () => out,
  };
}

module.exports = { createDumper };
