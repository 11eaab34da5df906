/** Memory and objects that are kept, copied or compared in costly ways. Reported, not rewritten. */
import ts from 'typescript';
import type { Rule } from '../types.js';
import { functionAround, iterationsAround } from '../syntax/iterations.js';
import { bare, pathText, shortText } from '../syntax/nodes.js';
import { callOf, found, isGlobalNamed } from './match.js';

export const unboundedCache: Rule = {
  id: 'unbounded-cache',
  title: 'A module-level collection only grows',
  why: 'What is put in for each call stays for ever. A limit, a time to live or a WeakMap keeps the memory bounded.',
  complexity: null,
  severityRule: 'low',
  preconditions: [
    'A Map, Set, array or object at module level is filled inside a function with a key from outside.',
    'Nothing in the file deletes, clears, shortens or replaces it, or reads its size.',
  ],
  examples: {
    firing: [
      'const cache = new Map<string, number>(); export function f(k: string) { cache.set(k, 1); return cache.get(k); }',
      'const seen = new Set<string>(); export function f(k: string) { if (seen.has(k)) return; seen.add(k); }',
      'const log: string[] = []; export function f(s: string) { log.push(s); }',
      'const cache = new Map(); export const f = (k: string) => { const v = k.length; cache.set(k, v); return v; };',
      'const cache = new Map<object, string>(); export class A { m(o: object) { cache.set(o, "x"); } }',
    ],
    silent: [
      'const cache = new Map<string, number>(); export function f(k: string) { if (cache.size > 100) cache.clear(); cache.set(k, 1); }',
      'const cache = new WeakMap<object, number>(); export function f(k: object) { cache.set(k, 1); }',
      'export function f(k: string) { const cache = new Map<string, number>(); cache.set(k, 1); return cache; }',
      'const names = new Set<string>(); names.add("a"); export const f = (k: string) => names.has(k);',
      'const open = new Set<string>(); export function f(k: string) { open.add(k); } export function g(k: string) { open.delete(k); }',
    ],
  },
  visits: ['VariableDeclaration'],
  match(node, context) {
    if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name) || node.initializer === undefined)
      return null;
    if (!ts.isSourceFile(node.parent.parent.parent) || isExported(node)) return null;
    const value = bare(node.initializer);
    const collection =
      (ts.isArrayLiteralExpression(value) && value.elements.length === 0) ||
      (ts.isNewExpression(value) &&
        (value.arguments ?? []).length === 0 &&
        ['Map', 'Set'].some((one) => isGlobalNamed(value.expression, one, context)));
    if (!collection) return null;
    let filled: ts.Node | null = null;
    for (const reference of context.oracle.referencesOf(node)) {
      const access = reference.parent;
      if (!ts.isPropertyAccessExpression(access) || access.expression !== reference) return null;
      const name = access.name.text;
      if (/^(?:delete|clear|size|length|pop|shift|splice)$/.test(name)) return null;
      if (
        /^(?:set|add|push)$/.test(name) &&
        ts.isFunctionLike(functionAround(access)) &&
        hasVariableKey(access.parent)
      )
        filled ??= access.parent;
    }
    return filled === null
      ? null
      : found(
          'unbounded-cache',
          filled,
          `\`${node.name.text}\` gets an entry here and never loses one`,
          'bounded memory with a limit or a WeakMap',
          'low',
          'medium',
        );
  },
};

function isExported(node: ts.VariableDeclaration): boolean {
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Export) !== 0;
}

function hasVariableKey(call: ts.Node): boolean {
  if (!ts.isCallExpression(call)) return false;
  const [key] = call.arguments;
  return key !== undefined && !ts.isLiteralExpression(bare(key));
}

export const jsonClone: Rule = {
  id: 'json-clone',
  title: 'A copy through JSON text',
  why: 'The whole value is written as text and parsed again; dates, undefined, functions and NaN change on the way. structuredClone is not faster: a copy by hand of what is needed is.',
  complexity: null,
  severityRule: 'low in a loop, info elsewhere (dropping such values may be the purpose).',
  preconditions: ['JSON.parse of JSON.stringify with one argument each.'],
  examples: {
    firing: [
      'export const f = (o: object) => JSON.parse(JSON.stringify(o));',
      'export const f = (a: object[]) => a.map((o) => JSON.parse(JSON.stringify(o)));',
      'export function f(o: { a: object }) { const c = JSON.parse(JSON.stringify(o.a)); return c; }',
      'export const f = (o: object) => JSON.parse(JSON.stringify({ ...o, n: 1 })) as object;',
      'export function f(a: object[]) { for (const o of a) console.log(JSON.parse(JSON.stringify(o))); }',
    ],
    silent: [
      'export const f = (s: string) => JSON.parse(s);',
      'export const f = (o: object) => JSON.stringify(o);',
      'export const f = (o: object) => JSON.parse(JSON.stringify(o), (k, v) => v);',
      'export const f = (o: object) => structuredClone(o); declare function structuredClone<T>(o: T): T;',
      "export const f = (o: object) => JSON.parse(JSON.stringify(o, ['a']));",
    ],
  },
  visits: ['CallExpression'],
  match(node, context) {
    const outer = callOf(node, 'parse');
    const [text, ...more] = outer?.args ?? [];
    if (
      outer === null ||
      text === undefined ||
      more.length > 0 ||
      !isGlobalNamed(outer.receiver, 'JSON', context)
    )
      return null;
    const inner = callOf(text, 'stringify');
    if (inner === null || inner.args.length !== 1 || !isGlobalNamed(inner.receiver, 'JSON', context))
      return null;
    const repeated = iterationsAround(node).length > 0;
    return found(
      'json-clone',
      node,
      `\`${shortText(node)}\` copies through text`,
      'a copy by hand; structuredClone measured slower (0.8×)',
      repeated ? 'low' : 'info',
      'medium',
    );
  },
};

