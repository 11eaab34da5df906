import ts from 'typescript';
import type { Fixer } from '../../../src/analysis/types.js';
import { accumulatingSpread } from '../../../src/improvement/codemods/accumulating-spread.js';
import { lookupInLoop } from '../../../src/improvement/codemods/lookup-in-loop.js';
import { reasonsOf } from './harness.js';

const entries =
  '(names: string[]) => names.reduce<Record<string, number>>((acc, name) => ({ ...acc, [name]: 1 }), {});';
const lookup =
  'export function f(a: string[], text: string) { const b = text.split(","); const out: string[] = []; for (const x of a) { if (b.includes(x)) out.push(x); } return out; }';

/** Before `globalThis`, by which a shadowed built-in could be reached. */
const es2019 = { compilerOptions: { target: ts.ScriptTarget.ES2019, lib: ['lib.es2019.d.ts'] } };

describe('a codemod that names a built-in', () => {
  it.each<readonly [string, Fixer, string, RegExp]>([
    [
      'a function',
      accumulatingSpread,
      `function Object(value: string) { return value; }\nexport const f = ${entries}`,
      /`Object` means/,
    ],
    [
      'an inner function',
      accumulatingSpread,
      `namespace Inner { function Object() {} }\nexport const f = ${entries}`,
      /`Object` means/,
    ],
    ['a class', lookupInLoop, `class Set {}\n${lookup}`, /`Set` means/],
    ['an import', lookupInLoop, `import { Set } from 'immutable';\n${lookup}`, /`Set` means/],
    ['a parameter', lookupInLoop, `export const g = (Set: number) => Set;\n${lookup}`, /`Set` means/],
  ])('leaves a file alone where it is %s', (_, fixer, code, reason) => {
    expect(reasonsOf(fixer, code, es2019).join('; ')).toMatch(reason);
  });

  it('works where the name is only a property', () => {
    expect(reasonsOf(lookupInLoop, `export const kinds = { Set: 1 };\n${lookup}`)).toContain('fix');
  });
});
