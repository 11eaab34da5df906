import fc from 'fast-check';
import ts from 'typescript';
import { accumulatingSpread } from '../../../src/improvement/codemods/accumulating-spread.js';
import { arrays, differential, inputsOf, integers, numbers, plain, words } from './differential.js';
import { errorsOf, fix, verdict } from './harness.js';

const search = (node: ts.Node): boolean =>
  (ts.isCallExpression(node) && node.expression.getText().endsWith('.reduce')) ||
  (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken);
const plan = (text: string, options = {}) => fix(accumulatingSpread, search, text, options);
const header = 'declare function log<T>(value: T): T;';

const added = fc.constantFrom('x', 'log(x)', 'x + r.length', 'log(x), x', 'r.length > 3 ? x : log(x)');
const loops = fc.constantFrom(
  'for (const x of a) {\n    STEP;\n  }',
  'for (let i = 0; i < a.length; i++) {\n    const x = a[i] ?? 0;\n    if (i % 2 === 0) STEP;\n    else r.push(-1);\n  }',
  'a.forEach((x) => {\n    // one more\n    STEP;\n  });',
  'for (const x of a) {\n    if (r.includes(x)) continue;\n    STEP;\n  }',
  'let i = 0;\n  while (i < a.length) {\n    const x = a[i++] ?? 1;\n    if (x > 2) r = [];\n    STEP;\n  }',
);
const steps = fc
  .tuple(
    fc.constantFrom('r = [...r, V]', 'r = r.concat(Y)', 'r = [...r, ...Y]'),
    added,
    fc.constantFrom('[x, x + 1]', 'm[0] ?? []'),
  )
  .map(([step, value, list]) => step.replace('V', value).replace('Y', list));
const assignments = fc
  .tuple(loops, steps)
  .map(
    ([loop, step]) =>
      `function NAME(a: number[], m: number[][]) {\n  let r: number[] = [];\n  ${loop.replaceAll('STEP', step)}\n  return [r, r.length];\n}`,
  );

