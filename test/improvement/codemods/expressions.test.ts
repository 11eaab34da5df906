import fc from 'fast-check';
import ts from 'typescript';
import type { Fixer } from '../../../src/analysis/types.js';
import { filterFirst } from '../../../src/improvement/codemods/filter-first.js';
import { filterLength } from '../../../src/improvement/codemods/filter-length.js';
import { localeCompareSort } from '../../../src/improvement/codemods/locale-compare-sort.js';
import { quadraticUnique } from '../../../src/improvement/codemods/quadratic-unique.js';
import { reverseFind } from '../../../src/improvement/codemods/reverse-find.js';
import { splitIndex } from '../../../src/improvement/codemods/split-index.js';
import { spreadForSize } from '../../../src/improvement/codemods/spread-for-size.js';
import { spreadMinMax } from '../../../src/improvement/codemods/spread-min-max.js';
import { arrays, differential, inputsOf, numbers, plain, words, type Tally } from './differential.js';
import { fix, verdict } from './harness.js';

const anywhere = (node: ts.Node): boolean => ts.isExpression(node);
const header = 'declare function log<T>(value: T): T;';
const parameters = 'a: string[], n: number[], s: string, k: number';

/** Functions that use an expression in the usual places. */
const frames = fc.constantFrom(
  `function NAME(${parameters}) {\n  return VALUE;\n}`,
  `function NAME(${parameters}) {\n  const x = VALUE;\n  return [x, k];\n}`,
  `function NAME(${parameters}) {\n  if (k > 1) log(VALUE);\n  return s;\n}`,
  `function NAME(${parameters}) {\n  return n.map((i) => [i, VALUE]);\n}`,
);
const programs = (...values: readonly string[]) =>
  fc.tuple(frames, fc.constantFrom(...values)).map(([frame, value]) => frame.replace('VALUE', () => value));

/** Typed inputs without holes; numbers with NaN and -0 when wanted. */
const inputs = (odd: boolean) =>
  inputsOf(
    arrays(words, { frozen: false }),
    arrays(odd ? numbers : fc.integer({ min: -5, max: 5 })),
    plain(fc.constantFrom('a,b,c', '', ',', '__proto__', 'ab,')),
    plain(fc.integer({ min: 0, max: 3 })),
  );

const compare = (fixer: Fixer, odd: boolean, ...values: readonly string[]): Tally =>
  differential({
    fixer,
    search: anywhere,
    templates: programs(...values),
    inputs: inputs(odd),
    header,
    runs: 4,
  });

