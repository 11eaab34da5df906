/**
 * Cognitive complexity (G. A. Campbell, SonarSource white paper): the parts that do not depend on the walk.
 * The specification counts runs of `&&` and of `||`; SonarJS counts runs of `&&` alone, and nothing for a plain
 * chain that is a JSX expression.
 */
import ts from 'typescript';

/** Which definition is followed: the specification, or SonarJS with its deviations. */
export type Compat = 'specification' | 'sonarjs';

export function isLogical(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && isLogicalOperator(node.operatorToken.kind);
}

export function isLogicalOperator(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.AmpersandAmpersandToken ||
    kind === ts.SyntaxKind.BarBarToken ||
    kind === ts.SyntaxKind.QuestionQuestionToken
  );
}

export function withoutParentheses(node: ts.Node): ts.Node {
  let at = node;
  while (ts.isParenthesizedExpression(at)) at = at.expression;
  return at;
}

/** Is this logical expression the top of its chain? Parentheses are seen through. */
export function isTopOfChain(node: ts.Node): boolean {
  let up = node.parent;
  while (ts.isParenthesizedExpression(up)) up = up.parent;
  return !isLogical(up);
}

/** Points for one whole chain of logical operators. */
export function chainPoints(top: ts.BinaryExpression, compat: Compat): number {
  const operators: ts.SyntaxKind[] = [];
  flatten(top, operators);
  if (compat === 'sonarjs' && isPlainJsxChain(top, operators)) return 0;
  let points = 0;
  let previous: ts.SyntaxKind | null = null;
  for (const operator of operators) {
    const counts =
      operator === ts.SyntaxKind.AmpersandAmpersandToken ||
      (compat === 'specification' && operator === ts.SyntaxKind.BarBarToken);
    if (counts && operator !== previous) points += 1;
    previous = operator;
  }
  return points;
}

function flatten(node: ts.Node, into: ts.SyntaxKind[]): void {
  const at = withoutParentheses(node);
  if (!isLogical(at)) return;
  flatten(at.left, into);
  into.push(at.operatorToken.kind);
  flatten(at.right, into);
}

function isPlainJsxChain(top: ts.BinaryExpression, operators: readonly ts.SyntaxKind[]): boolean {
  let up: ts.Node = top.parent;
  while (ts.isParenthesizedExpression(up)) up = up.parent;
  if (!ts.isJsxExpression(up)) return false;
  return new Set(operators).size === 1 && !hasConditional(top);
}

function hasConditional(chain: ts.Node): boolean {
  const at = withoutParentheses(chain);
  if (ts.isConditionalExpression(at)) return true;
  return isLogical(at) && (hasConditional(at.left) || hasConditional(at.right));
}
