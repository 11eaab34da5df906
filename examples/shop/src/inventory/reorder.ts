import type { Sku } from '../catalogue/product.js';

export interface Delivery {
  readonly sku: Sku;
  readonly quantity: number;
  readonly due: string;
}

export interface Shelf {
  readonly sku: Sku;
  readonly level: number;
  readonly minimum: number;
}

/** The products to order: below their minimum, and with no delivery on its way. */
export function toReorder(shelves: readonly Shelf[], deliveries: readonly Delivery[]): Sku[] {
  return shelves
    .filter((shelf) => shelf.level < shelf.minimum)
    .filter((shelf) => !deliveries.some((delivery) => delivery.sku === shelf.sku))
    .map((shelf) => shelf.sku);
}
