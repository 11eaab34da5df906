import type { Catalogue } from '../catalogue/catalogue.js';
import { allocate, percentOf, sum, type Pence } from '../money.js';
import type { OrderLine } from '../orders/order.js';
import { bestDiscount, type Discount } from './discounts.js';

export interface Quote {
  readonly subtotal: Pence;
  readonly discount: { readonly name: string; readonly amount: Pence } | null;
  readonly tax: Pence;
  readonly shipping: Pence;
  readonly total: Pence;
}

/**
 * Prices an order. The discount is spread over the lines by their value before tax, so that each line is taxed on
 * what is paid for it.
 * @throws ShopError UNKNOWN_PRODUCT
 */
export function quote(
  lines: readonly OrderLine[],
  catalogue: Catalogue,
  discounts: readonly Discount[],
  shipping: Pence,
): Quote {
  const values = lines.map((line) => line.quantity * line.unitPrice);
  const subtotal = sum(values);
  const discount = bestDiscount(discounts, lines, subtotal);
  const reductions = allocate(discount?.amount ?? 0, values);
  const tax = sum(
    lines.map((line, index) => {
      const paid = (values[index] ?? 0) - (reductions[index] ?? 0);
      return percentOf(paid, catalogue.get(line.sku).taxRate);
    }),
  );
  return { subtotal, discount, tax, shipping, total: subtotal - (discount?.amount ?? 0) + tax + shipping };
}
