/** Catalogue 9, 19, 23 and 28: old versus new over random programs, and what is left alone. */
import fc from 'fast-check';
import ts from 'typescript';
import { bufferConcatInLoop } from '../../../src/improvement/codemods/buffer-concat-in-loop.js';
import { objectKeysLength } from '../../../src/improvement/codemods/object-keys-length.js';
import { sortForExtreme } from '../../../src/improvement/codemods/sort-for-extreme.js';
import { spliceInLoop } from '../../../src/improvement/codemods/splice-in-loop.js';
import { arrays, differential, inputsOf, integers, numbers, plain, words } from './differential.js';
import { errorsOf, fix, reasonsOf, verdict } from './harness.js';

const anywhere = (node: ts.Node): boolean => ts.isExpression(node) && !ts.isParenthesizedExpression(node);
const tag = Symbol('s');
const header = 'declare function log<T>(value: T): T;';

describe('splice-in-loop', () => {
  it('leaves the same array for 200 random removals', () => {
    const conditions = fc.constantFrom(
      'a[i]! > 2',
      'a[i] === n',
      'b.includes(a[i]!)',
      '(a[i] ?? 0) % 2 === 0 || a[i] === b[0]',
      '!(a[i]! < n)',
    );
    const loops = fc.constantFrom(
      'for (let i = a.length - 1; i >= 0; i--) {\n    if (C) a.splice(i, 1);\n  }',
      'for (let i = a.length - 1; i > -1; --i) if (C) a.splice(i, 1);',
      'for (let i = a.length - 1; i >= 0; i -= 1) {\n    if (C) {\n      a.splice(i, 1);\n    }\n  }',
    );
    const templates = fc
      .tuple(loops, conditions)
      .map(
        ([loop, condition]) =>
          `function NAME(a: number[], b: number[], n: number) {\n  const c = a;\n  ${loop.replace('C', condition)}\n  return [a, c === a, a.length];\n}`,
      );
    const inputs = inputsOf(arrays(numbers), arrays(integers), plain(integers));
    const tally = differential({ fixer: spliceInLoop, search: anywhere, templates, inputs });
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBe(0);
  });

  it.each([
    [
      'the position decides',
      'for (let i = a.length - 1; i >= 0; i--) if (i % 2) a.splice(i, 1);',
      /position decides/,
    ],
    [
      'the condition looks around',
      'for (let i = a.length - 1; i >= 0; i--) if (a[i] === a[i + 1]) a.splice(i, 1);',
      /more than the element/,
    ],
    [
      'the condition asks the length',
      'for (let i = a.length - 1; i >= 0; i--) if (a.length > 3) a.splice(i, 1);',
      /more than the element/,
    ],
    [
      'the loop runs forwards',
      'for (let i = 0; i < a.length; i++) if (a[i]) a.splice(i, 1);',
      /begin at the end/,
    ],
    [
      'the condition has an effect',
      'for (let i = a.length - 1; i >= 0; i--) if (log(a[i])) a.splice(i, 1);',
      /has an effect/,
    ],
    [
      'what is removed is kept',
      'for (let i = a.length - 1; i >= 0; i--) if (a[i]) log(a.splice(i, 1));',
      /removed is used/,
    ],
    [
      'the loop does more',
      'for (let i = a.length - 1; i >= 0; i--) { if (a[i]) { log(i); a.splice(i, 1); } }',
      /more than removing/,
    ],
  ])('leaves code alone where %s', (_, loop, reason) => {
    const text = `${header}\nexport function f(a: number[]) { ${loop} return a; }`;
    expect(errorsOf(text)).toEqual([]);
    expect(reasonsOf(spliceInLoop, text).join('; ')).toMatch(reason);
    expect(reasonsOf(spliceInLoop, text)).not.toContain('fix');
  });
});

