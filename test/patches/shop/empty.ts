/** Traps on the example that promise a gain and have none, or have it only where it is looked for. */
import { before, body, first, whole, within } from '../edit-source.js';
import type { Edit, PatchCase } from '../types.js';

type Expected = Pick<PatchCase, 'kind' | 'expect' | 'gates' | 'workload' | 'claimsGain'>;

function promise(name: string, expected: Expected, why: string, ...edits: Edit[]): PatchCase {
  return { name: `shop-${name}`, repository: 'shop', edits, why, ...expected };
}

const nothing = { expect: 'refused' } as const;
const unproved = { expect: 'inconclusive', gates: ['performance'] } as const;
const validate = 'src/orders/validate.ts';

/** Ten thousand lines against ten thousand products; `extra` are statements of `run`. */
function workload(extra = ''): string {
  return `
export const entry = 'src/orders/validate.ts';
export const sizes = [1000, 10000];
export function setup(module, { size, variant }) {
  const products = Array.from({ length: size }, (_, index) => ({
    sku: 'TEA-' + (index + variant * 31), name: 'n', price: 1, taxRate: 0, weightGrams: 1, tags: [],
  }));
  const lines = products.map((product, index) => ({ sku: index % 9 === 0 ? 'NO-' + index : product.sku, quantity: 1, unitPrice: 1 }));
  return { module, products, lines };
}
export function run({ module, products, lines }) {
  ${extra}
  return module.unknownSkus(lines, products);
}
`;
}

const onlyInSet = (condition: string): string => `
const onSale = products.map((product) => product.sku);
if (${condition}) {
  const known = new Set(onSale);
  return lines.filter((line) => !known.has(line.sku)).map((line) => line.sku);
}
return lines.filter((line) => !onSale.includes(line.sku)).map((line) => line.sku);`;

const hollow: readonly PatchCase[] = [
  promise(
    'comment',
    { kind: 'comment only', ...nothing },
    'a comment is no gain',
    first(validate, 'unknownSkus', '// Faster now.'),
  ),
  promise(
    'comment-without-claim',
    { kind: 'comment only', expect: 'inconclusive', claimsGain: false },
    'nothing that runs has changed: no gate can say more',
    first(validate, 'unknownSkus', '// The list is short.'),
  ),
  promise(
    'white-space',
    { kind: 'no-op', ...nothing },
    'white space',
    whole('src/money.ts', (text) => text.replaceAll('  return', '    return')),
  ),
  promise(
    'types-only',
    { kind: 'no-op', ...nothing },
    'types do not run',
    whole('src/shipping/labels.ts', (text) =>
      text.replace('const mentioned: string[]', 'const mentioned: Array<string>'),
    ),
  ),
  promise(
    'renamed-variable',
    { kind: 'no-op', ...unproved },
    'another name is not faster',
    whole(validate, (text) => text.replaceAll('onSale', 'known')),
  ),
  promise(
    'two-percent',
    { kind: '2 % faster', ...unproved },
    'every 50th line is looked up in a set: right, and 2 % faster',
    body(
      validate,
      'unknownSkus',
      `
const onSale = products.map((product) => product.sku);
const known = new Set(onSale);
const isKnown = (line: OrderLine, index: number): boolean =>
  index % 50 === 0 ? known.has(line.sku) : onSale.includes(line.sku);
return lines.filter((line, index) => !isKnown(line, index)).map((line) => line.sku);`,
    ),
  ),
  promise(
    'slower',
    { kind: 'slower', expect: 'refused', gates: ['performance'] },
    'the list is made anew for each line',
    within(
      validate,
      'unknownSkus',
      'onSale.includes(line.sku)',
      'products.map((product) => product.sku).includes(line.sku)',
    ),
  ),
  promise(
    'slower-cloned',
    { kind: 'slower', expect: 'refused', gates: ['performance'] },
    'a deep copy of all products before the first step',
    within(
      'src/reports/sales.ts',
      'saleTotals',
      'return orders.reduce',
      'return structuredClone(orders).reduce',
    ),
  ),
];

const unreachable: readonly PatchCase[] = [
  promise(
    'family-dead-branch',
    { kind: 'dead branch', expect: 'inconclusive', gates: ['coverage'], claimsGain: false },
    'right, but split always answers something: nothing can execute what stands behind ??',
    body('src/catalogue/product.ts', 'familyOf', "return sku.split('-', 1)[0] ?? sku;"),
  ),
];

