/** Builders of realistic data: numbered, so that every run sees the same. */
import type { Product } from '../src/catalogue/product.js';
import type { Customer } from '../src/customers/customer.js';
import type { Order, OrderLine, OrderStatus } from '../src/orders/order.js';

const families = ['TEA', 'MUG', 'POT', 'CAKE', 'JAM'];
const countries = ['GB', 'IE', 'FR', 'NL', 'DE', 'US'];
const statuses: readonly OrderStatus[] = ['delivered', 'shipped', 'delivered', 'paid', 'cancelled'];

function pick<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length];
  if (item === undefined) throw new Error('an empty list has nothing to pick');
  return item;
}

export function skuOf(index: number): string {
  return `${pick(families, index)}-${String(index).padStart(4, '0')}`;
}

export function products(count: number): Product[] {
  return Array.from({ length: count }, (_, index) => ({
    sku: skuOf(index),
    name: `Product ${index}`,
    price: 150 + ((index * 37) % 4_000),
    taxRate: pick([20, 0, 5] as const, index),
    weightGrams: 100 + ((index * 13) % 900),
    tags: [pick(['gift', 'new', 'sale'], index), pick(['green', 'black'], index)],
  }));
}

export function customers(count: number): Customer[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `C-${index}`,
    name: `Ada Number${index}`,
    email: `ada${index}@example.org`,
    country: pick(countries, index),
    segment: pick(['new', 'regular', 'trade'] as const, index),
  }));
}

export function lines(count: number, from = 0): OrderLine[] {
  return Array.from({ length: count }, (_, index) => ({
    sku: skuOf(from + index),
    quantity: 1 + ((from + index) % 4),
    unitPrice: 150 + (((from + index) * 37) % 4_000),
  }));
}

export function orders(count: number, linesEach = 3, people = 50): Order[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `O-${String(index).padStart(5, '0')}`,
    customerId: `C-${(index * 7) % people}`,
    placedAt: new Date(Date.UTC(2026, index % 12, 1 + (index % 28), 12)).toISOString(),
    status: pick(statuses, index),
    lines: lines(linesEach, index % 200),
  }));
}
