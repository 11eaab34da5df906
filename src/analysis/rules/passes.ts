/** Passes over arrays that build what is thrown away at once. */
import ts from 'typescript';
import type { Rule } from '../types.js';
import { bare, rootIdentifier, shortText, someNode } from '../syntax/nodes.js';
import { likelyArray } from '../syntax/receivers.js';
import { callOf, found, inlineCallback, isGlobalNamed, soleValue } from './match.js';

export const chainedPasses: Rule = {
  id: 'chained-passes',
  title: 'Three or more passes with throw-away arrays',
  why: 'Each pass builds an array for the next. One loop builds none. Two passes are not worth it; three are, in hot code.',
  complexity: null,
  severityRule: 'low',
  preconditions: [
    'A chain of at least three of filter, map, flatMap that ends in reduce, or four without it.',
    'For a fix: pure callbacks (their calls interleave differently).',
  ],
  examples: {
    firing: [
      'export const f = (a: number[]) => a.filter((x) => x > 1).map((x) => x * 2).reduce((s, x) => s + x, 0);',
      'export const f = (a: string[]) => a.map((x) => x.trim()).filter((x) => x !== "").reduce((s, x) => s + x.length, 0);',
      'export const f = (a: number[]) => a.filter((x) => x > 1).filter((x) => x < 9).map((x) => x * 2).reduce((s, x) => s + x, 0);',
      'export const f = (a: number[]) => a.map((x) => x + 1).filter((x) => x > 2).map((x) => x * 2).filter((x) => x < 9);',
      'export const f = (a: number[][]) => a.flatMap((x) => x).filter((x) => x > 1).reduce((s, x) => s + x, 0);',
    ],
    silent: [
      'export const f = (a: number[]) => a.filter((x) => x > 1).map((x) => x * 2);',
      'export const f = (a: number[]) => a.map((x) => x * 2).reduce((s, x) => s + x, 0);',
      'export const f = (a: number[]) => a.filter((x) => x > 1).length;',
      'export const f = (a: number[]) => a.reduce((s, x) => s + x, 0);',
      "export const f = (a: string) => a.trim().toLowerCase().split(',').map((x) => x.trim());",
    ],
  },
  visits: ['CallExpression'],
  match(node, context) {
    const last = callOf(node, 'reduce', 'map', 'filter', 'flatMap');
    if (last === null || inlineCallback(last) === null) return null;
    const { parent } = node;
    if (
      ts.isPropertyAccessExpression(parent) &&
      ['reduce', 'map', 'filter', 'flatMap'].includes(parent.name.text)
    )
      return null;
    let passes = 0;
    let at: ts.Expression = last.receiver;
    for (
      let call = callOf(at, 'map', 'filter', 'flatMap');
      call !== null;
      call = callOf(at, 'map', 'filter', 'flatMap')
    ) {
      passes += 1;
      at = call.receiver;
    }
    if (passes + 1 < (last.name === 'reduce' ? 3 : 4) || likelyArray(at, context) === 'notArray') return null;
    return found(
      'chained-passes',
      node,
      `${passes + 1} passes, ${passes} throw-away arrays`,
      'one loop; measured 4–17× for three passes',
      'low',
      'medium',
    );
  },
};

