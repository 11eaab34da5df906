/** Where code runs repeatedly: loops, and callbacks that are called once per element. */
import ts from 'typescript';
import { isFunctionExpression, methodCall } from './nodes.js';

/** One level of repetition around a node; everything inside `scope` runs once per round. */
export interface Iteration {
  readonly node: ts.Node;
  readonly scope: ts.Node;
  readonly kind: 'loop' | 'callback';
}

const elementCallbacks = new Set([
  'forEach',
  'map',
  'filter',
  'flatMap',
  'reduce',
  'reduceRight',
  'some',
  'every',
  'find',
  'findIndex',
  'findLast',
  'findLastIndex',
  'sort',
  'toSorted',
]);
const utilityCallbacks = new Set([
  ...elementCallbacks,
  'each',
  'eachSeries',
  'any',
  'all',
  'times',
  'forOwn',
  'forIn',
  'mapValues',
  'reject',
  'partition',
  'groupBy',
  'sortBy',
  'uniqBy',
  'keyBy',
]);
const utilities = new Set(['_', 'lodash', 'async', 'underscore', 'R']);

/** From the innermost to the outermost repetition in the same function (callbacks are seen through). */
export function iterationsAround(node: ts.Node): readonly Iteration[] {
  const found: Iteration[] = [];
  let child = node;
  for (let up = node.parent; !ts.isSourceFile(up); child = up, up = up.parent) {
    if (ts.isIterationStatement(up, false)) {
      if (isRepeatedPart(up, child)) found.push({ node: up, scope: up, kind: 'loop' });
    } else if (ts.isFunctionLike(up)) {
      if (!isElementCallback(up)) break;
      found.push({ node: up, scope: up, kind: 'callback' });
    } else if (ts.isClassLike(up)) break;
  }
  return found;
}

/** Parts of a loop that run once per round; the list and the start expression run once. */
function isRepeatedPart(loop: ts.IterationStatement, child: ts.Node): boolean {
  if (ts.isForStatement(loop)) return child !== loop.initializer;
  if (ts.isForInStatement(loop) || ts.isForOfStatement(loop)) return child === loop.statement;
  return true;
}

/** Is this function an argument of `list.forEach(…)`, `Array.from(list, …)`, `_.each(list, …)`? */
export function isElementCallback(node: ts.Node): boolean {
  if (!isFunctionExpression(node)) return false;
  const parent = node.parent;
  const call = methodCall(parent);
  if (call === null || !call.args.includes(node)) return false;
  if (ts.isIdentifier(call.receiver)) {
    if (call.receiver.text === 'Array') return call.name === 'from';
    if (utilities.has(call.receiver.text)) return utilityCallbacks.has(call.name);
  }
  return elementCallbacks.has(call.name) && call.args[0] === node;
}

/** The innermost function around a node, or the file. */
export function functionAround(node: ts.Node): ts.Node {
  let up = node.parent;
  while (!ts.isFunctionLike(up) && !ts.isSourceFile(up)) up = up.parent;
  return up;
}
