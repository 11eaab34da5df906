import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { publicName } from '../src/customers/customer.js';
import { reviewSegments, segmentFor } from '../src/customers/segments.js';
import { customers } from './build.js';

describe('customers', () => {
  it('shows no full surname in public', () => {
    const [customer] = customers(1);
    assert.ok(customer);
    assert.equal(publicName(customer), 'Ada N.');
    assert.equal(publicName({ ...customer, name: 'Ada' }), 'Ada');
  });

  it('moves customers between segments by what they spent', () => {
    assert.equal(segmentFor(25_000, false), 'regular');
    assert.equal(segmentFor(0, true), 'trade');
    const changes = reviewSegments(customers(6), new Map([['C-0', 30_000]]));
    assert.deepEqual(
      changes.map(({ customer, from, to }) => [customer.id, from, to]),
      [
        ['C-0', 'new', 'regular'],
        ['C-1', 'regular', 'new'],
        ['C-4', 'regular', 'new'],
      ],
    );
  });
});
