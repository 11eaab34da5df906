import ts from 'typescript';
import { affectedTests, chooseMutants } from '../../../src/verification/mutants/choose.js';
import { findMutants, mutate } from '../../../src/verification/mutants/find-mutants.js';

const all = (text: string) => new Set(text.split('\n').map((_, index) => index + 1));
const mutantsOf = (text: string, file = 'a.ts') => findMutants(file, text, all(text));
const texts = (text: string) => mutantsOf(text).map((mutant) => mutate(text, mutant));

describe('small faults', () => {
  it.each([
    ['a < b;', ['a <= b;']],
    ['a >= b;', ['a > b;']],
    ['a === b;', ['a !== b;']],
    ['a != b;', ['a == b;']],
    ['a && b;', ['a || b;']],
    ['if (a) b = c;', ['if (!(a)) b = c;']],
    ['x = a ? b : c;', ['x = !(a) ? b : c;']],
    ['x = 10;', ['x = 11;']],
    ['x = true;', ['x = false;']],
    ["x = 'text';", ["x = '';"]],
    ['x = ``;', ["x = 'mutant';"]],
    ['list.push(a);', ['void 0;']],
    ['await save(a);', ['void 0;']],
    ['items[0x10];', ['items[17];']],
  ])('%s', (text, expected) => {
    expect(texts(text)).toEqual(expected);
  });

  it.each([
    "import a from './a.js';",
    "export { b } from './b.js';",
    "'use strict';",
    "const a = await import('./a.js');",
    'interface A { kind: 1; }',
    "type B = 'x' | 2;",
    'x = { 1: a, "two": b };',
    'class A extends B { constructor() { super(a); } }',
    'x = a + b;',
    'x = 10n;',
    'x = 9007199254740991;',
    '// if (a < b) c();',
  ])('has none in: %s', (text) => {
    expect(texts(text)).toEqual([]);
  });

  it('stand in changed lines only', () => {
    const text = 'a < 1;\nb < 2;\nc < 3;\n';
    expect(findMutants('a.js', text, new Set([2])).map(({ line, what }) => [line, what])).toEqual([
      [2, '< becomes <='],
      [2, '2 becomes 3'],
    ]);
  });

  it('parse again, in every kind of file', () => {
    const text = [
      'export async function f(list: readonly string[], n = 3): Promise<string> {',
      '  for (let i = 0; i < list.length && n > 0; i += 1) {',
      "    if (list[i] === 'x' || !n) await g(`${i}`, { deep: [true, 'y'] });",
      '    while (n >= 2) n -= 1;',
      '  }',
      "  return n < 1 ? 'a' : `b`;",
      '}',
    ].join('\n');
    const found = mutantsOf(text);
    expect(found.length).toBeGreaterThan(15);
    for (const mutant of found) {
      const { diagnostics = [] } = ts.transpileModule(mutate(text, mutant), { reportDiagnostics: true });
      expect([mutant.what, diagnostics.map(({ messageText }) => messageText)]).toEqual([mutant.what, []]);
    }
    expect(
      mutantsOf('export const a = (b) => <p title="t">{b < 1 ? 2 : 3}</p>;', 'a.jsx').map(({ what }) => what),
    ).toEqual(['b < 1 is negated', '< becomes <=', '1 becomes 2', '2 becomes 3', '3 becomes 4']);
  });
});

describe('the choice', () => {
  const text = Array.from({ length: 12 }, (_, index) => `if (a${index} < ${index}) b(${index});`).join('\n');
  const found = mutantsOf(text);

  it('follows from the seed alone', () => {
    expect(chooseMutants(found, 7, 8)).toEqual(chooseMutants(found, 7, 8));
    expect(chooseMutants(found, 7, 8)).not.toEqual(chooseMutants(found, 8, 8));
  });

  it('gives every line one before any line gets two', () => {
    expect(new Set(chooseMutants(found, 3, 8).map(({ line }) => line)).size).toBe(8);
    const lines = chooseMutants(found, 3, 20).map(({ line }) => line);
    expect(new Set(lines.slice(0, 12)).size).toBe(12);
    expect(lines).toHaveLength(20);
  });
});

describe('the tests that are asked first', () => {
  const files: Readonly<Record<string, string>> = {
    'src/a.ts': "import { b } from './b.js';",
    'src/b.ts': "import './a.js'; export * from './deep';",
    'src/deep/index.ts': 'export const deep = 1;',
    'src/other.ts': "import x from 'package';",
    'test/a.test.ts': "import { a } from '../src/a.js';",
    'test/dynamic.test.ts': "const b = await import('../src/b.js');",
    'test/cjs.test.cjs': "const { deep } = require('../src/deep');",
    'test/other.test.ts': "import '../src/other.js'; import '../../outside.js';",
  };
  const read = (path: string) => files[path] ?? null;
  const tests = Object.keys(files).filter((path) => path.startsWith('test/'));

  it('reach the changed file by imports, also round in circles', () => {
    expect(affectedTests(tests, new Set(['src/deep/index.ts']), read)).toEqual([
      'test/a.test.ts',
      'test/dynamic.test.ts',
      'test/cjs.test.cjs',
    ]);
    expect(affectedTests(tests, new Set(['src/other.ts']), read)).toEqual(['test/other.test.ts']);
    expect(affectedTests(tests, new Set(['src/nobody.ts']), read)).toEqual([]);
  });
});
