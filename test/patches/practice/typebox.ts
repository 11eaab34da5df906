/** Patches on typebox: values, pointers and equality. */
import { body, first } from '../edit-source.js';
import type { Edit, PatchCase } from '../types.js';

function on(
  name: string,
  kind: string,
  expect: PatchCase['expect'],
  why: string,
  edits: readonly Edit[],
  more: Partial<PatchCase> = {},
): PatchCase {
  return { name: `typebox-${name}`, repository: 'typebox', kind, expect, why, edits, ...more };
}

const clone = 'src/value/clone.ts';
const equal = 'src/value/equal.ts';
const wrong: Partial<PatchCase> = { gates: ['tests', 'equivalence'], claimsGain: false };

const cloneWorkload = `
export const entry = 'src/value/clone.ts';
export const sizes = [100, 1000];
export function setup(module, { size, variant }) {
  const value = {};
  for (let index = 0; index < size; index += 1) value['key' + index + '-' + variant] = index;
  return { module, value };
}
export function run({ module, value }) {
  return module.ValueClone.Clone(value);
}
`;

const keys =
  'const keys = [...globalThis.Object.keys(value), ...globalThis.Object.getOwnPropertySymbols(value)]';

export const onTypebox: readonly PatchCase[] = [
  on(
    'clone-entries',
    'good',
    'accepted',
    'fromEntries defines own properties, also __proto__ and symbols',
    [
      body(
        clone,
        'ValueClone.Object',
        `${keys}\nreturn globalThis.Object.fromEntries(keys.map((key) => [key, Clone(value[key])]))`,
      ),
    ],
    { workload: cloneWorkload },
  ),
  on(
    'equal-loop',
    'good',
    'accepted',
    'the same comparison as a loop, without a claim',
    [
      body(
        equal,
        'ValueEqual.Array',
        'if (!Is.Array(right) || left.length !== right.length) return false\nreturn !left.some((value, index) => !Equal(value, right[index]))',
      ),
    ],
    { claimsGain: false },
  ),
  on(
    'clone-assigned',
    'own __proto__',
    'refused',
    'assigning __proto__ sets the prototype and makes no key',
    [
      body(
        clone,
        'ValueClone.Object',
        `${keys}\nconst copy: any = {}\nfor (const key of keys) copy[key] = Clone(value[key])\nreturn copy`,
      ),
    ],
    wrong,
  ),
  on(
    'clone-shallow',
    'identity',
    'refused',
    'arrays that begin with a number keep the objects behind it',
    [first(clone, 'ValueClone.Array', "if (typeof value[0] === 'number') return value.slice()")],
    wrong,
  ),
  on(
    'equal-same-value',
    '−0',
    'refused',
    '0 and -0 were equal, NaN was not',
    [body(equal, 'ValueEqual.Value', 'return globalThis.Object.is(left, right)')],
    wrong,
  ),
  on(
    'equal-without-symbols',
    'untested branch',
    'refused',
    'symbol keys were compared too',
    [
      body(
        equal,
        'ValueEqual.Object',
        'if (!Is.Object(right)) return false\nconst names = globalThis.Object.keys(left)\nreturn names.length === globalThis.Object.keys(right).length && names.every((name) => Equal(left[name], right[name]))',
      ),
    ],
    wrong,
  ),
  on(
    'pointer-unescaped-twice',
    'untested branch',
    'refused',
    '~01 was ~1 and becomes /',
    [
      body(
        'src/value/pointer.ts',
        'ValuePointer.Escape',
        "return component.replace(/~0/g, '~').replace(/~1/g, '/')",
      ),
    ],
    wrong,
  ),
  on(
    'clone-error',
    'thrown error',
    'refused',
    'what cannot be cloned was an error and comes back as it is',
    [
      body(
        clone,
        'ValueClone.Clone',
        'if (Is.Object(value)) return Object(value)\nif (Is.Array(value)) return Array(value)\nif (Is.TypedArray(value)) return TypedArray(value)\nreturn Value(value as any)',
      ),
    ],
    wrong,
  ),
];
