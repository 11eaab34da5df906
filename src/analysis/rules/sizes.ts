/** Sizes and keys that are found out the long way. */
import ts from 'typescript';
import type { Rule } from '../types.js';
import { iterationsAround } from '../syntax/iterations.js';
import { bare, isFunctionExpression, methodCall, pathText, shortText, someNode } from '../syntax/nodes.js';
import { callOf, found, isGlobalNamed } from './match.js';

export const spreadForSize: Rule = {
  id: 'spread-for-size',
  title: 'An array is made only to read its length',
  why: 'A Set and a Map know their size; spreading them copies every element first.',
  complexity: { before: 'n', after: '1' },
  severityRule: 'medium',
  preconditions: ['The checker knows a Set or Map.'],
  examples: {
    firing: [
      'export const f = (s: Set<string>) => [...s].length;',
      'export const f = (m: Map<string, number>) => Array.from(m.keys()).length;',
      'export const f = (m: Map<string, number>) => [...m.values()].length;',
      'export const f = (s: Set<number>) => Array.from(s).length > 3;',
      'export const f = (m: Map<string, number>) => [...m].length;',
    ],
    silent: [
      'export const f = (s: Set<string>) => s.size;',
      'export const f = (s: string) => [...s].length;',
      'export const f = (s: Set<string>) => [...s].map((x) => x.length);',
      'export const f = (s: Set<string>, t: Set<string>) => [...s, ...t].length;',
      'export function f(s: Iterable<string>) { return [...s].length; }',
    ],
  },
  visits: ['PropertyAccessExpression'],
  match(node, context) {
    if (!ts.isPropertyAccessExpression(node) || node.name.text !== 'length') return null;
    const at = bare(node.expression);
    let source: ts.Expression | undefined;
    if (ts.isArrayLiteralExpression(at) && at.elements.length === 1) {
      const [only] = at.elements;
      source = only !== undefined && ts.isSpreadElement(only) ? only.expression : undefined;
    } else {
      const call = callOf(at, 'from');
      if (call !== null && call.args.length === 1 && isGlobalNamed(call.receiver, 'Array', context))
        source = call.args[0];
    }
    if (source === undefined) return null;
    const view = callOf(source, 'keys', 'values', 'entries');
    const collection = view === null || view.args.length > 0 ? source : view.receiver;
    const known = context.oracle.isSet(collection) === 'yes' || context.oracle.isMap(collection) === 'yes';
    return known
      ? found(
          'spread-for-size',
          node,
          `\`${shortText(node)}\` copies every element to count them`,
          'n → 1 with `.size`; measured 33× at 100, 290× at 1,000',
          'medium',
        )
      : null;
  },
};

export const doubleMapLookup: Rule = {
  id: 'double-map-lookup',
  title: 'The same key is looked up twice',
  why: '`has` and then `get` hashes the key twice; one `get` and a test for undefined does.',
  complexity: null,
  severityRule: 'low',
  preconditions: [
    'A Map; the same receiver and key in the condition and right behind it.',
    'For a fix: values are never undefined, nothing writes in between.',
  ],
  examples: {
    firing: [
      'export function f(m: Map<string, number>, k: string) { if (m.has(k)) { return m.get(k); } return 0; }',
      'export const f = (m: Map<string, number>, k: string) => (m.has(k) ? m.get(k) : 0);',
      'export const f = (m: Map<string, { n: number }>, k: string) => m.has(k) && m.get(k);',
      'export function f(m: Map<string, number[]>, k: string, v: number) { if (!m.has(k)) m.set(k, []); m.get(k)?.push(v); }',
      'export function f(m: Map<string, number>, o: { k: string }) { if (m.has(o.k)) console.log(m.get(o.k)); }',
    ],
    silent: [
      'export function f(m: Map<string, number>, k: string) { const v = m.get(k); return v === undefined ? 0 : v; }',
      'export function f(m: Map<string, number>, k: string, j: string) { if (m.has(k)) return m.get(j); return 0; }',
      'export function f(m: Map<string, number>, n: Map<string, number>, k: string) { if (m.has(k)) return n.get(k); return 0; }',
      'export function f(s: Set<string>, k: string) { if (s.has(k)) return k; return null; }',
      'export function f(m: Map<string, number>, k: string) { if (m.has(k)) m.delete(k); }',
    ],
  },
  visits: ['CallExpression'],
  match(node, context) {
    const call = callOf(node, 'has');
    const [key] = call?.args ?? [];
    if (call === null || key === undefined || someNode(key, (one) => methodCall(one) !== null)) return null;
    let up: ts.Node = node.parent;
    while (ts.isPrefixUnaryExpression(up) || ts.isParenthesizedExpression(up)) up = up.parent;
    let scope: ts.Node | null = null;
    if (ts.isConditionalExpression(up) || ts.isBinaryExpression(up)) scope = up;
    else if (ts.isIfStatement(up))
      scope = up.elseStatement === undefined && isSetOf(up.thenStatement, call) ? up.parent : up;
    const wanted = `${pathText(call.receiver)}.get(${pathText(key)})`;
    if (
      scope === null ||
      !someNode(scope, (one) => ts.isCallExpression(one) && one.pos > node.pos && pathText(one) === wanted)
    )
      return null;
    if (context.oracle.isMap(call.receiver) !== 'yes') return null;
    return found(
      'double-map-lookup',
      node,
      `\`${shortText(node)}\` and \`get\` look the same key up twice`,
      'one lookup instead of two; measured about 2×',
      'low',
    );
  },
};

