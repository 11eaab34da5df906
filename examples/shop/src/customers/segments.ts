import type { Pence } from '../money.js';
import type { Customer, CustomerId, Segment } from './customer.js';

/** What a customer must have spent in a year to be treated as a regular. */
export const regularFrom: Pence = 25_000;

export function segmentFor(spent: Pence, trade: boolean): Segment {
  if (trade) return 'trade';
  return spent >= regularFrom ? 'regular' : 'new';
}

/** The customers whose segment changes with this year's spending. */
export function reviewSegments(
  customers: readonly Customer[],
  spending: ReadonlyMap<CustomerId, Pence>,
): { customer: Customer; from: Segment; to: Segment }[] {
  return customers.flatMap((customer) => {
    const to = segmentFor(spending.get(customer.id) ?? 0, customer.segment === 'trade');
    return to === customer.segment ? [] : [{ customer, from: customer.segment, to }];
  });
}
