/** Making a match, and the questions that many rules share. */
import ts from 'typescript';
import type { Confidence, Match, RuleContext, Severity } from '../types.js';
import { bare, isFunctionExpression, methodCall, parentOf, type MethodCall } from '../syntax/nodes.js';
import { likelyArray } from '../syntax/receivers.js';

export function found(
  rule: string,
  node: ts.Node,
  title: string,
  effect: string,
  severity: Severity,
  confidence: Confidence = 'high',
): Match {
  return { rule, node, title, effect, severity, confidence };
}

/** `receiver.name(args)` with one of these names. */
export function callOf(node: ts.Node, ...names: readonly string[]): MethodCall | null {
  const call = methodCall(bare(node));
  return call !== null && names.includes(call.name) ? call : null;
}

export function isNumber(node: ts.Node | undefined, value: number): boolean {
  if (node === undefined) return false;
  const at = bare(node);
  if (ts.isPrefixUnaryExpression(at) && at.operator === ts.SyntaxKind.MinusToken)
    return ts.isNumericLiteral(at.operand) && -Number(at.operand.text) === value;
  return ts.isNumericLiteral(at) && Number(at.text) === value;
}

/** `a.filter(p)` with an inline predicate on something that is not known to be no array. */
export function filterCall(node: ts.Node, context: RuleContext): MethodCall | null {
  const call = callOf(node, 'filter');
  if (call === null || call.args.length !== 1) return null;
  return likelyArray(call.receiver, context) === 'notArray' ? null : call;
}

/** Is the value compared with `=== 0`, `> 0` and the like, or used as a condition? */
export function isTestedForEmptiness(node: ts.Node): boolean {
  const { parent, child } = parentOf(node);
  if (ts.isBinaryExpression(parent)) {
    const other = parent.left === child ? parent.right : parent.left;
    const comparing =
      parent.operatorToken.kind >= ts.SyntaxKind.LessThanToken &&
      parent.operatorToken.kind <= ts.SyntaxKind.ExclamationEqualsEqualsToken;
    if (comparing) return isNumber(other, 0) || (isNumber(other, 1) && isOrdering(parent));
  }
  return isCondition(parent, child);
}

function isOrdering(node: ts.BinaryExpression): boolean {
  const kind = node.operatorToken.kind;
  return kind === ts.SyntaxKind.GreaterThanEqualsToken || kind === ts.SyntaxKind.LessThanToken;
}

function isCondition(parent: ts.Node, child: ts.Node): boolean {
  if (ts.isPrefixUnaryExpression(parent)) return parent.operator === ts.SyntaxKind.ExclamationToken;
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent)) return parent.expression === child;
  if (ts.isConditionalExpression(parent)) return parent.condition === child;
  return false;
}

/** The last function argument, when it is written in place. */
export function inlineCallback(call: MethodCall): ts.ArrowFunction | ts.FunctionExpression | null {
  const last = call.args.find((argument) => isFunctionExpression(argument));
  return last !== undefined && isFunctionExpression(last) ? last : null;
}

/** The value of an expression body, or of a body that is one return statement. */
export function soleValue(fn: ts.ArrowFunction | ts.FunctionExpression): ts.Expression | null {
  if (!ts.isBlock(fn.body)) return fn.body;
  const [only, ...more] = fn.body.statements;
  if (only === undefined || more.length > 0 || !ts.isReturnStatement(only)) return null;
  return only.expression ?? null;
}

/** The global of that name, as far as it is not shown to be shadowed. */
export function isGlobalNamed(node: ts.Node, name: string, context: RuleContext): boolean {
  return ts.isIdentifier(node) && node.text === name && context.oracle.isGlobal(node) !== 'no';
}

/** In typed files only what the checker proves; in plain JavaScript what the uses suggest. */
export function isArrayHere(node: ts.Expression, context: RuleContext): boolean {
  const { oracle } = context;
  if (oracle.isArray(node) === 'yes' || oracle.elementKinds(node) !== null) return true;
  return /\.[cm]?jsx?$/.test(context.file) && likelyArray(node, context) !== 'notArray';
}
