import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { priceIndex, revenueByMonth, saleTotals, soldBelowList } from '../src/reports/sales.js';
import { statement } from '../src/reports/statement.js';
import { countTags, rankTags } from '../src/reports/tags.js';
import { sum } from '../src/money.js';
import { lines, orders, products, skuOf } from './build.js';

describe('sales', () => {
  it('indexes prices; the last of two products with one SKU counts', () => {
    const [product] = products(1);
    assert.ok(product);
    assert.deepEqual(priceIndex([product, { ...product, price: 1 }]), { [product.sku]: 1 });
    assert.deepEqual(priceIndex([]), {});
  });

  it('indexes the whole catalogue', () => {
    const index = priceIndex(products(700));
    assert.equal(Object.keys(index).length, 700);
    assert.equal(index[skuOf(699)], 150 + ((699 * 37) % 4_000));
  });

  it('finds what was sold below the list price', () => {
    const cheap = { sku: skuOf(5), quantity: 1, unitPrice: 1 };
    assert.deepEqual(soldBelowList([...lines(3), cheap], products(10)), [cheap]);
  });

  it('counts neither drafts nor cancelled orders', () => {
    const placed = orders(1_500, 1);
    const totals = saleTotals(placed);
    assert.equal(totals.length, 1_200);
    const months = revenueByMonth(placed);
    assert.equal(months.size, 12);
    assert.equal(sum([...months.values()]), sum(totals));
    assert.equal([...months.keys()][0], '2026-01');
  });
});

describe('statement', () => {
  it('writes dates and money in British notation', () => {
    const [order] = orders(1, 1);
    assert.ok(order);
    const big = { ...order, lines: [{ sku: 'A', quantity: 1, unitPrice: 123_456 }] };
    assert.deepEqual(statement([big]), ['01 Jan 2026  O-00000  £1,234.56', 'total  £1,234.56']);
    assert.deepEqual(statement([]), ['total  £0.00']);
  });

  it('writes the statement of a busy customer', () => {
    const written = statement(orders(150));
    assert.equal(written.length, 151);
    assert.match(written[28] ?? '', /^01 May 2026 {2}O-00028 {2}£/);
  });
});

describe('tags', () => {
  it('counts and ranks', () => {
    assert.deepEqual(countTags(products(6)), { gift: 2, green: 3, new: 2, black: 3, sale: 2 });
    assert.deepEqual(rankTags(products(6)), ['black', 'green', 'gift', 'new', 'sale']);
  });

  it('takes words that mean something to JavaScript as tags like all others', () => {
    const [product] = products(1);
    assert.ok(product);
    const counts = countTags([{ ...product, tags: ['__proto__', 'constructor', '__proto__'] }]);
    assert.deepEqual(Object.entries(counts), [
      ['__proto__', 2],
      ['constructor', 1],
    ]);
    assert.equal(Object.getPrototypeOf(counts), Object.prototype);
  });

  it('counts many tags', () => {
    const [product] = products(1);
    assert.ok(product);
    const tagged = Array.from({ length: 400 }, (_, index) => ({ ...product, tags: [`tag ${index}`, 'all'] }));
    assert.equal(countTags(tagged)['all'], 400);
  });
});
