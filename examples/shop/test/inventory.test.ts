import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failures, newReadings } from '../src/inventory/readings.js';
import { toReorder } from '../src/inventory/reorder.js';
import { assignSlots } from '../src/inventory/reservations.js';
import { Stock } from '../src/inventory/stock.js';
import { skuOf } from './build.js';

describe('stock', () => {
  it('takes all lines or none', () => {
    const stock = new Stock();
    stock.receive('A', 5);
    stock.receive('B', 1);
    assert.throws(
      () =>
        stock.take([
          { sku: 'A', quantity: 2 },
          { sku: 'B', quantity: 2 },
          { sku: 'A', quantity: 4 },
        ]),
      { code: 'OUT_OF_STOCK', details: ['A', 'B'] },
    );
    assert.equal(stock.level('A'), 5);
    stock.take([{ sku: 'A', quantity: 5 }]);
    assert.equal(stock.level('A'), 0);
  });
});

describe('reordering', () => {
  it('orders what is short and not on its way', () => {
    const shelf = { sku: 'A', level: 1, minimum: 5 };
    assert.deepEqual(toReorder([shelf, { ...shelf, sku: 'B' }, { ...shelf, sku: 'C', level: 5 }], []), [
      'A',
      'B',
    ]);
    assert.deepEqual(
      toReorder([shelf, { ...shelf, sku: 'B' }], [{ sku: 'A', quantity: 9, due: '2026-05-01' }]),
      ['B'],
    );
  });

  it('goes through the whole warehouse', () => {
    const shelves = Array.from({ length: 1_500 }, (_, index) => ({
      sku: skuOf(index),
      level: index % 7,
      minimum: 5,
    }));
    const deliveries = Array.from({ length: 800 }, (_, index) => ({
      sku: skuOf(index),
      quantity: 10,
      due: 'soon',
    }));
    const reorder = toReorder(shelves, deliveries);
    assert.equal(reorder.length, 500);
    assert.equal(reorder[0], skuOf(800));
  });
});

describe('slots', () => {
  it('gives a slot away once', () => {
    assert.deepEqual(
      assignSlots(
        [
          ['A-1', 'A-2'],
          ['A-1', 'A-2'],
          ['A-1', 'A-2'],
        ],
        [],
      ),
      ['A-1', 'A-2', null],
    );
    assert.deepEqual(assignSlots([['A-1', 'B-1']], ['A-1']), ['B-1']);
  });

  it('fills the warehouse without giving a slot away twice', () => {
    const wishes = Array.from({ length: 300 }, (_, index) =>
      [index % 100, (index * 3) % 250, index].map((slot) => `S-${slot}`),
    );
    const given = assignSlots(wishes, ['S-0', 'S-7']).filter((slot) => slot !== null);
    assert.equal(new Set(given).size, given.length);
    assert.ok(!given.includes('S-7'));
  });
});

describe('readings', () => {
  it('keeps the readings that are not logged', () => {
    assert.deepEqual(newReadings([4.5, 5, 4.5, -1], [5, -1]), [4.5, 4.5]);
  });

  it('keeps every failed reading, also when the log holds one', () => {
    const fresh = newReadings([Number.NaN, 4, Number.NaN], [Number.NaN, 4]);
    assert.equal(fresh.length, 2);
    assert.equal(failures(fresh), 2);
  });

  it('merges a day of readings', () => {
    const day = Array.from({ length: 1_000 }, (_, index) => (index % 97 === 0 ? Number.NaN : index / 10));
    const fresh = newReadings(day, day.slice(0, 500));
    assert.equal(fresh.length, 506);
  });
});
