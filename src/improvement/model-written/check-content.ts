/** What a model may not write into a body, whatever it is for: names from elsewhere, silenced checks, orders. */
import ts from 'typescript';
import type { Callable } from './find-declaration.js';
import { declaredNames, propertyNames, usedNames } from './names.js';
import type { AttemptEnd } from './types.js';

export interface ContentRequest {
  readonly callable: Callable;
  readonly original: Callable;
  readonly file: ts.SourceFile;
  /** The whole answer, with its comments. */
  readonly code: string;
  readonly ordersIn: (text: string) => readonly string[];
}

type Content = { readonly end: AttemptEnd; readonly detail: string } | { readonly clean: true };

/** Built-ins that only compute. No timers, no I/O, no way to make code out of text. */
const builtIns = new Set(
  [
    'undefined NaN Infinity Array Object String Number Boolean BigInt Symbol Math Date RegExp JSON Map Set WeakMap',
    'WeakSet Promise Error TypeError RangeError SyntaxError Reflect Intl Iterator Int8Array Uint8Array Int16Array',
    'Uint8ClampedArray Uint16Array Int32Array Uint32Array Float32Array Float64Array BigInt64Array BigUint64Array',
    'ArrayBuffer DataView isNaN isFinite parseInt parseFloat arguments structuredClone Readonly ReadonlyArray',
    'ReadonlyMap ReadonlySet Record Partial Required Pick Omit Exclude Extract NonNullable ReturnType Parameters',
    'Iterable IterableIterator PromiseLike ArrayLike PropertyKey const',
  ].flatMap((line) => line.split(' ')),
);

/** Ways from a value to the function that makes functions of text. */
const forbiddenProperties = new Set([
  'constructor',
  '__proto__',
  '__defineGetter__',
  '__defineSetter__',
  'prototype',
]);

const silences =
  /@ts-(?:ignore|nocheck|expect-error)|eslint-disable|oxlint-disable|(?:istanbul|c8|v8) ignore|\bas\s+any\b|\bas\s+unknown\s+as\b|<any>|:\s*any\b/;

/** Text for whoever reads the change, human or model; it has no place in a body. */
const addressed =
  /\b(?:approve[ds]?|reviewers?|lgtm|merge (?:this|it)|skip(?:ping)? (?:the |all )?(?:tests?|gates?|checks?|review)|(?:already|fully) (?:tested|verified|reviewed|approved)|(?:ai|language) models?|assistants?|safe to (?:land|merge|apply))\b/i;

/** The first thing that may not be there. */
export function checkContent({ callable, original, file, code, ordersIn }: ContentRequest): Content {
  const text = callable.body.getText();
  const before = original.body.getText();
  const silenced = silences.exec(code);
  if (silenced !== null && !before.includes(silenced[0]))
    return { end: 'silences-checks', detail: `It silences a check: "${silenced[0]}".` };
  const orders = ordersIn(code);
  if (orders.length > 0 && ordersIn(before).length === 0)
    return { end: 'gives-orders', detail: `Its text gives orders (${orders.join(', ')}).` };
  const spoken = addressed.exec(commentsOf(code));
  if (spoken !== null)
    return { end: 'gives-orders', detail: `A comment speaks to whoever reads it: "${spoken[0]}".` };
  const loads = /\bimport\s*\(|\bimport\.meta\b|\brequire\s*\(/.exec(text);
  if (loads !== null && !before.includes(loads[0]))
    return { end: 'new-import', detail: `It loads something: "${loads[0]}".` };
  const strange = strangeName(callable, original, file);
  if (strange !== null)
    return {
      end: 'new-name',
      detail: `\`${strange}\` is neither in the file nor a built-in that only computes.`,
    };
  const loop = endlessLoop(callable.body);
  return loop === null ? { clean: true } : { end: 'endless-loop', detail: `This loop has no end: ${loop}` };
}

function commentsOf(code: string): string {
  const scanner = ts.createScanner(ts.ScriptTarget.ESNext, false, ts.LanguageVariant.Standard, code);
  const comments: string[] = [];
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    const isComment =
      kind === ts.SyntaxKind.SingleLineCommentTrivia || kind === ts.SyntaxKind.MultiLineCommentTrivia;
    if (isComment) comments.push(scanner.getTokenText());
  }
  return comments.join('\n');
}

function strangeName(callable: Callable, original: Callable, file: ts.SourceFile): string | null {
  const known = new Set([...builtIns, ...usedNames(original), ...topLevelNames(file)]);
  for (const [symbol] of scopesAround(original)) known.add(symbol);
  const own = declaredNames(callable);
  for (const name of usedNames(callable)) if (!own.has(name) && !known.has(name)) return name;
  const properties = propertyNames(original);
  for (const name of propertyNames(callable.body))
    if (forbiddenProperties.has(name) && !properties.has(name)) return name;
  return null;
}

function topLevelNames(file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) for (const name of declaredNames(statement)) names.add(name);
    else if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations)
        for (const one of ts.isIdentifier(name) ? [name.text] : declaredNames(name)) names.add(one);
    } else {
      const { name } = statement as { readonly name?: ts.Node };
      if (name !== undefined && ts.isIdentifier(name)) names.add(name.text);
    }
  }
  return names;
}

/** Names of the functions and blocks around, for a declaration that is not at the top level. */
function scopesAround(node: ts.Node): [string][] {
  const names: [string][] = [];
  for (let at: ts.Node = node.parent; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isBlock(at) || ts.isFunctionLike(at)) for (const name of declaredNames(at)) names.push([name]);
  }
  return names;
}

/** A loop over `true` that nothing inside can leave. */
function endlessLoop(body: ts.Node): string | null {
  let found: string | null = null;
  const visit = (node: ts.Node): void => {
    if (found !== null) return;
    if (isForever(node) && !canLeave(node.statement))
      found = node.getText().replaceAll(/\s+/g, ' ').slice(0, 80);
    ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}

function isForever(node: ts.Node): node is ts.IterationStatement {
  if (ts.isForStatement(node))
    return node.condition === undefined || node.condition.kind === ts.SyntaxKind.TrueKeyword;
  const isLoop = ts.isWhileStatement(node) || ts.isDoStatement(node);
  return isLoop && (node.expression.kind === ts.SyntaxKind.TrueKeyword || node.expression.getText() === '1');
}

function canLeave(node: ts.Node): boolean {
  const leaves =
    ts.isBreakStatement(node) ||
    ts.isReturnStatement(node) ||
    ts.isThrowStatement(node) ||
    ts.isYieldExpression(node) ||
    ts.isAwaitExpression(node) ||
    ts.isContinueStatement(node);
  if (leaves) return !ts.isContinueStatement(node) || node.label !== undefined;
  if (ts.isFunctionLike(node)) return false;
  return ts.forEachChild(node, (child) => canLeave(child) || undefined) ?? false;
}
