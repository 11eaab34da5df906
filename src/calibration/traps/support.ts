/** What the makers of traps share. */
import ts from 'typescript';
import { collectOwn, resultsOf, type CodeFunction } from '../functions.js';
import type { Random } from '../random.js';
import type { TextEdit } from '../types.js';

/** A fault inside one function. `edits` are on the unchanged text. */
export interface Fault {
  readonly edits: readonly TextEdit[];
  readonly what: string;
}

/** Writes a fault into a function; null where it has no place for it. Bounds and places are drawn. */
export interface FaultMaker {
  readonly kind: string;
  plant(fn: CodeFunction, random: Random): Fault | null;
}

export function drawn<T>(items: readonly T[], random: Random): T | null {
  return items[random.between(0, items.length - 1)] ?? null;
}

const listMethods = new Set(['map', 'filter', 'flatMap', 'sort', 'toSorted', 'toReversed', 'flat']);
const listStatics = /^(Object\.(keys|values|entries)|Array\.(from|of))$/;
const listType = /(\[\]|^(readonly\s+)?(Readonly)?Array<.*>)$/s;

function localValue(name: string, fn: CodeFunction): ts.Expression | ts.TypeNode | null {
  const found = collectOwn(fn.node.body, ts.isVariableDeclaration).find((one) => one.name.getText() === name);
  return found?.initializer ?? found?.type ?? null;
}

/** Is the expression known to be an array, by syntax alone? */
export function isList(node: ts.Node, fn: CodeFunction): boolean {
  if (ts.isArrayLiteralExpression(node)) return true;
  if (ts.isIdentifier(node)) {
    const value = localValue(node.text, fn);
    if (value === null || ts.isIdentifier(value)) return false;
    return ts.isTypeNode(value) ? listType.test(value.getText()) : isList(value, fn);
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  return listMethods.has(node.expression.name.text) || listStatics.test(node.expression.getText());
}

/** Results that are lists. */
export function listResults(fn: CodeFunction): ts.Expression[] {
  const declared = fn.node.type?.getText();
  const isDeclared = declared !== undefined && listType.test(declared);
  return resultsOf(fn).filter((result) => {
    const isEmpty = ts.isArrayLiteralExpression(result) && result.elements.length < 2;
    return !isEmpty && (isDeclared || isList(result, fn));
  });
}

const arithmetic = new Set([
  ts.SyntaxKind.AsteriskToken,
  ts.SyntaxKind.SlashToken,
  ts.SyntaxKind.MinusToken,
  ts.SyntaxKind.PercentToken,
]);

function isArithmetic(node: ts.Node): boolean {
  if (ts.isParenthesizedExpression(node)) return isArithmetic(node.expression);
  if (ts.isBinaryExpression(node)) return arithmetic.has(node.operatorToken.kind);
  if (ts.isPrefixUnaryExpression(node)) return node.operator === ts.SyntaxKind.MinusToken;
  return (
    ts.isCallExpression(node) &&
    /^Math\.(round|floor|ceil|trunc|abs|min|max|sqrt)$/.test(node.expression.getText())
  );
}

/** Results that are computed as numbers, where NaN and −0 can come about: not from the length of something. */
export const arithmeticResults = (fn: CodeFunction): ts.Expression[] =>
  resultsOf(fn).filter((result) => isArithmetic(result) && !/\.(length|size)\b/.test(result.getText()));

/** Parameters that are lists: by their type, or (untyped) by how they are used. */
export function listParameters(fn: CodeFunction): string[] {
  const body = fn.node.body.getText();
  return fn.node.parameters.flatMap(({ name, type, dotDotDotToken }) => {
    if (!ts.isIdentifier(name) || dotDotDotToken !== undefined) return [];
    const isUsed = (): boolean =>
      new RegExp(`\\b${escaped(name.text)}\\.(map|filter|forEach|reduce|push|sort|some|every)\\(`).test(body);
    const isArray = type === undefined ? isUsed() : listType.test(type.getText());
    return isArray ? [name.text] : [];
  });
}

/** Parameters that are texts. */
export function textParameters(fn: CodeFunction): string[] {
  const body = fn.node.body.getText();
  return fn.node.parameters.flatMap(({ name, type, dotDotDotToken }) => {
    if (!ts.isIdentifier(name) || dotDotDotToken !== undefined) return [];
    const isUsed = (): boolean =>
      new RegExp(
        `\\b${escaped(name.text)}\\.(trim|split|toLowerCase|toUpperCase|charCodeAt|substring)\\(`,
      ).test(body);
    const isText = type === undefined ? isUsed() : type.getText() === 'string';
    return isText ? [name.text] : [];
  });
}

const escaped = (name: string): string => name.replaceAll('$', '\\$');

/** The type of a variable that may hold anything, where the file has types. */
export const anyOf = (fn: CodeFunction): string => (fn.typed ? ': any' : '');

/** `undefined` where the types want something else. */
export const nothingOf = (fn: CodeFunction): string => (fn.typed ? 'undefined as never' : 'undefined');
