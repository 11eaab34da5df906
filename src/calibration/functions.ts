/** The functions of a file as places for canaries, and small questions about their syntax. */
import ts from 'typescript';
import type { TextEdit } from './types.js';

export type FunctionNode = (
  ts.FunctionDeclaration | ts.MethodDeclaration | ts.FunctionExpression | ts.ArrowFunction
) & { readonly body: ts.Block };

/** One named function with a block body. */
export interface CodeFunction {
  readonly file: string;
  readonly source: ts.SourceFile;
  readonly name: string;
  readonly node: FunctionNode;
  readonly start: number;
  readonly end: number;
  /** From 1, inclusive. */
  readonly lines: { readonly first: number; readonly last: number };
  readonly typed: boolean;
}

/** Longer functions are looked into instead of taken whole: wrappers of a whole file. */
const linesMax = 80;

export function parse(file: string, text: string): ts.SourceFile {
  const kind = file.endsWith('x') ? ts.ScriptKind.TSX : undefined;
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind);
}

function nameOf(node: ts.Node): string | null {
  if ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.name !== undefined) {
    return ts.isIdentifier(node.name) || ts.isPrivateIdentifier(node.name) ? node.name.text : null;
  }
  if (!ts.isFunctionExpression(node) && !ts.isArrowFunction(node)) return null;
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) return parent.name.text;
  if (ts.isPropertyAssignment(parent) && ts.isIdentifier(parent.name)) return parent.name.text;
  const isAssigned = ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  return isAssigned && ts.isPropertyAccessExpression(parent.left) ? parent.left.name.text : null;
}

function isFunctionNode(node: ts.Node): node is FunctionNode {
  const isKind =
    ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node);
  return isKind && node.body !== undefined && ts.isBlock(node.body);
}

/** Outermost named functions of at most 80 lines, no generators, in the order of the text. */
export function functionsOf(file: string, text: string): readonly CodeFunction[] {
  const source = parse(file, text);
  const typed = /\.[cm]?tsx?$/.test(file);
  const found: CodeFunction[] = [];
  const lineAt = (offset: number): number => source.getLineAndCharacterOfPosition(offset).line + 1;
  const visit = (node: ts.Node): void => {
    const name = isFunctionNode(node) && node.asteriskToken === undefined ? nameOf(node) : null;
    if (name !== null && isFunctionNode(node)) {
      const [start, end] = [node.getStart(source), node.getEnd()];
      const lines = { first: lineAt(start), last: lineAt(end) };
      if (lines.last - lines.first < linesMax) {
        found.push({ file, source, name, node, start, end, lines, typed });
        return;
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Visits a subtree in the order of the text; `visit` answering false leaves the children out. */
export function walk(node: ts.Node, visit: (node: ts.Node) => boolean | void): void {
  if (visit(node) === false) return;
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** All nodes of a kind below a node. */
export function collect<T extends ts.Node>(root: ts.Node, is: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  walk(root, (node) => {
    if (is(node)) found.push(node);
  });
  return found;
}

/** As `collect`, without nested functions and classes. */
export function collectOwn<T extends ts.Node>(root: ts.Node, is: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  walk(root, (node) => {
    if (node !== root && (ts.isFunctionLike(node) || ts.isClassLike(node))) return false;
    if (is(node)) found.push(node);
    return true;
  });
  return found;
}

/** What the function answers, expression by expression. */
export function resultsOf({ node }: CodeFunction): ts.Expression[] {
  return collectOwn(node.body, ts.isReturnStatement).flatMap(({ expression }) =>
    expression === undefined ? [] : [expression],
  );
}

export const isAsync = ({ node }: CodeFunction): boolean =>
  node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true;

/** Parameters that are plain names. */
export function plainParameters({ node }: CodeFunction): string[] {
  return node.parameters.flatMap(({ name, dotDotDotToken }) =>
    ts.isIdentifier(name) && dotDotDotToken === undefined && name.text !== 'this' ? [name.text] : [],
  );
}

/** Are all parameters plain names? */
export const hasPlainParameters = (fn: CodeFunction): boolean =>
  plainParameters(fn).length === fn.node.parameters.length;

export const isLoop = (node: ts.Node): node is ts.IterationStatement =>
  ts.isForStatement(node) ||
  ts.isForOfStatement(node) ||
  ts.isForInStatement(node) ||
  ts.isWhileStatement(node) ||
  ts.isDoStatement(node);

/** Is the node inside a loop of the function, and in no function nested in it? */
export function isInLoop(node: ts.Node, fn: CodeFunction): boolean {
  for (let at = node.parent; at !== fn.node; at = at.parent) {
    if (ts.isFunctionLike(at) || ts.isSourceFile(at)) return false;
    if (isLoop(at)) return true;
  }
  return false;
}

/** Identifiers of a name that stand for a variable (no property names). */
export function usesOf(root: ts.Node, name: string): ts.Identifier[] {
  return collect(root, ts.isIdentifier).filter((node) => {
    if (node.text !== name) return false;
    const { parent } = node;
    const isProperty =
      (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
      (ts.isPropertyAssignment(parent) && parent.name === node);
    return !isProperty;
  });
}

/** A name that the file does not hold. */
export function freshName(source: ts.SourceFile, stem: string): string {
  for (let count = 0; ; count += 1) {
    const name = count === 0 ? stem : `${stem}${count}`;
    if (!source.text.includes(name)) return name;
  }
}

export const replace = (node: ts.Node, text: string): TextEdit => ({
  start: node.getStart(),
  end: node.getEnd(),
  text,
});

export const insert = (offset: number, text: string): TextEdit => ({ start: offset, end: offset, text });

/** In front of the statement of the file that holds the function. */
export function beforeFunction(fn: CodeFunction, text: string): TextEdit {
  let at: ts.Node = fn.node;
  while (!ts.isSourceFile(at.parent)) at = at.parent;
  return insert(at.getStart(fn.source), text);
}

/** At the beginning of the function's body. */
export const atStart = ({ node }: CodeFunction, text: string): TextEdit =>
  insert(node.body.getStart() + 1, `\n${text}`);

/** Applies edits that do not overlap, in any order. Edits at the same place keep their order. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = '';
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start < at) throw new RangeError(`edits overlap at ${edit.start}`);
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}