function isSetOf(then: ts.Node, has: NonNullable<ReturnType<typeof callOf>>): boolean {
  return someNode(then, (one) => {
    const call = methodCall(one);
    return call?.name === 'set' && pathText(call.receiver) === pathText(has.receiver);
  });
}

export const objectKeysLength: Rule = {
  id: 'object-keys-length',
  title: 'All keys are listed to see whether there are any',
  why: '`Object.keys(o).length` builds an array of every key; whether there is one is known after the first.',
  complexity: { before: 'n', after: '1' },
  severityRule: 'medium inside a loop or as its condition, low elsewhere.',
  preconditions: ['The length is only compared with zero.', 'For a fix: a plain object.'],
  examples: {
    firing: [
      'export const f = (o: object) => Object.keys(o).length === 0;',
      'export function f(o: object) { if (Object.keys(o).length > 0) return 1; return 2; }',
      'export function f(o: Record<string, number>) { while (Object.keys(o).length) { for (const k of Object.keys(o)) delete o[k]; } }',
      'export const f = (o: object) => !Object.keys(o).length;',
      'export const f = (a: object[]) => a.filter((o) => Object.keys(o).length !== 0);',
    ],
    silent: [
      'export const f = (o: object) => Object.keys(o).length;',
      'export const f = (o: object) => Object.keys(o).length > 3;',
      'export const f = (a: string[]) => a.length === 0;',
      'const Object2 = { keys: (o: object) => [o] }; export const f = (o: object) => Object2.keys(o).length === 0;',
      'export const f = (o: object) => Object.keys(o).map((k) => k.length);',
    ],
  },
  visits: ['PropertyAccessExpression'],
  match(node, context) {
    if (!ts.isPropertyAccessExpression(node) || node.name.text !== 'length') return null;
    const call = callOf(node.expression, 'keys', 'values', 'entries');
    if (call === null || call.args.length !== 1 || !isGlobalNamed(call.receiver, 'Object', context))
      return null;
    if (!isEmptinessTest(node)) return null;
    const repeated = iterationsAround(node).length > 0;
    return found(
      'object-keys-length',
      node,
      `\`${shortText(node)}\` lists every key to see whether there is one`,
      'n → 1; measured 2.8× at 100, 20× at 1,000 keys (nothing in dictionary mode)',
      repeated ? 'medium' : 'low',
      'medium',
    );
  },
};

function isEmptinessTest(node: ts.Node): boolean {
  const parent = node.parent;
  if (ts.isBinaryExpression(parent))
    return (
      /^(?:[<>]=?|[!=]==?)$/.test(parent.operatorToken.getText()) &&
      [parent.left, parent.right].some((one) => one.getText() === '0')
    );
  if (ts.isPrefixUnaryExpression(parent)) return parent.operator === ts.SyntaxKind.ExclamationToken;
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent)) return parent.expression === node;
  return ts.isConditionalExpression(parent) && parent.condition === node && !isFunctionExpression(node);
}
