/** Traps on the example that give another value. The suite does not see most of them. */
import { body, within } from '../edit-source.js';
import type { PatchCase } from '../types.js';
import { wrong } from './wrong-case.js';

const values: readonly PatchCase[] = [
  wrong(
    'NaN',
    'readings-set',
    ['tests', 'equivalence'],
    'a set finds NaN, indexOf does not: failed readings are lost',
    body(
      'src/inventory/readings.ts',
      'newReadings',
      'const known = new Set(logged);\nreturn readings.filter((reading) => !known.has(reading));',
    ),
  ),
  wrong(
    'NaN',
    'failures-includes',
    ['equivalence'],
    'Infinity counts as a failure too',
    body(
      'src/inventory/readings.ts',
      'failures',
      'return readings.filter((reading) => !Number.isFinite(reading)).length;',
    ),
  ),
  wrong(
    '−0',
    'round-floor',
    ['equivalence'],
    'Math.round(-0) is -0, Math.floor(-0 + 0.5) is 0; 0.49999999999999994 becomes 1',
    within('src/money.ts', 'roundPence', ': Math.round(amount)', ': Math.floor(amount + 0.5)'),
  ),
  wrong(
    '−0',
    'sum-from-first',
    ['equivalence'],
    'the sum of [-0] was 0 and becomes -0',
    body(
      'src/money.ts',
      'sum',
      'let total = amounts[0] ?? 0;\nfor (let index = 1; index < amounts.length; index += 1) total += amounts[index] ?? 0;\nreturn total;',
    ),
  ),
  wrong(
    'duplicates',
    'prices-last-wins',
    ['tests', 'equivalence'],
    'of two entries for one SKU the first counts, here the last',
    body(
      'src/catalogue/price-list.ts',
      'applyAgreedPrices',
      'const prices = new Map(agreed.map((entry) => [entry.sku, entry.price]));\nreturn products.map((product) => {\n  const price = prices.get(product.sku);\n  return price === undefined ? product : { ...product, price };\n});',
    ),
  ),
  wrong(
    'duplicates',
    'postcodes-once',
    ['equivalence'],
    'a postcode that is given twice was named twice',
    within('src/shipping/labels.ts', 'mentionedPostcodes', 'of postcodes)', 'of new Set(postcodes))'),
  ),
  wrong(
    'own __proto__',
    'tags-assigned',
    ['tests', 'equivalence'],
    'assigning __proto__ sets the prototype and makes no key',
    within(
      'src/reports/tags.ts',
      'countTags',
      `return [...counts].reduce<Record<string, number>>(
    (table, [tag, count]) => ({ ...table, [tag]: count }),
    {},
  );`,
      'const table: Record<string, number> = {};\n  for (const [tag, count] of counts) table[tag] = count;\n  return table;',
    ),
  ),
  wrong(
    'own __proto__',
    'prices-assigned',
    ['equivalence'],
    'the suite tries no SKU that is named __proto__',
    body(
      'src/reports/sales.ts',
      'priceIndex',
      'const index: Record<Sku, Pence> = {};\nfor (const product of products) index[product.sku] = product.price;\nreturn index;',
    ),
  ),
];

const branches: readonly PatchCase[] = [
  wrong(
    'untested branch',
    'quantity-999',
    ['equivalence'],
    'a quantity of exactly 999 was fine; the suite tries 1000 only',
    within('src/orders/validate.ts', 'problemOf', 'line.quantity > 999', 'line.quantity >= 999'),
  ),
  wrong(
    'untested branch',
    'discount-above-subtotal',
    ['equivalence'],
    'a discount never exceeds the subtotal; no test has one that would',
    within(
      'src/pricing/discounts.ts',
      'bestDiscount',
      'Math.min(subtotal, discount.amount(lines, subtotal))',
      'discount.amount(lines, subtotal)',
    ),
  ),
  wrong(
    'untested branch',
    'weight-not-a-number',
    ['equivalence'],
    'a weight that is no number was 0 and becomes NaN',
    within('src/catalogue/import.ts', 'importProducts', 'Number(grams) || 0', 'Number(grams)'),
  ),
  wrong(
    'untested branch',
    'stock-of-nothing',
    ['equivalence'],
    'a shelf exactly at its minimum was not reordered',
    within(
      'src/inventory/reorder.ts',
      'toReorder',
      'shelf.level < shelf.minimum',
      'shelf.level <= shelf.minimum',
    ),
  ),
];

export const wrongValuesOnShop: readonly PatchCase[] = [...values, ...branches];
