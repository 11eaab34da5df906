/** Copying the accumulator in every round: the k-th round copies k elements, n²/2 in all. */
import ts from 'typescript';
import type { Confidence, Match, Rule, RuleContext } from '../types.js';
import { iterationsAround } from '../syntax/iterations.js';
import { isOuter } from '../syntax/invariance.js';
import {
  bare,
  isFunctionExpression,
  methodCall,
  pathText,
  rootIdentifier,
  shortText,
} from '../syntax/nodes.js';
import { likelyArray } from '../syntax/receivers.js';

type Copy = 'object' | 'array' | 'concat';

export const accumulatingSpread: Rule = {
  id: 'accumulating-spread',
  title: 'The accumulator is copied in every round',
  why: 'Spreading (or concatenating) what was collected so far copies all of it each time: 1+2+…+n copies. Adding to one fresh array or object is linear.',
  complexity: { before: 'n²', after: 'n' },
  severityRule:
    'high; medium where the type of the accumulator is not proved, or for a concat of unknown receiver.',
  preconditions: [
    'The accumulator is declared outside the loop, or is the first parameter of the reduce callback.',
    'It is the first thing spread, or the receiver of concat.',
    'For a fix: the seed is a fresh literal, nobody else holds the accumulator, no key can be `__proto__`.',
  ],
  examples: {
    firing: [
      'export const f = (a: [string, number][]) => a.reduce<Record<string, number>>((acc, [k, v]) => ({ ...acc, [k]: v }), {});',
      'export const f = (a: number[]) => a.reduce<number[]>((acc, x) => [...acc, x * 2], []);',
      'export function f(a: number[]) { let r: number[] = []; for (const x of a) { r = [...r, x]; } return r; }',
      'export function f(a: number[][]) { let r: number[] = []; for (const x of a) { r = r.concat(x); } return r; }',
      'export function f(a: string[]) { let o: Record<string, true> = {}; a.forEach((k) => { o = { ...o, [k]: true }; }); return o; }',
      'export const f = (a: string[]) => a.reduce((acc, k) => Object.assign({}, acc, { [k]: 1 }), {});',
      'export const f = (a: (number | null)[]) => a.reduce<number[]>((acc, x) => (x === null ? acc : acc.concat(x)), []);',
    ],
    silent: [
      'export const f = (a: number[]) => a.reduce<number[]>((acc, x) => { acc.push(x); return acc; }, []);',
      "export function f(a: string[]) { let s = ''; for (const x of a) { s = s.concat(x); } return s; }",
      'export function f(a: number[]) { let r: number[] = []; r = [...r, ...a]; return r; }',
      'export const f = (a: { b: number }[]) => a.map((x) => ({ ...x, c: 1 }));',
      'export function f(a: number[][]) { for (let r of a) { r = [...r, 1]; if (r.length > 9) return r; } return null; }',
      'export const f = (a: number[]) => a.reduce((sum, x) => sum + x, 0);',
      'export function f(a: string[]) { let o = { n: 0, last: "" }; for (const x of a) { o = { ...o, last: x }; } return o; }',
      'export const f = (a: { n: number }[]) => a.reduce((best, x) => (x.n > best.n ? { ...x } : best), { n: 0 });',
    ],
  },
  visits: ['CallExpression', 'BinaryExpression'],
  match(node, context) {
    if (ts.isBinaryExpression(node)) return matchAssignment(node, context);
    return matchReduce(node, context);
  },
};

function matchReduce(node: ts.Node, context: RuleContext): Match | null {
  const call = methodCall(node);
  if (call === null) return null;
  const callback = call.args.find(isFunctionExpression);
  const named = call.name === 'reduce' || call.name === 'reduceRight';
  if (!named || callback === undefined || !isFunctionExpression(callback)) return null;
  const accumulator = callback.parameters[0]?.name;
  if (accumulator === undefined || !ts.isIdentifier(accumulator)) return null;
  for (const value of returnedValues(callback)) {
    const copy = copyOf(value, accumulator.text);
    if (copy === null) continue;
    const receiver = bare(value);
    const inner = methodCall(receiver);
    if (copy === 'concat' && inner !== null) {
      const seed = call.args[call.args.indexOf(callback) + 1];
      const likely = seed === undefined ? 'maybeArray' : likelyArray(seed, context);
      if (likely === 'notArray' || context.oracle.isString(inner.receiver) === 'yes') continue;
    }
    return describe(node, shortText(value), copy, 'high');
  }
  return null;
}

