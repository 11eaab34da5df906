/** Small questions about syntax that most rules ask. */
import ts from 'typescript';

/** Sees through parentheses, `as`, `satisfies` and `!`. */
export function bare(node: ts.Node): ts.Node {
  let at = node;
  while (
    ts.isParenthesizedExpression(at) ||
    ts.isAsExpression(at) ||
    ts.isSatisfiesExpression(at) ||
    ts.isNonNullExpression(at) ||
    ts.isTypeAssertionExpression(at)
  )
    at = at.expression;
  return at;
}

/** The parent, seen through parentheses and type-only wrappers; `child` is the wrapped side. */
export function parentOf(node: ts.Node): { parent: ts.Node; child: ts.Node } {
  let child = node;
  let parent = node.parent;
  while (
    ts.isParenthesizedExpression(parent) ||
    ts.isAsExpression(parent) ||
    ts.isSatisfiesExpression(parent) ||
    ts.isNonNullExpression(parent) ||
    ts.isTypeAssertionExpression(parent)
  ) {
    child = parent;
    parent = parent.parent;
  }
  return { parent, child };
}

export interface MethodCall {
  readonly call: ts.CallExpression;
  readonly access: ts.PropertyAccessExpression;
  readonly receiver: ts.Expression;
  readonly name: string;
  readonly args: readonly ts.Expression[];
}

/** `receiver.name(args)`; null for every other shape. */
export function methodCall(node: ts.Node): MethodCall | null {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null;
  const access = node.expression;
  return {
    call: node,
    access,
    receiver: access.expression,
    name: access.name.text,
    args: node.arguments,
  };
}

/** `Object.name(args)` on the global of that name, by text; callers ask the oracle about shadowing. */
export function staticCall(node: ts.Node, object: string, names: ReadonlySet<string>): MethodCall | null {
  const call = methodCall(node);
  if (call === null || !ts.isIdentifier(call.receiver)) return null;
  return call.receiver.text === object && names.has(call.name) ? call : null;
}

export function isFunctionExpression(node: ts.Node): node is ts.ArrowFunction | ts.FunctionExpression {
  return ts.isArrowFunction(node) || ts.isFunctionExpression(node);
}

/** The identifier at the left end of `a.b.c` or `a[0].b`; null for `this.…`, calls and everything else. */
export function rootIdentifier(node: ts.Node): ts.Identifier | null {
  let at = bare(node);
  while (ts.isPropertyAccessExpression(at) || ts.isElementAccessExpression(at)) at = bare(at.expression);
  return ts.isIdentifier(at) ? at : null;
}

/** Text of an expression for comparing paths, white space apart. */
export function pathText(node: ts.Node): string {
  return bare(node).getText().replace(/\s+/g, '');
}

export function isAssignment(node: ts.Node): node is ts.BinaryExpression {
  return (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
    node.operatorToken.kind <= ts.SyntaxKind.LastAssignment
  );
}

/** Is this reference the target of a write (`x = …`, `x++`, `for (x of …)`)? */
export function isWritten(node: ts.Node): boolean {
  const { parent, child } = parentOf(node);
  if (isAssignment(parent)) return parent.left === child;
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent))
    return (
      parent.operator === ts.SyntaxKind.PlusPlusToken || parent.operator === ts.SyntaxKind.MinusMinusToken
    );
  if (ts.isForInStatement(parent) || ts.isForOfStatement(parent)) return parent.initializer === child;
  if (ts.isShorthandPropertyAssignment(parent) || ts.isArrayLiteralExpression(parent))
    return isInsideTarget(parent);
  return ts.isPropertyAssignment(parent) && parent.initializer === child && isInsideTarget(parent);
}

/** Inside the left side of a destructuring assignment. */
function isInsideTarget(node: ts.Node): boolean {
  let at: ts.Node = node;
  while (
    ts.isArrayLiteralExpression(at) ||
    ts.isObjectLiteralExpression(at) ||
    ts.isPropertyAssignment(at) ||
    ts.isShorthandPropertyAssignment(at) ||
    ts.isParenthesizedExpression(at)
  ) {
    const parent: ts.Node = at.parent;
    if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken)
      return parent.left === at;
    if (ts.isForOfStatement(parent) || ts.isForInStatement(parent)) return parent.initializer === at;
    at = parent;
  }
  return false;
}

/** Source text on one line, cut at `limit` characters, for titles. */
export function shortText(node: ts.Node, limit = 60): string {
  const text = node.getText().replace(/\s+/g, ' ');
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}

export function contains(outer: ts.Node, inner: ts.Node): boolean {
  return outer.pos <= inner.pos && inner.end <= outer.end;
}

/** Does `test` hold for the node or anything below it? Functions below are entered too. */
export function someNode(node: ts.Node, test: (node: ts.Node) => boolean): boolean {
  if (test(node)) return true;
  return ts.forEachChild(node, (child) => (someNode(child, test) ? true : undefined)) === true;
}
