import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Catalogue } from '../src/catalogue/catalogue.js';
import { bestDiscount, multiBuy, segmentDiscount, threshold } from '../src/pricing/discounts.js';
import { quote } from '../src/pricing/quote.js';
import { lines, products, skuOf } from './build.js';

describe('discounts', () => {
  it('takes the best one and never adds them up', () => {
    const order = [{ sku: skuOf(0), quantity: 20, unitPrice: 1_000 }];
    const best = bestDiscount(
      [segmentDiscount('regular'), multiBuy(10), threshold(20_000, 500)],
      order,
      20_000,
    );
    assert.deepEqual(best, { name: 'every 10th free', amount: 2_000 });
    assert.equal(bestDiscount([segmentDiscount('new')], order, 20_000), null);
  });
});

describe('quote', () => {
  it('taxes what is paid after the discount', () => {
    const catalogue = new Catalogue(products(10));
    const order = [
      { sku: skuOf(0), quantity: 1, unitPrice: 1_000 },
      { sku: skuOf(1), quantity: 1, unitPrice: 1_000 },
    ];
    assert.deepEqual(quote(order, catalogue, [segmentDiscount('trade')], 395), {
      subtotal: 2_000,
      discount: { name: 'trade customer', amount: 240 },
      tax: 176,
      shipping: 395,
      total: 2_331,
    });
  });

  it('prices a long order', () => {
    const priced = quote(lines(400), new Catalogue(products(400)), [multiBuy(3)], 0);
    assert.equal(priced.subtotal + priced.tax - (priced.discount?.amount ?? 0), priced.total);
  });
});
