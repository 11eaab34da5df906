import { Catalogue } from './catalogue/catalogue.js';
import type { Sku } from './catalogue/product.js';
import type { Customer, CustomerId } from './customers/customer.js';
import { ShopError } from './errors.js';
import { Stock } from './inventory/stock.js';
import { moveTo, type Order, type OrderLine } from './orders/order.js';
import { validateLines } from './orders/validate.js';
import { multiBuy, segmentDiscount, threshold, type Discount } from './pricing/discounts.js';
import { quote, type Quote } from './pricing/quote.js';
import { shippingFor } from './shipping/zones.js';

export interface ShopOptions {
  readonly catalogue: Catalogue;
  readonly customers: readonly Customer[];
  readonly now: () => Date;
}

/** Takes orders from the draft to the parcel. */
export class Shop {
  readonly stock = new Stock();
  readonly #orders = new Map<string, Order>();
  readonly #customers: ReadonlyMap<CustomerId, Customer>;
  readonly #options: ShopOptions;

  constructor(options: ShopOptions) {
    this.#options = options;
    this.#customers = new Map(options.customers.map((customer) => [customer.id, customer]));
  }

  /** @throws ShopError UNKNOWN_CUSTOMER, UNKNOWN_PRODUCT or INVALID_ORDER */
  place(customerId: CustomerId, wishes: readonly { sku: Sku; quantity: number }[]): Order {
    const { catalogue, now } = this.#options;
    this.#customer(customerId);
    const lines = wishes.map(({ sku, quantity }) => ({ sku, quantity, unitPrice: catalogue.get(sku).price }));
    const problems = validateLines(lines, catalogue.all());
    if (lines.length === 0 || problems.length > 0) {
      const details = problems.map((problem) => `line ${problem.line}: ${problem.message}`);
      throw new ShopError('INVALID_ORDER', details[0] ?? 'The order is empty.', details);
    }
    const order: Order = {
      id: `O-${String(this.#orders.size + 1).padStart(5, '0')}`,
      customerId,
      placedAt: now().toISOString(),
      status: 'placed',
      lines,
    };
    this.#orders.set(order.id, order);
    return order;
  }

  quoteFor(order: Order): Quote {
    const customer = this.#customer(order.customerId);
    const discounts: Discount[] = [segmentDiscount(customer.segment), multiBuy(10), threshold(20_000, 1_000)];
    const { catalogue } = this.#options;
    return quote(order.lines, catalogue, discounts, shippingFor(customer.country, this.#weight(order.lines)));
  }

  /** @throws ShopError OUT_OF_STOCK, and leaves order and stock as they were. */
  ship(orderId: string): Order {
    const order = this.order(orderId);
    const shipped = moveTo(moveTo(order, 'paid'), 'shipped');
    this.stock.take(order.lines);
    this.#orders.set(orderId, shipped);
    return shipped;
  }

  order(orderId: string): Order {
    const order = this.#orders.get(orderId);
    if (order === undefined) throw new ShopError('INVALID_ORDER', `There is no order ${orderId}.`);
    return order;
  }

  orders(): Order[] {
    return [...this.#orders.values()];
  }

  #weight(lines: readonly OrderLine[]): number {
    let grams = 0;
    for (const line of lines) grams += this.#options.catalogue.get(line.sku).weightGrams * line.quantity;
    return grams;
  }

  #customer(id: CustomerId): Customer {
    const customer = this.#customers.get(id);
    if (customer === undefined) throw new ShopError('UNKNOWN_CUSTOMER', `There is no customer ${id}.`, [id]);
    return customer;
  }
}