describe('accumulating-spread', () => {
  it('gives the same arrays for 200 random loops', () => {
    const inputs = inputsOf(
      arrays(numbers, { holes: true, frozen: true }),
      arrays(fc.array(integers, { maxLength: 5 })),
    );
    const tally = differential({ fixer: accumulatingSpread, search, templates: assignments, inputs, header });
    expect(tally.fixed).toBeGreaterThan(180);
  });

  it('gives the same arrays for 200 random reductions', () => {
    const bodies = fc.constantFrom(
      '(r, x) => [...r, x]',
      '(r, x) => [...r, log(x), r.length]',
      '(r, x) => (x > 1 ? [...r, x] : r)',
      '(r, x) => (r.includes(x) ? r : [...r, x])',
      '(r, x, i) => r.concat(x + i)',
      '(r, x) => r.concat([x, log(x)])',
      '(r, x) => {\n    if (x > 2) return r;\n    const y = log(x);\n    return [...r, y];\n  }',
      '(r, x) => {\n    if (x > 2) return [...r, x, 7];\n    return r;\n  }',
      'function (r, x) { return [...r, x]; }',
    );
    const seeds = fc.constantFrom('[]', '[7]', '[1, 2]');
    const templates = fc
      .tuple(bodies, seeds)
      .map(
        ([body, seed]) => `function NAME(a: number[]) {\n  return a.reduce<number[]>(${body}, ${seed});\n}`,
      );
    const inputs = inputsOf(arrays(numbers, { holes: true, frozen: true }));
    const tally = differential({ fixer: accumulatingSpread, search, templates, inputs, header });
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBe(200);
  });

  it('gives the same objects, own `__proto__` included, for 200 random reductions', () => {
    const bodies = fc.constantFrom(
      '(o, x) => ({ ...o, [x]: x.length })',
      '(o, x, i) => ({ ...o, [x + i]: log(i) })',
      '(o, x) => {\n    return { ...o, [log(x)]: 1 };\n  }',
      '(o, { length }) => ({ ...o, [length]: length })',
    );
    const receivers = fc.constantFrom(
      'a.filter((x) => x !== "z")',
      'Object.keys({ b: 1, a: 2 })',
      "'a,b,__proto__'.split(',')",
    );
    const templates = fc
      .tuple(bodies, receivers)
      .map(
        ([body, list]) =>
          `function NAME(a: string[]) {\n  return [a, ${list}.reduce<Record<string, number>>(${body}, {})];\n}`,
      );
    const inputs = inputsOf(arrays(words, { holes: true }));
    const tally = differential({ fixer: accumulatingSpread, search, templates, inputs, header });
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBe(200);
  });

  it('gives the same objects for loops over number keys', () => {
    const templates = fc
      .constantFrom('log(x)', 'o[x] ?? 0', 'Object.keys(o).length')
      .map(
        (value) =>
          `function NAME(a: number[], n: number) {\n  let o: Record<number, number> = {};\n  for (const x of a) o = { ...o, [x + n]: ${value} };\n  return o;\n}`,
      );
    const inputs = inputsOf(arrays(numbers), plain(integers));
    const tally = differential({
      fixer: accumulatingSpread,
      search,
      templates,
      inputs,
      header,
      programs: 40,
    });
    expect(tally.proved).toBeGreaterThan(20);
  });

  it.each([
    [
      'earlier versions are kept',
      'export function f(a: number[]) { let r: number[] = []; const all: number[][] = []; for (const x of a) { r = [...r, x]; all.push(r); } return all; }',
      /handed out before the loop ends/,
    ],
    [
      'the variable is a second name',
      'export function f(a: number[], base: number[]) { let r: number[] = []; for (const x of a) { if (x > 2) r = base; r = [...r, x]; } return r; }',
      /others may hold/,
    ],
    [
      "the start is the caller's array",
      'export function f(a: number[], base: number[]) { let r = base; for (const x of a) r = [...r, x]; return r; }',
      /does not start as an array literal/,
    ],
    [
      'the array is walked while it grows',
      'export function f() { let r: number[] = [1]; for (const x of r) { r = [...r, x]; } return r; }',
      /iterated while it grows/,
    ],
    [
      'the array is added to itself',
      'export function f(n: number) { let r: number[] = [1]; for (let i = 0; i < n; i++) r = [...r, ...r]; return r; }',
      /added to itself/,
    ],
    [
      'concat of the array itself',
      'export function f(n: number) { let r: number[] = [1]; for (let i = 0; i < n; i++) r = r.concat(r); return r; }',
      /added to itself/,
    ],
    [
      'a closure keeps a version',
      'export function f(a: number[]) { let r: number[] = []; const get = () => r; const all: number[][] = []; for (const x of a) { r = [...r, x]; all.push(get()); } return all; }',
      /handed out/,
    ],
    [
      'an iterator is kept',
      'export function f(a: number[]) { let r: number[] = []; let it = r.values(); for (const x of a) { it = r.values(); r = [...r, x]; } return it; }',
      /iterator/,
    ],
    [
      'what is added may change the array itself',
      'export function f(a: any[], g: (r: any[]) => any) { let r: any[] = []; for (const x of a) r = r.concat(g(r)); return r; }',
      /may change the array|handed out/,
    ],
    [
      'the variable holds something else when the loop begins',
      'export function f(a: number[][], b: number[]) { let r; r = b; for (const x of a) r = r.concat(x); return r; }',
      /does not start as an array literal/,
    ],
    [
      'a return in `finally` comes before the loop ends',
      'export function f(a: number[][]) { let r: number[] = []; try { return r; } finally { for (const x of a) r = r.concat(x); } }',
      /handed out/,
    ],
    [
      'the seed of an object is a variable',
      'export function f(a: string[], s: Record<string, number>) { return a.reduce<Record<string, number>>((o, x) => ({ ...o, [x]: 1 }), s); }',
      /seed is not a fresh object/,
    ],
    [
      'a branch of the callback gives a new object',
      'export function f(a: string[]) { return a.reduce<Record<string, number>>((o, x) => (x ? { ...o, [x]: 1 } : {}), {}); }',
      /does not start with the old one/,
    ],
    [
      'a path of the callback has no return',
      'export function f(a: string[]) { return a.reduce<any>((o, x) => { if (x) return { ...o, [x]: 1 }; }, {}); }',
      /may end without a return/,
    ],
    [
      'the value reads the accumulator',
      'export function f(a: string[]) { return a.reduce<Record<string, number>>((o, x) => ({ ...o, [x]: (o[x] ?? 0) + 1 }), {}); }',
      /read besides being copied/,
    ],
    [
      'the literal sets a prototype',
      'export function f(a: string[]) { return a.reduce<any>((o, x) => ({ ...o, __proto__: null, [x]: 1 }), {}); }',
      /sets the prototype/,
    ],
    [
      'both the array and the seed have effects',
      'export function f(g: () => string[]) { return g().reduce<Record<string, number>>((o, x) => ({ ...o, [x]: 1 }), { a: g().length }); }',
      /whose order would change/,
    ],
    [
      'the accumulator is read-only',
      'export function f(a: number[]) { let r: readonly number[] = []; for (const x of a) r = [...r, x]; return r; }',
      /read-only/,
    ],
    [
      'it is not in a loop',
      'export function f(a: number) { let r: number[] = []; r = [...r, a]; return r; }',
      /not in a loop/,
    ],
    [
      'the new one comes first',
      'export function f(a: number[]) { let r: number[] = []; for (const x of a) r = [x, ...r]; return r; }',
      /does not start with the old one/,
    ],
    [
      'a reduce leaks its accumulator',
      'export function f(a: number[]) { const all: number[][] = []; return [a.reduce<number[]>((r, x) => { all.push(r); return [...r, x]; }, []), all]; }',
      /more than adding/,
    ],
    [
      'the seed is a variable',
      'export function f(a: number[], s: number[]) { return a.reduce<number[]>((r, x) => [...r, x], s); }',
      /returns something else/,
    ],
    [
      'a closure in the reduce keeps a version',
      'export function f(a: number[]) { const all: (() => number)[] = []; a.reduce<number[]>((r, x) => { all.push(() => r.length); return [...r, x]; }, []); return all; }',
      /captured by another function/,
    ],
  ])('leaves code alone where %s', (_name, text, reason) => {
    expect(errorsOf(text).filter((error) => !error.startsWith('TS7'))).toEqual([]);
    expect(verdict(plan(text).plan)).toMatch(reason);
  });

  it('asks concat itself what it adds where JavaScript has no types, and writes ES5 in ES5 files', () => {
    const text =
      "'use strict';\nfunction f(list) {\n  var out = [];\n  for (var i = 0; i < list.length; i++) {\n    out = out.concat(list[i].children);\n  }\n  return out;\n}\n";
    const outcome = plan(text, { fileName: 'old.js' });
    expect(verdict(outcome.plan)).toBe('T2');
    expect(outcome.after).toContain(
      '[].concat(list[i].children).forEach(function (item) { out.push(item); });',
    );
  });

  it('names the key that it cannot prove', () => {
    const text =
      'export function f(a: string[]) { let o: Record<string, number> = {}; for (const x of a) o = { ...o, [x]: 1 }; return o; }';
    const outcome = plan(text);
    expect(outcome.plan).toMatchObject({ tier: 'T2', assumptions: ["`x` is never '__proto__'"] });
  });
});
