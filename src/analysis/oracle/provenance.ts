/**
 * JavaScript that nobody type-checks (no `checkJs`) is typed by hopes: a JSDoc comment may lie and an assignment may
 * contradict the inferred type unnoticed. There only what the code itself builds is believed: literals and results
 * of built-ins, followed through variables that are written once.
 */
import ts from 'typescript';
import type { ValueKind } from '../types.js';
import type { Symbols } from './symbols.js';

type Kinds = ReadonlySet<ValueKind>;

export interface Provenance {
  isArray(node: ts.Node): boolean;
  isString(node: ts.Node): boolean;
  isInstance(node: ts.Node, constructor: string): boolean;
  kinds(node: ts.Node): Kinds | null;
  elementKinds(node: ts.Node): Kinds | null;
}

const arrayMethods = new Set([
  'map',
  'filter',
  'slice',
  'concat',
  'flat',
  'flatMap',
  'reverse',
  'sort',
  'splice',
]);
const sameElements = new Set(['filter', 'slice', 'reverse', 'sort', 'splice']);
const stringMethods = new Set(
  'slice substring trim trimStart trimEnd toLowerCase toUpperCase padStart padEnd repeat replace charAt'.split(
    ' ',
  ),
);
const objectLists = new Set(['keys', 'values', 'entries', 'getOwnPropertyNames']);

/** True when the compiler does not report type errors in the file, so that its types prove nothing. */
export function isUnchecked(file: ts.SourceFile, options: ts.CompilerOptions): boolean {
  const header = file.text.slice(0, file.statements[0]?.getStart(file) ?? 0);
  if (/^\s*\/\/\/?\s*@ts-nocheck/m.test(header)) return true;
  const script = /\.[cm]?jsx?$/.test(file.fileName);
  return script && options.checkJs !== true && !/^\s*\/\/\/?\s*@ts-check/m.test(header);
}

/** Follows what the code builds; bounded depth, because variables can be chained. */
export function createProvenance(symbols: Symbols): Provenance {
  const originOf = (node: ts.Node): ts.Node => {
    let at = node;
    for (let depth = 0; depth < 16; depth += 1) {
      if (ts.isParenthesizedExpression(at)) at = at.expression;
      else if (ts.isIdentifier(at)) {
        const initializer = onlyValueOf(at, symbols);
        if (initializer === null) return at;
        at = initializer;
      } else return at;
    }
    return at;
  };
  const globalCall = (node: ts.Node, object: string, names: ReadonlySet<string>): boolean =>
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    ts.isIdentifier(node.expression.expression) &&
    node.expression.expression.text === object &&
    symbols.isGlobal(node.expression.expression) === 'yes' &&
    names.has(node.expression.name.text);
  const methodCall = (node: ts.Node): { receiver: ts.Expression; name: string } | null =>
    ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)
      ? { receiver: node.expression.expression, name: node.expression.name.text }
      : null;
  const isBuilt = (node: ts.Node, name: string): boolean =>
    ts.isNewExpression(node) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === name &&
    symbols.isGlobal(node.expression) === 'yes';

  const self: Provenance = {
    isArray(node) {
      const origin = originOf(node);
      if (ts.isArrayLiteralExpression(origin) || isBuilt(origin, 'Array')) return true;
      if (globalCall(origin, 'Object', objectLists)) return true;
      if (globalCall(origin, 'Array', new Set(['from', 'of']))) return true;
      const call = methodCall(origin);
      if (call === null) return false;
      if (call.name === 'split') return self.isString(call.receiver);
      return arrayMethods.has(call.name) && self.isArray(call.receiver);
    },
    isString(node) {
      const kinds = self.kinds(node);
      return kinds?.size === 1 && kinds.has('string');
    },
    isInstance(node, constructor) {
      const origin = originOf(node);
      return (
        isBuilt(origin, constructor) || (constructor === 'RegExp' && ts.isRegularExpressionLiteral(origin))
      );
    },
    kinds(node) {
      const origin = originOf(node);
      const plain = literalKind(origin);
      if (plain !== null) return new Set([plain]);
      if (self.isArray(origin)) return new Set<ValueKind>(['object']);
      const call = methodCall(origin);
      if (call !== null && stringMethods.has(call.name) && self.isString(call.receiver))
        return new Set(['string']);
      if (ts.isBinaryExpression(origin) && origin.operatorToken.kind === ts.SyntaxKind.PlusToken) {
        const oneString = self.isString(origin.left) || self.isString(origin.right);
        return oneString ? new Set<ValueKind>(['string']) : null;
      }
      return null;
    },
    elementKinds(node) {
      const origin = originOf(node);
      if (globalCall(origin, 'Object', new Set(['keys', 'getOwnPropertyNames']))) return new Set(['string']);
      if (ts.isArrayLiteralExpression(origin)) return literalElements(origin, self);
      const call = methodCall(origin);
      if (call === null) return null;
      if (call.name === 'split' && self.isString(call.receiver)) return new Set(['string']);
      return sameElements.has(call.name) && self.isArray(call.receiver)
        ? self.elementKinds(call.receiver)
        : null;
    },
  };
  return self;
}

