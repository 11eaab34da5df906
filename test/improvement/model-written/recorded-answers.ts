/**
 * Recorded answers: what models write when they are asked for one function, good, subtly wrong, malformed and hostile,
 * with the outcome that each must have. `gates` means: nothing against it by shape, so the gates were asked.
 */
import { before, fence, good, head, slots, type Recorded } from './recorded-parts.js';
import { refused } from './recorded-refused.js';

const fine: readonly Recorded[] = [
  {
    name: 'a Set instead of the list',
    at: 'assignSlots',
    end: 'gates',
    code: slots(good),
    writes: 'new Set(blocked)',
  },
  {
    name: 'the same in a fence',
    at: 'assignSlots',
    end: 'gates',
    code: `${fence}typescript\n${slots(good)}\n${fence}`,
  },
  {
    name: 'prose around a fence',
    at: 'assignSlots',
    end: 'gates',
    code: `Here it is:\n${fence}ts\n${slots(good)}\n${fence}\nIt is faster.`,
  },
  {
    name: 'export forgotten',
    at: 'assignSlots',
    end: 'gates',
    code: slots(good).replace('export ', ''),
    mended: /export put back/,
    writes: head,
  },
  {
    name: 'types of the signature forgotten',
    at: 'assignSlots',
    end: 'gates',
    code: slots(good).replace(head, 'function assignSlots(wishes, blocked) {'),
    mended: /types of parameters put back/,
    writes: head,
  },
  {
    name: 'another spacing of the signature',
    at: 'assignSlots',
    end: 'gates',
    code: slots(good)
      .replace('(wishes: readonly', '(\n  wishes: readonly')
      .replace('blocked: readonly Slot[])', 'blocked: readonly Slot[],\n)'),
  },
  {
    name: 'a comment of its own',
    at: 'assignSlots',
    end: 'gates',
    code: before('// constant time'),
    mended: /1 comments of the model taken out/,
    writes: `${head}\n  const taken = new Set(blocked);\n  const assigned`,
  },
  {
    name: 'a documentation comment before it',
    at: 'assignSlots',
    end: 'gates',
    code: `/** Faster. */\n${slots(good)}`,
    writes: `where nothing is left.\n */\n${head}`,
  },
  {
    name: 'a helper inside',
    at: 'assignSlots',
    end: 'gates',
    code: before('const free = (one: Slot): boolean => !taken.has(one);'),
  },
  {
    name: 'an arrow with a block instead of an expression',
    at: 'common',
    end: 'gates',
    code: 'export const common = (left: string[], right: string[]): string[] => {\n  const known = new Set(right);\n  return left.filter((name) => known.has(name));\n};',
    writes: 'string[] => {\n  const known',
  },
  {
    name: 'a method',
    at: 'addAll',
    end: 'gates',
    code: 'addAll(names: readonly string[]): number {\n  const known = new Set(this.#names);\n  for (const name of names) {\n    if (!known.has(name) && this.#names.length < limit) {\n      known.add(name);\n      this.#names.push(name);\n    }\n  }\n  return rounded(this.#names.length);\n}',
    writes: '  addAll(names: readonly string[]): number {\n    const known = new Set(this.#names);',
  },
  {
    name: 'an assigned function of CommonJS',
    at: 'grouped',
    end: 'gates',
    code: 'exports.grouped = function (rows, keys) {\n  const lists = new Map();\n  for (const row of rows) lists.set(row.key, [...(lists.get(row.key) ?? []), row]);\n  return keys.map((key) => lists.get(key) ?? []);\n};',
  },
  {
    name: 'a property of an object',
    at: 'widest',
    end: 'gates',
    code: 'widest: function (rows) {\n  return rows.reduce((best, row) => { const width = util.width(row); return width > best ? width : best; }, 0);\n},',
  },
  {
    name: 'an async function in parallel: other order of effects, for the gates to see',
    at: 'pricesOf',
    end: 'gates',
    code: 'export async function pricesOf(names: string[], ask: (name: string) => Promise<number>): Promise<number[]> {\n  return Promise.all(names.map((name) => ask(name)));\n}',
  },
  {
    name: 'drops duplicates: right by shape, for the gates to see',
    at: 'common',
    end: 'gates',
    code: 'export const common = (left: string[], right: string[]): string[] => {\n  const known = new Set(right);\n  return [...new Set(left)].filter((name) => known.has(name));\n};',
  },
  {
    name: 'a loop that ends by return',
    at: 'eveningVan',
    end: 'gates',
    code: 'export function eveningVan(countries: readonly string[]): number {\n  const van = new Set<string>(neighbours);\n  let [at, parcels] = [0, 0];\n  while (true) {\n    const country = countries[at];\n    if (country === undefined) return parcels;\n    if (van.has(country)) parcels += 1;\n    at += 1;\n  }\n}',
  },
];

const malformed: readonly Recorded[] = [
  {
    name: 'prose',
    at: 'assignSlots',
    end: 'no-answer',
    raw: 'You should use a Set here, because it is faster.',
    says: /form/,
  },
  {
    name: 'prose as code',
    at: 'assignSlots',
    end: 'does-not-parse',
    code: 'Replace the array by a Set and call has.',
  },
  { name: 'nothing', at: 'assignSlots', end: 'no-answer', raw: ' ' },
  {
    name: 'JSON that stops in the middle',
    at: 'assignSlots',
    end: 'no-answer',
    raw: '{"reason": "a Set", "code": "export function assign',
  },
  { name: 'JSON of another form', at: 'assignSlots', end: 'no-answer', raw: '{"answer": 42}' },
  { name: 'an array of answers', at: 'assignSlots', end: 'no-answer', raw: '[]' },
  { name: 'empty code', at: 'assignSlots', end: 'no-answer', code: '', says: /no code/ },
  {
    name: 'code that is the word typescript',
    at: 'assignSlots',
    end: 'other-declaration',
    code: 'typescript',
  },
  {
    name: 'half a function',
    at: 'assignSlots',
    end: 'does-not-parse',
    code: slots(good).slice(0, 240),
    says: /Line \d+/,
  },
  { name: 'the body alone', at: 'assignSlots', end: 'does-not-parse', code: good },
  { name: 'one brace too many', at: 'assignSlots', end: 'does-not-parse', code: `${slots(good)}\n}` },
  {
    name: 'an ellipsis for the rest',
    at: 'assignSlots',
    end: 'does-not-parse',
    code: slots('  const taken = new Set(blocked);\n  ...\n}'),
  },
  {
    name: 'a diff',
    at: 'assignSlots',
    end: 'does-not-parse',
    code: '-  const taken = [...blocked];\n+  const taken = new Set(blocked);',
  },
  {
    name: 'types in a JavaScript file',
    at: 'grouped',
    end: 'does-not-parse',
    code: 'exports.grouped = function (rows: Row[], keys: string[]) {\n  return [];\n};',
  },
  {
    name: 'ten thousand lines',
    at: 'assignSlots',
    end: 'too-long',
    code: slots(`${'  void 0;\n'.repeat(10_000)}${good}`),
  },
  {
    name: 'a very long line',
    at: 'assignSlots',
    end: 'too-long',
    code: before(`const padding = '${'x'.repeat(30_000)}';`),
  },
];

export const recorded: readonly Recorded[] = [...fine, ...malformed, ...refused];
