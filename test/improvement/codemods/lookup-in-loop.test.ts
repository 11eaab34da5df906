import fc from 'fast-check';
import { lookupInLoop } from '../../../src/improvement/codemods/lookup-in-loop.js';
import { arrays, differential, inputsOf, numbers, words } from './differential.js';
import { callOf, errorsOf, fix, verdict } from './harness.js';

const searches = callOf('includes', 'indexOf', 'lastIndexOf', 'find', 'some', 'findIndex');
const plan = (text: string, options = {}) => fix(lookupInLoop, searches, text, options);

const membership = fc.constantFrom(
  'B.includes(X)',
  'B.indexOf(X) !== -1',
  'B.indexOf(X) === -1',
  '-1 < B.indexOf(X)',
  'B.indexOf(X) >= 0',
  'B.lastIndexOf(X) < 0',
  '!B.includes(X)',
);
const frames = fc.constantFrom(
  'function NAME(a: T[], b: T[]) {\n  const out: T[] = [];\n  for (const x of a) if (TEST) out.push(x);\n  return out;\n}',
  'function NAME(a: T[], b: readonly T[]) {\n  return a.filter((x) => TEST);\n}',
  'function NAME(a: T[], b: T[]) {\n  const g = (u: T[]) => u.map((x) => TEST);\n  return g(a);\n}',
  'function NAME(a: T[], c: T[]) {\n  const b = c.filter((y) => y !== a[0]);\n  let n = 0;\n  for (let i = 0; i < a.length; i++) {\n    const x = a[i];\n    // counted\n    if (TEST) n += i;\n  }\n  return [n, b];\n}',
  'function NAME(a: T[], b: T[]) {\n  let n = 0;\n  a.forEach((x) => {\n    for (const y of a) {\n      if (y === x && TEST) n++;\n    }\n  });\n  return n;\n}',
  'function NAME(a: T[], b: T[]) {\n  const n: T[] = [];\n  for (const x of a) {\n    log(x);\n    if (TEST) n.push(x);\n  }\n  return n;\n}',
  'function NAME(a: T[], b: T[]) {\n  switch (a.length) {\n    case 0:\n      return null;\n    default:\n      while (a.length > 0) {\n        const x = a.pop();\n        if (x !== undefined && TEST) return x;\n      }\n  }\n  return b;\n}',
);
const programs = (type: string) =>
  fc
    .tuple(frames, membership)
    .map(([frame, test]) =>
      frame.replace('TEST', test.replace('B', 'b').replace('X', 'x')).replaceAll('T[]', `${type}[]`),
    );
const header = 'declare function log(value: unknown): unknown;';

