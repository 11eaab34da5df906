/**
 * Another input of the same form: values that a cache has not seen, with the same structure, equalities and order.
 * Equal values stay equal and different ones different, within one state. What is not plain data is left alone.
 */

const dataArrayMinimum = 8;
/** A text of this length is data wherever it stands; shorter ones may be names of modes, units, locales. */
const longTextMinimum = 64;

/** Plain containers only: class instances, functions and exotic objects belong to the workload. */
function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function* stringsIn(value, path, inData, seen) {
  if (typeof value === 'string') {
    if (inData || value.length >= longTextMinimum) yield [path, value];
    return;
  }
  if (value === null || typeof value !== 'object' || seen.has(value)) return;
  seen.add(value);
  if (Array.isArray(value)) {
    const data = inData || value.length >= dataArrayMinimum;
    for (const item of value) yield* stringsIn(item, `${path}[]`, data, seen);
  } else if (value instanceof Set) {
    for (const item of value)
      yield* stringsIn(item, `${path}{}`, inData || value.size >= dataArrayMinimum, seen);
  } else if (value instanceof Map) {
    const data = inData || value.size >= dataArrayMinimum;
    for (const [key, item] of value) {
      yield* stringsIn(key, `${path}<`, data, seen);
      yield* stringsIn(item, `${path}>`, data, seen);
    }
  } else if (isPlain(value)) {
    for (const key of Object.keys(value)) yield* stringsIn(value[key], `${path}.${key}`, inData, seen);
  }
}

/**
 * Strings that are data: few distinct values on many places (kinds, states, units) are words of the program and
 * stay; a long text by itself counts as data too.
 */
function dataStrings(state) {
  const byPath = new Map();
  for (const [path, text] of stringsIn(state, '', typeof state === 'string', new Set())) {
    const entry = byPath.get(path) ?? { count: 0, distinct: new Set() };
    entry.count += 1;
    entry.distinct.add(text);
    byPath.set(path, entry);
  }
  const chosen = new Set();
  for (const { count, distinct } of byPath.values()) {
    const words =
      count >= dataArrayMinimum && distinct.size <= Math.max(4, count / 16) && distinct.size <= 16;
    if (!words) for (const text of distinct) chosen.add(text);
  }
  return chosen;
}

/** A one-to-one map of letters and digits, case and length kept, seeded by the variant. */
function cipher(variant) {
  let seed = (variant * 2654435761) >>> 0;
  const next = (bound) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed % bound;
  };
  const shuffled = (text) => {
    const items = [...text];
    for (let i = items.length - 1; i > 0; i -= 1) {
      const j = next(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  };
  const letters = shuffled('abcdefghijklmnopqrstuvwxyz');
  const digits = shuffled('0123456789');
  return (text) =>
    text.replace(/[a-z0-9]/gi, (character) => {
      if (character >= '0' && character <= '9') return digits[character.charCodeAt(0) - 48];
      if (character >= 'a') return letters[character.charCodeAt(0) - 97];
      return letters[character.charCodeAt(0) - 65].toUpperCase();
    });
}

/** Ways to vary, strongest first; the first that leaves the base's time alone is used (measure.mjs). */
export const kinds = ['suffix', 'cipher', 'strings', 'numbers'];

/**
 * A copy of `state` with other values. Variant 0 is the state itself.
 * @param {unknown} state what setup returned
 * @param {number} variant counts from 0
 * @param {'suffix' | 'cipher' | 'strings' | 'numbers' | 'none'} kind
 */
export function vary(state, variant, kind) {
  if (variant === 0 || kind === 'none') return state;
  const chosen = kind === 'numbers' ? new Set() : dataStrings(state);
  const shifts = kind !== 'strings';
  const tail = `~${variant.toString(36)}`;
  const encode = kind === 'cipher' ? cipher(variant) : (text) => text + tail;
  const copies = new Map();
  const walk = (value, inData) => {
    if (typeof value === 'string') return chosen.has(value) ? encode(value) : value;
    if (typeof value === 'number')
      return shifts && inData && Number.isFinite(value) && Math.abs(value) < 2 ** 40
        ? value + variant
        : value;
    if (value === null || typeof value !== 'object') return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    if (Array.isArray(value)) return walkArray(value, inData);
    if (value instanceof Set && Object.getPrototypeOf(value) === Set.prototype) {
      const copy = new Set();
      copies.set(value, copy);
      for (const item of value) copy.add(walk(item, inData || value.size >= dataArrayMinimum));
      return copy;
    }
    if (value instanceof Map && Object.getPrototypeOf(value) === Map.prototype) {
      const copy = new Map();
      copies.set(value, copy);
      const data = inData || value.size >= dataArrayMinimum;
      for (const [key, item] of value) copy.set(walk(key, data), walk(item, data));
      return copy;
    }
    if (!isPlain(value)) return value;
    const copy = Object.create(Object.getPrototypeOf(value));
    copies.set(value, copy);
    for (const key of Object.keys(value)) {
      Object.defineProperty(copy, key, {
        value: walk(value[key], inData),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    return copy;
  };
  const walkArray = (value, inData) => {
    const copy = [];
    copies.set(value, copy);
    const data = inData || value.length >= dataArrayMinimum;
    // A few elements fewer: a special case for exactly one length does not win.
    const length = value.length >= 64 ? value.length - (variant % 4) : value.length;
    for (let index = 0; index < length; index += 1) {
      if (index in value) copy[index] = walk(value[index], data);
    }
    if (copy.length < length) copy.length = length;
    return copy;
  };
  return walk(state, false);
}