export const flatMapLiteral: Rule = {
  id: 'flat-map-literal',
  title: 'flatMap makes a small array for every element',
  why: 'A literal per element is built and taken apart again. In hot code a loop that pushes is many times faster; elsewhere flatMap reads better.',
  complexity: null,
  severityRule: 'info (worth it in hot code only)',
  preconditions: ['The callback returns an array literal.', 'For a fix: pure, and in a hot function.'],
  examples: {
    firing: [
      'export const f = (a: number[]) => a.flatMap((x) => [x, x * 2]);',
      'export const f = (a: number[]) => a.flatMap((x) => (x > 1 ? [x] : []));',
      'export const f = (a: string[]) => a.flatMap((x) => { return [x, x]; });',
      'export const f = (a: { l: string; r: string }[]) => a.flatMap((x) => [x.l, x.r]);',
      'export const f = (a: number[]) => a.flatMap(function (x) { return [x]; });',
    ],
    silent: [
      'export const f = (a: number[][]) => a.flatMap((x) => x);',
      'export const f = (a: string[]) => a.flatMap((x) => x.split(","));',
      'export const f = (a: number[]) => a.map((x) => [x, x]);',
      'export const f = (a: number[][]) => a.flat();',
      'export const f = (a: number[], g: (x: number) => number[]) => a.flatMap(g);',
    ],
  },
  visits: ['CallExpression'],
  match(node) {
    const call = callOf(node, 'flatMap');
    const callback = call === null ? null : inlineCallback(call);
    const value = callback === null ? null : soleValue(callback);
    if (value === null) return null;
    const literal = (one: ts.Expression): boolean => {
      const at = bare(one);
      return ts.isConditionalExpression(at)
        ? literal(at.whenTrue) && literal(at.whenFalse)
        : ts.isArrayLiteralExpression(at);
    };
    return literal(value)
      ? found(
          'flat-map-literal',
          node,
          `\`${shortText(node)}\` makes a small array for every element`,
          'a loop with push; measured 28× at 100, 30× at 1,000',
          'info',
          'medium',
        )
      : null;
  },
};

export const needlessSpread: Rule = {
  id: 'needless-spread',
  title: 'An array is copied for a method that does not change it',
  why: 'map, filter, some and the like leave their array alone; the copy before them is thrown away.',
  complexity: null,
  severityRule: 'low',
  preconditions: ['What is spread is proved to be an array (spreading a Set or a string is a conversion).'],
  examples: {
    firing: [
      'export const f = (a: number[]) => [...a].map((x) => x + 1);',
      'export const f = (a: number[]) => [...a].filter((x) => x > 1);',
      'export const f = (a: string[]) => [...a].join(",");',
      'export const f = (a: number[]) => Array.from(a).some((x) => x > 1);',
      'export const f = (a: number[]) => a.slice().find((x) => x > 1);',
    ],
    silent: [
      'export const f = (s: Set<number>) => [...s].map((x) => x + 1);',
      'export const f = (a: number[]) => [...a].sort((x, y) => x - y);',
      'export const f = (s: string) => [...s].map((x) => x);',
      'export const f = (a: number[]) => [...a, 1].map((x) => x);',
      'export function f(a: number[]) { [...a].forEach((x) => { if (x) a.push(x); }); }',
    ],
  },
  visits: ['CallExpression'],
  match(node, context) {
    const call = callOf(
      node,
      'map',
      'filter',
      'some',
      'every',
      'find',
      'findIndex',
      'includes',
      'indexOf',
      'join',
      'reduce',
      'flatMap',
      'slice',
    );
    if (call === null) return null;
    const at = bare(call.receiver);
    let source: ts.Expression | undefined;
    if (ts.isArrayLiteralExpression(at) && at.elements.length === 1) {
      const [only] = at.elements;
      if (only !== undefined && ts.isSpreadElement(only)) source = only.expression;
    } else {
      const copy = callOf(at, 'slice', 'from');
      if (copy?.name === 'slice' && copy.args.length === 0) source = copy.receiver;
      else if (
        copy?.name === 'from' &&
        copy.args.length === 1 &&
        isGlobalNamed(copy.receiver, 'Array', context)
      )
        source = copy.args[0];
    }
    if (source === undefined || context.oracle.isArray(source) !== 'yes') return null;
    const name = rootIdentifier(source)?.text;
    const changes = call.args.some((one) =>
      someNode(one, (inner) => name !== undefined && ts.isIdentifier(inner) && inner.text === name),
    );
    return changes
      ? null
      : found(
          'needless-spread',
          node,
          `\`${shortText(at)}\` is copied for \`${call.name}\`, which changes nothing`,
          'one copy less per call',
          'low',
        );
  },
};
