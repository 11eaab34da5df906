/** A local array: where it comes from, and what each mention of it does to it. */
import ts from 'typescript';
import type { RuleContext } from '../../../analysis/types.js';
import { arrayIterators, arrayMutators, arrayReaders, harmlessCallbacks } from './builtins.js';
import { bare, inlineFunction, isGlobalName, isWriteTarget, methodCall, wrapped } from './nodes.js';

/** `test`: its being there or its type is tested; `return`: leaves the function; `escape`: anybody may keep it. */
export type Use = 'read' | 'mutate' | 'write' | 'test' | 'return' | 'escape';

const readingConstructors = new Set(['Set', 'Map', 'WeakSet', 'Array']);
const readingStatics = new Set([
  'Array.from',
  'Array.isArray',
  'Object.keys',
  'Object.entries',
  'Object.fromEntries',
  'JSON.stringify',
  'Promise.all',
  'Promise.allSettled',
  'Math.max',
  'Math.min',
]);

/** What one mention of an array-typed expression does with the array. */
export function useOf(mention: ts.Expression, context: RuleContext): Use {
  if (isInsideType(mention)) return 'read';
  const at = wrapped(mention);
  if (isWriteTarget(at)) return 'write';
  const parent = at.parent;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === at)
    return useOfProperty(parent, context);
  if (ts.isElementAccessExpression(parent)) {
    if (parent.expression !== at) return 'escape';
    if (isWriteTarget(parent)) return 'mutate';
    const outer = wrapped(parent);
    return ts.isCallExpression(outer.parent) && outer.parent.expression === outer ? 'escape' : 'read';
  }
  if (ts.isForOfStatement(parent) || ts.isForInStatement(parent)) return 'read';
  if (ts.isSpreadElement(parent)) return 'read';
  if (ts.isReturnStatement(parent)) return 'return';
  if (ts.isExpressionStatement(parent) || ts.isTypeOfExpression(parent) || isTest(at, parent)) return 'test';
  if (ts.isVariableDeclaration(parent) && ts.isArrayBindingPattern(parent.name)) return 'read';
  if (ts.isCallExpression(parent) && parent.expression !== at) return useAsArgument(at, parent, context);
  if (ts.isNewExpression(parent) && parent.arguments?.[0] === at) {
    const name = bare(parent.expression);
    if (!ts.isIdentifier(name) || context.oracle.isGlobal(name) !== 'yes') return 'escape';
    return readingConstructors.has(name.text) ? 'read' : 'escape';
  }
  return 'escape';
}

function isInsideType(node: ts.Node): boolean {
  return ts.isTypeQueryNode(node.parent) || ts.isTypeNode(node.parent);
}

const comparisons = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.InstanceOfKeyword,
]);

function isTest(at: ts.Expression, parent: ts.Node): boolean {
  if (ts.isPrefixUnaryExpression(parent)) return true;
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent) || ts.isDoStatement(parent)) return true;
  if (ts.isForStatement(parent)) return parent.condition === at;
  if (ts.isConditionalExpression(parent)) return parent.condition === at;
  if (!ts.isBinaryExpression(parent)) return false;
  if (comparisons.has(parent.operatorToken.kind)) return true;
  return parent.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken && parent.left === at;
}

function useOfProperty(access: ts.PropertyAccessExpression, context: RuleContext): Use {
  const name = access.name.text;
  const at = wrapped(access);
  const called = ts.isCallExpression(at.parent) && at.parent.expression === at ? at.parent : null;
  if (called === null) {
    if (name !== 'length') return 'escape';
    return isWriteTarget(access) ? 'mutate' : 'read';
  }
  if (access.questionDotToken !== undefined) return 'test';
  if (arrayReaders.has(name) || name === 'join' || name === 'toString' || name === 'toSorted') return 'read';
  if (arrayMutators.has(name)) return 'mutate';
  const position = arrayIterators.get(name);
  if (position === undefined) return 'escape';
  return leaksToCallback(called.arguments[0], position, context) ? 'escape' : 'read';
}

/** Does the callback get hold of the array by its last parameter (or by `arguments`)? */
function leaksToCallback(
  callback: ts.Expression | undefined,
  position: number,
  context: RuleContext,
): boolean {
  if (callback === undefined) return true;
  const inner = bare(callback);
  if (ts.isArrowFunction(inner) || ts.isFunctionExpression(inner)) {
    const rest = inner.parameters.some((parameter) => parameter.dotDotDotToken !== undefined);
    return rest || inner.parameters.length > position || mentionsArguments(inner);
  }
  return !(
    ts.isIdentifier(inner) &&
    harmlessCallbacks.has(inner.text) &&
    context.oracle.isGlobal(inner) === 'yes'
  );
}

function mentionsArguments(fn: ts.ArrowFunction | ts.FunctionExpression): boolean {
  if (ts.isArrowFunction(fn)) return false;
  let found = false;
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === 'arguments') found = true;
    ts.forEachChild(node, visit);
  };
  visit(fn.body);
  return found;
}

