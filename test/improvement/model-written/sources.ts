/** Functions that the recorded answers are about: the example's own, and small ones of kinds that it does not have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const shop = join(import.meta.dirname, '../../../examples/shop/src');
const ofShop = (path: string): string => readFileSync(join(shop, path), 'utf8');

export const sources: Readonly<Record<string, string>> = {
  'src/inventory/reservations.ts': ofShop('inventory/reservations.ts'),
  'src/shipping/zones.ts': ofShop('shipping/zones.ts'),
  'src/money.ts': ofShop('money.ts'),
  'src/basket.ts': `import { rounded } from './money.js';

const limit = 99;

/** Names of what is in both, as often as in the first. */
export const common = (left: string[], right: string[]): string[] =>
  left.filter((name) => right.includes(name));

export class Basket {
  #names: string[] = [];

  // Kept in order.
  addAll(names: readonly string[]): number {
    for (const name of names) {
      if (!this.#names.includes(name) && this.#names.length < limit) this.#names.push(name);
    }
    return rounded(this.#names.length);
  }
}

export async function pricesOf(names: string[], ask: (name: string) => Promise<number>): Promise<number[]> {
  const prices: number[] = [];
  for (const name of names) prices.push(await ask(name));
  return prices;
}
`,
  'lib/groups.js': `'use strict';
const util = require('./util');

exports.grouped = function (rows, keys) {
  // one list per key
  return keys.map(function (key) {
    return rows.filter(function (row) { return row.key === key; });
  });
};

module.exports.table = {
  widest: function (rows) {
    let best = 0;
    for (const row of rows) best = Math.max(best, util.width(row));
    return best;
  },
};
`,
};

/** Where each function stands: file and a text inside it. */
export const places = {
  assignSlots: ['src/inventory/reservations.ts', 'taken.includes'],
  eveningVan: ['src/shipping/zones.ts', 'van.includes'],
  common: ['src/basket.ts', 'right.includes'],
  addAll: ['src/basket.ts', '#names.includes'],
  pricesOf: ['src/basket.ts', 'await ask'],
  grouped: ['lib/groups.js', 'rows.filter'],
  widest: ['lib/groups.js', 'Math.max'],
} as const satisfies Record<string, readonly [string, string]>;

export type PlaceName = keyof typeof places;
