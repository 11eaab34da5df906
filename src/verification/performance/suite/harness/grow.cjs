/**
 * Makes the collections of a call longer: arrays, what looks like one, sets, maps, dictionaries and texts. Further
 * elements are copies of those that are there; what tells the elements apart is made different, by the same rule
 * everywhere, so that keys of one collection are found in another.
 */
'use strict';

const { isPlain, tagOf } = require('./copy.cjs');

const depthMaximum = 3;
const placesMaximum = 14;
const fieldsMaximum = 40;
/** Own fields that name an element, where there is only one element to judge by. */
const naming = /^_?(?:id|ids|key|name|uuid|guid|slug|code|path)$/i;

function ownValue(object, key) {
  const field = Object.getOwnPropertyDescriptor(object, key);
  return field !== undefined && 'value' in field ? field.value : undefined;
}

const isArrayLike = (value) =>
  typeof ownValue(value, 'length') === 'number' && value.length > 0 && ownValue(value, '0') !== undefined;

/** What kind of collection a value is, with its size; null for none and for empty ones. */
function collectionOf(value) {
  if (typeof value === 'string') return value.length > 0 ? { kind: 'text', size: value.length } : null;
  if (value === null || typeof value !== 'object') return null;
  if (Array.isArray(value)) return value.length > 0 ? { kind: 'array', size: value.length } : null;
  const tag = tagOf(value);
  if (tag === 'Set') return value.size > 0 ? { kind: 'set', size: value.size } : null;
  if (tag === 'Map') return value.size > 0 ? { kind: 'map', size: value.size } : null;
  if (tag !== 'Object') return null;
  if (isArrayLike(value)) return { kind: 'list', size: value.length };
  const size = isPlain(value) ? Object.keys(value).length : 0;
  return size > 0 ? { kind: 'dictionary', size } : null;
}

/** Places of collections in `{ self, args }`, nearest first: `{ path, kind, size }`. */
function placesIn(root) {
  const places = [];
  const seen = new Set();
  let level = [{ value: root.self, path: ['self'] }];
  root.args.forEach((value, index) => level.push({ value, path: ['args', index] }));
  for (let depth = 0; depth <= depthMaximum; depth += 1) {
    const next = [];
    for (const { value, path } of level) {
      const found = collectionOf(value);
      if (found !== null) places.push({ path, ...found });
      if (value === null || typeof value !== 'object' || seen.has(value)) continue;
      seen.add(value);
      const keys = Object.keys(value).slice(
        0,
        found?.kind === 'array' || found?.kind === 'list' ? 2 : fieldsMaximum,
      );
      for (const key of keys) next.push({ value: ownValue(value, key), path: [...path, key] });
    }
    level = next;
  }
  // Texts last: most code walks them in a straight line. Those below the arguments' own fields are names and kinds.
  const isDeepText = ({ kind, path }) => kind === 'text' && path.length > 3;
  const rank = ({ kind, path }) => (kind === 'text' ? 10 : 0) + path.length;
  const usable = places.filter((place) => !isDeepText(place));
  return usable.sort((a, b) => rank(a) - rank(b)).slice(0, placesMaximum);
}

const isWord = (value) => typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';

/** Fields of object elements whose values tell them apart. */
function tellingFields(elements) {
  const objects = elements.slice(0, 50).filter((element) => element !== null && typeof element === 'object');
  const [first] = objects;
  if (first === undefined) return new Set();
  const telling = Object.keys(first).filter((key) => {
    const values = objects.map((element) => ownValue(element, key));
    if (!values.every(isWord)) return false;
    return objects.length === 1 ? naming.test(key) : new Set(values).size === values.length;
  });
  return new Set(telling);
}

/** Rounds `k` of a run of elements, one function for all collections of a call. */
function makeVary(variant) {
  const mark = variant === 0 ? '' : `${variant.toString(36)}.`;
  const shift = variant % 512;
  return function vary(value, k, span) {
    if (typeof value === 'string') return `${value}~${mark}${k}`;
    if (typeof value === 'number') return Number.isFinite(value) ? value + (k + shift) * span : value;
    return typeof value === 'bigint' ? value + BigInt(k + shift) * BigInt(Math.ceil(span)) : value;
  };
}