/** Everything that the callback can return, through ternaries and all its own return statements. */
function returnedValues(fn: ts.ArrowFunction | ts.FunctionExpression): readonly ts.Expression[] {
  if (!ts.isBlock(fn.body)) return arms(fn.body);
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isReturnStatement(node) && node.expression !== undefined) found.push(...arms(node.expression));
    ts.forEachChild(node, visit);
  };
  visit(fn.body);
  return found;
}

function arms(value: ts.Expression): readonly ts.Expression[] {
  const at = bare(value);
  if (ts.isConditionalExpression(at)) return [...arms(at.whenTrue), ...arms(at.whenFalse)];
  return [value];
}

/** How `value` copies the collection whose path is `path`; null when it does not. */
function copyOf(value: ts.Node, path: string): Copy | null {
  const at = bare(value);
  if (ts.isObjectLiteralExpression(at)) {
    const first = at.properties[0];
    if (first === undefined || at.properties.length < 2 || !ts.isSpreadAssignment(first)) return null;
    // A fixed set of names does not grow from round to round.
    const grows = at.properties
      .slice(1)
      .some(
        (one) =>
          ts.isSpreadAssignment(one) || (one.name !== undefined && ts.isComputedPropertyName(one.name)),
      );
    return grows && pathText(first.expression) === path ? 'object' : null;
  }
  if (ts.isArrayLiteralExpression(at)) {
    if (at.elements.length < 2) return null;
    const spread = at.elements.some((one) => ts.isSpreadElement(one) && pathText(one.expression) === path);
    return spread ? 'array' : null;
  }
  const call = methodCall(at);
  if (call === null) return null;
  if (call.name === 'concat' && call.args.length > 0)
    return pathText(call.receiver) === path ? 'concat' : null;
  if (call.name !== 'assign' || pathText(call.receiver) !== 'Object') return null;
  const [target, first] = call.args;
  const fresh =
    target !== undefined && ts.isObjectLiteralExpression(target) && target.properties.length === 0;
  return fresh && first !== undefined && pathText(first) === path ? 'object' : null;
}

function matchAssignment(node: ts.BinaryExpression, context: RuleContext): Match | null {
  if (node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return null;
  const copy = arms(node.right)
    .map((value) => copyOf(value, pathText(node.left)))
    .find((one) => one !== null);
  if (copy === undefined || copy === null) return null;
  const [iteration] = iterationsAround(node);
  if (iteration === undefined) return null;
  const target = bare(node.left);
  const root = rootIdentifier(target);
  if (ts.isIdentifier(target)) {
    const declaration = context.oracle.declarationOf(target);
    const inside =
      declaration !== null &&
      declaration.getSourceFile() === context.sourceFile &&
      declaration.pos >= iteration.scope.pos &&
      declaration.end <= iteration.scope.end;
    if (inside) return null;
  } else if (root !== null && !isOuter(root, iteration, context)) return null;
  if (copy !== 'concat') return describe(node, shortText(node), copy, 'high');
  const likely = likelyArray(node.left, context);
  if (likely === 'notArray') return null;
  return describe(node, shortText(node), copy, likely === 'array' ? 'high' : 'medium');
}

const measured = {
  object: 'n² → n; measured 44× at 100, 330× at 1,000, 15,000× at 10,000 keys',
  array: 'n² → n; measured 16× at 100, 58× at 1,000, 460× at 10,000 elements',
  concat: 'n² → n; measured 2.3× at 100, 4.8× at 1,000, 29× at 10,000 elements',
} as const;

function describe(node: ts.Node, text: string, copy: Copy, confidence: Confidence): Match {
  return {
    rule: 'accumulating-spread',
    node,
    title: `\`${text}\` copies everything collected so far in every round`,
    effect: measured[copy],
    severity: confidence === 'high' ? 'high' : 'medium',
    confidence,
  };
}
