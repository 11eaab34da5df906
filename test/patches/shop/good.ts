/** Good patches on the example: faster ones that claim a gain, and rewrites that claim none. */
import { before, body, whole, within } from '../edit-source.js';
import type { Edit, PatchCase } from '../types.js';

const faster = (name: string, why: string, ...edits: Edit[]): PatchCase => ({
  name: `shop-${name}`,
  repository: 'shop',
  kind: 'good',
  expect: 'accepted',
  edits,
  why,
});

const rewrite = (name: string, why: string, ...edits: Edit[]): PatchCase => ({
  ...faster(name, why, ...edits),
  claimsGain: false,
});

const gains: readonly PatchCase[] = [
  faster(
    'unknown-skus-set',
    'a set of strings answers what includes answers',
    within(
      'src/orders/validate.ts',
      'unknownSkus',
      'products.map((product) => product.sku)',
      'new Set(products.map((product) => product.sku))',
    ),
    within('src/orders/validate.ts', 'unknownSkus', 'onSale.includes', 'onSale.has'),
  ),
  faster(
    'agreed-prices-map',
    'the first entry still wins',
    body(
      'src/catalogue/price-list.ts',
      'applyAgreedPrices',
      `
const first = new Map<Sku, AgreedPrice>();
for (const entry of agreed) if (!first.has(entry.sku)) first.set(entry.sku, entry);
return products.map((product) => {
  const entry = first.get(product.sku);
  return entry === undefined ? product : { ...product, price: entry.price };
});`,
    ),
  ),
  faster(
    'price-index-entries',
    'fromEntries defines own properties like the spread, also __proto__',
    body(
      'src/reports/sales.ts',
      'priceIndex',
      'return Object.fromEntries(products.map((product) => [product.sku, product.price]));',
    ),
  ),
  faster(
    'sale-totals-push',
    'push in the place of a copied array',
    body(
      'src/reports/sales.ts',
      'saleTotals',
      `
const totals: Pence[] = [];
for (const order of orders) {
  if (order.status !== 'cancelled' && order.status !== 'draft') totals.push(orderTotal(order));
}
return totals;`,
    ),
  ),
  faster(
    'delivered-lines-push',
    'push in the place of concat',
    body(
      'src/orders/history.ts',
      'deliveredLines',
      `
const lines: OrderLine[] = [];
for (const order of orders) {
  if (order.status !== 'delivered') continue;
  for (const line of order.lines) lines.push(line);
}
return lines;`,
    ),
  ),
  faster(
    'count-tags-entries',
    'fromEntries keeps __proto__ an own key',
    within(
      'src/reports/tags.ts',
      'countTags',
      `[...counts].reduce<Record<string, number>>(
    (table, [tag, count]) => ({ ...table, [tag]: count }),
    {},
  )`,
      'Object.fromEntries(counts)',
    ),
  ),
  faster(
    'order-rows-map',
    'the first customer with a number counts, as with find',
    within(
      'src/orders/enrich.ts',
      'orderRows',
      'const rows: OrderRow[] = [];',
      `const byId = new Map<string, Customer>();
  for (const customer of customers) if (!byId.has(customer.id)) byId.set(customer.id, customer);
  const rows: OrderRow[] = [];`,
    ),
    within(
      'src/orders/enrich.ts',
      'orderRows',
      'customers.find((candidate) => candidate.id === order.customerId)',
      'byId.get(order.customerId)',
    ),
  ),
  faster(
    'reorder-set',
    'a set of strings answers what some answers',
    body(
      'src/inventory/reorder.ts',
      'toReorder',
      `
const coming = new Set(deliveries.map((delivery) => delivery.sku));
return shelves
  .filter((shelf) => shelf.level < shelf.minimum && !coming.has(shelf.sku))
  .map((shelf) => shelf.sku);`,
    ),
  ),
  faster(
    'slots-set',
    'the set grows with what is given away',
    body(
      'src/inventory/reservations.ts',
      'assignSlots',
      `
const taken = new Set(blocked);
const assigned: (Slot | null)[] = [];
for (const wish of wishes) {
  const slot = wish.find((candidate) => !taken.has(candidate)) ?? null;
  if (slot !== null) taken.add(slot);
  assigned.push(slot);
}
return assigned;`,
    ),
  ),
  faster(
    'statement-formats-hoisted',
    'formats without state, made once',
    before(
      'src/reports/statement.ts',
      'statement',
      `
const money = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' });
const day = new Intl.DateTimeFormat('en-GB', {
  day: '2-digit',
  month: 'short',
  year: 'numeric',
  timeZone: 'UTC',
});
const dayOf = (date: Date): string => (Number.isNaN(date.getTime()) ? 'Invalid Date' : day.format(date));`,
    ),
    body(
      'src/reports/statement.ts',
      'statement',
      `
const lines = orders.map(
  (order) =>
    \`\${dayOf(new Date(order.placedAt))}  \${order.id}  \${money.format(orderTotal(order) / 100)}\`,
);
lines.push(\`total  \${money.format(sum(orders.map(orderTotal)) / 100)}\`);
return lines;`,
    ),
  ),
  faster(
    'import-patterns-hoisted',
    'patterns without flags have no state',
    before(
      'src/catalogue/import.ts',
      'selectRows',
      'const skuPattern = /^[A-Z]{2,5}-[0-9]{4}$/;\nconst pricePattern = /^[0-9]+([.][0-9]{1,2})?$/;',
    ),
    within('src/catalogue/import.ts', 'selectRows', "new RegExp('^[A-Z]{2,5}-[0-9]{4}$')", 'skuPattern'),
    within('src/catalogue/import.ts', 'selectRows', "new RegExp('^[0-9]+([.][0-9]{1,2})?$')", 'pricePattern'),
  ),
  faster(
    'readings-set-without-nan',
    'a set, and NaN is kept as indexOf never finds it',
    body(
      'src/inventory/readings.ts',
      'newReadings',
      `
const known = new Set(logged);
return readings.filter((reading) => Number.isNaN(reading) || !known.has(reading));`,
    ),
  ),
];

