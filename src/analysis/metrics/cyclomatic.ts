/** Cyclomatic complexity as ESLint's `complexity` rule (variant "classic") counts it: the decision points. */
import ts from 'typescript';
import { isLogicalOperator } from './cognitive.js';

const logicalAssignments = new Set<ts.SyntaxKind>([
  ts.SyntaxKind.AmpersandAmpersandEqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
]);

/** Decision points that this very node adds to its unit (its children are counted on their own). */
export function decisionPoints(node: ts.Node): number {
  switch (node.kind) {
    case ts.SyntaxKind.IfStatement:
    case ts.SyntaxKind.ConditionalExpression:
    case ts.SyntaxKind.ForStatement:
    case ts.SyntaxKind.ForInStatement:
    case ts.SyntaxKind.ForOfStatement:
    case ts.SyntaxKind.WhileStatement:
    case ts.SyntaxKind.DoStatement:
    case ts.SyntaxKind.CaseClause:
    case ts.SyntaxKind.CatchClause:
      return 1;
    case ts.SyntaxKind.PropertyAccessExpression:
    case ts.SyntaxKind.ElementAccessExpression:
    case ts.SyntaxKind.CallExpression:
      return (node as ts.PropertyAccessExpression | ts.ElementAccessExpression | ts.CallExpression)
        .questionDotToken === undefined
        ? 0
        : 1;
    case ts.SyntaxKind.Parameter:
    case ts.SyntaxKind.BindingElement:
      return (node as ts.ParameterDeclaration | ts.BindingElement).initializer === undefined ? 0 : 1;
    case ts.SyntaxKind.ShorthandPropertyAssignment:
      return (node as ts.ShorthandPropertyAssignment).objectAssignmentInitializer === undefined ? 0 : 1;
    case ts.SyntaxKind.BinaryExpression:
      return binaryPoints(node as ts.BinaryExpression);
    default:
      return 0;
  }
}

function binaryPoints(node: ts.BinaryExpression): number {
  const operator = node.operatorToken.kind;
  if (isLogicalOperator(operator) || logicalAssignments.has(operator)) return 1;
  return operator === ts.SyntaxKind.EqualsToken && isPatternDefault(node) ? 1 : 0;
}

/** `[a = 1] = x`, `({ a: b = 1 } = x)`, `for ([a = 1] of x)`: the inner `=` is a default value. */
function isPatternDefault(node: ts.BinaryExpression): boolean {
  const parent = node.parent;
  if (ts.isPropertyAssignment(parent) && parent.initializer === node) return isPattern(parent.parent);
  return ts.isArrayLiteralExpression(parent) && isPattern(parent);
}

/** Is this array or object literal the target of an assignment? */
function isPattern(literal: ts.Node): boolean {
  let at = literal;
  for (;;) {
    const parent = at.parent;
    if (ts.isParenthesizedExpression(parent) || ts.isSpreadElement(parent) || ts.isSpreadAssignment(parent)) {
      at = parent;
    } else if (ts.isArrayLiteralExpression(parent)) at = parent;
    else if (ts.isPropertyAssignment(parent) && parent.initializer === at) at = parent.parent;
    else if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      if (parent.left !== at) return false;
      // The assignment itself, or a default inside an outer pattern: both make the left side a target.
      return true;
    } else {
      return (ts.isForOfStatement(parent) || ts.isForInStatement(parent)) && parent.initializer === at;
    }
  }
}
