import fc from 'fast-check';
import ts from 'typescript';
import { invariantConstruction } from '../../../src/improvement/codemods/invariant-construction.js';
import { arrays, differential, inputsOf, numbers, plain, words } from './differential.js';
import { errorsOf, fix, verdict } from './harness.js';

const search = (node: ts.Node): boolean => ts.isNewExpression(node) || ts.isCallExpression(node);
const plan = (text: string) =>
  fix(invariantConstruction, text.includes('new RegExp(') ? ts.isNewExpression : search, text);
const header = 'declare function log<T>(value: T): T;';
const frames = fc.constantFrom(
  'function NAME(a: string[], p: string, n: number[]) {\n  const out: unknown[] = [];\n  for (const x of a) {\n    log(x);\n    out.push(VALUE);\n  }\n  return out;\n}',
  'function NAME(a: string[], p: string, n: number[]) {\n  return a.map((x) => VALUE);\n}',
  'function NAME(a: string[], p: string, n: number[]) {\n  return n.filter((i) => a.some((x) => VALUE && i > 0));\n}',
  'function NAME(a: string[], p: string, n: number[]) {\n  let all = "";\n  for (const x of a)\n    for (const i of n) if (i > 0) all += String(VALUE);\n  return all;\n}',
);

describe('invariant-construction', () => {
  it('gives the same results for 200 random loops with RegExps', () => {
    const values = fc.constantFrom(
      "new RegExp('a+').test(x)",
      "new RegExp('^[a-c]', 'i').exec(x)",
      "x.replace(new RegExp('(a)(b)?', 'u'), '-')",
      "x.split(RegExp('b|_'))",
      "x.search(new RegExp(`_`, 'm'))",
      'new RegExp(p).test(x)',
      "new RegExp('^' + p + '$', 's').test(x)",
    );
    const templates = fc.tuple(frames, values).map(([frame, value]) => frame.replace('VALUE', () => value));
    const inputs = inputsOf(arrays(words), plain(fc.constantFrom('a', 'b+', '')), arrays(numbers));
    const tally = differential({ fixer: invariantConstruction, search, templates, inputs, header });
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBeGreaterThan(100);
  });

  it('gives the same text for 200 random loops with formatters', () => {
    const values = fc.constantFrom(
      "(x.length * 1234.567).toLocaleString('de-DE')",
      "x.length.toLocaleString('en-US', { minimumFractionDigits: 2 })",
      "new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' }).format(x.length)",
      "new Intl.Collator('sv', { sensitivity: 'base' }).compare(x, 'b')",
      "new Intl.PluralRules('en').select(x.length)",
      "new Date(x.length * 1e9).toLocaleDateString('de-DE', { month: 'long', day: 'numeric', timeZone: 'UTC' })",
      "new Date(x.length * 1e9).toLocaleTimeString('en-US', { hour: '2-digit', timeZone: 'UTC' })",
      "new Date(x.length * 1e9).toLocaleString('en-US', { dateStyle: 'short', timeZone: 'UTC' })",
    );
    const templates = fc.tuple(frames, values).map(([frame, value]) => frame.replace('VALUE', () => value));
    const inputs = inputsOf(arrays(words), plain(words), arrays(numbers));
    const tally = differential({ fixer: invariantConstruction, search, templates, inputs, header, runs: 3 });
    expect(tally.fixed).toBe(200);
  });

  it.each([
    [
      'a global RegExp',
      "export function f(a: string[]) { return a.map((x) => new RegExp('a', 'g').exec(x)); }",
      /g and y/,
    ],
    [
      'a sticky RegExp',
      "export function f(a: string[]) { return a.map((x) => new RegExp('a', 'y').test(x)); }",
      /g and y/,
    ],
    [
      'flags that are not known',
      "export function f(a: string[], o: string) { return a.map((x) => new RegExp('a', o).test(x)); }",
      /flags are not written/,
    ],
    [
      'an invalid pattern',
      "export function f(a: string[]) { return a.map((x) => new RegExp('(').test(x)); }",
      /not valid/,
    ],
    [
      'a RegExp that leaves',
      "export function f(a: string[]) { return a.map(() => new RegExp('a')); }",
      /handed to other code/,
    ],
    [
      'a RegExp whose position is set',
      "export function f(a: string[]) { for (const x of a) { const r = new RegExp('a'); r.lastIndex = 1; if (r.test(x)) return r.lastIndex; } return 0; }",
      /may change or keep/,
    ],
    [
      'a pattern that changes',
      'export function f(a: string[]) { return a.map((x) => new RegExp(x).test(x)); }',
      /made anew/,
    ],
    [
      'a pattern from a property',
      'export function f(a: string[], o: { p: string }) { return a.map((x) => new RegExp(o.p).test(x)); }',
      /may change between/,
    ],
    [
      'a copy of a RegExp',
      'export function f(a: string[], r: RegExp) { return a.map((x) => new RegExp(r).test(x)); }',
      /not proved to be a string/,
    ],
    [
      'a shadowed RegExp',
      'export function f(a: string[], RegExp: new (s: string) => { test(s: string): boolean }) { return a.map((x) => new RegExp("a").test(x)); }',
      /neither a RegExp/,
    ],
    [
      'the default locale',
      'export function f(a: number[]) { return a.map((x) => x.toLocaleString()); }',
      /default locale/,
    ],
    [
      'a locale that varies',
      'export function f(a: number[], l: string) { return a.map((x) => x.toLocaleString(l)); }',
      /not written as a literal/,
    ],
    [
      'an invalid currency',
      "export function f(a: number[]) { return a.map((x) => x.toLocaleString('en', { style: 'currency' })); }",
      /not valid here/,
    ],
    [
      'a date without a field of its own',
      "export function f(a: Date[]) { return a.map((x) => x.toLocaleDateString('en', { hour: 'numeric' })); }",
      /default fields/,
    ],
    [
      'a date that throws for a time style',
      "export function f(a: Date[]) { return a.map((x) => x.toLocaleDateString('en', { dateStyle: 'short', timeStyle: 'short' })); }",
      /throws when/,
    ],
    [
      'a value of unknown kind',
      "export function f(a: any[]) { return a.map((x) => x.toLocaleString('en')); }",
      /neither a number nor a date/,
    ],
    [
      'a place outside loops',
      "export function f(x: string) { return new RegExp('a').test(x); }",
      /not inside a loop/,
    ],
  ])('leaves %s alone', (_name, text, reason) => {
    expect(verdict(plan(text).plan)).toMatch(reason);
  });

  it('names what an invalid date would change', () => {
    const text =
      "export function f(a: Date[]) { return a.map((x) => x.toLocaleDateString('en', { day: 'numeric', timeZone: 'UTC' })); }";
    const outcome = plan(text);
    expect(outcome.plan).toMatchObject({ tier: 'T2', assumptions: [expect.stringContaining('valid date')] });
    expect(errorsOf(outcome.after)).toEqual([]);
  });

  it('moves a constant to the head of the module when the loop cannot be reached', () => {
    const text =
      "import { each } from './each.js';\n\nexport const f = (a: unknown) => each(a, (x: string) => new RegExp('a').test(x));\n";
    const outcome = plan(text);
    expect(verdict(outcome.plan)).toBe('T1');
    expect(outcome.after).toContain(
      "import { each } from './each.js';\n\nconst pattern = new RegExp('a');\nexport const f",
    );
  });
});
