/**
 * Catalogue 23: removing elements one by one, from the end, moves what follows each time. Writing those that stay to the
 * front, and shortening the same array once, leaves the same array.
 */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { isDense } from './support/arrays.js';
import {
  bare,
  isPlainName,
  literalNumber,
  methodCall,
  walk,
  wrapped,
  type MethodCall,
} from './support/nodes.js';
import { defineFixer, need, Proof } from './support/plan.js';
import { purityOf, shorten } from './support/purity.js';
import { freshName, indentationAt, isOldStyle, styleOf } from './support/text.js';

export const spliceInLoop = defineFixer('splice-in-loop', 1, (node, context) => {
  const splice = methodCall(node);
  const array = splice === null ? null : bare(splice.receiver);
  need(splice?.name === 'splice' && array !== null && ts.isIdentifier(array), 'not a splice of a variable');
  need(context.oracle.isArray(array) === 'yes', `\`${array.text}\` is not proved to be an array`);
  const { loop, index, condition } = backwards(splice, array, context);
  const proof = new Proof();
  const purity = purityOf(condition, context);
  need(purity.effect === null, `the condition has an effect: ${purity.effect}`);
  if (purity.throws !== null)
    proof.assume(`evaluating \`${shorten(condition)}\` never throws (${purity.throws})`);
  proof.assumeAll(purity.assumptions);
  needOnlyElement(condition, array, index);
  proof.checked('the condition has no effect and asks the array only about the element in question');
  proof.checked('the same array is kept, and those that stay keep their order');
  if (isDense(array, context)) proof.checked('the array has no holes');
  else proof.assume(`\`${array.text}\` has no holes`);
  proof.assume(`\`${array.text}\` is neither frozen nor sealed`);
  const file = context.sourceFile;
  const { eol, indent, semicolon } = styleOf(file);
  const name = freshName(file, 'kept');
  const base = indentationAt(file, loop.getStart(file));
  const declare = isOldStyle(file) ? 'var' : 'let';
  const list =
    ts.isBlock(loop.parent) || ts.isSourceFile(loop.parent) || ts.isCaseOrDefaultClause(loop.parent);
  need(list, 'nothing can follow the statement of the loop');
  const lines = [
    `${declare} ${name} = 0${semicolon}`,
    `${base}for (${declare} ${index} = 0; ${index} < ${array.text}.length; ${index}++) {`,
    `${base}${indent}if (!(${condition.getText()})) ${array.text}[${name}++] = ${array.text}[${index}]${suffix(context)}${semicolon}`,
    `${base}}`,
    `${base}${array.text}.length = ${name}${semicolon}`,
  ];
  return {
    proof,
    pieces: [{ start: loop.getStart(file), end: loop.end, newText: lines.join(eol) }],
    explanation: `Those that stay in \`${array.text}\` are written to its front in one pass, instead of moving the rest for each that goes.`,
    complexity: { before: 'n²', after: 'n' },
  };
});

/** The element is there: the index is below the length. */
function suffix(context: RuleContext): string {
  return /\.[cm]?tsx?$/.test(context.file) ? '!' : '';
}

interface Backwards {
  readonly loop: ts.ForStatement;
  readonly index: string;
  readonly condition: ts.Expression;
}

/** `for (let i = a.length - 1; i >= 0; i--) if (c) a.splice(i, 1);` and nothing else. */
function backwards(splice: MethodCall, array: ts.Identifier, context: RuleContext): Backwards {
  const [at, count] = splice.call.arguments;
  need(
    splice.call.arguments.length === 2 &&
      at !== undefined &&
      count !== undefined &&
      literalNumber(count) === 1,
    'not one element is removed',
  );
  const statement = splice.call.parent;
  need(ts.isExpressionStatement(statement), 'what is removed is used');
  const test = onlyStatementOf(statement);
  need(
    ts.isIfStatement(test) && test.elseStatement === undefined,
    'the splice is not all that a condition decides',
  );
  const loop = onlyStatementOf(test);
  need(ts.isForStatement(loop), 'the loop is no `for` with this condition alone');
  const { initializer, condition, incrementor } = loop;
  need(
    initializer !== undefined &&
      ts.isVariableDeclarationList(initializer) &&
      initializer.declarations.length === 1,
    'the loop does not declare its index',
  );
  const [declaration] = initializer.declarations;
  need(declaration !== undefined && ts.isIdentifier(declaration.name), 'the loop does not declare its index');
  const index = declaration.name.text;
  const compact = (one: ts.Node | undefined): string => (one?.getText() ?? '').replace(/\s+/g, '');
  need(compact(declaration.initializer) === `${array.text}.length-1`, 'the loop does not begin at the end');
  need(
    [`${index}>=0`, `${index}>-1`].includes(compact(condition)),
    'the loop does not run down to the start',
  );
  need(
    [`${index}--`, `--${index}`, `${index}-=1`].includes(compact(incrementor)),
    'the loop does not step by one',
  );
  need(compact(at) === index, 'another element than that of the loop is removed');
  const outside = context.oracle
    .referencesOf(declaration)
    .some((one) => one.pos < loop.pos || one.end > loop.end);
  need(!outside, 'the index is used after the loop');
  return { loop, index, condition: test.expression };
}

/** The statement around this one, when this one is all that it does. */
function onlyStatementOf(statement: ts.Statement): ts.Node {
  const { parent } = statement;
  if (!ts.isBlock(parent)) return parent;
  need(parent.statements.length === 1, 'the loop does more than removing elements');
  return parent.parent;
}

/** `a` and `i` only in `a[i]`: in the new loop the front of the array has been written to. */
function needOnlyElement(condition: ts.Expression, array: ts.Identifier, index: string): void {
  const check = (node: ts.Node): void => {
    if (!ts.isIdentifier(node) || isPlainName(node)) return;
    const { parent } = wrapped(node);
    const element =
      ts.isElementAccessExpression(parent) &&
      bare(parent.expression).getText() === array.text &&
      bare(parent.argumentExpression).getText() === index;
    if (node.text === array.text)
      need(
        element && bare(parent.expression) === node,
        `\`${array.text}\` is asked for more than the element`,
      );
    if (node.text === index) need(element, 'the position decides what goes');
  };
  check(condition);
  walk(condition, check);
}
