import type { Pence } from '../money.js';
import type { Product, Sku } from './product.js';

/** One agreed price. A list may hold several for one SKU: the most specific is written first and wins. */
export interface AgreedPrice {
  readonly sku: Sku;
  readonly price: Pence;
  readonly note: string;
}

/** The products with their agreed prices; where a list names a SKU twice, the first entry counts. */
export function applyAgreedPrices(products: readonly Product[], agreed: readonly AgreedPrice[]): Product[] {
  const priced: Product[] = [];
  for (const product of products) {
    const entry = agreed.find((candidate) => candidate.sku === product.sku);
    priced.push(entry === undefined ? product : { ...product, price: entry.price });
  }
  return priced;
}

/** Entries that never count, because an earlier one names the same SKU. */
export function shadowedEntries(agreed: readonly AgreedPrice[]): AgreedPrice[] {
  const seen = new Set<Sku>();
  return agreed.filter((entry) => {
    if (seen.has(entry.sku)) return true;
    seen.add(entry.sku);
    return false;
  });
}
