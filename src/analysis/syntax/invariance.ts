/** Does an expression give the same value in every round of an iteration, and who changes it inside? */
import ts from 'typescript';
import type { RuleContext } from '../types.js';
import type { Iteration } from './iterations.js';
import { bare, contains, isWritten, methodCall, pathText, rootIdentifier } from './nodes.js';

const mutators = new Set([
  'push',
  'pop',
  'shift',
  'unshift',
  'splice',
  'sort',
  'reverse',
  'fill',
  'copyWithin',
  'add',
  'set',
  'delete',
  'clear',
]);
const pureObjectCalls = new Set(['keys', 'values', 'entries', 'getOwnPropertyNames']);

/** Declared outside the iteration and not assigned inside it. */
export function isOuter(identifier: ts.Identifier, iteration: Iteration, context: RuleContext): boolean {
  const declaration = context.oracle.declarationOf(identifier);
  if (declaration === null) return !isAssignedByText(identifier, iteration);
  if (declaration.getSourceFile() !== context.sourceFile) return true;
  if (contains(iteration.scope, declaration)) return isHead(declaration, iteration);
  return !context.oracle
    .referencesOf(declaration)
    .some((reference) => contains(iteration.scope, reference) && isWritten(reference));
}

/** A variable of the loop's head that is set once, such as `n` in `for (let i = 0, n = a.length; …)`. */
function isHead(declaration: ts.Declaration, iteration: Iteration): boolean {
  if (!ts.isForStatement(iteration.node)) return false;
  const { initializer, statement } = iteration.node;
  if (initializer === undefined || !contains(initializer, declaration)) return false;
  const name = ts.getNameOfDeclaration(declaration);
  if (name === undefined || !ts.isIdentifier(name)) return false;
  return !writesName(iteration.node, name) && !writesName(statement, name);
}

function writesName(scope: ts.Node, name: ts.Identifier): boolean {
  let found = false;
  const visit = (node: ts.Node): void => {
    if (found) return;
    if (ts.isIdentifier(node) && node !== name && node.text === name.text && isWritten(node)) found = true;
    ts.forEachChild(node, visit);
  };
  visit(scope);
  return found;
}

function isAssignedByText(identifier: ts.Identifier, iteration: Iteration): boolean {
  return writesName(iteration.scope, identifier);
}

/**
 * The same in every round, as far as names tell: identifiers from outside, their properties, literals, and calls
 * of `Object.keys` and the like on such. Contents may still be mutated: ask `changesInside`.
 */
export function isInvariant(node: ts.Node, iteration: Iteration, context: RuleContext): boolean {
  const at = bare(node);
  if (ts.isIdentifier(at)) return isOuter(at, iteration, context);
  if (at.kind === ts.SyntaxKind.ThisKeyword) return true;
  if (at.kind === ts.SyntaxKind.TrueKeyword || at.kind === ts.SyntaxKind.FalseKeyword) return true;
  if (at.kind === ts.SyntaxKind.NullKeyword) return true;
  if (ts.isLiteralExpression(at)) return true;
  if (ts.isPropertyAccessExpression(at))
    return isInvariant(at.expression, iteration, context) && !isPathWritten(at, iteration);
  if (ts.isElementAccessExpression(at))
    return (
      isInvariant(at.expression, iteration, context) &&
      isInvariant(at.argumentExpression, iteration, context) &&
      !isPathWritten(at, iteration)
    );
  if (ts.isTemplateExpression(at))
    return at.templateSpans.every((span) => isInvariant(span.expression, iteration, context));
  if (ts.isBinaryExpression(at) && !isAssignmentOperator(at.operatorToken.kind))
    return isInvariant(at.left, iteration, context) && isInvariant(at.right, iteration, context);
  if (ts.isPrefixUnaryExpression(at) && !isStep(at.operator))
    return isInvariant(at.operand, iteration, context);
  if (ts.isArrayLiteralExpression(at))
    return at.elements.every((element) => isInvariant(element, iteration, context));
  if (ts.isObjectLiteralExpression(at))
    return at.properties.every(
      (property) =>
        ts.isPropertyAssignment(property) &&
        !ts.isComputedPropertyName(property.name) &&
        isInvariant(property.initializer, iteration, context),
    );
  const call = methodCall(at);
  if (call === null) return false;
  const pure =
    ts.isIdentifier(call.receiver) && call.receiver.text === 'Object' && pureObjectCalls.has(call.name);
  return pure && call.args.every((argument) => isInvariant(argument, iteration, context));
}

function isStep(operator: ts.PrefixUnaryOperator): boolean {
  return operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken;
}

function isAssignmentOperator(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

/** `this.items = …` or `a.b = …` inside the iteration, compared by text. */
function isPathWritten(path: ts.Node, iteration: Iteration): boolean {
  const text = pathText(path);
  let found = false;
  const visit = (node: ts.Node): void => {
    if (found) return;
    if (
      (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) &&
      isWritten(node) &&
      pathText(node) === text
    )
      found = true;
    ts.forEachChild(node, visit);
  };
  visit(iteration.scope);
  return found;
}

export type Change = 'none' | 'grows' | 'changes';

/** How the collection named by `path` is changed inside the iteration, as far as its own name shows. */
export function changesInside(path: ts.Node, iteration: Iteration): Change {
  const root = rootIdentifier(path);
  const text = pathText(path);
  const named = root?.text ?? null;
  let change: Change = 'none';
  const visit = (node: ts.Node): void => {
    if (change === 'changes') return;
    const call = methodCall(node);
    if (call !== null && mutators.has(call.name) && pathText(call.receiver) === text)
      change = call.name === 'push' || call.name === 'add' ? 'grows' : 'changes';
    else if (
      (ts.isElementAccessExpression(node) ||
        (ts.isPropertyAccessExpression(node) && node.name.text === 'length')) &&
      isWritten(node) &&
      pathText(node.expression) === text
    )
      change = 'changes';
    else if (ts.isDeleteExpression(node) && named !== null && rootIdentifier(node.expression)?.text === named)
      change = 'changes';
    ts.forEachChild(node, visit);
  };
  visit(iteration.scope);
  return change;
}
