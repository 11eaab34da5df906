/**
 * Copies the values of a call inside the process that made it: the same prototypes, cycles and shared parts, fresh
 * identities. What cannot be copied (functions, promises, what the platform holds) stays the same object.
 */
'use strict';

const nodesMaximum = 20_000;
const { getOwnPropertyDescriptor, getPrototypeOf, setPrototypeOf, defineProperty, create } = Object;

const tagOf = (value) => Object.prototype.toString.call(value).slice(8, -1);
const isPlain = (value) => {
  const prototype = getPrototypeOf(value);
  return (
    prototype === null || (getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty'))
  );
};
const shared = new Set([
  'Promise',
  'WeakMap',
  'WeakSet',
  'WeakRef',
  'Module',
  'global',
  'Window',
  'process',
  'Error',
]);

/** An empty shell of the same kind, or null when the value is to be shared. `deep`: instances of classes too. */
function shellOf(value, deep) {
  const tag = tagOf(value);
  if (value === globalThis || shared.has(tag) || tag.endsWith('Iterator') || tag === 'Generator') return null;
  if (Array.isArray(value)) return withPrototype([], value);
  if (ArrayBuffer.isView(value)) return typeof value.slice === 'function' ? value.slice() : null;
  if (tag === 'Map') return withPrototype(new Map(), value);
  if (tag === 'Set') return withPrototype(new Set(), value);
  if (tag === 'Date') return withPrototype(new Date(value.getTime()), value);
  if (tag === 'RegExp') return withPrototype(new RegExp(value.source, value.flags), value);
  if (tag === 'String' || tag === 'Number' || tag === 'Boolean' || tag === 'ArrayBuffer') return null;
  if (isPlain(value)) return getPrototypeOf(value) === null ? create(null) : withPrototype({}, value);
  return deep ? create(getPrototypeOf(value)) : null;
}

function withPrototype(shell, value) {
  const prototype = getPrototypeOf(value);
  if (getPrototypeOf(shell) !== prototype) setPrototypeOf(shell, prototype);
  return shell;
}

/** Ordinary assignment keeps an object in the form that literals have; the rest needs a definition. */
function setField(shell, key, field, copy) {
  if (!('value' in field)) {
    defineProperty(shell, key, field);
    return;
  }
  const value = copy(field.value);
  const ordinary = field.writable && field.enumerable && field.configurable && !(key in shell);
  if (ordinary) shell[key] = value;
  else if (key !== 'length' || !Array.isArray(shell)) defineProperty(shell, key, { ...field, value });
}

function fill(shell, value, copy) {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      if (index in value) shell[index] = copy(value[index]);
    }
    if (shell.length < value.length) shell.length = value.length;
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key === 'symbol' || !/^(?:\d+|length)$/.test(key))
        setField(shell, key, getOwnPropertyDescriptor(value, key), copy);
    }
    return;
  }
  if (ArrayBuffer.isView(value)) return;
  if (shell instanceof Map)
    for (const [key, item] of Map.prototype.entries.call(value)) shell.set(copy(key), copy(item));
  if (shell instanceof Set) for (const item of Set.prototype.values.call(value)) shell.add(copy(item));
  for (const key of Reflect.ownKeys(value)) setField(shell, key, getOwnPropertyDescriptor(value, key), copy);
}

/**
 * A copy of everything below `root` that is data, nearest first. Returns the copy and what is still to be frozen, so
 * that it can be enlarged before.
 * @param {'deep' | 'data'} mode `data` shares instances of classes
 */
function copyCall(root, mode) {
  const copies = new Map();
  const queue = [];
  const frozen = [];
  const copy = (value) => {
    if (value === null || typeof value !== 'object') return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    const shell = copies.size < nodesMaximum ? shellOf(value, mode === 'deep') : null;
    if (shell === null) {
      copies.set(value, value);
      return value;
    }
    copies.set(value, shell);
    queue.push(value);
    if (Object.isFrozen(value) && !ArrayBuffer.isView(value)) frozen.push(shell);
    return shell;
  };
  const result = copy(root);
  for (let at = 0; at < queue.length; at += 1) fill(copies.get(queue[at]), queue[at], copy);
  return { value: result, frozen };
}

module.exports = { copyCall, isPlain, tagOf };
