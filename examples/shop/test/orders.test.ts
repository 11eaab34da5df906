import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { orderRows } from '../src/orders/enrich.js';
import { bestSellers, deliveredLines, deliveredQuantities } from '../src/orders/history.js';
import { moveTo, orderTotal } from '../src/orders/order.js';
import { unknownSkus, validateLines } from '../src/orders/validate.js';
import { customers, lines, orders, products, skuOf } from './build.js';

describe('validation', () => {
  it('names unknown products in the order of the lines, repeats included', () => {
    const wanted = [...lines(2), ...lines(1, 900), ...lines(1), ...lines(1, 900)];
    assert.deepEqual(unknownSkus(wanted, products(10)), [skuOf(900), skuOf(900)]);
    assert.deepEqual(unknownSkus([], products(10)), []);
    assert.deepEqual(unknownSkus(lines(1), []), [skuOf(0)]);
  });

  it('checks a wholesale order against the whole catalogue', () => {
    const unknown = unknownSkus(lines(1_200), products(1_000));
    assert.equal(unknown.length, 200);
    assert.equal(unknown[0], skuOf(1_000));
  });

  it('says what is wrong with each line', () => {
    const line = { sku: skuOf(1), quantity: 1, unitPrice: 100 };
    const problems = validateLines(
      [
        line,
        { ...line, quantity: 0 },
        { ...line, quantity: 1.5 },
        { ...line, quantity: 1_000 },
        { ...line, unitPrice: -1 },
        { ...line, sku: 'NO-1' },
      ],
      products(3),
    );
    assert.deepEqual(problems, [
      { line: 2, message: 'the quantity is below 1' },
      { line: 3, message: 'the quantity is not a whole number' },
      { line: 4, message: 'the quantity is above 999' },
      { line: 5, message: 'the price is negative' },
      { line: 6, message: 'NO-1 is not on sale' },
    ]);
  });
});

describe('order list', () => {
  it('shows the customer, and "unknown" for a deleted one', () => {
    const [first, second] = orders(2, 2, 10);
    assert.ok(first && second);
    const rows = orderRows([first, { ...second, customerId: 'C-404' }], customers(10));
    assert.deepEqual(rows, [
      { id: 'O-00000', customer: 'Ada N.', country: 'GB', total: orderTotal(first) },
      { id: 'O-00001', customer: 'unknown', country: '--', total: orderTotal(second) },
    ]);
  });

  it('shows the first of two customers with one number', () => {
    const [customer, other] = customers(2);
    assert.ok(customer && other);
    const rows = orderRows(orders(1), [customer, { ...other, id: customer.id }]);
    assert.equal(rows[0]?.country, customer.country);
  });

  it('lists a busy month', () => {
    const rows = orderRows(orders(1_000, 2, 900), customers(900));
    assert.equal(rows.length, 1_000);
    assert.equal(rows.filter((row) => row.customer === 'unknown').length, 0);
    assert.deepEqual(
      rows.slice(0, 4).map((row) => row.country),
      ['GB', 'IE', 'FR', 'NL'],
    );
  });
});

describe('history', () => {
  it('collects the lines of delivered orders only', () => {
    const taken = deliveredLines(orders(5, 2));
    assert.equal(taken.length, 4);
    assert.deepEqual(taken.slice(0, 2), lines(2));
    assert.deepEqual(deliveredLines([]), []);
  });

  it('leaves the orders as they are', () => {
    const placed = orders(3);
    const before = structuredClone(placed);
    deliveredLines(placed).push({ sku: 'X', quantity: 1, unitPrice: 1 });
    assert.deepEqual(placed, before);
  });

  it('adds up a year of orders', () => {
    const placed = orders(2_000, 4);
    assert.equal(deliveredLines(placed).length, 3_200);
    const total = [...deliveredQuantities(placed).values()].reduce((all, one) => all + one, 0);
    assert.equal(total, 8_000);
    assert.equal(bestSellers(placed, 3).length, 3);
  });
});

describe('status', () => {
  it('moves along the allowed steps only', () => {
    const [order] = orders(1);
    assert.ok(order);
    const draft = { ...order, status: 'draft' as const };
    assert.equal(moveTo(moveTo(draft, 'placed'), 'paid').status, 'paid');
    assert.throws(() => moveTo(draft, 'delivered'), { code: 'INVALID_ORDER' });
  });
});
