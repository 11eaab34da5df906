import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Catalogue } from '../src/catalogue/catalogue.js';
import { importProducts, selectRows } from '../src/catalogue/import.js';
import { applyAgreedPrices, shadowedEntries } from '../src/catalogue/price-list.js';
import { familyOf } from '../src/catalogue/product.js';
import { products, skuOf } from './build.js';

const header = 'sku;name;price;tax;grams;tags';

describe('catalogue', () => {
  it('finds products by SKU, family and words', () => {
    const catalogue = new Catalogue(products(100));
    assert.equal(catalogue.size, 100);
    assert.equal(catalogue.get(skuOf(7)).name, 'Product 7');
    assert.equal(catalogue.family('TEA').length, 20);
    assert.deepEqual(
      catalogue.search('product 99').map((product) => product.sku),
      [skuOf(99)],
    );
    assert.equal(catalogue.has('TEA-9999'), false);
    assert.throws(() => catalogue.get('TEA-9999'), { code: 'UNKNOWN_PRODUCT' });
  });

  it('knows the family of a SKU without a dash', () => {
    assert.equal(familyOf('TEA-0001'), 'TEA');
    assert.equal(familyOf('TEA'), 'TEA');
  });
});

describe('supplier import', () => {
  it('reads a list', () => {
    const { products: read, rejected } = importProducts(
      `${header}\nTEA-0001;Green tea;4.5;5;100;gift,green\n\nMUG-0002;Mug;12;20;;\n`,
    );
    assert.deepEqual(rejected, []);
    assert.deepEqual(read, [
      {
        sku: 'TEA-0001',
        name: 'Green tea',
        price: 450,
        taxRate: 5,
        weightGrams: 100,
        tags: ['gift', 'green'],
      },
      { sku: 'MUG-0002', name: 'Mug', price: 1_200, taxRate: 20, weightGrams: 0, tags: [] },
    ]);
  });

  it('reports the rows that it does not take', () => {
    const rows = ['tea-0001;x;1', 'TEA-1;x;1', 'TEA-0001;x;free', 'TEA-0001;x;1.234', 'TEA-0001;x;1.2', ''];
    const { accepted, rejected } = selectRows(rows);
    assert.deepEqual(accepted, [['TEA-0001', 'x', '1.2']]);
    assert.deepEqual(rejected, ['tea-0001;x;1', 'TEA-1;x;1', 'TEA-0001;x;free', 'TEA-0001;x;1.234', '']);
  });

  it('takes the list of a whole season', () => {
    const rows = Array.from({ length: 1_500 }, (_, index) =>
      index % 50 === 0 ? `bad ${index};x;1` : `${skuOf(index)};Product ${index};${index}.99;0;10;a`,
    );
    const { products: read, rejected } = importProducts([header, ...rows].join('\n'));
    assert.equal(read.length, 1_470);
    assert.equal(rejected.length, 30);
    assert.equal(read.at(-1)?.price, 149_999);
  });

  it('refuses a list without a header', () => {
    assert.throws(() => importProducts('TEA-0001;Green tea;4.5'), { code: 'BAD_IMPORT' });
    assert.throws(() => importProducts(''), { code: 'BAD_IMPORT' });
  });
});

describe('agreed prices', () => {
  it('lets the first entry for a SKU win', () => {
    const list = [
      { sku: skuOf(1), price: 100, note: 'contract' },
      { sku: skuOf(1), price: 90, note: 'old contract' },
      { sku: skuOf(2), price: 0, note: 'sample' },
    ];
    const priced = applyAgreedPrices(products(4), list);
    assert.deepEqual(
      priced.map((product) => product.price),
      [150, 100, 0, 261],
    );
    assert.deepEqual(shadowedEntries(list), [list[1]]);
  });

  it('prices a whole catalogue, most of it named twice', () => {
    const catalogue = products(800);
    const list = [...catalogue, ...catalogue].map((product, index) => ({
      sku: product.sku,
      price: index,
      note: `entry ${index}`,
    }));
    const priced = applyAgreedPrices(catalogue, list);
    assert.ok(priced.every((product, index) => product.price === index));
  });
});
