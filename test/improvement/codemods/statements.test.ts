import fc from 'fast-check';
import ts from 'typescript';
import type { Fixer } from '../../../src/analysis/types.js';
import { argumentsCopy } from '../../../src/improvement/codemods/arguments-copy.js';
import { awaitNonThenable } from '../../../src/improvement/codemods/await-non-thenable.js';
import { invariantCall } from '../../../src/improvement/codemods/invariant-call.js';
import { invariantCollection } from '../../../src/improvement/codemods/invariant-collection.js';
import { queueShift } from '../../../src/improvement/codemods/queue-shift.js';
import { unshiftInLoop } from '../../../src/improvement/codemods/unshift-in-loop.js';
import { arrays, differential, inputsOf, numbers, plain, words } from './differential.js';
import { errorsOf, fix } from './harness.js';

const anywhere = (node: ts.Node): boolean => ts.isExpression(node);
const header = 'declare function log<T>(value: T): T;';
const inputs = inputsOf(
  arrays(words, { holes: true }),
  arrays(numbers, { holes: true }),
  plain(fc.constantFrom('a,b,c', '', '__proto__,b')),
  plain(fc.integer({ min: 0, max: 4 })),
);
const shape = (body: string): string =>
  `function NAME(a: string[], n: number[], s: string, k: number) {\n  ${body.replaceAll('\n', '\n  ')}\n}`;
const compare = (fixer: Fixer, ...bodies: readonly string[]) =>
  differential({
    fixer,
    search: anywhere,
    templates: fc.constantFrom(...bodies.map(shape)),
    inputs,
    header,
    runs: 4,
  });

describe('codemods of statements', () => {
  it('invariant-collection: 200 random programs', () => {
    const tally = compare(
      invariantCollection,
      'return n.filter((x) => new Set(n).has(x + k));',
      'return a.map((x) => {\n  const known = new Set(a);\n  return known.has(x + s) || known.size > k;\n});',
      "const out: unknown[] = [];\nfor (const x of a) {\n  log(x);\n  if (new Set(['a', 'b', '__proto__']).has(x)) out.push(x);\n}\nreturn out;",
      'const b = s.split(",");\nlet c = 0;\nfor (const x of a) if (new Set(b).has(log(x))) c++;\nreturn c;',
      'const pairs: [number, string][] = n.map((x, i) => [x, s + i]);\nreturn n.map((x) => new Map(pairs).get(x));',
    );
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBeGreaterThan(80);
  });

  it('invariant-call: 200 random programs', () => {
    const tally = compare(
      invariantCall,
      "return a.filter((x) => s.split(',').includes(x));",
      "let c = 0;\nfor (const x of a) {\n  const parts = s.split(',', 2);\n  if (parts[k] === log(x)) c++;\n}\nreturn c;",
      'const o: Record<string, number> = { b: 1, a: 2 };\nreturn a.map((x) => Object.keys(o).includes(x));',
      'const o: Record<string, number> = { b: 1 };\nfor (const x of a) o[x] = k;\nlet c = 0;\nfor (const x of n) for (const v of Object.values(o)) if (v > x) c++;\nreturn c;',
    );
    expect(tally.fixed).toBe(200);
  });

  it('unshift-in-loop: 200 random programs', () => {
    const tally = compare(
      unshiftInLoop,
      'const r: string[] = [];\nfor (const x of a) r.unshift(log(x));\nreturn r;',
      'const r: unknown[] = [];\nfor (const x of n) {\n  if (x > k) break;\n  for (const y of a) {\n    if (y === s) continue;\n    r.unshift([x, y]);\n  }\n}\nreturn { r };',
      'const r: unknown[] = [];\nn.forEach((x) => {\n  r.unshift(x);\n});\nlog(r.length);\nreturn [r, r.length];',
      'const r: unknown[] = [];\nlet i = 0;\nwhile (i < k) {\n  if (a[i] === "throw") return null;\n  r.unshift(a[i]);\n  i++;\n}\nreturn r;',
    );
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBe(200);
  });

  it('queue-shift: 200 random programs, also with more elements than the queue keeps', () => {
    const tally = compare(
      queueShift,
      'const q: number[] = [k];\nconst seen: number[] = [];\nwhile (q.length > 0) {\n  const x = q.shift();\n  if (x === undefined || x > 6) continue;\n  seen.push(x);\n  q.push(x + 1);\n  if (x % 2 === 0) q.push(x + 3);\n}\nreturn seen;',
      'const q = [...a];\nlet t = "";\nwhile (q.length) {\n  const x = q.shift()!;\n  t += x;\n  log(q.length);\n  if (t.length > 20) break;\n  if (!q.length) q.push("z");\n}\nreturn [t, q.length];',
      'const q: number[] = [1];\nlet c = 0;\nwhile (q.length !== 0) {\n  const x = q.shift()!;\n  c += x;\n  if (c < 3000 + k) {\n    q.push(1);\n    q.push(0);\n  }\n  if (q.length > 5000) break;\n}\nreturn [c, q.length > 0];',
    );
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBe(200);
  });

  it('arguments-copy: 200 random programs', () => {
    const bodies = fc.constantFrom(
      'function NAME() {\n  const all = Array.prototype.slice.call(arguments);\n  all.push(1);\n  return all;\n}',
      'function NAME() {\n  return [NAME.length, [...arguments]];\n}',
      'function NAME() {\n  return Array.from(arguments).length;\n}',
      'function NAME() {\n  return [].slice.call(arguments).map((x) => log(x));\n}',
    );
    const tally = differential({
      fixer: argumentsCopy,
      search: anywhere,
      templates: bodies,
      inputs,
      options: { fileName: 'sample.js' },
    });
    expect(tally.fixed).toBe(200);
    expect(tally.proved).toBe(200);
  });

  it('await-non-thenable keeps the value and says that the order may change', async () => {
    const text = 'export async function f(x: number) { const y = (await x) + 1; return [y, await `${y}`]; }';
    const outcome = fix(awaitNonThenable, anywhere, text);
    expect(outcome.plan).toMatchObject({
      tier: 'T2',
      assumptions: [expect.stringContaining('order of effects')],
    });
    expect(outcome.after).toContain('const y = (x) + 1;');
    expect(errorsOf(outcome.after)).toEqual([]);
  });
});
