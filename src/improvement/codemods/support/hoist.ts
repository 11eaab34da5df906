/** Where a value that is the same in every iteration can be built once: just before the statement of the loop. */
import ts from 'typescript';
import type { RuleContext } from '../../../analysis/types.js';
import { arrayIterators } from './builtins.js';
import { arrayEvidence } from './evidence.js';
import { bare, contains, inlineFunction, isLoop, methodCall, wrapped, type MethodCall } from './nodes.js';
import { need, type Piece } from './plan.js';
import { shorten } from './purity.js';
import {
  commentsOf,
  indentationAt,
  isOldStyle,
  lineStart,
  needsSemicolonBefore,
  startsLine,
  styleOf,
} from './text.js';

/** A place for new statements, and the code that runs between there and the last use. */
export interface Anchor {
  /** The statement before which to insert, or the expression body of an arrow function. */
  readonly node: ts.Statement | ts.Expression;
  readonly loop: ts.Node;
  /** What had to be believed to call the inner function part of a loop. */
  readonly assumes?: readonly string[];
}

/**
 * All places outside at least one loop (or array callback) around the node, innermost first. The climb ends at
 * functions that are not called right there, at classes and at statements without a block of their own.
 */
export function anchorsOf(
  node: ts.Node,
  context: RuleContext,
  { believing = false }: { readonly believing?: boolean } = {},
): readonly Anchor[] {
  const anchors: Anchor[] = [];
  const assumes: string[] = [];
  let loop: ts.Node | null = null;
  let at: ts.Node = node;
  while (!ts.isSourceFile(at)) {
    const parent = at.parent;
    if (isLoop(parent) && isRepeated(parent, at)) loop = parent;
    else if (ts.isFunctionLike(parent)) {
      const proved = iterationOf(parent, context);
      const call = proved ?? (believing ? likelyIteration(parent, context) : null);
      if (proved === null && call !== null)
        assumes.push(
          `\`${shorten(call.expression)}(…)\` calls its callback at once, as that of an array does`,
        );
      if (call === null) {
        if (loop !== null && ts.isArrowFunction(parent) && parent.body === at && ts.isExpression(at))
          anchors.push({ node: at, loop, assumes: [...assumes] });
        return anchors;
      }
      loop = call;
      at = call;
      continue;
    } else if (ts.isClassLike(parent) || ts.isClassStaticBlockDeclaration(parent)) return anchors;
    if (
      loop !== null &&
      ts.isStatement(at) &&
      !ts.isBlock(at) &&
      isStatementList(parent) &&
      contains(at, loop)
    ) {
      anchors.push({ node: at, loop, assumes: [...assumes] });
      loop = null;
    }
    at = parent;
  }
  return anchors;
}

/** The part of a loop statement that runs once per iteration. */
function isRepeated(loop: ts.IterationStatement, part: ts.Node): boolean {
  if (ts.isForStatement(loop)) return part !== loop.initializer;
  if (ts.isForOfStatement(loop) || ts.isForInStatement(loop)) return part === loop.statement;
  return true;
}

/** The call `array.method(fn)` that runs an inline function once per element, right away. */
export function iterationOf(fn: ts.Node, context: RuleContext): ts.CallExpression | null {
  if (!ts.isArrowFunction(fn) && !ts.isFunctionExpression(fn)) return null;
  if (inlineFunction(fn) === null) return null;
  const argument = wrapped(fn);
  const method = iterating(argument);
  return method !== null && context.oracle.isArray(bare(method.receiver)) === 'yes' ? method.call : null;
}

/** The same where nothing but its other uses says that the receiver is an array. */
function likelyIteration(fn: ts.Node, context: RuleContext): ts.CallExpression | null {
  if (!ts.isArrowFunction(fn) && !ts.isFunctionExpression(fn)) return null;
  const method = inlineFunction(fn) === null ? null : iterating(wrapped(fn));
  return method !== null && arrayEvidence(method.receiver, context) !== null ? method.call : null;
}