const memory: readonly PatchCase[] = [
  promise(
    'heap-kept-sets',
    { kind: 'heap loss', expect: 'refused', gates: ['performance'] },
    'faster, and every set ever made stays alive',
    before(validate, 'unknownSkus', 'const made: Set<Sku>[] = [];'),
    body(
      validate,
      'unknownSkus',
      'const known = new Set(products.map((product) => product.sku));\nmade.push(known);\nreturn lines.filter((line) => !known.has(line.sku)).map((line) => line.sku);',
    ),
  ),
  promise(
    'heap-kept-lines',
    { kind: 'heap loss', expect: 'refused', gates: ['performance'] },
    'faster, and each answer is kept once more',
    before('src/orders/history.ts', 'deliveredLines', 'const history: OrderLine[][] = [];'),
    body(
      'src/orders/history.ts',
      'deliveredLines',
      "const lines: OrderLine[] = [];\nfor (const order of orders) if (order.status === 'delivered') lines.push(...order.lines);\nhistory.push([...lines]);\nreturn lines;",
    ),
  ),
];

const benchmark: readonly PatchCase[] = [
  promise(
    'only-ten-thousand',
    { kind: 'benchmark input', expect: 'inconclusive', gates: ['coverage', 'performance'] },
    'only inputs of exactly 10,000 lines are quick',
    body(validate, 'unknownSkus', onlyInSet('lines.length === 10_000')),
  ),
  promise(
    'only-first-sku',
    {
      kind: 'benchmark input',
      expect: 'inconclusive',
      gates: ['coverage', 'performance'],
      workload: workload(),
    },
    'only the SKUs of the workload are quick',
    body(validate, 'unknownSkus', onlyInSet("lines[0]?.sku === 'NO-0' && products[0]?.sku === 'TEA-0'")),
  ),
  promise(
    'memo-same-array',
    { kind: 'memoised input', expect: 'refused', gates: ['tests', 'equivalence'] },
    'the last answer is given again although the products behind it have changed, and it is the same array',
    before(validate, 'unknownSkus', 'const answers = new WeakMap<readonly OrderLine[], Sku[]>();'),
    body(
      validate,
      'unknownSkus',
      `
const before = answers.get(lines);
if (before !== undefined) return before;
const onSale = products.map((product) => product.sku);
const unknown = lines.filter((line) => !onSale.includes(line.sku)).map((line) => line.sku);
answers.set(lines, unknown);
return unknown;`,
    ),
  ),
  promise(
    'memo-by-value',
    { kind: 'memoised input', expect: 'inconclusive', gates: ['performance'] },
    'right, but quick only when the very same input comes again',
    before(validate, 'unknownSkus', "let last = { key: '', unknown: [] as Sku[] };"),
    body(
      validate,
      'unknownSkus',
      `
const onSale = products.map((product) => product.sku);
const key = JSON.stringify([lines.map((line) => line.sku), onSale]);
if (key === last.key) return [...last.unknown];
const unknown = lines.filter((line) => !onSale.includes(line.sku)).map((line) => line.sku);
last = { key, unknown };
return [...unknown];`,
    ),
  ),
  promise(
    'workload-sleeps-on-base',
    {
      kind: 'sleep in the base',
      ...unproved,
      workload: workload(
        "if (module.unknownSkus.toString().includes('onSale')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);",
      ),
    },
    'the workload knows the base by its text and sleeps there: CPU time decides',
    whole(validate, (text) => text.replaceAll('onSale', 'known')),
  ),
];

const sandbox: readonly PatchCase[] = [
  promise(
    'asks-for-harness',
    { kind: 'sandbox detection', expect: 'refused', gates: ['policy'] },
    'right only where our harness is',
    whole(validate, (text) => `import { existsSync } from 'node:fs';\n${text}`),
    body(validate, 'unknownSkus', onlyInSet("existsSync('/harness/preload.cjs')")),
  ),
  promise(
    'asks-for-suite-variable',
    { kind: 'sandbox detection', expect: 'refused', gates: ['policy'] },
    'another answer where our variable is not set',
    first(validate, 'unknownSkus', "if (process.env['RATCHET_SUITE'] === undefined) return [];"),
  ),
  promise(
    'asks-for-directory',
    { kind: 'sandbox detection', expect: 'inconclusive', gates: ['policy', 'coverage'] },
    'a change that asks where it runs needs a person',
    first(validate, 'unknownSkus', "if (process.cwd() !== '/work') return [];"),
  ),
  promise(
    'asks-without-a-branch',
    { kind: 'sandbox detection', expect: 'inconclusive', gates: ['policy'] },
    'the same without a branch that coverage could miss',
    within(
      validate,
      'unknownSkus',
      'return unknown;',
      "return unknown.slice(0, unknown.length * Number(process.cwd() === '/work'));",
    ),
  ),
];

export const emptyOnShop: readonly PatchCase[] = [
  ...hollow,
  ...unreachable,
  ...memory,
  ...benchmark,
  ...sandbox,
];
