import fc from 'fast-check';
import ts from 'typescript';
import { accumulatingSpread } from '../../../src/improvement/codemods/accumulating-spread.js';
import { arrays, differential, inputsOf, integers, words } from './differential.js';
import { errorsOf, fix, verdict } from './harness.js';

const search = (node: ts.Node): boolean =>
  (ts.isCallExpression(node) && node.expression.getText().endsWith('.reduce')) ||
  (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken);
const plan = (text: string, options = {}) => fix(accumulatingSpread, search, text, options);
const header = 'declare function log<T>(value: T): T;';

describe('accumulating-spread where values vary', () => {
  it('gives the same objects where branches add nothing or several keys, for 200 random reductions', () => {
    const bodies = fc.constantFrom(
      '(o, x) => (x.length > 1 ? { ...o, [x]: log(x) } : { ...o })',
      '(o, x) => (x === "a" ? o : { ...o, [x]: x.length, n: x })',
      '(o, x, i) => (i % 2 === 0 ? o : x === "b" ? { ...o, [x]: i } : { ...o, [i]: log(x), x })',
      '(o, x) => {\n    if (x === "c") return o;\n    const n = log(x);\n    return { ...o, [n]: 1 };\n  }',
      '(o, x) => {\n    if (x.length > 1) {\n      return { ...o, [x]: 1 };\n    } else {\n      return { ...o, "b c": [x] };\n    }\n  }',
      'function (o, x) { return x === "" ? { ...o } : { ...o, [x]: () => x }.x ? { ...o, [x]: 2 } : o; }',
    );
    const seeds = fc.constantFrom('{}', '{}', '{ b: 1, n: 2 }');
    const templates = fc
      .tuple(bodies, seeds)
      .map(
        ([body, seed]) =>
          `function NAME(a: string[]) {\n  const r = a.reduce<any>(${body}, ${seed});\n  return [r, Object.getPrototypeOf(r) === Object.prototype];\n}`,
      );
    const inputs = inputsOf(arrays(words, { frozen: true }));
    const tally = differential({ fixer: accumulatingSpread, search, templates, inputs, header });
    expect(tally.fixed).toBeGreaterThan(150);
    expect(tally.proved).toBeGreaterThan(80);
  });

  it.each([
    [
      'TypeScript',
      'sample.ts',
      ': (number | number[])[]',
      ': number[]',
      'declare function log<T>(value: T): T;',
    ],
    ['JavaScript', 'sample.js', '', '', ''],
  ])(
    'gives the same arrays where what is added may be an array, for 200 random loops in %s',
    (_l, fileName, many, one, top) => {
      const bodies = fc.constantFrom(
        'for (const x of a) r = r.concat(x);',
        'for (const x of a) {\n    const y = log(x);\n    if (y !== 2) r = r.concat(y);\n    else r.push(7);\n  }',
        'for (let i = 0; i < a.length; i++) {\n    r = r.concat(log(a[i] ?? 5));\n  }',
        'for (const x of a)\n    if (x !== 1) r = r.concat(log(x));',
        'a.forEach((x) => {\n    r = r.concat(x);\n  });',
        'r = a.reduce((all, x) => (x === 0 ? all : all.concat(x)), []);',
        'r = a.reduce((all, x) => {\n    if (x === 0) return all;\n    return all.concat(log(x));\n  }, []);',
      );
      const templates = bodies.map((body) => {
        const typed = one === '' ? body : body.replace('.reduce(', '.reduce<number[]>(');
        return `function NAME(a${many}) {\n  let r${one} = [];\n  ${typed}\n  return [r, a];\n}`;
      });
      const mixed = fc.oneof(integers, fc.array(integers, { maxLength: 4 }));
      const inputs = inputsOf(arrays(mixed, { frozen: true }));
      const tally = differential({
        fixer: accumulatingSpread,
        search,
        templates,
        inputs,
        header: top,
        options: { fileName },
      });
      expect(tally.fixed).toBeGreaterThan(150);
      expect(tally.proved).toBe(0);
    },
  );

  it('reaches the built-in by globalThis where the file gives its name to something else', () => {
    const text =
      'export namespace Copy {\n  export function Object(value: Record<string, number>): any {\n    return globalThis.Object.keys(value).reduce((acc, key) => ({ ...acc, [key]: value[key] }), {});\n  }\n}\n';
    const outcome = plan(text);
    expect(verdict(outcome.plan)).toBe('T1');
    expect(outcome.after).toContain(
      'globalThis.Object.fromEntries(globalThis.Object.keys(value).map((key) => [key, value[key]]))',
    );
    expect(errorsOf(outcome.after)).toEqual([]);
  });

  it('keeps a seed that is itself copied together, in front', () => {
    const text =
      'export function f(v: any): any {\n  return Object.keys(v).reduce((acc, key) => ({ ...acc, [key]: v[key] }), Object.getOwnPropertySymbols(v).reduce((acc, key) => ({ ...acc, [key]: v[key] }), {}));\n}\n';
    const outcome = plan(text);
    expect(verdict(outcome.plan)).toBe('T2');
    expect(outcome.after).toMatch(
      /return \(\{ \.\.\.Object\.getOwnPropertySymbols.*, \.\.\.Object\.fromEntries/,
    );
    expect(errorsOf(outcome.after)).toEqual([]);
  });

  it('takes the array that is assigned in front of the loop, and returns in other branches', () => {
    const text =
      "'use strict';\nfunction f(a) {\n  let r;\n  if (!a) {\n    r = [0];\n    return r;\n  } else {\n    r = [];\n    for (const x of a) {\n      const y = f(x);\n      r = r.concat(y);\n    }\n    return r;\n  }\n}\n";
    const outcome = plan(text, { fileName: 'new.js' });
    expect(verdict(outcome.plan)).toBe('T2');
    expect(outcome.after).toContain('      for (const item of [].concat(y)) r.push(item);\n');
  });
});