function iterating(argument: ts.Expression): MethodCall | null {
  const method = methodCall(argument.parent);
  if (method === null || method.call.arguments[0] !== argument) return null;
  const sorts = method.name === 'sort' || method.name === 'toSorted';
  return arrayIterators.has(method.name) || sorts ? method : null;
}

function isStatementList(node: ts.Node): boolean {
  return (
    ts.isBlock(node) || ts.isSourceFile(node) || ts.isModuleBlock(node) || ts.isCaseOrDefaultClause(node)
  );
}

/** Inserts the lines before the anchor; an arrow's expression body becomes a block that returns it. */
export function insertBefore(
  anchor: Anchor,
  lines: readonly string[],
  context: RuleContext,
): readonly Piece[] {
  const file = context.sourceFile;
  const old = isOldStyle(file);
  need(!old || !lines.some((line) => /=>|for \(const/.test(line)), 'the file is written in ES5');
  const own = old ? lines.map((line) => line.replace(/^const /, 'var ')) : lines;
  return ts.isStatement(anchor.node)
    ? [insertStatements(anchor.node, own, file)]
    : wrapBody(anchor.node, own, file);
}

/** `lines` carry no indentation and no final semicolon; nested lines start with `>` per level. */
function insertStatements(statement: ts.Statement, lines: readonly string[], file: ts.SourceFile): Piece {
  const style = styleOf(file);
  const at = insertionPoint(statement, file);
  const own = startsLine(file, at);
  const indent = indentationAt(file, at);
  const text = render(lines, indent, file);
  const risky = style.semicolon === '' && needsSemicolonBefore(file, at);
  const end = risky || !own ? ';' : '';
  const finished = text.endsWith(';') || text.endsWith('}') ? text : text + end;
  return { start: at, end: at, newText: own ? `${finished}${style.eol}${indent}` : `${finished} ` };
}

/** Before the comments that belong to the statement (a linter's or compiler's directive must stay next to it). */
function insertionPoint(statement: ts.Statement, file: ts.SourceFile): number {
  const start = statement.getStart(file);
  let at = start;
  const above = commentsOf(file).filter((range) => range.pos >= statement.pos && range.end <= start);
  for (const range of above.toReversed()) {
    const between = file.text.slice(range.end, at);
    const adjacent = between.trim() === '' && (between.match(/\n/g) ?? []).length <= 1;
    if (!adjacent || !startsLine(file, range.pos)) break;
    at = range.pos;
  }
  // A licence at the head of the file stays at the head, unless it holds a directive for the statement.
  const header = at !== start && lineStart(file, at) <= 1;
  return header && !/@ts-|eslint|istanbul|prettier/.test(file.text.slice(at, start)) ? start : at;
}

function render(lines: readonly string[], indent: string, file: ts.SourceFile): string {
  const style = styleOf(file);
  return lines
    .map((line, index) => {
      const depth = /^>*/.exec(line)?.[0].length ?? 0;
      const code = line.slice(depth);
      const open = code.endsWith('{') || code.endsWith('}');
      return `${index === 0 ? '' : indent}${style.indent.repeat(depth)}${code}${open ? '' : style.semicolon}`;
    })
    .join(style.eol);
}

function wrapBody(body: ts.Expression, lines: readonly string[], file: ts.SourceFile): readonly Piece[] {
  const style = styleOf(file);
  const arrow = body.parent;
  const outer = indentationAt(file, arrow.getStart(file));
  const base = lineIndentOf(arrow, file) ?? outer;
  const indent = base + style.indent;
  const start = body.getFullStart();
  const gap = file.text.slice(start, body.getStart(file));
  const clean = gap.trim() === '';
  return [
    {
      start: clean ? start : body.getStart(file),
      end: body.getStart(file),
      newText: ` {${style.eol}${indent}${render(lines, indent, file)}${style.eol}${indent}return `,
    },
    { start: body.end, end: body.end, newText: `${style.semicolon}${style.eol}${base}}` },
  ];
}

/** Indentation of the line on which the node starts. */
function lineIndentOf(node: ts.Node, file: ts.SourceFile): string | null {
  const start = lineStart(file, node.getStart(file));
  return /^[\t ]*/.exec(file.text.slice(start))?.[0] ?? null;
}