describe('lookup-in-loop', () => {
  it('gives the same results for 200 random membership programs over strings', () => {
    const inputs = inputsOf(arrays(words, { frozen: true }), arrays(words, { frozen: true }));
    const tally = differential({
      fixer: lookupInLoop,
      search: searches,
      templates: programs('string'),
      inputs,
      header,
    });
    expect(tally.fixed).toBeGreaterThan(150);
    expect(tally.proved).toBeGreaterThan(100);
  });

  it('keeps NaN and holes out of the Set where indexOf never found them', () => {
    const inputs = inputsOf(arrays(numbers, { holes: true }), arrays(numbers, { holes: true }));
    const templates = programs('number').filter((text) => text.includes('ndexOf'));
    const tally = differential({ fixer: lookupInLoop, search: searches, templates, inputs, header });
    expect(tally.fixed).toBeGreaterThan(150);
    expect(tally.proved).toBeGreaterThan(100);
  });

  it('finds NaN and holes with includes exactly as before', () => {
    const inputs = inputsOf(arrays(numbers, { holes: true }), arrays(numbers, { holes: true }));
    const templates = programs('number').filter((text) => text.includes('includes'));
    const tally = differential({ fixer: lookupInLoop, search: searches, templates, inputs, header });
    expect(tally.fixed).toBeGreaterThan(150);
  });

  it('gives the same results for 200 random searches by key', () => {
    const users = fc.record({ id: words, n: numbers });
    const search = fc.constantFrom(
      'find((u) => u.id === x)',
      'some((u) => x === u.id)',
      'findIndex((u) => u.id === x)',
    );
    const frame = fc.constantFrom(
      'function NAME(a: string[], b: U[]) {\n  return a.map((x) => b.SEARCH);\n}',
      'function NAME(a: string[], b: U[]) {\n  const out: unknown[] = [];\n  for (const x of a) {\n    const hit = b.SEARCH;\n    out.push(hit, x);\n  }\n  return out;\n}',
      'function NAME(a: string[], c: U[]) {\n  const b = c.slice();\n  const all = { b };\n  return a.flatMap((x) => [all.b.SEARCH]);\n}',
    );
    const templates = fc.tuple(frame, search).map(([text, one]) => text.replace('SEARCH', one));
    const tally = differential({
      fixer: lookupInLoop,
      search: searches,
      templates,
      inputs: inputsOf(arrays(words), arrays(users)),
      header: 'interface U { readonly id: string; n: number }',
    });
    expect(tally.fixed).toBeGreaterThan(190);
  });

  it.each([
    [
      'a string receiver',
      'export function f(a: string[], s: string) { return a.filter((x) => s.includes(x)); }',
      /not proved to be an array/,
    ],
    [
      'a skip list with its own indexOf',
      'interface S { indexOf(x: string): number } export function f(a: string[], s: S) { return a.filter((x) => s.indexOf(x) >= 0); }',
      /not proved to be an array/,
    ],
    [
      'a short literal',
      "const names = ['a', 'b', 'c']; export function f(a: string[]) { return a.filter((x) => names.includes(x)); }",
      /3 elements/,
    ],
    [
      'a tuple',
      'export function f(a: string[], b: [string, string]) { return a.filter((x) => b.includes(x)); }',
      /tuple has 2/,
    ],
    [
      'an array that is spliced in the loop',
      'export function f(a: string[], b: string[]) { for (const x of a) if (b.includes(x)) b.splice(0, 1); return b; }',
      /changed inside the loop/,
    ],
    [
      'an array that grows in the loop',
      'export function f(a: string[], b: string[]) { for (const x of a) if (b.indexOf(x) < 0) b.push(x); }',
      /changed inside the loop/,
    ],
    [
      'an array that is reassigned',
      'export function f(a: string[], b: string[]) { for (const x of a) { if (b.includes(x)) b = []; } }',
      /assigned more than once/,
    ],
    [
      'an array that is handed on',
      'declare function g(b: string[]): void; export function f(a: string[], b: string[]) { for (const x of a) { g(b); if (b.includes(x)) return x; } return null; }',
      /handed to other code/,
    ],
    [
      'a loop that waits',
      'export async function f(a: Promise<string>[], b: string[]) { for (const x of a) if (b.includes(await x)) return 1; return 0; }',
      /other code runs while/,
    ],
    [
      'an array that is made in the loop',
      'export function f(a: string[]) { for (const x of a) { const b = x.split(","); if (b.includes(x)) return 1; } return 0; }',
      /no statement|made anew/,
    ],
    [
      'a start position',
      'export function f(a: string[], b: string[]) { return a.filter((x) => b.includes(x, 1)); }',
      /start position/,
    ],
    [
      'the last position that is used',
      'export function f(a: string[], b: string[]) { return a.map((x) => b.lastIndexOf(x)); }',
      /position itself/,
    ],
    [
      'loose equality',
      'export function f(a: string[], b: { k: string }[]) { return a.map((x) => b.find((y) => y.k == x)); }',
      /not one comparison by ===/,
    ],
    [
      'structural equality',
      'declare function same(a: object, b: object): boolean; export function f(a: object[], b: object[]) { return a.map((x) => b.find((y) => same(x, y))); }',
      /not one comparison/,
    ],
    [
      'elements that may be null',
      'export function f(a: string[], b: ({ k: string } | null)[]) { return a.map((x) => b.find((y) => y!.k === x)); }',
      /null or undefined/,
    ],
    [
      'a getter as the key',
      'class K { get k() { return "x"; } } export function f(a: string[], b: K[]) { return a.map((x) => b.find((y) => y.k === x)); }',
      /accessor/,
    ],
    [
      'a key that is written in the loop',
      'export function f(a: { id: string }[], b: { k: string }[]) { for (const x of a) { const y = b.find((y) => y.k === x.id); if (y) y.k = "z"; } }',
      /assigned inside the loop/,
    ],
    [
      'an effect in the wanted value',
      'declare function next(): string; export function f(a: string[], b: { k: string }[]) { return a.map(() => b.find((y) => y.k === next())); }',
      /has an effect/,
    ],
    [
      'an array that may be absent outside the test',
      'export function f(a: string[], b?: string[] | "all") { return a.filter((x) => b !== "all" && b !== undefined && b.includes(x)); }',
      /tests what|tests `b`/,
    ],
    [
      'the library without Set',
      'export function f(a: string[], b: string[]) { return a.filter((x) => b.indexOf(x) >= 0); }',
      /not in the library/,
    ],
    [
      'an async callback',
      'export function f(a: string[], b: string[]) { return a.map(async (x) => b.includes(x)); }',
      /no statement/,
    ],
  ])('leaves %s alone', (name, text, reason) => {
    const options = name.includes('library')
      ? { compilerOptions: { lib: ['lib.es5.d.ts', 'lib.decorators.legacy.d.ts'] } }
      : {};
    expect(verdict(plan(text, options).plan)).toMatch(reason);
  });

  it('names what it cannot prove', () => {
    const text =
      'declare function g(): void; export function f(a: number[], b: number[]) { for (const x of a) { g(); if (b.indexOf(x) >= 0) return x; } return 0; }';
    const outcome = plan(text);
    expect(outcome.plan).toMatchObject({ kind: 'fix', tier: 'T2' });
    const assumptions = outcome.plan.kind === 'fix' ? outcome.plan.assumptions.join('\n') : '';
    expect(assumptions).toMatch(/nothing that the loop calls changes `b`/);
    expect(errorsOf(outcome.after)).toEqual([]);
  });

  it('proves a local that nobody else holds, whatever is called', () => {
    const text =
      'declare function g(): void; export function f(a: string[], s: string) { const b = s.split(","); for (const x of a) { g(); if (b.includes(x)) return x; } return 0; }';
    expect(verdict(plan(text).plan)).toBe('T1');
  });

  it('builds the lookup outside the outermost loop for which it is proved', () => {
    const text =
      'export function f(m: string[][], b: string[]) {\n  let n = 0;\n  for (const a of m) {\n    for (const x of a) {\n      if (b.includes(x)) n++;\n    }\n  }\n  return n;\n}\n';
    expect(plan(text).after).toContain('let n = 0;\n  const bSet = new Set(b);\n  for (const a of m)');
  });

  it('keeps a directive next to the statement that it is about', () => {
    const text =
      'export function f(a: string[], b: string[]) {\n  let n = 0;\n  // eslint-disable-next-line no-restricted-syntax\n  for (const x of a) if (b.includes(x)) n++;\n  return n;\n}\n';
    expect(plan(text).after).toContain('const bSet = new Set(b);\n  // eslint-disable-next-line');
  });

  it('takes a free name', () => {
    const text =
      'export function f(a: string[], ids: string[]) { const idSet = 1; return a.filter((x) => ids.includes(x) && idSet); }';
    expect(plan(text).after).toContain('idSet_1.has(x)');
  });

  it('believes nothing that unchecked JavaScript merely claims', () => {
    const text =
      '/** @param {string[]} b */\nexport function f(a, b) { return a.filter((x) => b.indexOf(x) >= 0); }';
    expect(verdict(plan(text, { fileName: 'sample.js' }).plan)).toMatch(/not proved to be an array/);
  });
});
