/** A repository with a suite that takes a moment: path → text. */
export const smallRepository: Readonly<Record<string, string>> = {
  'package.json': '{"name": "small", "type": "module", "scripts": {"test": "node --test test/*.test.js"}}\n',
  'src/list.js': `export function doubled(values) {
  const out = [];
  for (const value of values) {
    out.push(value * 2);
  }
  return out;
}

export function large(values, limit) {
  return values.filter((value) => value > limit);
}

export function total(rows) {
  let sum = 0;
  for (const row of rows) {
    sum += row.count * row.price;
  }
  return sum;
}

export function label(text) {
  if (text === '') {
    throw new TypeError('empty');
  }
  return text.trim().toUpperCase();
}
`,
  'test/list.test.js': `import test from 'node:test';
import assert from 'node:assert/strict';
import { doubled, label, large, total } from '../src/list.js';

test('doubles', () => {
  assert.deepEqual(doubled([1, 2, 3]), [2, 4, 6]);
});
test('large ones', () => {
  assert.deepEqual(large([5, 1, 7], 3), [5, 7]);
});
test('adds up', () => {
  assert.equal(total([{ count: 2, price: 3 }, { count: 1, price: 4 }]), 10);
});
test('labels', () => {
  assert.equal(label(' a '), 'A');
  assert.throws(() => label(''), TypeError);
});
`,
};
