/**
 * Further inputs from one real call: the same values with one part made empty, longer, reversed, repeated …. An
 * operation is a path plus a change, so that it can be done alike to every copy. Smallest changes first.
 */
'use strict';

const { types } = require('node:util');
const { getPrototypeOf, getOwnPropertyDescriptor, defineProperty, keys, isFrozen, isExtensible } = Object;

const containersMax = 10;
const depthMax = 3;
const sizes = [17, 40, 257, 1_025, 10_000];

function valueAt(root, path) {
  let at = root;
  for (const key of path) at = getOwnPropertyDescriptor(at, key)?.value;
  return at;
}

function isPlain(value) {
  const proto = getPrototypeOf(value);
  return proto === null || getPrototypeOf(proto) === null;
}

/** An object that is used like an array: its elements are its content, nothing is hidden in it. */
function isListLike(value) {
  if (Array.isArray(value)) return true;
  if (value === null || typeof value !== 'object' || types.isProxy(value)) return false;
  const length = getOwnPropertyDescriptor(value, 'length');
  return length?.writable === true && Number.isInteger(length.value) && length.value > 0 && '0' in value;
}

/** Paths of what can be varied below the input, nearest first; other class instances are left as they are. */
function containersOf(input) {
  const found = [];
  const seen = new Set();
  let level = input.args.map((value, i) => ({ value, path: ['args', i] }));
  if (isListLike(input.self)) level.push({ value: input.self, path: ['self'] });
  for (let depth = 0; depth <= depthMax && level.length > 0; depth++) {
    const next = [];
    for (const { value, path } of level) {
      if (found.length >= containersMax) return found;
      if (typeof value === 'string' || typeof value === 'number') {
        if (depth <= 1) found.push({ path, value });
        continue;
      }
      if (value === null || typeof value !== 'object' || seen.has(value) || types.isProxy(value)) continue;
      seen.add(value);
      const isList = isListLike(value);
      const canVary = isList || types.isMap(value) || types.isSet(value) || isPlain(value);
      if (canVary && !isFrozen(value) && isExtensible(value)) found.push({ path, value });
      if (!isList && !isPlain(value)) continue;
      for (const key of isList ? [0, 1, 2] : keys(value).slice(0, 8)) {
        const field = getOwnPropertyDescriptor(value, key);
        if (field !== undefined && 'value' in field) next.push({ value: field.value, path: [...path, key] });
      }
    }
    level = next;
  }
  return found;
}

/** Element i of a list made longer: primitives differ, objects are the same ones again. */
function varied(item, i) {
  if (typeof item === 'number') return item + i;
  if (typeof item === 'string') return `${item}${i}`;
  if (item !== null && typeof item === 'object' && isPlain(item) && !types.isProxy(item)) return { ...item };
  return item;
}

/** Writes the items into a list: an array with its holes, or an object with indices and a length. */
function refill(list, items) {
  const before = list.length;
  list.length = items.length;
  for (let i = 0; i < Math.max(before, items.length); i++) {
    if (i in items) list[i] = items[i];
    else delete list[i];
  }
}

const isNumbers = (items) => items.some((item) => typeof item === 'number');
const isPrimitives = (items) =>
  items.length > 0 && items.every((item) => item === null || !['object', 'function'].includes(typeof item));
const hasAny = (items) => items.length > 0;

function longer(items, size, next) {
  return Array.from({ length: size }, (_, i) =>
    i < items.length ? items[i] : next(items[i % items.length], i),
  );
}

function withHole(items) {
  const out = items.slice(0, 1);
  out.length = 2;
  return [].concat(out, items.slice(2));
}

/** name, applies(items, typed), items to come. Growth cycles through the elements that are there. */
const listChanges = [
  ['emptied', hasAny, () => []],
  ['one element', (items) => items.length > 1, ([first]) => [first]],
  ['without its last', (items) => items.length > 2, (items) => items.slice(0, -1)],
  ['reversed', (items) => items.length > 1, (items) => [...items].reverse()],
  ['rotated', (items) => items.length > 2, ([first, ...rest]) => [...rest, first]],
  ['first again at the end', hasAny, (items) => [...items, items[0]]],
  ['each twice', hasAny, (items) => items.flatMap((item) => [item, item])],
  ['NaN twice', isNumbers, (items) => [...items, NaN, NaN]],
  ['-0 and 0', isNumbers, (items) => [...items, -0, 0]],
  [
    'undefined twice',
    (items, typed) => !typed && isPrimitives(items),
    (items) => [...items, undefined, undefined],
  ],
  ['null twice', (items, typed) => !typed && isPrimitives(items), (items) => [...items, null, null]],
  [
    'NaN among others',
    (items, typed) => !typed && isPrimitives(items) && !isNumbers(items),
    (items) => [...items, NaN, NaN],
  ],
  ['a hole', (items, typed) => !typed && items.length > 1, withHole],
  ...sizes.map((size) => [
    `${size} elements, the same again`,
    (items) => items.length > 0 && items.length < size,
    (items) => longer(items, size, (item) => item),
  ]),
  ...sizes.map((size) => [
    `${size} elements, different ones`,
    (items) => items.length > 0 && items.length < size,
    (items) => longer(items, size, varied),
  ]),
];

