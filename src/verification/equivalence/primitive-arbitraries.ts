/** Arbitraries of values without parts: numbers, strings, dates …, with the hostile ones and those of the changed code. */
import fc from 'fast-check';
import type { Recipe, Shape } from './types.js';

/** What the inputs should be aimed at: literals of the changed code. */
export interface Aims {
  readonly numbers: readonly number[];
  readonly strings: readonly string[];
}

export type Arb = fc.Arbitrary<Recipe>;

/** A number as recipe. */
export function numberRecipe(value: number): Recipe {
  if (Number.isNaN(value)) return { k: 'n', v: 'NaN' };
  if (Object.is(value, -0)) return { k: 'n', v: '-0' };
  if (value === Infinity) return { k: 'n', v: 'Infinity' };
  return value === -Infinity ? { k: 'n', v: '-Infinity' } : value;
}

export const undefinedRecipe: Recipe = { k: 'u' };
const hostileNumbers = [
  NaN,
  -0,
  0,
  1,
  -1,
  Infinity,
  -Infinity,
  0.1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 31),
  1e-7,
  1e21,
];
const hostileStrings = [
  '',
  ' ',
  '0',
  '-0',
  'NaN',
  '__proto__',
  'constructor',
  'toString',
  'length',
  'null',
  'undefined',
  'a',
  'b',
  'A',
  'é',
  'e\u0301',
  '\ud800',
  '😀',
  'ı',
  'ß',
  '\n',
  '\u0000',
  '\ufeff',
  '[object Object]',
  '$&',
  '.*',
  '%',
  '&amp;',
  '<b>',
];
/** Sets hostile enough to meet duplicates, and keys that are equal only for Map but not for ===. */
const smallNumbers = [0, 1, 2, 3, -0, NaN, -1, 10, 9, 100];
export const fewStrings = ['a', 'b', 'c', 'aa', 'A', '', '10', '9', '__proto__'];

/** The constants of changed code, with neighbours. */
function around(numbers: readonly number[]): number[] {
  return [...new Set(numbers.flatMap((value) => [value, value - 1, value + 1, -value]))].slice(0, 60);
}

export function numberArb(aims: Aims): Arb {
  const aimed = around(aims.numbers);
  const parts: fc.WeightedArbitrary<number>[] = [
    { arbitrary: fc.constantFrom(...smallNumbers), weight: 5 },
    { arbitrary: fc.integer({ min: -20, max: 100 }), weight: 4 },
    { arbitrary: fc.integer(), weight: 1 },
    { arbitrary: fc.double(), weight: 1 },
    { arbitrary: fc.constantFrom(...hostileNumbers), weight: 2 },
  ];
  if (aimed.length > 0) parts.push({ arbitrary: fc.constantFrom(...aimed), weight: 4 });
  return fc.oneof(...parts).map(numberRecipe);
}

export function stringArb(aims: Aims): Arb {
  const aimed = [
    ...new Set(
      aims.strings.flatMap((text) => [text, `${text}a`, `a${text}`, text.slice(1), text.toUpperCase()]),
    ),
  ];
  const letters = [
    ...new Set(['a', 'b', ' ', 'A', '1', '\n', ...aims.strings.flatMap((text) => Array.from(text))]),
  ].slice(0, 60);
  const lengths = aims.numbers.filter((n) => Number.isInteger(n) && n > 0 && n <= 70_000);
  const parts: fc.WeightedArbitrary<Recipe>[] = [
    { arbitrary: fc.constantFrom(...fewStrings), weight: 4 },
    { arbitrary: fc.string({ maxLength: 12 }), weight: 2 },
    { arbitrary: fc.string({ unit: fc.constantFrom(...letters), maxLength: 16 }), weight: 4 },
    { arbitrary: fc.constantFrom(...hostileStrings), weight: 2 },
  ];
  if (aimed.length > 0) {
    const pieces = fc.array(fc.constantFrom(...aimed, ...fewStrings), { maxLength: 5 });
    parts.push({ arbitrary: fc.constantFrom(...aimed), weight: 3 });
    parts.push({ arbitrary: pieces.map((list) => list.join('')), weight: 2 });
  }
  if (lengths.length > 0) {
    const exact = fc.constantFrom(...around(lengths).filter((n) => n >= 0 && n <= 70_001));
    parts.push({
      arbitrary: fc
        .tuple(exact, fc.constantFrom('a', 'ab', ' '))
        .map(([n, of]): Recipe => ({ k: 'str', n, of })),
      weight: 1,
    });
  }
  return fc.oneof(...parts);
}

export function leaf(shape: Shape): Arb {
  switch (shape.kind) {
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'bigint':
      return fc
        .oneof(fc.bigInt({ min: -20n, max: 20n }), fc.bigInt())
        .map((v): Recipe => ({ k: 'big', v: String(v) }));
    case 'symbol':
      return fc.constantFrom('a', 'b').map((v): Recipe => ({ k: 'sym', v }));
    case 'date':
      return fc
        .oneof(fc.integer({ min: 0, max: 2 ** 31 }), fc.constantFrom(null, 0, -1, 1_700_000_000_000, 8.64e15))
        .map((v): Recipe => ({ k: 'd', v }));
    case 'regexp':
      return fc
        .tuple(
          fc.constantFrom('a', 'a+', '[ab]', '^a', 'b$', '.', '(a)(b)?', ''),
          fc.constantFrom('', 'g', 'i', 'gi', 'y', 'm'),
        )
        .map(([s, f]): Recipe => ({ k: 're', s, f }));
    case 'error':
      return fc
        .tuple(fc.constantFrom('Error', 'TypeError', 'CustomError'), fc.constantFrom('boom', ''))
        .map(([n, m]): Recipe => ({ k: 'er', n, m }));
    case 'bytes':
      return fc
        .array(fc.integer({ min: 0, max: 255 }), { maxLength: 16 })
        .map((i): Recipe => ({ k: 'buf', t: shape.type, i }));
    default:
      return fc.constant(undefinedRecipe);
  }
}
