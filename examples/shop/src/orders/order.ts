import type { Sku } from '../catalogue/product.js';
import type { CustomerId } from '../customers/customer.js';
import type { Pence } from '../money.js';
import { ShopError } from '../errors.js';

export type OrderStatus = 'draft' | 'placed' | 'paid' | 'shipped' | 'delivered' | 'cancelled';

export interface OrderLine {
  readonly sku: Sku;
  readonly quantity: number;
  readonly unitPrice: Pence;
}

export interface Order {
  readonly id: string;
  readonly customerId: CustomerId;
  readonly placedAt: string;
  readonly status: OrderStatus;
  readonly lines: readonly OrderLine[];
}

const followers: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  draft: ['placed', 'cancelled'],
  placed: ['paid', 'cancelled'],
  paid: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  cancelled: [],
};

/** @throws ShopError INVALID_ORDER when the order cannot go to that status. */
export function moveTo(order: Order, status: OrderStatus): Order {
  if (!followers[order.status].includes(status)) {
    throw new ShopError('INVALID_ORDER', `Order ${order.id} is ${order.status} and cannot become ${status}.`);
  }
  return { ...order, status };
}

export function orderTotal(order: Order): Pence {
  let total = 0;
  for (const line of order.lines) total += line.quantity * line.unitPrice;
  return total;
}