function put(object, key, value) {
  defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

const firstValue = (object) => {
  const [name] = keys(object);
  return name === undefined ? 1 : getOwnPropertyDescriptor(object, name)?.value;
};

const objectChanges = [
  ['a further key', () => true, (object) => put(object, 'ratchetKey', firstValue(object))],
  ['an own key __proto__', () => true, (object) => put(object, '__proto__', firstValue(object))],
  [
    'a key less',
    (object, typed) => !typed && keys(object).length > 0,
    (object) => delete object[keys(object)[0]],
  ],
  ['numeric keys', () => true, (object) => put(object, '1', firstValue(object))],
  [
    '300 further keys',
    () => true,
    (object) => {
      const value = firstValue(object);
      for (let i = 0; i < 300; i++) put(object, `k${i}`, value);
    },
  ],
];

const collectionChanges = [
  ['emptied', (value) => value.size > 0, (value) => value.clear()],
  [
    'first moved to the end',
    (value) => value.size > 1,
    (value) => {
      const [first] = value.keys();
      const item = types.isMap(value) ? value.get(first) : first;
      value.delete(first);
      if (types.isMap(value)) value.set(first, item);
      else value.add(first);
    },
  ],
];

/** A primitive is replaced where it stands. */
const textChanges = [
  ['an empty text', (text) => text !== '', () => ''],
  ['the text twice', (text) => text.length < 10_000 && text !== '', (text) => text + text],
  [
    'a text of 300',
    (text) => text !== '' && text.length < 300,
    (text) => text.repeat(Math.ceil(300 / text.length)).slice(0, 300),
  ],
  [
    'a text of 70,000',
    (text) => text !== '' && text.length < 300,
    (text) => text.repeat(Math.ceil(70_000 / text.length)).slice(0, 70_000),
  ],
];
const numberChanges = [
  ['0', (n) => n !== 0, () => 0],
  ['one more', () => true, (n) => n + 1],
  ['negative', (n) => n > 0, (n) => -n],
  ['NaN', (n) => !Number.isNaN(n), () => NaN],
];

function changesFor(value) {
  if (typeof value === 'string') return textChanges;
  if (typeof value === 'number') return numberChanges;
  return types.isMap(value) || types.isSet(value) ? collectionChanges : objectChanges;
}

/** What can be done to this value. */
function changesOf(value, typed) {
  if (!isListLike(value)) {
    return changesFor(value)
      .filter(([, applies]) => applies(value, typed))
      .map(([name, , change]) => [name, change]);
  }
  const items = Array.prototype.slice.call(value);
  return listChanges
    .filter(([, applies]) => applies(items, typed))
    .map(([name, , change]) => [name, (list) => refill(list, change(Array.prototype.slice.call(list)))]);
}

function placeName([root, ...rest]) {
  return root === 'self' ? 'this' : `argument ${rest.map(String).join('.')}`;
}

/**
 * @param input `{ self, args }`
 * @param typed the parameters have declared types: nothing is put in that they do not allow
 * @returns `{ name, apply(args) }`, the first change of each part before the second of any
 */
function derivations(input, typed) {
  const perPart = containersOf(input).map(({ path, value }) =>
    changesOf(value, typed).map(([name, change]) => ({
      name: `${placeName(path)}: ${String(name)}`,
      apply(copy) {
        if (typeof value !== 'string' && typeof value !== 'number') {
          change(valueAt(copy, path));
          return;
        }
        const owner = valueAt(copy, path.slice(0, -1));
        const field = getOwnPropertyDescriptor(owner, path.at(-1));
        if (field?.writable === true) owner[path.at(-1)] = change(field.value);
      },
    })),
  );
  const most = Math.max(0, ...perPart.map((list) => list.length));
  return Array.from({ length: most }, (_, i) =>
    perPart.flatMap((list) => (i < list.length ? [list[i]] : [])),
  ).flat();
}

module.exports = { derivations };
