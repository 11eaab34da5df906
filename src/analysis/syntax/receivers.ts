/** What a receiver probably is, where types say nothing: by how its name is used in the same file. */
import ts from 'typescript';
import type { RuleContext } from '../types.js';
import { bare, isWritten, methodCall, parentOf, rootIdentifier } from './nodes.js';

export type Likely = 'array' | 'maybeArray' | 'notArray';

const arrayOnly = new Set([
  'push',
  'pop',
  'shift',
  'unshift',
  'splice',
  'forEach',
  'map',
  'filter',
  'reduce',
  'reduceRight',
  'join',
  'sort',
  'reverse',
  'some',
  'every',
  'find',
  'findIndex',
  'flat',
  'flatMap',
]);
const stringOnly = new Set([
  'toLowerCase',
  'toUpperCase',
  'charAt',
  'charCodeAt',
  'codePointAt',
  'substr',
  'substring',
  'trim',
  'trimEnd',
  'trimStart',
  'replace',
  'replaceAll',
  'startsWith',
  'endsWith',
  'split',
  'match',
  'padStart',
  'padEnd',
  'localeCompare',
]);

/** yes/no from the checker; else evidence from the uses of the variable. */
export function likelyArray(node: ts.Expression, context: RuleContext): Likely {
  const { oracle } = context;
  if (oracle.isString(node) === 'yes') return 'notArray';
  const answer = oracle.isArray(node);
  if (answer === 'yes') return 'array';
  if (answer === 'no') return 'notArray';
  // A union with null or undefined is still an array where the method is called.
  if (oracle.elementKinds(node) !== null) return 'array';
  const at = bare(node);
  if (ts.isArrayLiteralExpression(at)) return 'array';
  if (ts.isStringLiteralLike(at) || ts.isTemplateExpression(at)) return 'notArray';
  const call = methodCall(at);
  if (call !== null) {
    if (stringOnly.has(call.name) && call.name !== 'split' && call.name !== 'match') return 'notArray';
    if (call.name === 'split') return 'array';
    if (ts.isIdentifier(call.receiver) && call.receiver.text === 'Object') return 'array';
  }
  return ts.isIdentifier(at) ? byUses(at, context) : byPath(at, context);
}

function byUses(identifier: ts.Identifier, context: RuleContext): Likely {
  const declaration = context.oracle.declarationOf(identifier);
  if (declaration === null || declaration.getSourceFile() !== context.sourceFile) return 'maybeArray';
  if (ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined) {
    const value = bare(declaration.initializer);
    if (isArrayValue(value)) return 'array';
    if (ts.isStringLiteralLike(value) || ts.isTemplateExpression(value)) return 'notArray';
    if (ts.isNewExpression(value)) return 'notArray';
  }
  return judge(context.oracle.referencesOf(declaration).map((reference) => reference));
}

function isArrayValue(value: ts.Node): boolean {
  if (ts.isArrayLiteralExpression(value)) return true;
  if (ts.isBinaryExpression(value) && value.operatorToken.kind === ts.SyntaxKind.BarBarToken)
    return isArrayValue(bare(value.right));
  const call = methodCall(value);
  if (call === null) return false;
  if (ts.isIdentifier(call.receiver) && (call.receiver.text === 'Object' || call.receiver.text === 'Array'))
    return ['keys', 'values', 'entries', 'getOwnPropertyNames', 'from', 'of'].includes(call.name);
  return ['map', 'filter', 'split', 'flatMap', 'keys'].includes(call.name);
}

function byPath(node: ts.Node, context: RuleContext): Likely {
  const root = rootIdentifier(node);
  if (root === null || !ts.isPropertyAccessExpression(node)) return 'maybeArray';
  const declaration = context.oracle.declarationOf(root);
  if (declaration === null || declaration.getSourceFile() !== context.sourceFile) return 'maybeArray';
  const text = node.getText();
  const same = context.oracle
    .referencesOf(declaration)
    .map((reference) => {
      let at: ts.Node = reference;
      while (ts.isPropertyAccessExpression(at.parent) && at.parent.expression === at && at.getText() !== text)
        at = at.parent;
      return at;
    })
    .filter((at) => at.getText() === text);
  return judge(same);
}