describe('codemods of one expression', () => {
  it('filter-first: 200 random programs', () => {
    const tally = compare(
      filterFirst,
      true,
      'a.filter((x) => x.length > k)[0]',
      'a.filter((x, i) => x !== s && i >= k).at(0)',
      'n.filter((x) => x > k).shift()',
      'n.filter((x) => Number.isNaN(x))[0] ?? null',
      '(() => {\n    const [x] = a.filter((y) => y === s);\n    return x;\n  })()',
      'a.filter(Boolean)[0]',
      "s.split(',').filter((x) => x !== '')[0]",
      'a.map((x) => x + s).filter((x) => x.length > 2)[0]?.length',
    );
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBeGreaterThan(0);
  });

  it('filter-length: 200 random programs', () => {
    const tally = compare(
      filterLength,
      true,
      'a.filter((x) => x === s).length > 0',
      'a.filter((x) => x.startsWith(s)).length === 0',
      '0 !== n.filter((x) => x > k).length',
      'n.filter((x) => x !== x).length >= 1',
      '(n.filter((x, i) => i > k).length ? 1 : 2)',
      '!n.filter((x) => x > k).length && s',
      'n.filter((x) => x > k).length < 1',
    );
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBe(200);
  });

  it('spread-for-size: 200 random programs', () => {
    const tally = compare(
      spreadForSize,
      true,
      '[...new Set(a)].length',
      'Array.from(new Set(n)).length',
      '[...new Map(a.map((x) => [x, k])).keys()].length',
      'Array.from(new Map(n.map((x) => [x, s])).entries()).length',
      'n.filter((i) => i < [...new Set(a).values()].length)',
    );
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBe(200);
  });

  it('split-index: 200 random programs', () => {
    const tally = compare(
      splitIndex,
      true,
      "s.split(',')[0]",
      "s.split('')[1]",
      "(s + s).split(',')[3]",
      'a.map((x) => x.split(s)[0])',
      "s.split(log(','))[2]?.length",
    );
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBe(200);
  });

  it('reverse-find: 200 random programs', () => {
    const tally = compare(
      reverseFind,
      true,
      'a.slice().reverse().find((x) => x.length > k)',
      '[...n].reverse().find((x) => x > k)',
      'n.toReversed().find((x) => x !== x)',
      'a.filter((x) => x !== s).slice().reverse().find((x) => x < s)',
    );
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBe(200);
  });

  it('locale-compare-sort: 200 random programs', () => {
    const tally = compare(
      localeCompareSort,
      true,
      "a.sort((x, y) => x.localeCompare(y, 'de'))",
      "[...a].sort((x, y) => x.localeCompare(y, 'sv', { sensitivity: 'base' }))",
      "a.toSorted((x, y) => {\n    return x.localeCompare(y, 'en', { numeric: true });\n  })",
    );
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBe(200);
  });

  it('quadratic-unique: 200 random programs', () => {
    const tally = compare(
      quadraticUnique,
      false,
      'a.filter((x, i) => a.indexOf(x) === i)',
      'a.map((x) => x + s).filter((x, i, all) => all.indexOf(x) == i)',
      'n.filter((x, i, all) => i === all.indexOf(x)).length',
      'a.slice(k).filter((x, i, self) => self.indexOf(x) === i)',
    );
    expect(tally.fixed).toBe(200);
  });

  it('spread-min-max: 200 random programs', () => {
    const tally = compare(
      spreadMinMax,
      true,
      'Math.max(...n)',
      'Math.min(...n)',
      'Math.max(...a.map((x) => x.length))',
      'k - Math.min(...n.filter((x) => x > 0))',
    );
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBe(0);
  });

  it.each<readonly [string, Fixer, string, RegExp]>([
    [
      'a filter with an effect',
      filterFirst,
      'let c = 0; export const f = (a: number[]) => a.filter((x) => { c++; return x > 1; })[0];',
      /does more|effect/,
    ],
    [
      'a filter whose callback is elsewhere',
      filterFirst,
      'declare const p: (x: number) => boolean; export const f = (a: number[]) => a.filter(p)[0];',
      /not written in place/,
    ],
    [
      'a filter of something else',
      filterFirst,
      'export const f = (a: Uint8Array) => a.filter((x) => x > 1)[0];',
      /not proved to be an array/,
    ],
    [
      'the second match',
      filterFirst,
      'export const f = (a: number[]) => a.filter((x) => x > 1)[1];',
      /not the first element/,
    ],
    [
      'a match that is written',
      filterFirst,
      'export const f = (a: number[]) => { a.filter((x) => x > 1)[0] = 2; };',
      /written/,
    ],
    [
      'two matches',
      filterFirst,
      'export const f = (a: number[]) => { const [x, y] = a.filter((z) => z > 1); return [x, y]; };',
      /more than the first|not the first/,
    ],
    [
      'a count that is used',
      filterLength,
      'export const f = (a: number[]) => a.filter((x) => x > 1).length;',
      /number itself/,
    ],
    [
      'a count of two',
      filterLength,
      'export const f = (a: number[]) => a.filter((x) => x > 1).length > 1;',
      /number itself/,
    ],
    [
      'a truth value that is returned',
      filterLength,
      'export const f = (a: number[]) => a.filter((x) => x > 1).length || 3;',
      /number itself/,
    ],
    [
      'the length of a copied string',
      spreadForSize,
      'export const f = (s: string) => [...s].length;',
      /not proved to be a Set/,
    ],
    [
      'the length of a mapped copy',
      spreadForSize,
      'export const f = (s: Set<number>) => Array.from(s, (x) => x).length;',
      /not the copy/,
    ],
    [
      'a split by a pattern',
      splitIndex,
      'export const f = (s: string) => s.split(/,/)[0];',
      /not proved to be a string/,
    ],
    [
      'a split at a variable position',
      splitIndex,
      "export const f = (s: string, i: number) => s.split(',')[i];",
      /small literal/,
    ],
    [
      'a split of something unknown',
      splitIndex,
      "export const f = (s: any) => s.split(',')[0];",
      /not proved to be a string/,
    ],
    [
      'an in-place reversal',
      reverseFind,
      'export const f = (a: number[]) => a.reverse().find((x) => x > 1);',
      /not the reversed copy/,
    ],
    [
      'a reversed search with positions',
      reverseFind,
      'export const f = (a: number[]) => [...a].reverse().find((x, i) => i > 1);',
      /position/,
    ],
    [
      'a comparison without a locale',
      localeCompareSort,
      'export const f = (a: string[]) => a.sort((x, y) => x.localeCompare(y));',
      /faster path/,
    ],
    [
      'a comparison the other way round',
      localeCompareSort,
      "export const f = (a: string[]) => a.sort((x, y) => y.localeCompare(x, 'de'));",
      /first parameter with its second/,
    ],
    [
      'a comparison in an invalid locale',
      localeCompareSort,
      "export const f = (a: string[]) => a.sort((x, y) => x.localeCompare(y, 'x_y'));",
      /not valid/,
    ],
    [
      'a filter that keeps last occurrences',
      quadraticUnique,
      'export const f = (a: string[]) => a.filter((x, i) => a.lastIndexOf(x) === i);',
      /does not keep first/,
    ],
    [
      'a filter by another array',
      quadraticUnique,
      'export const f = (a: string[], b: string[]) => a.filter((x, i) => b.indexOf(x) === i);',
      /does not keep first/,
    ],
    [
      'an extreme of mixed values',
      spreadMinMax,
      'export const f = (a: (number | undefined)[]) => Math.max(...(a as any[]));',
      /not proved/,
    ],
    [
      'an extreme with more arguments',
      spreadMinMax,
      'export const f = (a: number[]) => Math.max(0, ...a);',
      /not one spread/,
    ],
  ])('leaves %s alone', (_name, fixer, text, reason) => {
    const { plan } = fix(fixer, anywhere, text);
    expect(plan.kind).toBe('noFix');
    const reasons = reasonsOf(fixer, text);
    expect(reasons.some((one) => reason.test(one))).toBe(true);
  });

  it('uses Array.from where the target cannot spread a Set', () => {
    const text = 'export const f = (a: string[]) => a.filter((x, i) => a.indexOf(x) === i);';
    const es5 = {
      compilerOptions: {
        target: ts.ScriptTarget.ES5,
        lib: ['lib.es2015.d.ts', 'lib.decorators.legacy.d.ts'],
      },
    };
    expect(fix(quadraticUnique, anywhere, text, es5).after).toContain('Array.from(new Set(a))');
  });

  it('does not use findLast before ES2023', () => {
    const text = 'export const f = (a: string[]) => [...a].reverse().find((x) => x > "b");';
    const older = { compilerOptions: { lib: ['lib.es2022.d.ts', 'lib.decorators.d.ts'] } };
    expect(verdict(fix(reverseFind, anywhere, text, older).plan)).not.toMatch(/^T/);
  });
});

/** Reasons of all places of the text; the interesting one is among them. */
function reasonsOf(fixer: Fixer, text: string): readonly string[] {
  const reasons: string[] = [];
  fix(
    {
      ...fixer,
      plan(match, context) {
        const plan = fixer.plan(match, context);
        reasons.push(verdict(plan));
        return plan;
      },
    },
    anywhere,
    text,
  );
  return reasons;
}
