/** Small questions about syntax. */
import ts from 'typescript';
import type { RuleContext } from '../../../analysis/types.js';

export type Loop = ts.IterationStatement;

/** Removes parentheses and type-only wrappers: `(x as T)!` → `x`. */
export function bare(node: ts.Expression): ts.Expression {
  let at = node;
  while (
    ts.isParenthesizedExpression(at) ||
    ts.isAsExpression(at) ||
    ts.isNonNullExpression(at) ||
    ts.isSatisfiesExpression(at) ||
    ts.isTypeAssertionExpression(at)
  )
    at = at.expression;
  return at;
}

/** The outermost parenthesised or type-wrapped form of the expression. */
export function wrapped(node: ts.Expression): ts.Expression {
  let at: ts.Expression = node;
  for (;;) {
    const parent: ts.Node = at.parent;
    const wraps =
      ts.isParenthesizedExpression(parent) ||
      ts.isAsExpression(parent) ||
      ts.isNonNullExpression(parent) ||
      ts.isSatisfiesExpression(parent) ||
      ts.isTypeAssertionExpression(parent);
    if (!wraps) return at;
    at = parent;
  }
}

export interface MethodCall {
  readonly call: ts.CallExpression;
  readonly receiver: ts.Expression;
  readonly access: ts.PropertyAccessExpression;
  readonly name: string;
}

/** `receiver.name(…)` without `?.` and without spread arguments. */
export function methodCall(node: ts.Node): MethodCall | null {
  if (!ts.isCallExpression(node) || node.questionDotToken !== undefined) return null;
  const access = node.expression;
  if (!ts.isPropertyAccessExpression(access) || access.questionDotToken !== undefined) return null;
  if (access.flags & ts.NodeFlags.OptionalChain) return null;
  if (node.arguments.some(ts.isSpreadElement)) return null;
  return { call: node, receiver: access.expression, access, name: access.name.text };
}

export function isLoop(node: ts.Node): node is Loop {
  return ts.isIterationStatement(node, false);
}

/** Does `outer` hold `inner` (or is it the same node)? */
export function contains(outer: ts.Node, inner: ts.Node): boolean {
  return outer.pos <= inner.pos && inner.end <= outer.end && outer.getSourceFile() === inner.getSourceFile();
}

/** The function (or source file, or class static block) whose code this is. */
export function enclosingFunction(node: ts.Node): ts.Node {
  let at = node.parent;
  while (!ts.isSourceFile(at) && !ts.isFunctionLike(at) && !ts.isClassStaticBlockDeclaration(at))
    at = at.parent;
  return at;
}

/** Visits every node below; the visitor returns false to stay out of a subtree. */
export function walk(node: ts.Node, visit: (node: ts.Node) => boolean | void): void {
  ts.forEachChild(node, (child) => {
    if (visit(child) !== false) walk(child, visit);
  });
}

export function isAssignmentOperator(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

/** Is the expression written to: assigned, incremented, deleted, or a destructuring or loop target? */
export function isWriteTarget(node: ts.Expression): boolean {
  const at = wrapped(node);
  const parent = at.parent;
  if (ts.isBinaryExpression(parent) && isAssignmentOperator(parent.operatorToken.kind)) {
    if (parent.left === at) return true;
  }
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent))
    return (
      parent.operator === ts.SyntaxKind.PlusPlusToken || parent.operator === ts.SyntaxKind.MinusMinusToken
    );
  if (ts.isDeleteExpression(parent)) return true;
  if (ts.isForInStatement(parent) || ts.isForOfStatement(parent)) return parent.initializer === at;
  return isPatternTarget(at);
}

/** `[x] = …`, `({ a: x } = …)` and the same as a loop variable. */
function isPatternTarget(node: ts.Expression): boolean {
  let at: ts.Node = node;
  while (
    ts.isArrayLiteralExpression(at.parent) ||
    ts.isObjectLiteralExpression(at.parent) ||
    (ts.isPropertyAssignment(at.parent) && at.parent.initializer === at) ||
    ts.isShorthandPropertyAssignment(at.parent) ||
    ts.isSpreadElement(at.parent) ||
    ts.isSpreadAssignment(at.parent) ||
    ts.isParenthesizedExpression(at.parent)
  )
    at = at.parent;
  if (at === node) return false;
  const parent = at.parent;
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken)
    return parent.left === at;
  return (ts.isForInStatement(parent) || ts.isForOfStatement(parent)) && parent.initializer === at;
}

/** Is the identifier only the name of something (a property, a label, a declaration), not a use of a value? */
export function isPlainName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) return parent.name === node;
  if (ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  return ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent) || ts.isJsxAttribute(parent);
}

/** An inline arrow or function expression that is neither async nor a generator. */
export function inlineFunction(node: ts.Node | undefined): ts.ArrowFunction | ts.FunctionExpression | null {
  if (node === undefined) return null;
  const inner = ts.isExpression(node) ? bare(node) : node;
  if (!ts.isArrowFunction(inner) && !ts.isFunctionExpression(inner)) return null;
  if (inner.asteriskToken !== undefined) return null;
  if (inner.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.AsyncKeyword) === true) return null;
  return inner;
}

/** The value of `x => value` or `x => { return value; }`. */
export function returnedExpression(fn: ts.ArrowFunction | ts.FunctionExpression): ts.Expression | null {
  if (!ts.isBlock(fn.body)) return fn.body;
  const [only] = fn.body.statements;
  if (fn.body.statements.length !== 1 || only === undefined || !ts.isReturnStatement(only)) return null;
  return only.expression ?? null;
}

/** The name of a simple parameter without default, rest or pattern. */
export function simpleParameter(parameter: ts.ParameterDeclaration | undefined): ts.Identifier | null {
  if (
    parameter === undefined ||
    parameter.initializer !== undefined ||
    parameter.dotDotDotToken !== undefined
  )
    return null;
  return ts.isIdentifier(parameter.name) ? parameter.name : null;
}

/** The number that a literal (or `-1`) stands for. */
export function literalNumber(node: ts.Expression): number | null {
  const at = bare(node);
  if (ts.isNumericLiteral(at)) return Number(at.text);
  if (ts.isPrefixUnaryExpression(at) && at.operator === ts.SyntaxKind.MinusToken) {
    const inner = literalNumber(at.operand);
    return inner === null ? null : -inner;
  }
  return null;
}

/** Is the expression the global built-in of that name? */
export function isGlobalName(node: ts.Expression, name: string, context: RuleContext): boolean {
  const at = bare(node);
  if (ts.isPropertyAccessExpression(at))
    return at.name.text === name && isGlobalName(at.expression, 'globalThis', context);
  if (!ts.isIdentifier(at) || at.text !== name) return false;
  return name === 'globalThis' || context.oracle.isGlobal(at) === 'yes';
}
