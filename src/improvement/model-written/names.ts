/** Names in a piece of code: which it declares, which it takes from outside, and its form without both. */
import ts from 'typescript';

/** Tokens in source order, without white space and comments. */
export function tokensOf(root: ts.Node): ts.Node[] {
  const tokens: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    const children = node.getChildren();
    if (children.length === 0) {
      if (node.getEnd() > node.getStart()) tokens.push(node);
    } else for (const child of children) if (!isDocumentation(child)) visit(child);
  };
  visit(root);
  return tokens;
}

const isDocumentation = ({ kind }: ts.Node): boolean =>
  kind >= ts.SyntaxKind.FirstJSDocNode && kind <= ts.SyntaxKind.LastJSDocNode;

/** Is an identifier the name of a property, not of a variable? */
function isPropertyName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBreakOrContinueStatement(parent) || ts.isLabeledStatement(parent)) return true;
  const isNamed =
    ts.isPropertyAssignment(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isClassElement(parent) ||
    ts.isMethodDeclaration(parent);
  return isNamed && 'name' in parent && parent.name === node;
}

function isDeclared(node: ts.Identifier): boolean {
  const { parent } = node;
  const declares =
    ts.isVariableDeclaration(parent) ||
    ts.isBindingElement(parent) ||
    ts.isParameter(parent) ||
    ts.isFunctionDeclaration(parent) ||
    ts.isFunctionExpression(parent) ||
    ts.isClassLike(parent) ||
    ts.isTypeAliasDeclaration(parent) ||
    ts.isInterfaceDeclaration(parent) ||
    ts.isTypeParameterDeclaration(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isImportClause(parent) ||
    ts.isNamespaceImport(parent) ||
    ts.isEnumDeclaration(parent);
  return declares && parent.name === node;
}

function identifiersIn(root: ts.Node): ts.Identifier[] {
  return tokensOf(root).filter((token) => ts.isIdentifier(token));
}

/** Every name that is declared anywhere inside. */
export function declaredNames(root: ts.Node): Set<string> {
  return new Set(
    identifiersIn(root)
      .filter(isDeclared)
      .map(({ text }) => text),
  );
}

/** Names of variables and types that are used inside, declared there or not. */
export function usedNames(root: ts.Node): Set<string> {
  return new Set(
    identifiersIn(root)
      .filter((node) => !isPropertyName(node) && !isDeclared(node))
      .map(({ text }) => text),
  );
}

/** Names of properties that are read or called. */
export function propertyNames(root: ts.Node): Set<string> {
  return new Set(
    identifiersIn(root)
      .filter(isPropertyName)
      .map(({ text }) => text),
  );
}

/**
 * A text that two pieces of code share when they differ in white space, comments, trailing commas, braces' semicolons
 * and the names of their own variables only.
 */
export function normalForm(root: ts.Node): string {
  const tokens = tokensOf(root);
  const shorthand = new Set(
    tokens.filter((token) => ts.isShorthandPropertyAssignment(token.parent)).map((token) => token.getText()),
  );
  const own = declaredNames(root);
  const numbers = new Map<string, number>();
  const parts: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    const closes = next === undefined || [')', ']', '}'].includes(next.getText());
    if (token.kind === ts.SyntaxKind.SemicolonToken && !ts.isForStatement(token.parent)) continue;
    if (token.kind === ts.SyntaxKind.CommaToken && closes) continue;
    const text = token.getText();
    const renamed = ts.isIdentifier(token) && !isPropertyName(token) && own.has(text) && !shorthand.has(text);
    if (renamed && !numbers.has(text)) numbers.set(text, numbers.size);
    parts.push(renamed ? `#${numbers.get(text) ?? 0}` : quotesAlike(token, text));
  }
  return parts.join(' ');
}

const quotesAlike = (token: ts.Node, text: string): string =>
  ts.isStringLiteral(token) ? JSON.stringify(token.text) : text;
