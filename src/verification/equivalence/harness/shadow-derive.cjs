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

/** Paths of what can be varied below the arguments, nearest first; class instances are left as they are. */
function containersOf(args) {
  const found = [];
  const seen = new Set();
  let level = args.map((value, i) => ({ value, path: [i] }));
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
      const isList = Array.isArray(value);
      const canVary = isList || types.isMap(value) || types.isSet(value) || isPlain(value);
      if (canVary && !isFrozen(value) && isExtensible(value)) found.push({ path, value });
      if (!isList && !isPlain(value)) continue;
      for (const key of isList ? [...value.keys()].slice(0, 3) : keys(value).slice(0, 8)) {
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

function refill(list, items) {
  list.length = 0;
  for (const item of items) list.push(item);
}

const isNumbers = (list) => list.some((item) => typeof item === 'number');
const isPrimitives = (list) =>
  list.length > 0 && list.every((item) => item === null || !['object', 'function'].includes(typeof item));

/** name, applies(list, typed), change(list). Growth cycles through the elements that are there. */
const listChanges = [
  ['emptied', (list) => list.length > 0, (list) => void (list.length = 0)],
  ['one element', (list) => list.length > 1, (list) => void (list.length = 1)],
  ['without its last', (list) => list.length > 2, (list) => void list.pop()],
  ['reversed', (list) => list.length > 1, (list) => void list.reverse()],
  ['rotated', (list) => list.length > 2, (list) => void list.push(list.shift())],
  ['first again at the end', (list) => list.length > 0, (list) => void list.push(list[0])],
  [
    'each twice',
    (list) => list.length > 0,
    (list) =>
      refill(
        list,
        [...list].flatMap((item) => [item, item]),
      ),
  ],
  ['NaN twice', isNumbers, (list) => void list.push(NaN, NaN)],
  ['-0 and 0', isNumbers, (list) => void list.push(-0, 0)],
  [
    'undefined twice',
    (list, typed) => !typed && isPrimitives(list),
    (list) => void list.push(undefined, undefined),
  ],
  ['null twice', (list, typed) => !typed && isPrimitives(list), (list) => void list.push(null, null)],
  [
    'NaN among others',
    (list, typed) => !typed && isPrimitives(list) && !isNumbers(list),
    (list) => void list.push(NaN, NaN),
  ],
  ['a hole', (list) => list.length > 1, (list) => delete list[1]],
  ...sizes.map((size) => [
    `${size} elements, the same again`,
    (list) => list.length > 0 && list.length < size,
    (list) => {
      const items = [...list];
      refill(
        list,
        Array.from({ length: size }, (_, i) => items[i % items.length]),
      );
    },
  ]),
  ...sizes.map((size) => [
    `${size} elements, different ones`,
    (list) => list.length > 0 && list.length < size,
    (list) => {
      const items = [...list];
      const more = (i) => (i < items.length ? items[i] : varied(items[i % items.length], i));
      refill(
        list,
        Array.from({ length: size }, (_, i) => more(i)),
      );
    },
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
  if (Array.isArray(value)) return listChanges;
  return types.isMap(value) || types.isSet(value) ? collectionChanges : objectChanges;
}

/**
 * @param typed the parameters have declared types: nothing is put in that they do not allow
 * @returns `{ name, apply(args) }`, the first change of each part before the second of any
 */
function derivations(args, typed) {
  const perPart = containersOf(args).map(({ path, value }) =>
    changesFor(value)
      .filter(([, applies]) => applies(value, typed))
      .map(([name, , change]) => ({
        name: `argument ${path.map(String).join('.')}: ${String(name)}`,
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
