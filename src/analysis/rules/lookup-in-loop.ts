/** A linear search of the same list in every round of a loop: n×m comparisons where a Set or Map needs n+m. */
import ts from 'typescript';
import type { Confidence, Match, Rule, RuleContext, Severity } from '../types.js';
import { changesInside, isInvariant, type Change } from '../syntax/invariance.js';
import { iterationsAround, type Iteration } from '../syntax/iterations.js';
import { bare, isFunctionExpression, methodCall, pathText, shortText, someNode } from '../syntax/nodes.js';
import { knownLength, likelyArray, type Likely } from '../syntax/receivers.js';

const byValue = new Set(['includes', 'indexOf', 'lastIndexOf']);
const byPredicate = new Set(['find', 'findIndex', 'findLast', 'findLastIndex', 'some']);
const utilities = new Set(['_', 'lodash', 'underscore']);
const utilityNames = new Set([
  'includes',
  'contains',
  'indexOf',
  'lastIndexOf',
  'find',
  'findIndex',
  'some',
  'any',
]);
/** Below this a scan is as fast as a hash lookup (measured: even at about ten strings). */
const tiny = 10;

interface Search {
  readonly list: ts.Expression;
  readonly key: ts.Expression;
  readonly name: string;
}

export const lookupInLoop: Rule = {
  id: 'lookup-in-loop',
  title: 'Linear search inside a loop',
  why: 'Each round scans the whole list, so n rounds over m elements cost n×m comparisons. A Set (or a Map by key), built once before the loop, answers in constant time.',
  complexity: { before: 'n·m', after: 'n+m' },
  severityRule:
    'high when the list is proved to be an array and is not changed in the loop; medium when only its uses say so, when it grows in the loop, when its length is fixed by the code (above ten), or when only one arm of a condition searches; low when the type is unknown or it is otherwise changed.',
  preconditions: [
    'The list is the same in every round (declared outside, not assigned inside).',
    'The list is not known to have ten elements or fewer.',
    'The search is by value, or its predicate compares a part of the element with a value from outside.',
    'For a fix: a real array, not mutated between the loop and its last use, no holes; a key for which `===` and Set agree (NaN!).',
  ],
  examples: {
    firing: [
      'export function f(a: string[], b: string[]) { const r: string[] = []; for (const x of a) { if (b.includes(x)) r.push(x); } return r; }',
      'export const f = (a: number[], b: number[]) => a.filter((x) => b.indexOf(x) !== -1);',
      'export const f = (a: { id: string }[], b: { id: string; v: number }[]) => a.map((x) => b.find((y) => y.id === x.id));',
      'export function f(a: string[], b: { k: string }[]) { let n = 0; for (let i = 0; i < a.length; i++) if (b.some((y) => y.k === a[i])) n++; return n; }',
      'export function f(nodes: object[], seen: object[]) { let i = nodes.length; while (--i >= 0) { const node = nodes[i]; if (node && seen.lastIndexOf(node, i - 1) >= 0) return i; } return -1; }',
      'export function f(keys: string[], o: object) { for (const k of keys) if (Object.keys(o).includes(k)) return k; return null; }',
      'export function f(a: string[]) { const out: string[] = []; for (const x of a) if (out.indexOf(x) < 0) out.push(x); return out; }',
    ],
    silent: [
      'export function f(a: string[], s: string) { return a.filter((x) => s.includes(x)); }',
      "export function f(a: string[]) { return a.filter((x) => ['a', 'b', 'c'].includes(x)); }",
      'export function f(a: { tags: string[] }[], t: string) { return a.filter((x) => x.tags.includes(t)); }',
      'export function f(a: string[], b: Set<string>) { return a.filter((x) => b.has(x)); }',
      'export function f(a: string[], b: string) { return a.includes(b); }',
      'export function f(a: string[], b: number[]) { for (const x of a) if (b.some((y) => y > 3)) return x; return null; }',
      "const kinds = ['x', 'y'] as const; export const f = (a: ('x' | 'y')[]) => a.filter((k) => kinds.includes(k));",
      'export function f(a: string[][], t: string) { for (const b of a) { const c = b.concat(); if (c.includes(t)) return c; } return null; }',
      "function count(line: string[], open: string[]) { const codes = open.map((x) => x.trim()); return line.filter((c) => codes.includes(c)).length; } export const f = (l: string[]) => count(l, ['{', '(']) - count(l, ['}', ')', ']']);",
      "const vowels = 'aeiou'.split(''); export const f = (a: string[]) => a.filter((c) => vowels.includes(c));",
    ],
  },
  visits: ['CallExpression'],
  match(node, context) {
    const search = searchOf(node);
    if (search === null) return null;
    const [innermost, ...outer] = iterationsAround(node);
    if (innermost === undefined || !isInvariant(search.list, innermost, context)) return null;
    const length = knownLength(search.list, context);
    if (length !== null && length <= tiny) return null;
    const likely = likelyArray(search.list, context);
    if (likely === 'notArray' || isTextSearch(search, likely, context)) return null;
    if (!keyVaries(search, innermost, context)) return null;
    const widest = outer.findLast((iteration) => isInvariant(search.list, iteration, context)) ?? innermost;
    const change = changesInside(search.list, widest);
    if (length !== null) return bounded(describe(node, search, likely, change), length);
    const match = describe(node, search, likely, change);
    return isReachedByAll(node, search, innermost) ? match : lowered(match);
  },
};

