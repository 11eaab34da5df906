/** The declaration that a model may write anew: a named function with a body, found by a place inside it. */
import ts from 'typescript';

/** What counts as one declaration: the statement (or member) that gives a function its name. */
export interface DeclarationPlace {
  readonly name: string;
  /** How a lone answer must be wrapped to be parsed. */
  readonly wrap: 'statement' | 'member' | 'property';
  /** From the first modifier to the last character; comments before it stay as they are. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly holder: Holder;
  readonly body: { readonly start: number; readonly end: number };
}

/** Nodes that name a function. */
export type Holder =
  | ts.FunctionDeclaration
  | ts.VariableStatement
  | ts.ExpressionStatement
  | ts.MethodDeclaration
  | ts.GetAccessorDeclaration
  | ts.SetAccessorDeclaration
  | ts.ConstructorDeclaration
  | ts.PropertyAssignment;

/** The function itself: parameters and body. */
export type Callable = ts.FunctionLikeDeclaration & { readonly body: ts.ConciseBody };

/** Larger ones are not asked for: an answer of that length is rarely right, and nobody wants to review it. */
export const declarationMax = { characters: 4_000, lines: 120 } as const;

export function parseFile(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
}

/** The function that a node names; null when it is no such node. */
export function callableOf(node: ts.Node): Callable | null {
  const inside = unwrapped(node);
  if (inside === null || !ts.isFunctionLike(inside)) return null;
  return 'body' in inside && inside.body !== undefined ? (inside as Callable) : null;
}

function unwrapped(node: ts.Node): ts.Node | null {
  if (ts.isVariableStatement(node)) {
    const [only, second] = node.declarationList.declarations;
    const value = second === undefined ? only?.initializer : undefined;
    return value !== undefined && isFunctionValue(value) ? value : null;
  }
  if (ts.isExpressionStatement(node)) {
    const { expression } = node;
    const assigns =
      ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.EqualsToken;
    return assigns && isFunctionValue(expression.right) ? expression.right : null;
  }
  if (ts.isPropertyAssignment(node)) return isFunctionValue(node.initializer) ? node.initializer : null;
  const isMember = ts.isMethodDeclaration(node) || ts.isAccessor(node) || ts.isConstructorDeclaration(node);
  return ts.isFunctionDeclaration(node) || isMember ? node : null;
}

const isFunctionValue = (node: ts.Node): boolean => ts.isArrowFunction(node) || ts.isFunctionExpression(node);

/** The name by which a holder is known; null for none. */
export function nameOf(node: ts.Node): string | null {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations[0]?.name.getText() ?? null;
  if (ts.isExpressionStatement(node) && ts.isBinaryExpression(node.expression))
    return node.expression.left.getText().replaceAll(/\s+/g, '');
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (ts.isFunctionDeclaration(node) && node.name === undefined) return 'default';
  const named = node as { readonly name?: ts.Node };
  return named.name?.getText() ?? null;
}

function wrapOf(node: ts.Node): DeclarationPlace['wrap'] {
  if (ts.isPropertyAssignment(node)) return 'property';
  if (!ts.isClassElement(node)) return 'statement';
  return ts.isObjectLiteralExpression(node.parent) ? 'property' : 'member';
}

/** The outermost named function around a place that is small enough; else a reason in words. */
export function findDeclaration(file: ts.SourceFile, offset: number): DeclarationPlace | string {
  const around: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (offset < node.getStart(file) || offset >= node.getEnd()) return;
    if (callableOf(node) !== null && nameOf(node) !== null) around.push(node);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
  if (around.length === 0) return 'it is in no named function';
  const place = around.map((node) => placeOf(file, node as Holder)).find((one) => one !== null);
  return place ?? `the function around it is longer than ${declarationMax.lines} lines`;
}

function placeOf(file: ts.SourceFile, holder: Holder): DeclarationPlace | null {
  const callable = callableOf(holder);
  const name = nameOf(holder);
  if (callable === null || name === null) return null;
  const [start, end] = [holder.getStart(file), holder.getEnd()];
  const text = file.text.slice(start, end);
  if (text.length > declarationMax.characters || text.split('\n').length > declarationMax.lines) return null;
  const body = { start: callable.body.getStart(file), end: callable.body.getEnd() };
  return { name, wrap: wrapOf(holder), start, end, text, holder, body };
}
