/** Patches on loopback-datasource-juggler: untyped JavaScript, a suite of two thousand tests. */
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
  const repository = 'loopback-datasource-juggler';
  return { name: `juggler-${name}`, repository, kind, expect, why, edits, ...more };
}

const utils = 'lib/utils.js';
const wrong: Partial<PatchCase> = { gates: ['tests', 'equivalence'], claimsGain: false };

const uniqWorkload = `
export const entry = 'lib/utils.js';
export const sizes = [100, 5000];
export function setup(module, { size, variant }) {
  const ids = Array.from({ length: size }, (_, index) => (index * 7 + variant) % size);
  return { module, ids };
}
export function run({ module, ids }) {
  return module.uniq(ids);
}
`;

const uniqBody = (condition: string): string => `
const unique = [];
if (!a) return unique;
assert(Array.isArray(a), 'array argument is required');
const seen = new Set();
a.forEach(item => {
  const key = item.hasOwnProperty('_bsontype') ? item.toString() : item;
  if (${condition}) return;
  seen.add(key);
  unique.push(item);
});
return unique;`;

export const onJuggler: readonly PatchCase[] = [
  on(
    'uniq-set',
    'good',
    'accepted',
    'a set, and NaN is dropped as before',
    [body(utils, 'uniq', uniqBody('key !== key || seen.has(key)'))],
    { workload: uniqWorkload },
  ),
  on(
    'ids-equal-order',
    'good',
    'accepted',
    'the same three questions in one expression, without a claim',
    [
      body(
        utils,
        'idEquals',
        `
if (id1 === id2) return true;
const kinds = [typeof id1, typeof id2].sort().join();
if (kinds === 'number,string') return id1 == id2;
return JSON.stringify(id1) === JSON.stringify(id2);`,
      ),
    ],
    { claimsGain: false },
  ),
  on(
    'uniq-keeps-nan',
    'NaN',
    'refused',
    'indexOf never finds NaN: it was dropped',
    [body(utils, 'uniq', uniqBody('seen.has(key)'))],
    wrong,
  ),
  on(
    'sort-last-id',
    'duplicates',
    'refused',
    'of an id that is given twice the first place counted',
    [
      body(
        utils,
        'sortObjectsByIds',
        `
const places = new Map();
ids.forEach((id, at) => places.set(typeof id === 'object' ? String(id) : id, at));
const placeOf = x => {
  const id = typeof x[idName] === 'object' ? String(x[idName]) : x[idName];
  return places.has(id) ? places.get(id) : -1;
};
const known = objects.filter(x => typeof x === 'object' && placeOf(x) !== -1);
const others = strict ? [] : objects.filter(x => typeof x === 'object' && placeOf(x) === -1);
known.sort((x, y) => placeOf(x) - placeOf(y));
return known.concat(others);`,
      ),
    ],
    wrong,
  ),
  on(
    'pattern-copied',
    'identity',
    'refused',
    'a pattern came back as it was given, with its lastIndex',
    [first(utils, 'toRegExp', 'if (regex instanceof RegExp) return new RegExp(regex);')],
    wrong,
  ),
  on(
    'index-from-end',
    'order',
    'refused',
    'the lowest index was answered',
    [
      body(
        utils,
        'findIndexOf',
        `
if (!isEqual) return arr.indexOf(target);
let at = arr.length - 1;
while (at >= 0 && !isEqual(arr[at], target)) at--;
return at;`,
      ),
    ],
    wrong,
  ),
  on(
    'ids-emptied',
    'mutated input',
    'refused',
    "the caller's list is emptied",
    [
      body(
        utils,
        'collectTargetIds',
        'const ids = [];\nwhile (targetData.length > 0) ids.push(targetData.shift()[idPropertyName]);\nreturn {inq: uniq(ids)};',
      ),
    ],
    wrong,
  ),
  on(
    'slower',
    'slower',
    'refused',
    'each answer is checked against all others',
    [
      body(
        utils,
        'uniq',
        `
if (!a) return [];
assert(Array.isArray(a), 'array argument is required');
const keys = a.map(item => (item.hasOwnProperty('_bsontype') ? item.toString() : item));
return a.filter((item, at) => keys.slice().indexOf(keys[at]) === at);`,
      ),
    ],
    { gates: ['performance', 'equivalence'], workload: uniqWorkload },
  ),
];
