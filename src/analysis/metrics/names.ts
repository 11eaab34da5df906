/** Function-like units, and how they are called and placed in reports. */
import ts from 'typescript';

/** A function with a body: what metrics are reported for. */
export type Unit =
  | ts.FunctionDeclaration
  | ts.FunctionExpression
  | ts.ArrowFunction
  | ts.MethodDeclaration
  | ts.ConstructorDeclaration
  | ts.GetAccessorDeclaration
  | ts.SetAccessorDeclaration;

export function isUnit(node: ts.Node): node is Unit {
  switch (node.kind) {
    case ts.SyntaxKind.ArrowFunction:
    case ts.SyntaxKind.FunctionExpression:
      return true;
    case ts.SyntaxKind.FunctionDeclaration:
    case ts.SyntaxKind.MethodDeclaration:
    case ts.SyntaxKind.Constructor:
    case ts.SyntaxKind.GetAccessor:
    case ts.SyntaxKind.SetAccessor:
      return (node as ts.FunctionLikeDeclaration).body !== undefined;
    default:
      return false;
  }
}

const outside = new Set([
  ts.SyntaxKind.ExportKeyword,
  ts.SyntaxKind.DefaultKeyword,
  ts.SyntaxKind.DeclareKeyword,
]);

/** Where the function itself starts: after `export`, `default` and `declare`. */
export function startOfUnit(unit: Unit, file: ts.SourceFile): number {
  if (!ts.isFunctionDeclaration(unit)) return unit.getStart(file);
  const last = unit.modifiers?.findLast((modifier) => outside.has(modifier.kind));
  return last === undefined ? unit.getStart(file) : afterTrivia(file.text, last.end);
}

/** The offset of the first token at or after `from`. */
function afterTrivia(text: string, from: number): number {
  const trivia = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
  trivia.lastIndex = from;
  trivia.test(text);
  return trivia.lastIndex;
}

/** "Class.method", "name", the variable or property it is stored in, or "<anonymous>". */
export function nameOfUnit(unit: Unit): string {
  if (ts.isConstructorDeclaration(unit)) return `${nameOfClass(unit.parent)}.constructor`;
  if (unit.name !== undefined) {
    const name = textOfName(unit.name);
    return ts.isClassLike(unit.parent) ? `${nameOfClass(unit.parent)}.${name}` : name;
  }
  return nameByPlace(unit) ?? '<anonymous>';
}

function nameByPlace(unit: ts.Node): string | null {
  let at = unit;
  while (ts.isParenthesizedExpression(at.parent) || ts.isAsExpression(at.parent)) at = at.parent;
  const parent = at.parent;
  if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) return parent.name.text;
  if (ts.isPropertyDeclaration(parent) && parent.initializer === at)
    return `${nameOfClass(parent.parent)}.${textOfName(parent.name)}`;
  if (ts.isPropertyAssignment(parent)) return textOfName(parent.name);
  if (ts.isExportAssignment(parent)) return 'default';
  if (ts.isBinaryExpression(parent) && parent.right === at) {
    const left = parent.left;
    if (ts.isIdentifier(left)) return left.text;
    if (ts.isPropertyAccessExpression(left)) return left.name.text;
  }
  return null;
}

export function nameOfClass(node: ts.Node): string {
  if (!ts.isClassLike(node)) return '<object>';
  return node.name?.text ?? nameByPlace(node) ?? '<class>';
}

function textOfName(name: ts.PropertyName | ts.BindingName): string {
  if (ts.isIdentifier(name) || ts.isPrivateIdentifier(name)) return name.text;
  if (ts.isStringLiteral(name) || ts.isNumericLiteral(name)) return name.text;
  return '<computed>';
}

/** The innermost named declaration around a node, for findings; null at module level. */
export function declarationAround(node: ts.Node): string | null {
  for (let up = node; !ts.isSourceFile(up); up = up.parent) {
    if (isUnit(up)) {
      const name = nameOfUnit(up);
      if (name !== '<anonymous>') return name;
    } else if (ts.isClassLike(up)) return nameOfClass(up);
  }
  return null;
}