describe('sort-for-extreme', () => {
  it('finds the same element for 200 random ends, the first or last of equal ones', () => {
    const copies = fc.constantFrom(
      '[...a].sort(',
      'a.slice().sort(',
      'a.toSorted(',
      'a.filter((x) => x.n > 0).sort(',
    );
    const orders = fc.constantFrom(
      '(x, y) => x.n - y.n',
      '(x, y) => y.n - x.n',
      '(l, r) => {\n    return l.n - r.n;\n  }',
    );
    const ends = fc.constantFrom('[0]', '.at(-1)', '.pop()', '.shift()', '.at(0)');
    const templates = fc.tuple(copies, orders, ends).map(([copy, order, end]) => {
      const list = copy.startsWith('a.filter')
        ? `const c = a.filter((x) => x.n > 0);\n  const hit = [...c].sort(${order})${end};`
        : `const hit = ${copy}${order})${end};`;
      return `function NAME(a: U[]) {\n  ${list}\n  return [hit, a];\n}`;
    });
    const users = fc.record({ n: fc.constantFrom(0, -0, 1, 2, 3, Infinity, -1.5), id: integers });
    const inputs = inputsOf(arrays(users, { frozen: true }));
    const tally = differential({
      fixer: sortForExtreme,
      search: anywhere,
      templates,
      inputs,
      header: 'interface U { n: number; id: number }',
    });
    expect(tally.fixed).toBe(200);
  });

  it.each([
    [
      'others see the array sorted',
      'export const f = (a: number[]) => a.sort((x, y) => x - y)[0];',
      /see it sorted/,
    ],
    [
      'the middle is taken',
      'export const f = (a: number[]) => [...a].sort((x, y) => x - y)[1];',
      /not the first/,
    ],
    [
      'texts are compared',
      'export const f = (a: string[]) => [...a].sort((x, y) => x.localeCompare(y))[0];',
      /does not subtract/,
    ],
    [
      'different things are subtracted',
      'export const f = (a: { m: number; n: number }[]) => [...a].sort((x, y) => x.m - y.n)[0];',
      /different things/,
    ],
    [
      'elements may be undefined',
      'export const f = (a: (number | undefined)[]) => [...a].sort((x, y) => x! - y!)[0];',
      /undefined|proved/,
    ],
    ['the default order counts', 'export const f = (a: number[]) => [...a].sort()[0];', /comparator/],
  ])('leaves code alone where %s', (_, text, reason) => {
    expect(errorsOf(text)).toEqual([]);
    expect(reasonsOf(sortForExtreme, text).join('; ')).toMatch(reason);
    expect(reasonsOf(sortForExtreme, text)).not.toContain('fix');
  });

  it('names NaN', () => {
    const outcome = fix(
      sortForExtreme,
      anywhere,
      'export const f = (a: number[]) => [...a].sort((x, y) => y - x)[0];',
    );
    expect(outcome.plan).toMatchObject({
      tier: 'T2',
      assumptions: expect.arrayContaining(['`y` is never NaN']) as unknown,
    });
  });
});

describe('object-keys-length', () => {
  it('gives the same answers for 200 random programs', () => {
    const tests = fc.constantFrom(
      'Object.keys(o).length === 0',
      'Object.keys(o).length > 0',
      '0 !== Object.keys(o).length',
      '!Object.keys(o).length',
      'Object.keys(o).length ? n > 1 : n < 1',
    );
    const frames = fc.constantFrom(
      'function NAME(a: O[], n: number) {\n  return a.filter((o) => T);\n}',
      'function NAME(a: O[], n: number) {\n  let k = 0;\n  for (const o of a) if (T) k += 1;\n  return k + n;\n}',
      'function NAME(a: O[], n: number) {\n  let k = n;\n  for (const o of a) {\n    while (Object.keys(o).length) {\n      k += 1;\n      for (const key of Object.keys(o)) delete o[key];\n    }\n  }\n  return [k, a];\n}',
    );
    const templates = fc
      .tuple(frames, tests)
      .map(([frame, test]) =>
        frame.replace('T;', `${test};`).replace('(T)', `(${test})`).replace('=> T)', `=> ${test})`),
      );
    const objects = fc.oneof(
      fc.dictionary(words, integers, { maxKeys: 3 }).map((one) => () => ({ ...one })),
      fc.constant(() => Object.create({ inherited: 1 }) as Record<string, number>),
      fc.constant(() => Object.assign(Object.create(null) as object, { a: 1 })),
      fc.constant(() => Object.defineProperty({}, 'hidden', { value: 1, enumerable: false })),
      fc.constant(() => ({ [tag]: 1 })),
    );
    const inputs = inputsOf(arrays(objects as fc.Arbitrary<unknown>), plain(integers));
    const tally = differential({
      fixer: objectKeysLength,
      search: anywhere,
      templates,
      inputs,
      header: 'type O = Record<string, number>;',
    });
    expect(tally.fixed).toBe(200);
  });

  it('takes the condition of a loop in JavaScript, and puts the helper in front', () => {
    const text =
      'const f = (o, next) => {\n  while (Object.keys(o).length > 0) o = next(o)\n}\nmodule.exports = f\n';
    const outcome = fix(objectKeysLength, anywhere, text, { fileName: 'a.js' });
    expect(verdict(outcome.plan)).toBe('T2');
    expect(outcome.after).toContain('while (hasKeys(o)) o = next(o)');
    expect(outcome.after.indexOf('function hasKeys(value)')).toBeLessThan(outcome.after.indexOf('while'));
  });

  it.each([
    [
      'the number counts',
      'export const f = (a: object[]) => a.map((o) => Object.keys(o).length);',
      /length itself is used/,
    ],
    ['it runs once', 'export const f = (o: object) => Object.keys(o).length === 0;', /outside of loops/],
    [
      'values are listed',
      'export const f = (a: object[]) => a.map((o) => Object.values(o).length === 0);',
      /lists nothing but/,
    ],
  ])('leaves code alone where %s', (_, text, reason) => {
    expect(reasonsOf(objectKeysLength, text).join('; ')).toMatch(reason);
    expect(reasonsOf(objectKeysLength, text)).not.toContain('fix');
  });
});

