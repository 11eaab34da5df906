/**
 * Is an awaited value a promise, by what its declarations say? Choosing overloads and inferring type arguments took two
 * thirds of the analysis of a library full of generics, and hardly any await is answered `no`. So the declarations are
 * asked first; the checker resolves the call only where they leave a `no` possible.
 */
import ts from 'typescript';
import type { Tri } from '../types.js';
import { thenableShape } from './shapes.js';

/** Chains of calls are followed so far; overloads so many. */
const depthMax = 12;
const overloadsMax = 12;

/** Has the value a `then`? */
export function awaitedShape(checker: ts.TypeChecker, node: ts.Node): Tri {
  if (isDeclaredPromise(checker, node)) return 'yes';
  const declared = declaredTypes(checker, node, 0);
  if (declared !== null) {
    const shapes = declared.map((type) => thenableShape(checker, type));
    // Overloads that differ, and type parameters: no `no` without inference, which is not worth its price.
    if (shapes.includes('yes') || shapes.includes('unknown')) return shapes.every(isYes) ? 'yes' : 'unknown';
  }
  return thenableShape(checker, checker.getTypeAtLocation(node));
}

const isYes = (shape: Tri): boolean => shape === 'yes';

/**
 * The types that the expression can have before type arguments are put in; null when only the checker can tell. Wider
 * than its type, never apart from it.
 */
function declaredTypes(checker: ts.TypeChecker, node: ts.Node, depth: number): readonly ts.Type[] | null {
  if (depth > depthMax) return null;
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node))
    return declaredTypes(checker, node.expression, depth);
  if (ts.isAsExpression(node) || ts.isTypeAssertionExpression(node))
    return ts.isConstTypeReference(node.type) ? null : [checker.getTypeFromTypeNode(node.type)];
  if (ts.isCallExpression(node)) return resultTypes(checker, node, depth);
  if (ts.isPropertyAccessExpression(node)) return memberTypes(checker, node, depth);
  if (!ts.isIdentifier(node)) return null;
  const declaration = meant(checker, checker.getSymbolAtLocation(node))?.valueDeclaration;
  if (declaration === undefined) return null;
  const constant =
    ts.isVariableDeclaration(declaration) &&
    declaration.type === undefined &&
    (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
  if (constant && declaration.initializer !== undefined && ts.isIdentifier(declaration.name))
    return declaredTypes(checker, declaration.initializer, depth + 1);
  return null;
}

function resultTypes(
  checker: ts.TypeChecker,
  call: ts.CallExpression,
  depth: number,
): readonly ts.Type[] | null {
  const callees = declaredTypes(checker, call.expression, depth + 1) ?? [
    checker.getTypeAtLocation(call.expression),
  ];
  const results: ts.Type[] = [];
  for (const callee of callees) {
    const signatures = checker.getSignaturesOfType(checker.getNonNullableType(callee), ts.SignatureKind.Call);
    if (signatures.length === 0 || signatures.length > overloadsMax) return null;
    for (const signature of signatures) results.push(checker.getReturnTypeOfSignature(signature));
  }
  return results;
}

/** Only behind a call: any other receiver has its type without inference. */
function memberTypes(
  checker: ts.TypeChecker,
  node: ts.PropertyAccessExpression,
  depth: number,
): readonly ts.Type[] | null {
  const owners = declaredTypes(checker, node.expression, depth + 1);
  if (owners === null) return null;
  const members: ts.Type[] = [];
  for (const owner of owners) {
    const member = checker.getPropertyOfType(checker.getNonNullableType(owner), node.name.text);
    if (member === undefined) return null;
    members.push(checker.getTypeOfSymbol(member));
  }
  return members;
}

function isDeclaredPromise(checker: ts.TypeChecker, node: ts.Node): boolean {
  let at = node;
  while (ts.isParenthesizedExpression(at)) at = at.expression;
  if (!ts.isCallExpression(at)) return false;
  const callee = at.expression;
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  const written = functionCalled(callee);
  if (written.length > 0) return written.every(promises);
  const symbols = calledSymbols(checker, callee);
  return symbols.length > 0 && symbols.every((symbol) => isPromising(symbol));
}

/** What can be seen without a checker: `(async () => …)()`, and `this.method()` beside its method. */
function functionCalled(callee: ts.Expression): readonly ts.Node[] {
  let at = callee;
  while (ts.isParenthesizedExpression(at)) at = at.expression;
  if (ts.isFunctionExpression(at) || ts.isArrowFunction(at)) return [at];
  if (!ts.isPropertyAccessExpression(at) || at.expression.kind !== ts.SyntaxKind.ThisKeyword) return [];
  const { text } = at.name;
  let method: ts.Node = at.parent;
  while (!ts.isSourceFile(method) && !ts.isClassLike(method) && !bindsThis(method)) method = method.parent;
  if (!ts.isMethodDeclaration(method)) return [];
  const around = method.parent;
  if (!ts.isObjectLiteralExpression(around) && !ts.isClassLike(around)) return [];
  const members: readonly ts.Node[] = ts.isClassLike(around) ? around.members : around.properties;
  return members.filter(
    (one) => ts.isMethodDeclaration(one) && ts.isIdentifier(one.name) && one.name.text === text,
  );
}

function bindsThis(node: ts.Node): boolean {
  return ts.isFunctionLike(node) && !ts.isArrowFunction(node);
}

/** A method is looked up in the declared types of its receiver: its own type may take inference. */
function calledSymbols(checker: ts.TypeChecker, callee: ts.Expression): readonly (ts.Symbol | undefined)[] {
  if (ts.isIdentifier(callee)) return [meant(checker, checker.getSymbolAtLocation(callee))];
  if (!ts.isPropertyAccessExpression(callee) || !ts.isIdentifier(callee.name)) return [];
  const owners = declaredTypes(checker, callee.expression, 0);
  if (owners === null) return [meant(checker, checker.getSymbolAtLocation(callee.name))];
  return owners.map((owner) =>
    checker.getPropertyOfType(checker.getNonNullableType(owner), callee.name.text),
  );
}

/** Behind an import. */
function meant(checker: ts.TypeChecker, symbol: ts.Symbol | undefined): ts.Symbol | undefined {
  return symbol === undefined || (symbol.flags & ts.SymbolFlags.Alias) === 0
    ? symbol
    : checker.getAliasedSymbol(symbol);
}

function isPromising(symbol: ts.Symbol | undefined): boolean {
  const callable = symbol?.declarations?.filter((one) => !ts.isModuleDeclaration(one)) ?? [];
  return callable.length > 0 && callable.every(promises);
}

/** An overload's implementation is not what callers see; it counts all the same, which only makes the answer rarer. */
function promises(declaration: ts.Node): boolean {
  if (ts.isFunctionLike(declaration)) {
    if (declaration.type !== undefined) return isPromiseType(declaration.type);
    const plain = !('asteriskToken' in declaration) || declaration.asteriskToken === undefined;
    return plain && (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Async) !== 0;
  }
  if (ts.isPropertySignature(declaration))
    return (
      declaration.type !== undefined && ts.isFunctionTypeNode(declaration.type) && promises(declaration.type)
    );
  if (ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration)) {
    const { initializer } = declaration;
    const written = ts.isVariableDeclaration(declaration) ? declaration.type : undefined;
    if (written !== undefined) return ts.isFunctionTypeNode(written) && promises(written);
    return initializer !== undefined && ts.isFunctionLike(initializer) && promises(initializer);
  }
  return false;
}

function isPromiseType(type: ts.TypeNode): boolean {
  return ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName) && type.typeName.text === 'Promise';
}