/** Distance after which numbers of a collection repeat no value. */
function spanOf(values) {
  const numbers = values
    .filter((value) => typeof value === 'number' && Number.isFinite(value))
    .slice(0, 10_000);
  if (numbers.length === 0) return 1;
  let [low, high] = [numbers[0], numbers[0]];
  for (const value of numbers) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return Math.floor(high - low) + 1;
}

/** A shallow copy of an element; `telling` fields are made different. */
function copyElement(element, change) {
  if (Array.isArray(element))
    return element.map((item, index) => (index === 0 && isWord(item) ? change(item, '0') : item));
  const tag = tagOf(element);
  if (tag === 'Date') return new Date(element.getTime());
  if (tag !== 'Object' && !isPlain(element) && Object.keys(element).length === 0) return element;
  if (tag === 'Set' || tag === 'Map' || ArrayBuffer.isView(element)) return element;
  const copy =
    isPlain(element) && Object.getPrototypeOf(element) !== null
      ? {}
      : Object.create(Object.getPrototypeOf(element));
  if (Object.getPrototypeOf(copy) !== Object.getPrototypeOf(element))
    Object.setPrototypeOf(copy, Object.getPrototypeOf(element));
  for (const key of Reflect.ownKeys(element)) {
    const field = Object.getOwnPropertyDescriptor(element, key);
    const value = 'value' in field ? change(field.value, key) : undefined;
    if ('value' in field && field.writable && field.enumerable && !(key in copy)) copy[key] = value;
    else Object.defineProperty(copy, key, 'value' in field ? { ...field, value } : field);
  }
  return copy;
}

/** `size` elements made of those given, with the maker of element i for what is beyond them. */
function* elementsTo(elements, size, style, vary) {
  const span = spanOf(elements);
  const telling = style === 'distinct' ? tellingFields(elements) : new Set();
  const spans = new Map();
  for (const key of telling) spans.set(key, spanOf(elements.map((element) => ownValue(element, key))));
  for (let index = elements.length; index < size; index += 1) {
    const element = elements[index % elements.length];
    const k = Math.floor(index / elements.length);
    if (isWord(element)) yield style === 'same' ? element : vary(element, k, span);
    else if (element === null || typeof element !== 'object') yield element;
    else {
      const change = (value, key) =>
        telling.has(key) && isWord(value) ? vary(value, k, spans.get(key) ?? 1) : value;
      yield copyElement(
        element,
        Array.isArray(element) && style !== 'same' ? (value) => vary(value, k, span) : change,
      );
    }
  }
}

function growObject(object, size, style, vary) {
  const keys = Object.keys(object);
  const values = keys.map((key) => ownValue(object, key));
  let index = keys.length;
  for (const value of elementsTo(values, size, style, vary)) {
    const key = vary(keys[index % keys.length], Math.floor(index / keys.length), 1);
    object[key] = value;
    index += 1;
  }
}

/** The enlarged form of a collection: the same object where it is one. */
function grown(value, { kind, style }, size, vary) {
  if (kind === 'text')
    return value.repeat(Math.ceil(size / value.length)).slice(0, Math.max(size, value.length));
  if (kind === 'array') {
    const from = value.slice();
    for (const item of elementsTo(from, size, style, vary)) value.push(item);
  } else if (kind === 'list') {
    let at = value.length;
    for (const item of elementsTo(
      Array.from({ length: at }, (_, i) => value[i]),
      size,
      style,
      vary,
    ))
      value[at++] = item;
    value.length = at;
  } else if (kind === 'set') {
    for (const item of elementsTo([...value], size, style, vary)) value.add(item);
  } else if (kind === 'map') {
    const keys = [...value.keys()];
    const values = elementsTo([...value.values()], size, style, vary);
    for (const key of elementsTo(keys, size, style, vary)) value.set(key, values.next().value);
  } else growObject(value, size, style, vary);
  return value;
}

/**
 * Enlarges a copied call in place.
 * @param call `{ self, args }`
 * @param places `{ path, kind, style }` of what is enlarged together
 */
function growCall(call, places, size, variant) {
  // A few elements fewer: a special case for exactly one length does not win.
  const wanted = size >= 64 ? size - (variant % 4) : size;
  const vary = makeVary(variant);
  for (const place of places) {
    let parent = call;
    for (const key of place.path.slice(0, -1)) parent = parent[key];
    const key = place.path.at(-1);
    const value = grown(parent[key], place, wanted, vary);
    if (value !== parent[key]) parent[key] = value;
  }
  return call;
}

module.exports = { collectionOf, growCall, placesIn };
