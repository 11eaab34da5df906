import type { Pence } from '../money.js';

/** A stock keeping unit such as "TEA-0042". */
export type Sku = string;

export interface Product {
  readonly sku: Sku;
  readonly name: string;
  readonly price: Pence;
  readonly taxRate: 0 | 5 | 20;
  readonly weightGrams: number;
  readonly tags: readonly string[];
}

/** The letters before the dash: products of one family share a shelf. */
export function familyOf(sku: Sku): string {
  const dash = sku.indexOf('-');
  return dash === -1 ? sku : sku.slice(0, dash);
}
