/**
 * What other files can see of a file: its text without the bodies of functions whose result type is written down.
 * When the shape is the same, no type outside the file can have changed. JavaScript and broken files count whole.
 */
import { createHash } from 'node:crypto';
import ts from 'typescript';

export function shapeOf(file: ts.SourceFile): string {
  const hash = createHash('sha256');
  let from = 0;
  const visit = (node: ts.Node): void => {
    const body = hiddenBody(node);
    if (body === null) return ts.forEachChild(node, visit);
    hash.update(file.text.slice(from, body.pos)).update('{}');
    from = body.end;
  };
  if (!/\.[cm]?jsx?$/.test(file.fileName)) visit(file);
  return hash.update(file.text.slice(from)).digest('hex');
}

/** Constructors stay: fields without a type take theirs from assignments there. */
function hiddenBody(node: ts.Node): ts.Node | null {
  const plain =
    ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isGetAccessorDeclaration(node);
  if (!plain || node.type === undefined || node.body === undefined) return null;
  return ts.isBlock(node.body) ? node.body : null;
}

/** Does the file add to the global scope or to other modules? Then every other file may depend on it. */
export function isGlobalFile(file: ts.SourceFile): boolean {
  if (!ts.isExternalModule(file)) return true;
  return file.statements.some(
    (one) => ts.isModuleDeclaration(one) && (ts.isStringLiteral(one.name) || one.name.text === 'global'),
  );
}
