/** Calls whose result is the same in every round, and comparators that work more than they must. */
import ts from 'typescript';
import type { Rule } from '../types.js';
import { changesInside, isInvariant } from '../syntax/invariance.js';
import { iterationsAround } from '../syntax/iterations.js';
import { bare, methodCall, rootIdentifier, shortText, someNode } from '../syntax/nodes.js';
import { likelyArray } from '../syntax/receivers.js';
import { callOf, found, inlineCallback, isGlobalNamed, soleValue } from './match.js';

const pureStatics = new Map([
  ['Object', new Set(['keys', 'values', 'entries'])],
  ['JSON', new Set(['parse', 'stringify'])],
]);

export const invariantCall: Rule = {
  id: 'invariant-call',
  title: 'The same pure call in every round',
  why: 'Splitting, listing or parsing the same value gives the same result each time; once before the loop is enough.',
  complexity: null,
  severityRule: 'medium',
  preconditions: [
    'A pure built-in: split of a string, Object.keys/values/entries, JSON.parse/stringify.',
    'All of its inputs are the same in every round and are not changed in the loop.',
    'For a fix: the result is only read.',
  ],
  examples: {
    firing: [
      "export const f = (a: string[], s: string) => a.filter((x) => x === s.split(',')[0]);",
      'export function f(a: string[], o: Record<string, number>) { let n = 0; for (const x of a) for (const [k, v] of Object.entries(o)) if (k === x) n += v; return n; }',
      'export const f = (a: string[], s: string) => a.map((x) => JSON.parse(s)[x]);',
      'export const f = (a: string[], o: object) => a.map((x) => x + JSON.stringify(o));',
      'export function f(n: number, o: object) { let r = 0; for (let i = 0; i < n; i++) r += Object.keys(o).length; return r; }',
    ],
    silent: [
      "export function f(a: string[], s: string) { const first = s.split(',')[0]; return a.filter((x) => x === first); }",
      "export const f = (a: string[]) => a.map((x) => x.split(',')[0]);",
      'export const f = (a: object[]) => a.map((o) => Object.keys(o));',
      'export function f(a: string[], o: Record<string, number>) { for (const x of a) { o[x] = 1; console.log(Object.keys(o).length); } }',
      'export function f(o: object) { for (const k of Object.keys(o)) console.log(k); }',
      'export function f(a: string[], o: Record<string, number>) { while (Object.keys(o).length > 0) { const k = a.pop(); if (k) delete o[k]; } }',
    ],
  },
  visits: ['CallExpression'],
  match(node, context) {
    const call = methodCall(node);
    const [innermost] = iterationsAround(node);
    if (call === null || innermost === undefined) return null;
    let input: ts.Expression | undefined;
    if (call.name === 'split' && context.oracle.isString(call.receiver) === 'yes') input = call.receiver;
    else if (ts.isIdentifier(call.receiver) && pureStatics.get(call.receiver.text)?.has(call.name) === true)
      input = isGlobalNamed(call.receiver, call.receiver.text, context) ? call.args[0] : undefined;
    if (input === undefined || !isInvariant(input, innermost, context)) return null;
    if (!call.args.every((argument) => isInvariant(argument, innermost, context))) return null;
    const root = rootIdentifier(input);
    const plain = ts.isStringLiteralLike(bare(input)) || root !== null;
    if (
      !plain ||
      changesInside(input, innermost) !== 'none' ||
      (root !== null && isHandedOut(root, innermost.scope, node))
    )
      return null;
    return found(
      'invariant-call',
      node,
      `\`${shortText(node)}\` gives the same in every round`,
      'once instead of n times; measured 16× (20 keys), 63–140× (split), 85–340× (JSON.parse)',
      'medium',
      'medium',
    );
  },
};

/** Someone inside the loop gets the object itself (an argument, an assignment into it) and may change it. */
function isHandedOut(root: ts.Identifier, scope: ts.Node, self: ts.Node): boolean {
  return someNode(scope, (one) => {
    if (!ts.isIdentifier(one) || one.text !== root.text || (self.pos <= one.pos && one.end <= self.end))
      return false;
    const { parent } = one;
    if (ts.isCallExpression(parent) && parent.arguments.includes(one))
      return !/^(?:Object|JSON)\./.test(parent.expression.getText());
    return (
      ts.isElementAccessExpression(parent) &&
      ts.isBinaryExpression(parent.parent) &&
      parent.parent.left === parent
    );
  });
}

