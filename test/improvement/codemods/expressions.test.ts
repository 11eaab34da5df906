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
