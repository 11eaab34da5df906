/** Traps on the example that are wrong by size, by order, on the second call, or for whoever shares their arrays. */
import { before, body, first, within } from '../edit-source.js';
import type { PatchCase } from '../types.js';
import { wrong } from './wrong-case.js';

const sizes: readonly PatchCase[] = [
  wrong(
    'size 16',
    'label-sixteen-lines',
    ['equivalence'],
    'an address of more than 16 lines loses some',
    within('src/shipping/labels.ts', 'labelFor', '...address.lines,', '...address.lines.slice(0, 16),'),
  ),
  wrong(
    'size 256',
    'shadowed-256',
    ['equivalence'],
    'beyond 256 entries nothing is reported any more',
    body(
      'src/catalogue/price-list.ts',
      'shadowedEntries',
      'const seen = new Set<Sku>();\nreturn agreed.filter((entry) => {\n  if (seen.has(entry.sku)) return true;\n  if (seen.size < 256) seen.add(entry.sku);\n  return false;\n});',
    ),
  ),
  wrong(
    'size 65536',
    'fill-65536',
    ['equivalence'],
    'marks beyond the 65,536th character stay unfilled',
    body(
      'src/notifications/template.ts',
      'fill',
      'const head = template.slice(0, 65_536);\nconst filled = head.replace(/\\{(\\w+)\\}/g, (mark, name: string) =>\n  Object.hasOwn(values, name) ? (values[name] ?? mark) : mark,\n);\nreturn filled + template.slice(65_536);',
    ),
  ),
];

const state: readonly PatchCase[] = [
  wrong(
    'second call',
    'marks-global-pattern',
    ['tests', 'equivalence'],
    'a shared global pattern remembers where it stopped',
    before(
      'src/notifications/template.ts',
      'firstMarks',
      "const sharedMark = new RegExp('[{]([a-z]+)[}]', 'g');",
    ),
    within('src/notifications/template.ts', 'firstMarks', "new RegExp('[{]([a-z]+)[}]', 'g')", 'sharedMark'),
  ),
  wrong(
    'second call',
    'rank-kept',
    ['equivalence'],
    'the second call with as many products gets the first answer',
    before(
      'src/reports/tags.ts',
      'rankTags',
      'let kept: { readonly count: number; readonly tags: string[] } | null = null;',
    ),
    body(
      'src/reports/tags.ts',
      'rankTags',
      `
if (kept?.count === products.length) return [...kept.tags];
const tags = Object.entries(countTags(products))
  .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
  .map(([tag]) => tag);
kept = { count: products.length, tags };
return [...tags];`,
    ),
  ),
  wrong(
    'mutated input',
    'revenue-shift',
    ['equivalence'],
    "the caller's array is emptied",
    within(
      'src/reports/sales.ts',
      'revenueByMonth',
      'for (const order of orders) {',
      'const rest = orders as Order[];\n  for (let order = rest.shift(); order !== undefined; order = rest.shift()) {',
    ),
  ),
  wrong(
    'mutated input',
    'statement-sorts',
    ['equivalence'],
    "the caller's orders are sorted in place",
    first(
      'src/reports/statement.ts',
      'statement',
      '(orders as Order[]).sort((a, b) => (a.id < b.id ? -1 : 1));',
    ),
  ),
  wrong(
    'identity',
    'lines-of-one-order',
    ['equivalence'],
    "with one order the caller gets the order's own array",
    first(
      'src/orders/history.ts',
      'deliveredLines',
      "const [only] = orders;\nif (orders.length === 1 && only?.status === 'delivered') return only.lines as OrderLine[];",
    ),
  ),
  wrong(
    'identity',
    'prices-same-array',
    ['equivalence'],
    'without agreed prices the caller gets its own array back',
    first(
      'src/catalogue/price-list.ts',
      'applyAgreedPrices',
      'if (agreed.length === 0) return products as Product[];',
    ),
  ),
  wrong(
    'identity',
    'catalogue-kept-list',
    ['equivalence'],
    'every caller of all() gets the same array and may change it for the others',
    before('src/catalogue/catalogue.ts', 'Catalogue.all', '#all: Product[] | null = null;'),
    body(
      'src/catalogue/catalogue.ts',
      'Catalogue.all',
      'this.#all ??= [...this.#products.values()];\nreturn this.#all;',
    ),
  ),
  wrong(
    'order',
    'best-sellers-ties',
    ['equivalence'],
    'ties were in the order of the SKU',
    within('src/orders/history.ts', 'bestSellers', ' || (a < b ? -1 : 1)', ''),
    within('src/orders/history.ts', 'bestSellers', '[a, many], [b, more]', '[, many], [, more]'),
  ),
  wrong(
    'order',
    'months-unsorted',
    ['equivalence'],
    'months came in order, here as the orders come',
    within(
      'src/reports/sales.ts',
      'revenueByMonth',
      'new Map([...months].sort(([a], [b]) => (a < b ? -1 : 1)))',
      'months',
    ),
  ),
  wrong(
    'thrown error',
    'catalogue-message',
    ['equivalence'],
    'the message that callers show has changed',
    within(
      'src/catalogue/catalogue.ts',
      'Catalogue.get',
      '`There is no product ${sku}.`, [sku]',
      "'Unknown product.', [sku]",
    ),
  ),
  wrong(
    'thrown error',
    'move-to-returns',
    ['equivalence'],
    'an order that stays as it is was an error',
    first('src/orders/order.ts', 'moveTo', 'if (order.status === status) return order;'),
  ),
  wrong(
    'non-deterministic',
    'best-sellers-random-ties',
    ['equivalence'],
    'ties are drawn by lot',
    within(
      'src/orders/history.ts',
      'bestSellers',
      '(a < b ? -1 : 1)',
      '(a < b === Math.random() < 0.5 ? -1 : 1)',
    ),
  ),
];

export const wrongStateOnShop: readonly PatchCase[] = [...sizes, ...state];
