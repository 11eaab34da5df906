/** Searches of lists that grow, of positions, of lists that may be absent, and in JavaScript without types. */
import fc from 'fast-check';
import { lookupInLoop } from '../../../src/improvement/codemods/lookup-in-loop.js';
import { arrays, differential, inputsOf, integers, numbers, plain, words } from './differential.js';
import { callOf, errorsOf, fix, verdict } from './harness.js';

const search = callOf('includes', 'indexOf', 'lastIndexOf', 'find', 'some');
const plan = (text: string, options = {}) => fix(lookupInLoop, search, text, options);
const header = 'declare function log<T>(value: T): T;';
const javascript = { fileName: 'sample.js' };

const collecting = fc.constantFrom(
  'for (const x of a) {\n    if (SEARCH) out.push(x);\n  }',
  'for (const x of a) {\n    log(x);\n    if (!(SEARCH)) continue;\n    out.push(x);\n  }',
  'a.forEach((x) => {\n    if (SEARCH) {\n      // new\n      out.push(x);\n    }\n  });',
  'for (let i = 0; i < a.length; i++) {\n    const x = log(a[i]);\n    if (x === undefined) continue;\n    if (SEARCH) out.push(x);\n    else log(out.length);\n  }',
  'if (a.length > 9) return out;\n  const each = (list, f) => list.forEach(f);\n  each(a, (x) => {\n    if (SEARCH) out.push(x);\n  });',
);
const unseen = fc.constantFrom('!out.includes(x)', 'out.indexOf(x) === -1', 'out.lastIndexOf(x) < 0');

