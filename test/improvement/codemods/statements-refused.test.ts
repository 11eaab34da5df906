import type { Fixer } from '../../../src/analysis/types.js';
import { awaitNonThenable } from '../../../src/improvement/codemods/await-non-thenable.js';
import { invariantCall } from '../../../src/improvement/codemods/invariant-call.js';
import { invariantCollection } from '../../../src/improvement/codemods/invariant-collection.js';
import { queueShift } from '../../../src/improvement/codemods/queue-shift.js';
import { unshiftInLoop } from '../../../src/improvement/codemods/unshift-in-loop.js';
import { reasonsOf } from './harness.js';

describe('what codemods of statements leave alone', () => {
  it.each<readonly [string, Fixer, string, RegExp]>([
    [
      'a Set that grows',
      invariantCollection,
      'export const f = (a: string[]) => a.map((x) => { const s = new Set(a); s.add(x); return s.size; });',
      /changed or kept/,
    ],
    [
      'a Set that leaves',
      invariantCollection,
      'export const f = (a: string[]) => a.map(() => new Set(a));',
      /handed on/,
    ],
    [
      'a Set of a list that changes',
      invariantCollection,
      'export function f(a: string[], b: string[]) { for (const x of a) { if (new Set(b).has(x)) b.push(x); } return b; }',
      /changed inside/,
    ],
    [
      'a list of parts that is changed',
      invariantCall,
      "export function f(a: string[], s: string) { return a.map((x) => { const p = s.split(','); p.push(x); return p; }); }",
      /changed or kept/,
    ],
    [
      'a text that changes',
      invariantCall,
      "export function f(a: string[]) { let s = ''; for (const x of a) { s += x; if (s.split(',').includes(x)) return x; } return s; }",
      /assigned more than once/,
    ],
    [
      'keys of an object that changes',
      invariantCall,
      'export function f(a: string[], o: Record<string, number>) { let c = 0; for (const x of a) { c += Object.keys(o).length; o[x] = 1; } return c; }',
      /changed inside|not known|changed or kept/,
    ],
    [
      'keys of an object that is handed on',
      invariantCall,
      'declare function g(o: object): void; export function f(a: string[], o: Record<string, number>) { for (const x of a) { g(o); if (Object.keys(o).includes(x)) return x; } return 1; }',
      /handed to other code/,
    ],
    [
      'an array that is read in the loop',
      unshiftInLoop,
      'export function f(a: string[]) { const r: string[] = []; for (const x of a) { r.unshift(x); if (r[0] === "z") break; } return r; }',
      /other ways too/,
    ],
    [
      'an array that does not start empty',
      unshiftInLoop,
      'export function f(a: string[]) { const r = ["q"]; for (const x of a) r.unshift(x); return r; }',
      /does not start empty/,
    ],
    [
      'an array of the caller',
      unshiftInLoop,
      'export function f(a: string[], r: string[]) { for (const x of a) r.unshift(x); return r; }',
      /not a local/,
    ],
    [
      'a loop that is left by a label',
      unshiftInLoop,
      'export function f(a: string[]) { const r: string[] = []; for (const y of a) { out: for (const x of a) { r.unshift(x); if (x === y) break out; } } return r; }',
      /labelled/,
    ],
    [
      'several elements at once',
      unshiftInLoop,
      'export function f(a: string[]) { const r: string[] = []; for (const x of a) r.unshift(x, x); return r; }',
      /one element/,
    ],
    [
      'a queue of the caller',
      queueShift,
      'export function f(q: string[]) {\n  while (q.length > 0) {\n    const x = q.shift();\n    if (x) return x;\n  }\n  return 1;\n}',
      /not a local/,
    ],
    [
      'a queue that is read by index',
      queueShift,
      'export function f(n: number) {\n  const q = [n];\n  while (q.length > 0) {\n    const x = q.shift();\n    if (q[0] === x) return x;\n  }\n  return 1;\n}',
      /more than a queue/,
    ],
    [
      'an element that is taken conditionally',
      queueShift,
      'export function f(n: number) {\n  const q = [n];\n  while (q.length > 0) {\n    const x = n > 1 ? q.shift() : 0;\n    if (x) return x;\n  }\n  return 1;\n}',
      /not taken right away/,
    ],
    [
      'a queue that is taken from twice',
      queueShift,
      'export function f(n: number) {\n  const q = [n];\n  while (q.length > 0) {\n    const x = q.shift();\n    const y = q.shift();\n    if (x) return y;\n  }\n  return 1;\n}',
      /more than a queue|first statement/,
    ],
    [
      'a value that may be a promise',
      awaitNonThenable,
      'export async function f(x: number | Promise<number>) { return await x; }',
      /may be a promise/,
    ],
    [
      'a value of unknown type',
      awaitNonThenable,
      'export async function f(x: any) { return await x; }',
      /may be a promise/,
    ],
  ])('%s', (_name, fixer, text, reason) => {
    const reasons = reasonsOf(fixer, text);
    expect(reasons).not.toContain('fix');
    expect(reasons.filter((one) => reason.test(one))).not.toEqual([]);
  });
});