export const localeCompareSort: Rule = {
  id: 'locale-compare-sort',
  title: 'A collator is set up for every comparison',
  why: 'localeCompare with a locale or options sets up a collator per call; one Intl.Collator compares with the same rules. Without arguments localeCompare has a fast path and is left alone.',
  complexity: null,
  severityRule: 'high',
  preconditions: [
    'The comparator of a sort is localeCompare with two or three arguments.',
    'For a fix: an explicit locale, strings on both sides.',
  ],
  examples: {
    firing: [
      "export const f = (a: string[]) => a.sort((x, y) => x.localeCompare(y, 'de'));",
      "export const f = (a: string[]) => [...a].sort((x, y) => x.localeCompare(y, 'en', { numeric: true }));",
      "export const f = (a: { n: string }[]) => a.sort((x, y) => x.n.localeCompare(y.n, 'sv'));",
      "export const f = (a: string[]) => a.toSorted((x, y) => y.localeCompare(x, undefined, { sensitivity: 'base' }));",
      "export const f = (a: string[]) => a.sort(function (x, y) { return x.localeCompare(y, 'fr'); });",
    ],
    silent: [
      'export const f = (a: string[]) => a.sort((x, y) => x.localeCompare(y));',
      "export const f = (a: string[]) => a.sort(new Intl.Collator('de').compare);",
      'export const f = (a: number[]) => a.sort((x, y) => x - y);',
      "export const f = (x: string, y: string) => x.localeCompare(y, 'de');",
      'export const f = (a: string[]) => a.sort();',
    ],
  },
  visits: ['CallExpression'],
  match(node, context) {
    const call = callOf(node, 'sort', 'toSorted');
    const callback = call === null ? null : inlineCallback(call);
    const value = callback === null ? null : soleValue(callback);
    if (call === null || value === null || likelyArray(call.receiver, context) === 'notArray') return null;
    const compare = callOf(value, 'localeCompare');
    if (compare === null || compare.args.length < 2) return null;
    return found(
      'locale-compare-sort',
      node,
      `\`${shortText(compare.call)}\` sets up a collator for every comparison`,
      'one Intl.Collator; measured 34–52×',
      'high',
    );
  },
};

const parsers =
  /^(?:Date|toLowerCase|toUpperCase|toLocaleLowerCase|toLocaleUpperCase|parse|stringify|split|normalize|replace|join|getTime)$/;

export const parsingComparator: Rule = {
  id: 'parsing-comparator',
  title: 'Keys are computed anew in every comparison',
  why: 'A sort compares each element about log n times and computes its key each time. Computing each key once (decorate, sort, undecorate) saves the rest.',
  complexity: { before: 'n log n keys', after: 'n keys' },
  severityRule: 'medium',
  preconditions: [
    'Both sides of the comparison make the same call (new Date, toLowerCase, JSON.parse, split …).',
  ],
  examples: {
    firing: [
      'export const f = (a: { d: string }[]) => a.sort((x, y) => new Date(x.d).getTime() - new Date(y.d).getTime());',
      'export const f = (a: string[]) => a.sort((x, y) => (x.toLowerCase() < y.toLowerCase() ? -1 : 1));',
      'export const f = (a: string[]) => a.sort((x, y) => Date.parse(x) - Date.parse(y));',
      'export const f = (a: string[]) => a.toSorted((x, y) => JSON.parse(x).n - JSON.parse(y).n);',
      "export const f = (a: string[]) => [...a].sort((x, y) => x.split('-').length - y.split('-').length);",
    ],
    silent: [
      'export const f = (a: { n: number }[]) => a.sort((x, y) => x.n - y.n);',
      'export const f = (a: Date[]) => a.sort((x, y) => Number(x) - Number(y));',
      'export const f = (a: string[]) => a.sort((x, y) => x.localeCompare(y));',
      'export const f = (a: string[]) => a.map((x) => x.toLowerCase()).sort();',
      'export const f = (a: { n: number }[], k: string) => a.sort((x, y) => (k.toLowerCase() === "n" ? x.n - y.n : 0));',
    ],
  },
  visits: ['CallExpression'],
  match(node, context) {
    const call = callOf(node, 'sort', 'toSorted');
    const callback = call === null ? null : inlineCallback(call);
    const value = callback === null ? null : soleValue(callback);
    if (
      call === null ||
      callback === null ||
      value === null ||
      likelyArray(call.receiver, context) === 'notArray'
    )
      return null;
    const [left, right] = callback.parameters.map((one) => one.name.getText());
    const shapes = new Map<string, Set<string>>();
    const visit = (one: ts.Node): void => {
      if (ts.isCallExpression(one) || ts.isNewExpression(one)) {
        const name = ts.isPropertyAccessExpression(one.expression)
          ? one.expression.name.text
          : one.expression.getText();
        const text = one.getText();
        for (const side of [left, right])
          if (
            side !== undefined &&
            parsers.test(name) &&
            new RegExp(`\\b${side.replace(/\W/g, '')}\\b`).test(text)
          ) {
            const shape = shapes.get(name) ?? new Set();
            shapes.set(name, shape.add(side));
          }
      }
      ts.forEachChild(one, visit);
    };
    visit(value);
    const calls = [...shapes].filter(([name, sides]) => sides.size === 2 && name !== 'getTime');
    return calls.length === 0
      ? null
      : found(
          'parsing-comparator',
          node,
          `\`${shortText(value)}\` computes both keys anew in every comparison`,
          'n log n → n key computations; measured 7.5× at 100, 11× at 1,000',
          'medium',
          'medium',
        );
  },
};