describe('lookup-in-loop beyond unchanging typed arrays', () => {
  it.each([
    ['strings', 'string', words, true],
    ['numbers, where indexOf never finds NaN', 'number', numbers, false],
  ] as const)('gives the same lists for 200 random collections of unseen %s', (_, type, element, proved) => {
    const templates = fc.tuple(collecting, unseen).map(([body, test]) => {
      const typed = body.replace('(list, f)', `(list: ${type}[], f: (x: ${type}) => void)`);
      return `function NAME(a: ${type}[]) {\n  const out: ${type}[] = [];\n  ${typed.replace('SEARCH', test)}\n  return out;\n}`;
    });
    const inputs = inputsOf(arrays(element as fc.Arbitrary<unknown>, { frozen: true }));
    const tally = differential({ fixer: lookupInLoop, search, templates, inputs, header });
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBeGreaterThan(proved ? 120 : 100);
  });

  it('gives the same positions for 200 random programs, with NaN, holes and repeats', () => {
    const uses = fc.constantFrom(
      'b.indexOf(x) === i',
      'b.indexOf(x)',
      'b[b.indexOf(x)]',
      'b.indexOf(x) + 1',
      'log(b.indexOf(x))',
      'b.indexOf(x) > 1 ? x : i',
    );
    const frames = fc.constantFrom(
      'function NAME(a: T[], b: T[]) {\n  return a.map((x, i) => USE);\n}',
      'function NAME(a: T[], b: T[]) {\n  const out: unknown[] = [];\n  for (let i = 0; i < a.length; i++) {\n    const x = a[i] as T;\n    out.push(USE);\n  }\n  return out;\n}',
    );
    const templates = fc
      .tuple(frames, uses)
      .map(([frame, use]) => frame.replace('USE', use).replaceAll(/\bT\b/g, '(number | string)'));
    const element = fc.oneof(numbers, words);
    const inputs = inputsOf(arrays(element, { holes: true }), arrays(element, { holes: true }));
    const tally = differential({ fixer: lookupInLoop, search, templates, inputs, header });
    expect(tally.fixed).toBe(200);
  });

  it('gives the same results for 200 random JavaScript programs, whose arrays nothing proves', () => {
    const templates = fc.constantFrom(
      'function NAME(a, b) {\n  b.forEach((y) => y);\n  return a.filter((x) => b.includes(x)).map((x) => x);\n}',
      'function NAME(a, b) {\n  const n = b || [];\n  const out = [];\n  for (const x of a) if (n.indexOf(x) !== -1) out.push(x);\n  return out;\n}',
      'function NAME(a, o) {\n  const b = o.map((x) => x);\n  const out = [];\n  for (let i = 0; i < a.length; i++) {\n    if (b.indexOf(a[i]) === i) out.push(i);\n  }\n  return out;\n}',
      'function NAME(a, b) {\n  if (!Array.isArray(b)) return null;\n  return Object.keys(a).sort((x, y) => {\n    const l = b.includes(x);\n    const r = b.includes(y);\n    return l === r ? 0 : l ? -1 : 1;\n  });\n}',
      'function NAME(a) {\n  const out = [];\n  for (const x of a) {\n    if (out.indexOf(x) === -1) out.push(x);\n  }\n  return out;\n}',
    );
    const element = fc.oneof(numbers, words);
    const inputs = inputsOf(arrays(element), arrays(element));
    const tally = differential({ fixer: lookupInLoop, search, templates, inputs, options: javascript });
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBeLessThan(80);
  });

  it('gives the same results for 200 random programs over lists that may be absent', () => {
    const tests = fc.constantFrom(
      'b && b.includes(x)',
      'b !== undefined && b.includes(x)',
      'b ? b.includes(x) : n > 1',
    );
    const templates = tests.map(
      (test) =>
        `function NAME(a: string[], n: number, b?: string[]) {\n  return a.filter((x) => ${test});\n}`,
    );
    const absent = fc.option(arrays(words), { nil: undefined }).map((make) => () => make?.());
    const inputs = inputsOf(arrays(words), plain(integers), absent);
    const tally = differential({ fixer: lookupInLoop, search, templates, inputs });
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBe(200);
  });

  it('mends both searches of a comparator at once, and says what it believes', () => {
    const text =
      'export function f(schema) {\n  const required = schema.required || [];\n  return Object.keys(schema.all).sort((a, b) => required.includes(a) - required.includes(b));\n}\n';
    const outcome = plan(text, javascript);
    expect(verdict(outcome.plan)).toBe('T2');
    expect(outcome.after).toContain('requiredSet.has(a) - requiredSet.has(b)');
    expect(outcome.plan).toMatchObject({
      assumptions: expect.arrayContaining([
        '`required` is an array (it starts as `schema.required || []`)',
      ]) as unknown,
    });
  });

  it('goes on across `yield` where nobody else can hold the list', () => {
    const text =
      'export function* f(o: object, p: object) { const keys = [...Object.keys(o)]; for (const k of Object.keys(p)) if (keys.includes(k)) yield k; }';
    expect(verdict(plan(text).plan)).toBe('T1');
    const nested =
      'export function f(o: object, p: string[]) { const keys = [...Object.keys(o)]; const g = async () => { for (const k of p) { await k; if (keys.includes(k)) return k; } return ""; }; const r = g(); keys.push("x"); return r; }';
    expect(verdict(plan(nested).plan)).toMatch(/other code runs while/);
  });

  it.each([
    [
      'a text',
      'export function f(a, s) { if (s.startsWith("x")) return a; return a.map((x) => x).filter((x) => s.includes(x)); }',
    ],
    [
      'a text by its default',
      "export function f(a) { const s = a.name || ''; return a.list.map((x) => x).filter((x) => s.indexOf(x) >= 0); }",
    ],
    [
      'a list of its own kind',
      'export function f(a, ids) { const n = ids.insertIndex(0, a); return a.map((x) => x).filter((x) => ids.indexOf(x) >= n); }',
    ],
    [
      'something that nothing speaks for',
      'export function f(a, b) { return a.map((x) => x).filter((x) => b.includes(x)); }',
    ],
    [
      'a list whose type is asked for',
      'export function f(a, b) { if (typeof b === "string") b; b.map((x) => x); return a.map((x) => x).filter((x) => b.includes(x)); }',
    ],
  ])('leaves %s alone in JavaScript', (_, text) => {
    expect(verdict(plan(text, javascript).plan)).toMatch(/not proved to be an array/);
  });

  it.each([
    [
      'is also spliced',
      'export function f(a: string[]) { const r: string[] = []; for (const x of a) { if (!r.includes(x)) r.push(x); else r.splice(0, 1); } return r; }',
      /changed/,
    ],
    [
      "is the caller's",
      'export function f(a: string[], r: string[]) { for (const x of a) if (!r.includes(x)) r.push(x); return r; }',
      /changed inside/,
    ],
    [
      'is handed out in the loop',
      'declare function g(r: string[]): void; export function f(a: string[]) { const r: string[] = []; for (const x of a) { g(r); if (!r.includes(x)) r.push(x); } return r; }',
      /handed/,
    ],
    [
      'gets several at once',
      'export function f(a: string[]) { const r: string[] = []; for (const x of a) if (!r.includes(x)) r.push(x, x + "!"); return r; }',
      /exactly one/,
    ],
    [
      'gets what must not be evaluated twice',
      'declare function g(): string; export function f(a: string[]) { const r: string[] = []; for (const x of a) if (!r.includes(x)) r.push(g()); return r; }',
      /evaluated twice/,
    ],
    [
      'tells its new length',
      'export function f(a: string[]) { const r: string[] = []; let n = 0; for (const x of a) if (!r.includes(x)) n = r.push(x); return n; }',
      /length is used/,
    ],
    [
      'is used by a function that is kept',
      'export function f(a: string[]) { const r: string[] = []; const add = (x: string) => { for (const y of a) if (!r.includes(x + y)) r.push(x); }; a.forEach(add); return r; }',
      /kept uses the list/,
    ],
    [
      'looks for NaN in two ways',
      'export function f(a: number[]) { const r: number[] = []; for (const x of a) if (!r.includes(x) && r.indexOf(x) < 0) r.push(x); return r; }',
      /two ways/,
    ],
    [
      'belongs to the module',
      'const r: string[] = []; export function f(a: string[]) { for (const x of a) if (!r.includes(x)) r.push(x); }',
      /whole module|no statement/,
    ],
  ])('leaves a growing list alone that %s', (_, text, reason) => {
    expect(errorsOf(text)).toEqual([]);
    expect(verdict(plan(text).plan)).toMatch(reason);
  });

  it('adds no Set beside a list in a file written in ES5', () => {
    const text =
      "'use strict';\nfunction f(a, n) {\n  var r = [];\n  while (r.length < n) {\n    var x = a();\n    if (r.indexOf(x) == -1) {\n      r.push(x);\n    }\n  }\n  return r;\n}\n";
    expect(verdict(plan(text, javascript).plan)).toMatch(/ES5/);
  });
});
