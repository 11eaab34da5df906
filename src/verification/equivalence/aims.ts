/** Literals of changed code: what inputs are aimed at. */
import ts from 'typescript';
import type { Aims } from './primitive-arbitraries.js';
import type { FileChange } from './changes.js';

const literalsMax = 60;

/** Numbers, strings and pieces of regular expressions in the changed declarations of both sides. */
export function aimsOf(changes: readonly FileChange[]): Aims {
  const numbers = new Set<number>();
  const strings = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isNumericLiteral(node)) numbers.add(Number(node.text.replaceAll('_', '')));
    else if (
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node)
    ) {
      if (node.text.length > 0 && node.text.length <= 200) strings.add(node.text);
    } else if (ts.isRegularExpressionLiteral(node)) {
      for (const piece of node.text.match(/[\p{L}\p{N}_ -]+|[^\p{L}\p{N}\s\\/]/gu) ?? []) strings.add(piece);
    } else if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.name)) {
      if (node.name.text.length <= 30) strings.add(node.name.text);
    }
    ts.forEachChild(node, visit);
  };
  for (const change of changes) {
    for (const { before, after } of change.declarations) {
      // The new text first: its branches are the ones to be reached.
      for (const declaration of [after, before]) if (declaration !== null) visit(declaration.node);
    }
    const names = new Set(change.topLevel);
    for (const file of [change.after, change.before]) {
      for (const statement of file.sourceFile.statements) {
        if (ts.isVariableStatement(statement)) {
          const bound = statement.declarationList.declarations.some(
            (d) => ts.isIdentifier(d.name) && names.has(d.name.text),
          );
          if (bound) visit(statement);
        }
      }
    }
  }
  return { numbers: [...numbers].slice(0, literalsMax), strings: [...strings].slice(0, literalsMax) };
}
