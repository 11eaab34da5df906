import { publicName, type Customer } from '../customers/customer.js';
import { orderTotal, type Order } from './order.js';

export interface OrderRow {
  readonly id: string;
  readonly customer: string;
  readonly country: string;
  readonly total: number;
}

/** The rows of the back office's order list. An order of a deleted customer is shown as "unknown". */
export function orderRows(orders: readonly Order[], customers: readonly Customer[]): OrderRow[] {
  const rows: OrderRow[] = [];
  for (const order of orders) {
    const customer = customers.find((candidate) => candidate.id === order.customerId);
    rows.push({
      id: order.id,
      customer: customer === undefined ? 'unknown' : publicName(customer),
      country: customer?.country ?? '--',
      total: orderTotal(order),
    });
  }
  return rows;
}
