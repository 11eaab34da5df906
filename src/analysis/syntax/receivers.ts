/** What a receiver probably is, where types say nothing: by how its name is used in the same file. */
import ts from 'typescript';
import type { RuleContext } from '../types.js';
import { bare, methodCall, parentOf, rootIdentifier } from './nodes.js';

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

/** The number of elements where the receiver is a literal, or a variable set once to one; null when open. */
export function knownLength(node: ts.Expression, context: RuleContext): number | null {
  const tuple = context.oracle.tupleLength(node);
  if (tuple !== null) return tuple;
  const at = bare(node);
  if (ts.isArrayLiteralExpression(at))
    return at.elements.some((element) => ts.isSpreadElement(element)) ? null : at.elements.length;
  if (!ts.isIdentifier(at)) return null;
  const declaration = context.oracle.declarationOf(at);
  if (declaration === null || !ts.isVariableDeclaration(declaration)) return null;
  if (declaration.initializer === undefined) return null;
  const value = bare(declaration.initializer);
  if (!ts.isArrayLiteralExpression(value)) return null;
  if (value.elements.some((element) => ts.isSpreadElement(element))) return null;
  const changed = context.oracle.referencesOf(declaration).some((reference) => isChangedThrough(reference));
  return changed ? null : value.elements.length;
}

function isChangedThrough(reference: ts.Node): boolean {
  const { parent, child } = parentOf(reference);
  if (ts.isPropertyAccessExpression(parent) && parent.expression === child)
    return ['push', 'unshift', 'splice'].includes(parent.name.text);
  if (ts.isElementAccessExpression(parent) && parent.expression === child) {
    const up = parent.parent;
    return ts.isBinaryExpression(up) && up.left === parent;
  }
  return ts.isBinaryExpression(parent) && parent.left === child;
}
