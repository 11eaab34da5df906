import type { Product, Sku } from '../catalogue/product.js';
import { orderTotal, type Order, type OrderLine } from '../orders/order.js';
import type { Pence } from '../money.js';

/** The price of each product by SKU; a SKU that occurs twice has its last price. */
export function priceIndex(products: readonly Product[]): Record<Sku, Pence> {
  return products.reduce<Record<Sku, Pence>>(
    (index, product) => ({ ...index, [product.sku]: product.price }),
    {},
  );
}

/** The lines that were sold below the list price. */
export function soldBelowList(lines: readonly OrderLine[], products: readonly Product[]): OrderLine[] {
  const prices = priceIndex(products);
  return lines.filter((line) => line.unitPrice < (prices[line.sku] ?? 0));
}

/** Totals of the orders that count as sales, in the order given. */
export function saleTotals(orders: readonly Order[]): Pence[] {
  return orders.reduce<Pence[]>(
    (totals, order) =>
      order.status === 'cancelled' || order.status === 'draft' ? totals : [...totals, orderTotal(order)],
    [],
  );
}

/** Revenue per calendar month ("2026-03"), months in order. */
export function revenueByMonth(orders: readonly Order[]): Map<string, Pence> {
  const months = new Map<string, Pence>();
  for (const order of orders) {
    if (order.status === 'cancelled' || order.status === 'draft') continue;
    const month = order.placedAt.slice(0, 7);
    months.set(month, (months.get(month) ?? 0) + orderTotal(order));
  }
  return new Map([...months].sort(([a], [b]) => (a < b ? -1 : 1)));
}