function literalElements(literal: ts.ArrayLiteralExpression, self: Provenance): Kinds | null {
  const all = new Set<ValueKind>();
  for (const element of literal.elements) {
    const kinds = ts.isSpreadElement(element) || ts.isOmittedExpression(element) ? null : self.kinds(element);
    if (kinds === null) return null;
    for (const kind of kinds) all.add(kind);
  }
  return all.size === 0 ? null : all;
}

function literalKind(node: ts.Node): ValueKind | null {
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || ts.isTypeOfExpression(node))
    return 'string';
  if (ts.isNumericLiteral(node)) return 'number';
  if (ts.isBigIntLiteral(node)) return 'bigint';
  if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) return 'boolean';
  if (node.kind === ts.SyntaxKind.NullKeyword) return 'nullish';
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isClassExpression(node))
    return 'function';
  if (ts.isObjectLiteralExpression(node) || ts.isRegularExpressionLiteral(node)) return 'object';
  return null;
}

/** The initializer of a variable that is written nowhere else; element contents may still change. */
function onlyValueOf(node: ts.Identifier, symbols: Symbols): ts.Expression | null {
  const declaration = symbols.declarationOf(node);
  if (declaration === null || !ts.isVariableDeclaration(declaration)) return null;
  if (!ts.isIdentifier(declaration.name) || declaration.initializer === undefined) return null;
  if (ts.isForInStatement(declaration.parent.parent) || ts.isForOfStatement(declaration.parent.parent))
    return null;
  return symbols.referencesOf(declaration).some(isWritten) ? null : declaration.initializer;
}

function isWritten(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isBinaryExpression(parent) && parent.left === node)
    return (
      parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
      parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment
    );
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent))
    return (
      parent.operator === ts.SyntaxKind.PlusPlusToken || parent.operator === ts.SyntaxKind.MinusMinusToken
    );
  if ((ts.isForInStatement(parent) || ts.isForOfStatement(parent)) && parent.initializer === node)
    return true;
  return isDestructuringTarget(node);
}

/** `[x] = …` and `({ a: x } = …)` write x. */
function isDestructuringTarget(node: ts.Node): boolean {
  let at = node;
  while (
    ts.isArrayLiteralExpression(at.parent) ||
    ts.isObjectLiteralExpression(at.parent) ||
    ts.isPropertyAssignment(at.parent) ||
    ts.isShorthandPropertyAssignment(at.parent) ||
    ts.isSpreadElement(at.parent) ||
    ts.isSpreadAssignment(at.parent) ||
    ts.isParenthesizedExpression(at.parent)
  )
    at = at.parent;
  const parent = at.parent;
  if (at === node) return false;
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken)
    return parent.left === at;
  return (ts.isForInStatement(parent) || ts.isForOfStatement(parent)) && parent.initializer === at;
}
