import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Catalogue, Shop } from '../src/index.js';
import { customers, products, skuOf } from './build.js';

function openShop(): Shop {
  const shop = new Shop({
    catalogue: new Catalogue(products(200)),
    customers: customers(20),
    now: () => new Date('2026-04-01T09:00:00Z'),
  });
  for (let index = 0; index < 200; index += 1) shop.stock.receive(skuOf(index), 50);
  return shop;
}

describe('shop', () => {
  it('takes an order from the wish to the parcel', () => {
    const shop = openShop();
    const order = shop.place('C-2', [
      { sku: skuOf(3), quantity: 2 },
      { sku: skuOf(4), quantity: 30 },
    ]);
    assert.equal(order.id, 'O-00001');
    assert.equal(order.placedAt, '2026-04-01T09:00:00.000Z');
    const quoted = shop.quoteFor(order);
    assert.equal(quoted.discount?.name, 'trade customer');
    assert.equal(shop.ship(order.id).status, 'shipped');
    assert.equal(shop.stock.level(skuOf(4)), 20);
    assert.equal(shop.orders().length, 1);
  });

  it('refuses what it cannot sell', () => {
    const shop = openShop();
    assert.throws(() => shop.place('C-99', []), { code: 'UNKNOWN_CUSTOMER' });
    assert.throws(() => shop.place('C-1', []), { code: 'INVALID_ORDER' });
    assert.throws(() => shop.place('C-1', [{ sku: 'NO-1', quantity: 1 }]), { code: 'UNKNOWN_PRODUCT' });
    assert.throws(() => shop.place('C-1', [{ sku: skuOf(1), quantity: 0 }]), { code: 'INVALID_ORDER' });
    assert.throws(() => shop.order('O-1'), { code: 'INVALID_ORDER' });
  });

  it('keeps order and stock as they were when something is short', () => {
    const shop = openShop();
    const order = shop.place('C-1', [{ sku: skuOf(1), quantity: 51 }]);
    assert.throws(() => shop.ship(order.id), { code: 'OUT_OF_STOCK' });
    assert.equal(shop.order(order.id).status, 'placed');
    assert.equal(shop.stock.level(skuOf(1)), 50);
  });
});