const rewrites: readonly PatchCase[] = [
  rewrite(
    'revenue-named-condition',
    'the same condition under a name',
    before(
      'src/reports/sales.ts',
      'revenueByMonth',
      "function isSale(order: Order): boolean {\n  return order.status !== 'cancelled' && order.status !== 'draft';\n}",
    ),
    within(
      'src/reports/sales.ts',
      'revenueByMonth',
      "order.status === 'cancelled' || order.status === 'draft'",
      '!isSale(order)',
    ),
  ),
  rewrite(
    'label-loop',
    'the same steps as a loop',
    body(
      'src/shipping/labels.ts',
      'labelFor',
      `
const kept: string[] = [];
for (const line of [address.name, ...address.lines, address.postcode, address.country]) {
  const text = line.trim().toUpperCase();
  if (text !== '') kept.push(text);
}
return kept.join('\\n');`,
    ),
  ),
  rewrite(
    'shadowed-loop',
    'the same answer with a loop',
    body(
      'src/catalogue/price-list.ts',
      'shadowedEntries',
      `
const seen = new Set<Sku>();
const shadowed: AgreedPrice[] = [];
for (const entry of agreed) {
  if (seen.has(entry.sku)) shadowed.push(entry);
  else seen.add(entry.sku);
}
return shadowed;`,
    ),
  ),
  rewrite(
    'zone-includes',
    'widening the tuple is no change at run time',
    body(
      'src/shipping/zones.ts',
      'zoneOf',
      `
if (country === 'GB') return 'home';
const near: readonly string[] = neighbours;
return near.includes(country) ? 'near' : 'far';`,
    ),
  ),
  rewrite(
    'best-sellers-named-order',
    'the comparator under a name',
    before(
      'src/orders/history.ts',
      'bestSellers',
      'function mostFirst([a, many]: [Sku, number], [b, more]: [Sku, number]): number {\n  return more - many || (a < b ? -1 : 1);\n}',
    ),
    within(
      'src/orders/history.ts',
      'bestSellers',
      '([a, many], [b, more]) => more - many || (a < b ? -1 : 1)',
      'mostFirst',
    ),
  ),
  rewrite(
    'family-split',
    'the text before the first dash, or all of it',
    body('src/catalogue/product.ts', 'familyOf', "return sku.split('-', 1).join('');"),
  ),
  rewrite(
    'new-helper-file',
    'a new file next to the old ones is allowed',
    (tree) =>
      tree.write(
        'src/reports/months.ts',
        '/** "2026-03" of an ISO date. */\nexport function monthOf(date: string): string {\n  return date.slice(0, 7);\n}\n',
      ),
    whole('src/reports/sales.ts', (text) =>
      text
        .replace(
          "import type { Pence } from '../money.js';",
          "import type { Pence } from '../money.js';\nimport { monthOf } from './months.js';",
        )
        .replace('order.placedAt.slice(0, 7)', 'monthOf(order.placedAt)'),
    ),
  ),
];

export const goodOnShop: readonly PatchCase[] = [...gains, ...rewrites];
