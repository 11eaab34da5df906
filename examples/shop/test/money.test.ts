import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allocate, percentOf, roundPence, sum } from '../src/money.js';

describe('money', () => {
  it('rounds half up on both sides of zero', () => {
    assert.equal(roundPence(0.5), 1);
    assert.equal(roundPence(-0.5), -1);
    assert.equal(roundPence(2.4), 2);
  });

  it('takes percentages in whole pence', () => {
    assert.equal(percentOf(999, 20), 200);
    assert.equal(percentOf(10, 5), 1);
  });

  it('splits an amount without losing a penny', () => {
    assert.deepEqual(allocate(100, [1, 1, 1]), [34, 33, 33]);
    assert.deepEqual(allocate(10, [0, 0]), [0, 0]);
    const weights = Array.from({ length: 300 }, (_, index) => 1 + (index % 17));
    assert.equal(sum(allocate(99_999, weights)), 99_999);
  });
});
