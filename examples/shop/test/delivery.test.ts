import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fill, firstMarks } from '../src/notifications/template.js';
import { labelFor, mentionedPostcodes } from '../src/shipping/labels.js';
import { eveningVan, shippingFor, zoneOf } from '../src/shipping/zones.js';

describe('zones', () => {
  it('charges by zone and by parcels of 20 kg', () => {
    assert.equal(zoneOf('NL'), 'near');
    assert.equal(shippingFor('GB', 0), 395);
    assert.equal(shippingFor('FR', 20_001), 1_790);
    assert.equal(shippingFor('US', 1), 1_695);
  });

  it('counts the parcels of the evening van', () => {
    assert.equal(eveningVan(['GB', 'IE', 'US', 'FR', 'IE']), 3);
    const year = Array.from(
      { length: 5_000 },
      (_, index) => ['GB', 'IE', 'DE', 'NL', 'US'][index % 5] ?? 'GB',
    );
    assert.equal(eveningVan(year), 2_000);
  });
});

describe('labels', () => {
  it('leaves out empty lines', () => {
    const address = { name: 'Ada', lines: ['1 High St', ' '], postcode: 'ab1 2cd', country: 'gb' };
    assert.equal(labelFor(address), 'ADA\n1 HIGH ST\nAB1 2CD\nGB');
  });

  it('finds postcodes anywhere in a note', () => {
    assert.deepEqual(mentionedPostcodes('first ab1 2cd, then XY9', ['AB1 2CD', 'XY9', 'ZZ1']), [
      'AB1 2CD',
      'XY9',
    ]);
    const known = Array.from({ length: 2_000 }, (_, index) => `P${String(index).padStart(4, '0')}`);
    assert.deepEqual(mentionedPostcodes('at p0012, or P1999!', known), ['P0012', 'P1999']);
  });
});

describe('templates', () => {
  it('fills the marks that have a value', () => {
    assert.equal(fill('Dear {name}, {unknown}', { name: 'Ada' }), 'Dear Ada, {unknown}');
    assert.equal(fill('{toString}', {}), '{toString}');
  });

  it('reads each template from its beginning', () => {
    assert.deepEqual(firstMarks(['{a} {b} {c}', '{d} {e}', 'none', '{f}'], 2), [
      ['a', 'b'],
      ['d', 'e'],
      [],
      ['f'],
    ]);
    const many = Array.from({ length: 500 }, () => '{name}, your order {order} of {date}');
    assert.ok(firstMarks(many, 1).every((names) => names[0] === 'name'));
  });
});
