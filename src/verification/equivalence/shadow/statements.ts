/** Small questions about statements of a module. Syntactic. */
import ts from 'typescript';
import { runsAtLoad } from '../places.js';

const probe = /^__ratchetSeen\d+$/;

/** Statements that a coverage probe put there are no statements of the candidate. */
export function withoutProbes(statements: readonly ts.Statement[]): ts.Statement[] {
  return statements.filter((statement) => {
    if (ts.isFunctionDeclaration(statement)) return !probe.test(statement.name?.text ?? '');
    if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) return true;
    return !probe.test(statement.expression.expression.getText());
  });
}

/** The body of the function that a statement runs while the module loads. */
export function loadBody(node: ts.Node): ts.Block | null {
  if (runsAtLoad(node) && ts.isFunctionLike(node) && 'body' in node) {
    const body: ts.Node | undefined = node.body;
    return body !== undefined && ts.isBlock(body) ? body : null;
  }
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) return null;
  return ts.forEachChild(node, (child) => loadBody(child) ?? undefined) ?? null;
}

/** Named classes of a file, the first of each name. */
export function classesOf(node: ts.Node, found = new Map<string, ts.ClassLikeDeclaration>()): typeof found {
  if (ts.isClassLike(node) && node.name !== undefined && !found.has(node.name.text))
    found.set(node.name.text, node);
  ts.forEachChild(node, (child) => {
    classesOf(child, found);
  });
  return found;
}

/** `exports.a` for `exports.a = …;`. */
export function assignedTo(statement: ts.Statement): string | null {
  if (!ts.isExpressionStatement(statement)) return null;
  const { expression } = statement;
  if (!ts.isBinaryExpression(expression)) return null;
  if (expression.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return null;
  return expression.left.getText();
}

/** The object literal that a statement assigns. */
export function literalOf(statement: ts.Statement): ts.ObjectLiteralExpression | null {
  if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) return null;
  const { right } = statement.expression;
  return ts.isObjectLiteralExpression(right) ? right : null;
}

export function shortText(node: ts.Node): string {
  const text = node.getText().replaceAll(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