function useAsArgument(at: ts.Expression, call: ts.CallExpression, context: RuleContext): Use {
  const method = methodCall(call);
  if (method === null) return 'escape';
  if (method.name === 'concat' && context.oracle.isArray(method.receiver) === 'yes') return 'read';
  const root = bare(method.receiver);
  const owner = ts.isPropertyAccessExpression(root) ? root.name.text : ts.isIdentifier(root) ? root.text : '';
  if (owner === '' || !isGlobalName(root, owner, context)) return 'escape';
  if (!readingStatics.has(`${owner}.${method.name}`)) return 'escape';
  if (owner === 'Array' && method.name === 'isArray') return 'test';
  const callback = call.arguments[1];
  return call.arguments[0] === at && (callback === undefined || inlineFunction(callback) !== null)
    ? 'read'
    : 'escape';
}

const freshMethods = new Set([
  'map',
  'filter',
  'slice',
  'concat',
  'flat',
  'flatMap',
  'splice',
  'toSorted',
  'toReversed',
]);

/** Does the expression make a new array that nobody else holds? */
export function isFreshArray(expression: ts.Expression, context: RuleContext): boolean {
  const at = bare(expression);
  if (ts.isArrayLiteralExpression(at)) return true;
  if (ts.isNewExpression(at)) return isGlobalName(at.expression, 'Array', context);
  const method = methodCall(at);
  if (method === null) return false;
  if (isGlobalName(method.receiver, 'Object', context))
    return /^(?:keys|values|entries|getOwnProperty(?:Names|Symbols))$/.test(method.name);
  if (isGlobalName(method.receiver, 'Array', context)) return ['from', 'of'].includes(method.name);
  if (method.name === 'split') return context.oracle.isString(method.receiver) === 'yes';
  return freshMethods.has(method.name) && context.oracle.isArray(method.receiver) === 'yes';
}

const denseStatics = [
  'keys',
  'values',
  'entries',
  'getOwnPropertyNames',
  'getOwnPropertySymbols',
  'from',
  'of',
];
const denseMutators = /^(?:push|pop|shift|unshift|splice|sort|reverse)$/;

/** A fresh array that cannot have holes; a local that holds one counts while nothing can tear holes into it. */
export function isDense(expression: ts.Expression, context: RuleContext): boolean {
  const at = bare(expression);
  if (ts.isIdentifier(at)) return isDenseLocal(at, context);
  if (ts.isArrayLiteralExpression(at)) return !at.elements.some(ts.isOmittedExpression);
  const method = methodCall(at);
  if (method === null || !isFreshArray(at, context)) return false;
  if (isGlobalName(method.receiver, 'Object', context) || isGlobalName(method.receiver, 'Array', context))
    return denseStatics.includes(method.name);
  if (['split', 'filter', 'toSorted', 'toReversed'].includes(method.name)) return true;
  return ['map', 'slice', 'concat'].includes(method.name) && isDense(method.receiver, context);
}

function isDenseLocal(name: ts.Identifier, context: RuleContext): boolean {
  const binding = stableBinding(name, context);
  if (binding === null || binding.initializer === null || isExported(binding.declaration)) return false;
  if (ts.isIdentifier(bare(binding.initializer)) || !isDense(binding.initializer, context)) return false;
  return binding.references.every((reference) => {
    const use = useOf(reference, context);
    if (use !== 'mutate') return use === 'read' || use === 'test' || use === 'return';
    const access = wrapped(reference).parent;
    return ts.isPropertyAccessExpression(access) && denseMutators.test(access.name.text);
  });
}

/** `const x = …` or a never-reassigned `let`, with its initializer; parameters have none. */
export interface Binding {
  readonly declaration: ts.Declaration;
  readonly name: ts.Identifier;
  readonly initializer: ts.Expression | null;
  readonly references: readonly ts.Identifier[];
}

/** The binding that an identifier names when it is one local of this file that is never written again. */
export function stableBinding(node: ts.Identifier, context: RuleContext): Binding | null {
  const declaration = context.oracle.declarationOf(node);
  if (declaration === null || declaration.getSourceFile() !== node.getSourceFile()) return null;
  const simple =
    ts.isVariableDeclaration(declaration) || ts.isParameter(declaration) || ts.isBindingElement(declaration);
  if (!simple || !ts.isIdentifier(declaration.name)) return null;
  const references = context.oracle.referencesOf(declaration);
  if (references.some((reference) => isWriteTarget(reference))) return null;
  const initializer =
    ts.isVariableDeclaration(declaration) && !isLoopVariable(declaration)
      ? (declaration.initializer ?? null)
      : null;
  return { declaration, name: declaration.name, initializer, references };
}

export function isLoopVariable(declaration: ts.VariableDeclaration): boolean {
  const owner = declaration.parent.parent;
  return (
    (ts.isForOfStatement(owner) || ts.isForInStatement(owner)) && owner.initializer === declaration.parent
  );
}

/** `var` in a loop body or an exported binding is reachable in more ways than its references show. */
export function isExported(declaration: ts.Declaration): boolean {
  return (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export) !== 0;
}