export const jsonCompare: Rule = {
  id: 'json-compare',
  title: 'Two values are compared as JSON text',
  why: 'Both are written out whole before the first character is compared, and the order of keys decides. A deep comparison stops at the first difference.',
  complexity: null,
  severityRule: 'low; medium in a loop.',
  preconditions: ['Both sides of an (in)equality are JSON.stringify.'],
  examples: {
    firing: [
      'export const f = (a: object, b: object) => JSON.stringify(a) === JSON.stringify(b);',
      'export const f = (a: object, b: object) => JSON.stringify(a) !== JSON.stringify(b);',
      'export const f = (a: object[], b: object) => a.find((x) => JSON.stringify(x) === JSON.stringify(b));',
      'export const f = (a: object, b: object) => JSON.stringify(a) == JSON.stringify(b);',
      'export function f(a: { x: object }, b: { x: object }) { if (JSON.stringify(a.x) === JSON.stringify(b.x)) return 1; return 2; }',
    ],
    silent: [
      "export const f = (a: object) => JSON.stringify(a) === '{}';",
      'export const f = (a: object, b: string) => JSON.stringify(a) === b;',
      'export const f = (a: string, b: string) => a === b;',
      'export const f = (a: object, b: object) => JSON.stringify(a) + JSON.stringify(b);',
      'export const f = (a: object, b: object) => JSON.stringify(a).length === JSON.stringify(b).length;',
    ],
  },
  visits: ['BinaryExpression'],
  match(node) {
    if (!ts.isBinaryExpression(node) || !/^[!=]==?$/.test(node.operatorToken.getText())) return null;
    const text = (side: ts.Expression): boolean =>
      callOf(side, 'stringify') !== null && pathText(side).startsWith('JSON.stringify(');
    if (!text(node.left) || !text(node.right)) return null;
    return found(
      'json-compare',
      node,
      `\`${shortText(node)}\` writes both out to compare them`,
      'a deep comparison: measured 3.4× with an early difference',
      iterationsAround(node).length > 0 ? 'medium' : 'low',
      'medium',
    );
  },
};

export const deleteInLoop: Rule = {
  id: 'delete-in-loop',
  title: 'Properties are deleted in a loop',
  why: 'A deleted property turns the object into a slow dictionary. A Map is made for entries that come and go.',
  complexity: null,
  severityRule: 'info',
  preconditions: ['`delete o[k]` with a computed key inside a loop.'],
  examples: {
    firing: [
      'export function f(o: Record<string, number>, a: string[]) { for (const k of a) delete o[k]; }',
      'export function f(o: Record<string, number>, a: string[]) { a.forEach((k) => { delete o[k]; }); }',
      'export function f(o: Record<string, number>) { for (const k in o) if (!o[k]) delete o[k]; }',
      'export function f(p: { o: Record<string, number> }, a: string[]) { for (const k of a) { delete p.o[k]; } }',
      'export function f(o: Record<string, number>) { Object.keys(o).forEach((k) => delete o[k]); }',
    ],
    silent: [
      'export function f(o: Record<string, number>, k: string) { delete o[k]; }',
      'export function f(m: Map<string, number>, a: string[]) { for (const k of a) m.delete(k); }',
      'export function f(a: { x?: number }[]) { for (const o of a) delete o.x; }',
      'export function f(a: Record<string, number>[], k: string) { return a.length > k.length; }',
      'export function f(o: Record<string, number>, a: string[]) { for (const k of a) o[k] = 0; }',
    ],
  },
  visits: ['DeleteExpression'],
  match(node) {
    if (!ts.isDeleteExpression(node) || iterationsAround(node).length === 0) return null;
    if (
      !ts.isElementAccessExpression(node.expression) ||
      ts.isLiteralExpression(node.expression.argumentExpression)
    )
      return null;
    return found(
      'delete-in-loop',
      node,
      `\`${shortText(node)}\` deletes properties in a loop`,
      'a Map: measured 1.1–1.4× for dictionaries',
      'info',
      'low',
    );
  },
};
