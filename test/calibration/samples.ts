/** Functions with a place for each kind of slowness and fault, and inputs that show the difference. */

export interface Sample {
  /** Kinds that find a place here. */
  readonly kinds: readonly string[];
  /** A module in JavaScript; `entry` is the function that is called. */
  readonly text: string;
  readonly entry: string;
  readonly inputs: readonly (readonly unknown[])[];
}

const long = Array.from({ length: 5_000 }, (_, index) => index);

export const samples: readonly Sample[] = [
  {
    kinds: ['order', 'last element', 'size', 'argument consumed', 'call left out'],
    text: `export function doubled(values) {
  const out = [];
  for (const value of values) { out.push(value * 2); }
  if (values.some((value) => value === null)) return out;
  return out.filter(() => true);
}`,
    entry: 'doubled',
    inputs: [[[3, 1, 2]], [[]], [long]],
  },
  {
    kinds: ['growing array'],
    text: `export function halves(values) {
  const out = [];
  for (const value of values) { out.push(value / 2); }
  return out;
}`,
    entry: 'halves',
    inputs: [[[3, 1, 2]], [[]], [long]],
  },
  {
    kinds: ['growing set'],
    text: `export function distinct(values) {
  const seen = new Set();
  for (const value of values) { seen.add(value); }
  return seen.size;
}`,
    entry: 'distinct',
    inputs: [[[1, 1, NaN, NaN, -0, 0]], [[]]],
  },
  {
    kinds: ['growing map', 'nullish'],
    text: `export function counts(words) {
  const found = new Map();
  for (const word of words) { found.set(word, word.length); }
  return found;
}
export function withDefault(value) { return value ?? 5; }`,
    entry: 'withDefault',
    inputs: [[0], [undefined], [7]],
  },
  {
    kinds: ['searched set', 'duplicates', 'filtered by concat', 'argument changed', 'empty input'],
    text: `export function common(left, right) {
  const known = new Set(right);
  return left.filter((one) => known.has(one));
}`,
    entry: 'common',
    inputs: [
      [
        [3, 1, 3, NaN],
        [3, NaN],
      ],
      [[], []],
    ],
  },
  {
    kinds: ['searched map'],
    text: `export function names(rows, ids) {
  const byId = new Map(rows);
  const found = [];
  for (const id of ids) found.push(byId.get(id) ?? 'none');
  return found;
}`,
    entry: 'names',
    inputs: [
      [
        [
          [1, 'a'],
          [1, 'b'],
          [NaN, 'c'],
        ],
        [1, NaN, 4],
      ],
    ],
  },
  {
    kinds: ['computed thrice', 'mapped by concat', 'memoised', 'heap for time', 'later call', 'sometimes'],
    text: `export function lengths(words) {
  return words.map((word) => word.trim().length);
}`,
    entry: 'lengths',
    inputs: [[[' a ', 'bc']], [[]]],
  },
  {
    kinds: ['looped thrice', 'turned operator', 'done thrice'],
    text: `export function total(rows) {
  let sum = 0;
  for (const row of rows) { const { count, price } = row; sum += count * price; }
  return sum;
}`,
    entry: 'total',
    inputs: [
      [
        [
          { count: 2, price: 3 },
          { count: 1, price: 5 },
        ],
      ],
      [[]],
    ],
  },
  {
    kinds: ['copied per step'],
    text: `export function last(values) {
  var found = -1;
  for (var index = 0; index < values.length; index++) { if (values[index]) found = index; }
  return found;
}`,
    entry: 'last',
    inputs: [[[0, 1, 0, 1, 0]], ['text'], [[]]],
  },
  {
    kinds: ['not a number', 'minus zero', 'precision', 'overflow'],
    text: `export function scaled(value, factor) {
  return value * factor;
}`,
    entry: 'scaled',
    inputs: [
      [1.1, 2],
      [Number.NaN, 1],
      [-1, 0],
      [2 ** 40, 3],
    ],
  },
  {
    kinds: ['guard left out', 'error swallowed', 'beyond ASCII', 'long text'],
    text: `export function word(text) {
  if (text === '') { throw new TypeError('empty'); }
  return text.trim();
}`,
    entry: 'word',
    inputs: [[' Zoë '], [''], ['x'.repeat(5_000)]],
  },
  {
    kinds: ['copy left out'],
    text: `export function ranked(values) {
  return [...values].sort((a, b) => a - b);
}`,
    entry: 'ranked',
    inputs: [[[3, 1, 2]]],
  },
  {
    kinds: ['arguments swapped', 'export renamed', 'last input kept'],
    text: `const between = (low, high) => high - low;
export function span(low, high) {
  return [between(low, high)];
}`,
    entry: 'span',
    inputs: [
      [1, 5],
      [1, 7],
      [2, 7],
    ],
  },
  {
    kinds: ['await left out'],
    text: `export async function ordered(log) {
  await Promise.resolve().then(() => log.push('first'));
  log.push('second');
  return log.slice();
}`,
    entry: 'ordered',
    inputs: [[[]]],
  },
];
