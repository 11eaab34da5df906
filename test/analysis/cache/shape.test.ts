/** What other files can see of a file: what may change without them being analysed again, and what may not. */
import ts from 'typescript';
import { shapeOf } from '../../../src/analysis/cache/shape.js';

const shape = (text: string, name = 'a.ts'): string =>
  shapeOf(ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true));
const base = `import { list } from './list.js';
/** What it gives. */
export function f(a: string[]): number {
  return helper(a).length;
}
function helper(a: string[]) {
  return a;
}
export const g = () => helper([]);
`;

describe('the shape of a file', () => {
  it.each([
    ['a comment', base.replace('What it gives', 'Something else')],
    ['a new comment at the end', `${base}// more\n`],
    ['a body behind a written type', base.replace('.length', '.length + 1')],
    ['a function that nobody names', `${base}function lonely(a: number) { return a; }\n`],
    [
      'functions that name only each other',
      `${base}function one() { return two(); }\nfunction two() { return one(); }\n`,
    ],
  ])('stays the same with %s', (_, text) => {
    expect(shape(text)).toBe(shape(base));
  });

  it.each([
    ['a body that a visible type comes from', base.replace('return a;', 'return [a];')],
    ['an export', `${base}export function more() { return 1; }\n`],
    ['a function that an export list names', `${base}function more() { return 1; }\nexport { more };\n`],
    ['a written type', base.replace('number', 'unknown')],
    ['an import', base.replace('./list.js', './other.js')],
    ['a line break that ends a statement', base.replace('return a;', 'return\na;')],
    ['a directive', `/// <reference types="node" />\n${base}`],
    ['a check that is switched off', `// @ts-nocheck\n${base}`],
    ['a constant', `${base}const more = 1;\n`],
  ])('changes with %s', (_, text) => {
    expect(shape(text)).not.toBe(shape(base));
  });

  it('keeps the functions of a script: everybody can name them', () => {
    expect(shape('function f() { return 1; }\n')).not.toBe(shape('function f() { return 2; }\n'));
  });

  it('takes JavaScript whole', () => {
    expect(shape('export const a = 1; // one\n', 'a.js')).not.toBe(
      shape('export const a = 1; // two\n', 'a.js'),
    );
  });

  it('tells a hidden function from a missing one by nothing', () => {
    const more = 'function lonely() { return 1; }\n';
    expect(shape(more + base.slice(base.indexOf('/**')))).toBe(shape(base.slice(base.indexOf('/**'))));
  });
});
