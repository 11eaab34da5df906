import { orderTotal, type Order } from '../orders/order.js';
import { sum } from '../money.js';

/** One line per order with date and amount, then the sum; dates and money in British notation. */
export function statement(orders: readonly Order[]): string[] {
  const lines: string[] = [];
  for (const order of orders) {
    const money = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' });
    const date = new Date(order.placedAt).toLocaleDateString('en-GB', {
      day: '2-digit',
      month: 'short',
      year: 'numeric',
      timeZone: 'UTC',
    });
    lines.push(`${date}  ${order.id}  ${money.format(orderTotal(order) / 100)}`);
  }
  const total = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' });
  lines.push(`total  ${total.format(sum(orders.map(orderTotal)) / 100)}`);
  return lines;
}