function searchOf(node: ts.Node): Search | null {
  const call = methodCall(node);
  if (call === null) return null;
  const [first, second] = call.args;
  if (ts.isIdentifier(call.receiver) && utilities.has(call.receiver.text)) {
    if (!utilityNames.has(call.name) || first === undefined || second === undefined) return null;
    return { list: first, key: second, name: call.name };
  }
  if (first === undefined) return null;
  if (byValue.has(call.name)) {
    // A start index makes `includes` and `indexOf` a walk through the list, not a lookup.
    if (second !== undefined && call.name !== 'lastIndexOf') return null;
    return { list: call.receiver, key: first, name: call.name };
  }
  if (!byPredicate.has(call.name) || !isKeyed(first)) return null;
  return { list: call.receiver, key: first, name: call.name };
}

/** One top-level conjunct of the predicate compares a part of the element with something else. */
function isKeyed(predicate: ts.Expression): boolean {
  if (!isFunctionExpression(predicate) || predicate.parameters.length !== 1) return false;
  const parameter = predicate.parameters[0]?.name;
  const value = returnedValue(predicate);
  if (parameter === undefined || value === null) return false;
  const names = new Set<string>();
  collectNames(parameter, names);
  const uses = (side: ts.Node): boolean =>
    someNode(side, (one) => ts.isIdentifier(one) && names.has(one.text));
  return conjuncts(value).some(
    (one) => isEquality(one) && uses(one.left) !== uses(one.right) && !isConstant(one),
  );
}

function returnedValue(fn: ts.ArrowFunction | ts.FunctionExpression): ts.Expression | null {
  if (!ts.isBlock(fn.body)) return fn.body;
  const [only, ...more] = fn.body.statements;
  if (only === undefined || more.length > 0 || !ts.isReturnStatement(only)) return null;
  return only.expression ?? null;
}

function collectNames(name: ts.BindingName, into: Set<string>): void {
  if (ts.isIdentifier(name)) into.add(name.text);
  else
    for (const element of name.elements) if (ts.isBindingElement(element)) collectNames(element.name, into);
}

function conjuncts(value: ts.Expression): readonly ts.Node[] {
  const at = bare(value);
  if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken)
    return [...conjuncts(at.left), ...conjuncts(at.right)];
  return [at];
}

function isEquality(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken;
}

function isConstant(node: ts.BinaryExpression): boolean {
  const side = (one: ts.Node): boolean => {
    const at = bare(one);
    return (
      ts.isLiteralExpression(at) || at.kind === ts.SyntaxKind.NullKeyword || at.getText() === 'undefined'
    );
  };
  return side(node.left) || side(node.right);
}

/** `text.indexOf(',')`: a literal key on a receiver of unknown type is nearly always a string search. */
function isTextSearch(search: Search, likely: Likely, context: RuleContext): boolean {
  if (likely === 'array' || byPredicate.has(search.name)) return false;
  return ts.isStringLiteralLike(bare(search.key)) || context.oracle.isRegExp(search.key) === 'yes';
}

/** A key that is the same in every round is another matter (an invariant call). */
function keyVaries(search: Search, iteration: Iteration, context: RuleContext): boolean {
  if (isFunctionExpression(search.key)) return true;
  return !isInvariant(search.key, iteration, context) || changesInside(search.list, iteration) !== 'none';
}

/** A list whose length the code fixes costs a constant factor, not a class. */
function bounded(match: Match, length: number): Match {
  return { ...lowered(match), effect: `at most ${length} comparisons in each round → 1` };
}

function lowered(match: Match): Match {
  return match.severity === 'high' ? { ...match, severity: 'medium' } : match;
}

/** Not in one arm of a `?:` that tests something else than the list. */
function isReachedByAll(node: ts.Node, search: Search, iteration: Iteration): boolean {
  const root = pathText(search.list);
  for (let up = node; up !== iteration.node && !ts.isStatement(up); up = up.parent) {
    const { parent } = up;
    if (ts.isConditionalExpression(parent) && parent.condition !== up && !testsPath(parent.condition, root))
      return false;
  }
  return true;
}

function testsPath(condition: ts.Node, path: string): boolean {
  return someNode(condition, (one) => pathText(one) === path);
}

function describe(node: ts.Node, search: Search, likely: Likely, change: Change): Match {
  const list = shortText(search.list, 40);
  const severity: Severity =
    likely === 'array' && change === 'none'
      ? 'high'
      : (likely === 'array' && change === 'grows') || (likely === 'maybeArray' && change === 'none')
        ? 'medium'
        : 'low';
  const confidence: Confidence =
    likely === 'array' ? (change === 'changes' ? 'medium' : 'high') : change === 'none' ? 'medium' : 'low';
  const note =
    change === 'none' ? '' : change === 'grows' ? ' (it grows in the loop)' : ' (it is changed in the loop)';
  return {
    rule: 'lookup-in-loop',
    node,
    title: `\`${list}.${search.name}(…)\` scans the list in every round of the loop${note}`,
    effect: 'n·m → n+m; measured about 4× at 100, 34× at 1,000, 120× at 10,000 elements',
    severity,
    confidence,
  };
}
