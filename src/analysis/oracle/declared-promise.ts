/**
 * Is the call's result a promise by the declaration of what is called alone? Answers most awaits without resolving the
 * call: choosing overloads and inferring type arguments took nine tenths of the analysis of a library full of generics.
 */
import ts from 'typescript';
import type { Tri } from '../types.js';
import { thenableShape } from './shapes.js';

/** Has the value a `then`? The declaration is asked before the checker. */
export function awaitedShape(checker: ts.TypeChecker, node: ts.Node): Tri {
  return isDeclaredPromise(checker, node) ? 'yes' : thenableShape(checker, checker.getTypeAtLocation(node));
}

function isDeclaredPromise(checker: ts.TypeChecker, node: ts.Node): boolean {
  let at = node;
  while (ts.isParenthesizedExpression(at)) at = at.expression;
  if (!ts.isCallExpression(at)) return false;
  const callee = at.expression;
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  const name = ts.isPropertyAccessExpression(callee) ? callee.name : callee;
  if (!ts.isIdentifier(name)) return false;
  const found = checker.getSymbolAtLocation(name);
  if (found === undefined) return false;
  const symbol = (found.flags & ts.SymbolFlags.Alias) === 0 ? found : checker.getAliasedSymbol(found);
  const callable = symbol.declarations?.filter((one) => !ts.isModuleDeclaration(one)) ?? [];
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