describe('buffer-concat-in-loop', () => {
  const top = '/// <reference types="node" />\ndeclare function log<T>(value: T): T;';

  it('joins the same bytes for 200 random programs', () => {
    const loops = fc.constantFrom(
      'for (const x of a) {\n    b = Buffer.concat([b, x]);\n  }',
      'for (const x of a) {\n    if (x.length > n) break;\n    b = Buffer.concat([b, x]);\n  }',
      'for (let i = 0; i < a.length; i++) {\n    const x = a[i];\n    if (x === undefined) continue;\n    b = Buffer.concat([b, log(x).subarray(1)]);\n  }',
      'let i = 0;\n  while (i < a.length) b = Buffer.concat([b, a[i++]!]);',
      'a.forEach((x) => {\n    b = Buffer.concat([b, x]);\n  });',
    );
    const seeds = fc.constantFrom('Buffer.alloc(0)', 'Buffer.from([1, 2])');
    const templates = fc
      .tuple(loops, seeds)
      .map(
        ([loop, seed]) =>
          `function NAME(a: Uint8Array[], n: number) {\n  let b = ${seed};\n  ${loop}\n  return [...b, b.length];\n}`,
      );
    const bytes = fc.array(integers, { maxLength: 4 }).map((list) => () => Uint8Array.from(list));
    const inputs = inputsOf(arrays(bytes as fc.Arbitrary<unknown>), plain(integers));
    const tally = differential({
      fixer: bufferConcatInLoop,
      search: anywhere,
      templates,
      inputs,
      header: top,
    });
    expect(tally.fixed).toBeGreaterThan(120);
    expect(tally.proved).toBe(0);
  });

  it.each([
    [
      'the buffer is read in the loop',
      'for (const x of a) { b = Buffer.concat([b, x]); if (b.length > 9) break; }',
      /in other ways too/,
    ],
    [
      'a function reads it',
      'const g = () => b; for (const x of a) { g(); b = Buffer.concat([b, x]); }',
      /another function/,
    ],
    ['the chunk comes first', 'for (const x of a) b = Buffer.concat([x, b]);', /does not come behind/],
    [
      'an error may be caught',
      'try { for (const x of a) b = Buffer.concat([b, x]); } catch { return b; }',
      /is caught/,
    ],
    ['it is no loop', 'if (a[0]) b = Buffer.concat([b, a[0]]);', /no loop/],
  ])('leaves code alone where %s', (_, body, reason) => {
    const text = `/// <reference types="node" />\nexport function f(a: Uint8Array[]) { let b: Uint8Array = Buffer.alloc(0); ${body} return b; }`;
    expect(reasonsOf(bufferConcatInLoop, text).join('; ')).toMatch(reason);
    expect(reasonsOf(bufferConcatInLoop, text)).not.toContain('fix');
  });
});
