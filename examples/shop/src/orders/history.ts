import type { Sku } from '../catalogue/product.js';
import type { Order, OrderLine } from './order.js';

/** All lines of delivered orders, oldest order first as given. */
export function deliveredLines(orders: readonly Order[]): OrderLine[] {
  let lines: OrderLine[] = [];
  for (const order of orders) {
    if (order.status !== 'delivered') continue;
    lines = lines.concat(order.lines);
  }
  return lines;
}

/** How often each product was delivered. */
export function deliveredQuantities(orders: readonly Order[]): Map<Sku, number> {
  const quantities = new Map<Sku, number>();
  for (const line of deliveredLines(orders)) {
    quantities.set(line.sku, (quantities.get(line.sku) ?? 0) + line.quantity);
  }
  return quantities;
}

/** The most delivered products, ties in the order of the SKU. */
export function bestSellers(orders: readonly Order[], count: number): Sku[] {
  return [...deliveredQuantities(orders)]
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .slice(0, count)
    .map(([sku]) => sku);
}
