import type { Segment } from '../customers/customer.js';
import type { OrderLine } from '../orders/order.js';
import { percentOf, sum, type Pence } from '../money.js';

/** Reduces a subtotal; the best of all applies, they never add up. */
export interface Discount {
  readonly name: string;
  amount(lines: readonly OrderLine[], subtotal: Pence): Pence;
}

export function segmentDiscount(segment: Segment): Discount {
  const percent = { new: 0, regular: 5, trade: 12 }[segment];
  return { name: `${segment} customer`, amount: (_, subtotal) => percentOf(subtotal, percent) };
}

/** Every `group`-th piece of a product is free. */
export function multiBuy(group: number): Discount {
  return {
    name: `every ${group}th free`,
    amount: (lines) => sum(lines.map((line) => Math.floor(line.quantity / group) * line.unitPrice)),
  };
}

export function threshold(from: Pence, amount: Pence): Discount {
  return { name: `from ${from / 100}`, amount: (_, subtotal) => (subtotal >= from ? amount : 0) };
}

/** The discount that saves most, or null when none saves anything. */
export function bestDiscount(
  discounts: readonly Discount[],
  lines: readonly OrderLine[],
  subtotal: Pence,
): { name: string; amount: Pence } | null {
  let best: { name: string; amount: Pence } | null = null;
  for (const discount of discounts) {
    const amount = Math.min(subtotal, discount.amount(lines, subtotal));
    if (amount > (best?.amount ?? 0)) best = { name: discount.name, amount };
  }
  return best;
}
