/** Recursion that solves the same smaller problems again and again. */
import ts from 'typescript';
import type { Rule } from '../types.js';
import { bare, isAssignment, methodCall, parentOf, shortText, someNode } from '../syntax/nodes.js';
import { found } from './match.js';

/** Calls of the function's own name in the expression, not in functions inside it. */
function selfCalls(expression: ts.Node, name: string): readonly ts.CallExpression[] {
  const calls: ts.CallExpression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === name)
      calls.push(node);
    ts.forEachChild(node, visit);
  };
  visit(expression);
  return calls;
}

/** `n - 1`, `n - 2`: a parameter made smaller by a constant; the parameter's name. */
function shrunk(node: ts.Expression): string | null {
  const at = bare(node);
  if (!ts.isBinaryExpression(at) || at.operatorToken.kind !== ts.SyntaxKind.MinusToken) return null;
  return ts.isIdentifier(at.left) && ts.isNumericLiteral(at.right) ? at.left.text : null;
}

function nameOf(owner: ts.Node): string | null {
  if (ts.isFunctionDeclaration(owner)) return owner.name?.text ?? null;
  const { parent } = owner;
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name.text : null;
}

function enclosing(node: ts.Node): ts.SignatureDeclaration | null {
  for (let up = node.parent; !ts.isSourceFile(up); up = up.parent) if (ts.isFunctionLike(up)) return up;
  return null;
}

export const branchingRecursion: Rule = {
  id: 'branching-recursion',
  title: 'A function calls itself twice for smaller numbers',
  why: 'Both calls go through nearly the same smaller problems again: the number of calls grows exponentially. Each problem is solved once when results are remembered, or computed from the bottom up.',
  complexity: { before: '2ⁿ', after: 'n' },
  severityRule: 'high: the growth is proved by the form of the calls.',
  preconditions: [
    'One value is made of two or more calls of the function itself, whose changed argument is the same parameter less a constant; all other arguments are the same in both.',
    'The function does not look anything up before (no `has`, `get` or index by the parameter).',
  ],
  examples: {
    firing: [
      'export function fib(n: number): number { return n < 2 ? n : fib(n - 1) + fib(n - 2); }',
      'export const ways = (n: number): number => (n <= 1 ? 1 : ways(n - 1) + ways(n - 2));',
      'export function t(n: number): number { if (n < 3) return n; return t(n - 1) + t(n - 2) + t(n - 3); }',
      'export function best(n: number, a: number[]): number { if (n < 0) return 0; return Math.max(best(n - 1, a), best(n - 2, a) + (a[n] ?? 0)); }',
      'export function f(n: number): bigint { if (n === 0) return 1n; return f(n - 1) * 2n + f(n - 1); }',
    ],
    silent: [
      'export function fact(n: number): number { return n < 2 ? 1 : n * fact(n - 1); }',
      'const seen = new Map<number, number>(); export function fib(n: number): number { const k = seen.get(n); if (k !== undefined) return k; const v = n < 2 ? n : fib(n - 1) + fib(n - 2); seen.set(n, v); return v; }',
      'interface T { l: T | null; r: T | null } export function size(t: T | null): number { return t === null ? 0 : 1 + size(t.l) + size(t.r); }',
      'export function sort(a: number[], l: number, r: number): number { if (r <= l) return 0; const m = (l + r) >> 1; return sort(a, l, m) + sort(a, m + 1, r); }',
      'export function f(n: number): number { if (n % 2 === 0) return n; return n > 9 ? f(n - 1) : f(n - 2); }',
      'export function hanoi(n: number, a: string, b: string, c: string): string[] { return n === 0 ? [] : [...hanoi(n - 1, a, c, b), a + b, ...hanoi(n - 1, c, b, a)]; }',
      'const memo: number[] = []; export function fib(n: number): number { return (memo[n] ??= n < 2 ? n : fib(n - 1) + fib(n - 2)); }',
    ],
  },
  visits: ['CallExpression'],
  match(node) {
    if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return null;
    const owner = enclosing(node);
    if (owner === null || nameOf(owner) !== node.expression.text) return null;
    const whole = valueAround(node, owner);
    const calls = selfCalls(whole, node.expression.text);
    if (calls[0] !== node || calls.length < 2 || areAlternatives(calls)) return null;
    const changed = calls.map((call) => changedParameter(call, owner));
    const [name] = changed;
    if (name === undefined || name === null || changed.some((other) => other !== name)) return null;
    if (remembers(owner, name)) return null;
    const title = `\`${shortText(whole, 50)}\` solves the same smaller problems again and again`;
    return found('branching-recursion', node, title, '2ⁿ calls → n; remember the results', 'high');
  },
};

/** The whole expression (up to a statement) that the call is part of. */
function valueAround(node: ts.Node, owner: ts.Node): ts.Node {
  let at = node;
  while (at.parent !== owner && ts.isExpression(at.parent) && !ts.isFunctionLike(at.parent)) at = at.parent;
  return at;
}

/** Two calls in different arms of one condition are never both made. */
function areAlternatives(calls: readonly ts.CallExpression[]): boolean {
  return calls.some((call) =>
    calls.some((other) => {
      if (call === other) return false;
      for (let up: ts.Node = call; ts.isExpression(up.parent); up = up.parent) {
        const { parent } = up;
        if (ts.isConditionalExpression(parent) && up === parent.whenTrue)
          return other.pos >= parent.whenFalse.pos && other.end <= parent.whenFalse.end;
      }
      return false;
    }),
  );
}

/** The one parameter that the call makes smaller; null when any other argument differs from its parameter. */
function changedParameter(call: ts.CallExpression, owner: ts.SignatureDeclaration): string | null {
  let changed: string | null = null;
  for (const [index, parameter] of owner.parameters.entries()) {
    const argument = call.arguments[index];
    if (argument === undefined || !ts.isIdentifier(parameter.name)) return null;
    if (bare(argument).getText() === parameter.name.text) continue;
    if (changed !== null || shrunk(argument) !== parameter.name.text) return null;
    changed = parameter.name.text;
  }
  return changed;
}

/** Looks something up by the parameter: `memo[n]`, `cache.get(n)`, `key in cache`. */
function remembers(owner: ts.Node, parameter: string): boolean {
  const names = (node: ts.Node) => someNode(node, (one) => ts.isIdentifier(one) && one.text === parameter);
  return someNode(owner, (one) => {
    const call = methodCall(one);
    if (call !== null) return ['get', 'has'].includes(call.name) && call.args.some(names);
    if (ts.isElementAccessExpression(one)) {
      const { parent, child } = parentOf(one);
      return (
        names(one.argumentExpression) &&
        ts.isBinaryExpression(parent) &&
        parent.left === child &&
        isAssignment(parent)
      );
    }
    return false;
  });
}
