/**
 * What other files can see of a file: its text without comments, without the bodies of functions whose result type is
 * written down, and without functions that are neither exported nor named by what remains. When the shape is the same, no
 * type outside the file can have changed. JavaScript and broken files count whole.
 */
import { createHash } from 'node:crypto';
import ts from 'typescript';

export function shapeOf(file: ts.SourceFile): string {
  const hash = createHash('sha256');
  if (/\.[cm]?jsx?$/.test(file.fileName)) return hash.update(file.text).digest('hex');
  const hidden = unnamedFunctions(file);
  let from = 0;
  const skip = (start: number, end: number, mark: string): void => {
    hash.update(file.text.slice(from, start)).update(mark);
    from = end;
  };
  const visit = (node: ts.Node): void => {
    const start = node.getStart(file);
    if (start > node.pos && node.pos >= from) {
      const mark = trivia(file.text.slice(node.pos, start));
      if (mark !== null) skip(node.pos, start, hidden.has(node) ? '' : mark);
    }
    if (hidden.has(node)) return skip(Math.max(from, start), node.end, '');
    const body = hiddenBody(node);
    if (body === null) return ts.forEachChild(node, visit);
    for (const part of partsBefore(node, body)) visit(part);
    skip(body.pos, body.end, '{}');
  };
  visit(file);
  return hash.update(file.text.slice(from)).digest('hex');
}

/** Nothing of the compiler's business: only a line break counts. Null when it may hold a directive. */
function trivia(text: string): string | null {
  if (text.includes('///') || text.includes('@')) return null;
  return text.includes('\n') ? '\n' : ' ';
}

function partsBefore(node: ts.Node, body: ts.Node): readonly ts.Node[] {
  const parts: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    if (child !== body) parts.push(child);
  });
  return parts;
}

/** Functions of a module that nobody outside can name, and that nothing which stays visible names either. */
function unnamedFunctions(file: ts.SourceFile): ReadonlySet<ts.Node> {
  const local = new Map<string, ts.FunctionDeclaration[]>();
  const named = new Set<string>();
  if (!ts.isExternalModule(file)) return new Set();
  const collect = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) named.add(node.text);
    const body = hiddenBody(node);
    ts.forEachChild(node, (child) => {
      if (child !== body) collect(child);
    });
  };
  for (const statement of file.statements)
    if (
      ts.isFunctionDeclaration(statement) &&
      statement.name !== undefined &&
      statement.modifiers === undefined
    )
      local.set(statement.name.text, [...(local.get(statement.name.text) ?? []), statement]);
    else collect(statement);
  // A function that is named shows what it names in turn.
  for (const name of named) {
    const shown = local.get(name);
    local.delete(name);
    for (const one of shown ?? []) collect(one);
  }
  return new Set([...local.values()].flat());
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
