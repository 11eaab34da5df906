/** docs/security.md: every risk of the three lists has a row, and every test that a row names exists. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './support/measure-tree.js';

const page = readFileSync(join(root, 'docs/security.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, list = '', risk = '', control = '', tests = '']) => ({ list, risk, control, tests }));

const lists = ['API', 'LLM0', 'ASI0'].flatMap((name) =>
  Array.from({ length: 10 }, (_, at) => `${name}${at + 1}`.replace('010', '10')),
);

/** Whether some string literal of the file, such as the name of a test, holds the words. */
function names(source: string, words: string): boolean {
  const literals = source.match(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
  return literals.some((text) => text.includes(words));
}

it('has a row for each risk of the three lists', () => {
  const there = new Set(rows.map(({ list }) => list));
  expect(lists).toHaveLength(30);
  expect(lists.filter((one) => !there.has(one))).toEqual([]);
});

it('names for each risk a control, and tests that exist', () => {
  const wrong = rows.flatMap(({ risk, control, tests }) => {
    const named = tests.split('; ').map((one) => /^`(test\/[\w./-]+\.test\.ts)` › (.+)$/.exec(one));
    const missing = named.filter((one) => {
      const [, file = '', words = ''] = one ?? [];
      const path = join(root, file);
      return file === '' || !existsSync(path) || !names(readFileSync(path, 'utf8'), words);
    });
    return control === '' || missing.length > 0 ? [`${risk}: ${tests}`] : [];
  });
  expect(wrong).toEqual([]);
  expect(rows.length).toBeGreaterThan(40);
});

it('a test that is not there is seen', () => {
  expect(names("it('is refused', run)", 'is refused')).toBe(true);
  expect(names('// is refused\nit("passes", run)', 'is refused')).toBe(false);
});