/** Array-only and string-only uses; a loop over `x.length` with `x[i]` alone says nothing. */
function judge(references: readonly ts.Node[]): Likely {
  let arrays = 0;
  let strings = 0;
  for (const reference of references) {
    const { parent, child } = parentOf(reference);
    if (ts.isPropertyAccessExpression(parent) && parent.expression === child) {
      if (arrayOnly.has(parent.name.text)) arrays += 1;
      else if (stringOnly.has(parent.name.text)) strings += 1;
    } else if (ts.isCallExpression(parent) && parent.expression.getText() === 'Array.isArray') arrays += 1;
    else if (ts.isForOfStatement(parent) && parent.expression === child) arrays += 1;
    else if (isConcatenated(parent)) strings += 1;
  }
  if (strings > arrays) return 'notArray';
  return arrays > 0 ? 'array' : 'maybeArray';
}

function isConcatenated(parent: ts.Node): boolean {
  if (!ts.isBinaryExpression(parent)) return false;
  const plus =
    parent.operatorToken.kind === ts.SyntaxKind.PlusToken ||
    parent.operatorToken.kind === ts.SyntaxKind.PlusEqualsToken;
  return plus && (ts.isStringLiteralLike(parent.left) || ts.isStringLiteralLike(parent.right));
}

/** Results with as many elements as their receiver. */
const sameLength = new Set(['map', 'slice', 'concat', 'reverse', 'toReversed', 'sort', 'toSorted']);
const derivationMax = 4;

/**
 * The number of elements (at most) where the list is a literal, a variable set once to one, made from one with `map`
 * and the like, the characters of a constant text, or a parameter that every call gives such a list; null when open.
 */
export function knownLength(node: ts.Expression, context: RuleContext, depth = 0): number | null {
  if (depth > derivationMax) return null;
  const tuple = context.oracle.tupleLength(node);
  if (tuple !== null) return tuple;
  const at = bare(node);
  if (ts.isArrayLiteralExpression(at)) return literalLength(at, context, depth);
  const call = methodCall(at);
  if (call !== null) {
    if (call.name === 'split' && ts.isStringLiteralLike(bare(call.receiver)))
      return bare(call.receiver).getText().length - 2;
    const derived = sameLength.has(call.name) && (call.name !== 'concat' || call.args.length === 0);
    return derived ? knownLength(call.receiver, context, depth + 1) : null;
  }
  if (!ts.isIdentifier(at)) return null;
  const declaration = context.oracle.declarationOf(at);
  if (declaration === null || declaration.getSourceFile() !== context.sourceFile) return null;
  const changed = () =>
    context.oracle.referencesOf(declaration).some((reference) => isChangedThrough(reference));
  if (ts.isParameter(declaration)) return changed() ? null : argumentLength(declaration, context, depth);
  if (!ts.isVariableDeclaration(declaration) || declaration.initializer === undefined) return null;
  const length = knownLength(declaration.initializer, context, depth + 1);
  return length === null || changed() ? null : length;
}

function literalLength(
  literal: ts.ArrayLiteralExpression,
  context: RuleContext,
  depth: number,
): number | null {
  let length = 0;
  for (const element of literal.elements) {
    const part = ts.isSpreadElement(element) ? knownLength(element.expression, context, depth + 1) : 1;
    if (part === null) return null;
    length += part;
  }
  return length;
}

/** The longest list that a call inside the file gives for the parameter of a function that only this file can call. */
function argumentLength(
  parameter: ts.ParameterDeclaration,
  context: RuleContext,
  depth: number,
): number | null {
  const owner = parameter.parent;
  const name = ts.isFunctionDeclaration(owner)
    ? owner
    : ts.isVariableDeclaration(owner.parent)
      ? owner.parent
      : null;
  if (name === null || parameter.initializer !== undefined || parameter.dotDotDotToken !== undefined)
    return null;
  if (ts.getCombinedModifierFlags(name) & ts.ModifierFlags.Export) return null;
  const index = owner.parameters.indexOf(parameter);
  const calls = context.oracle.referencesOf(name);
  let longest = 0;
  for (const reference of calls) {
    const call = reference.parent;
    if (!ts.isCallExpression(call) || call.expression !== reference) return null;
    const argument = call.arguments[index];
    const length = argument === undefined ? null : knownLength(argument, context, depth + 1);
    if (length === null) return null;
    longest = Math.max(longest, length);
  }
  return calls.length === 0 ? null : longest;
}

function isChangedThrough(reference: ts.Node): boolean {
  const { parent, child } = parentOf(reference);
  if (ts.isPropertyAccessExpression(parent) && parent.expression === child)
    return (
      ['push', 'unshift', 'splice'].includes(parent.name.text) ||
      (parent.name.text === 'length' && isWritten(parent))
    );
  if (ts.isElementAccessExpression(parent) && parent.expression === child) {
    const up = parent.parent;
    return ts.isBinaryExpression(up) && up.left === parent;
  }
  return ts.isBinaryExpression(parent) && parent.left === child;
}
