import type { Fixer } from '../../../src/analysis/types.js';
import { filterFirst } from '../../../src/improvement/codemods/filter-first.js';
import { filterLength } from '../../../src/improvement/codemods/filter-length.js';
import { localeCompareSort } from '../../../src/improvement/codemods/locale-compare-sort.js';
import { quadraticUnique } from '../../../src/improvement/codemods/quadratic-unique.js';
import { reverseFind } from '../../../src/improvement/codemods/reverse-find.js';
import { splitIndex } from '../../../src/improvement/codemods/split-index.js';
import { spreadForSize } from '../../../src/improvement/codemods/spread-for-size.js';
import { spreadMinMax } from '../../../src/improvement/codemods/spread-min-max.js';
import { reasonsOf } from './harness.js';

describe('what codemods of one expression leave alone', () => {
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
  ])('%s', (_name, fixer, text, reason) => {
    const reasons = reasonsOf(fixer, text);
    expect(reasons).not.toContain('fix');
    expect(reasons.filter((one) => reason.test(one))).not.toEqual([]);
  });
});
