/** Accumulating spreads inside `reduce`: the accumulator is appended to and returned, or built from entries. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import {
  appendAll,
  appendConcat,
  appendParts,
  inBlock,
  isName,
  joinLines,
  type Lines,
} from './support/append.js';
import { planEntries, type Reduction } from './accumulating-entries.js';
import { useOf } from './support/arrays.js';
import { needArray } from './support/evidence.js';
import { bare, inlineFunction, methodCall, simpleParameter, walk, wrapped } from './support/nodes.js';
import { need, Proof, type Answer, type Piece } from './support/plan.js';
import { shorten } from './support/purity.js';
import { indentationAt, styleOf } from './support/text.js';

/** `array.reduce((acc, x) => [...acc, f(x)], [])` and `({ ...acc, [k]: v })` with a literal seed. */
export function planReduce(call: ts.CallExpression, context: RuleContext): Answer {
  const method = methodCall(call);
  need(method !== null, 'not a plain method call');
  const [callback, seed] = call.arguments;
  const fn = inlineFunction(callback);
  need(
    fn !== null && seed !== undefined && call.arguments.length === 2,
    'not an inline callback with a seed',
  );
  const accumulator = simpleParameter(fn.parameters[0]);
  need(accumulator !== null && fn.parameters.length <= 3, 'the parameters are not simple');
  need(!/\barguments\b/.test(fn.body.getText()), 'the callback uses `arguments`');
  const reduction: Reduction = { call, receiver: method.receiver, fn, accumulator, seed };
  const body = bare(seed);
  if (!ts.isArrayLiteralExpression(body)) return planEntries(reduction, context);
  return planArray(reduction, context);
}

const complexity = { before: 'n²', after: 'n' };

function planArray(reduction: Reduction, context: RuleContext): Answer {
  const { fn, accumulator, seed } = reduction;
  const proof = new Proof();
  needArray(reduction.receiver, context, proof);
  need(
    !/[Rr]eadonly/.test(`${seed.getText()} ${fn.parameters[0]?.type?.getText() ?? ''}`),
    'the accumulator is read-only',
  );
  const pieces = ts.isBlock(fn.body)
    ? changeReturns(fn.body, reduction, context, proof)
    : changeBody(fn.body, reduction, context, proof);
  checkAccumulator(reduction, context, proof);
  return {
    proof,
    pieces,
    explanation: `\`${accumulator.text}\` starts as a fresh literal and stays inside the callback, so adding to it gives the same as copying it.`,
    complexity,
  };
}

/** Besides being copied or returned, the accumulator may only be read. */
function checkAccumulator({ fn, accumulator }: Reduction, context: RuleContext, proof: Proof): void {
  const declaration = fn.parameters[0];
  need(declaration !== undefined, 'the callback has no accumulator');
  for (const reference of context.oracle.referencesOf(declaration)) {
    const at = wrapped(reference);
    const returned = at === fn.body || ts.isReturnStatement(at.parent) || isArm(at, fn);
    const use = useOf(reference, context);
    need(
      returned || use === 'read' || use === 'test',
      `\`${accumulator.text}\` is used for more than adding to it`,
    );
    const keeps =
      ts.isPropertyAccessExpression(at.parent) && /^(?:values|keys|entries)$/.test(at.parent.name.text);
    need(!keeps, `an iterator of \`${accumulator.text}\` is kept`);
    need(insideSameFunction(reference, fn), `\`${accumulator.text}\` is captured by another function`);
  }
  proof.checked(`\`${accumulator.text}\` starts as a fresh literal and is only read, copied and returned`);
}

function insideSameFunction(node: ts.Node, fn: ts.Node): boolean {
  for (let at = node.parent; at !== fn; at = at.parent)
    if (ts.isFunctionLike(at) || ts.isSourceFile(at)) return false;
  return true;
}

/** `cond ? [...acc, x] : acc` as the whole value of the callback. */
function isArm(at: ts.Expression, fn: Reduction['fn']): boolean {
  const parent = at.parent;
  if (!ts.isConditionalExpression(parent) || parent.condition === at) return false;
  const outer = wrapped(parent);
  return outer === fn.body || ts.isReturnStatement(outer.parent);
}

/** The statement that appends what the copying expression would append. */
function appendStatement(
  value: ts.Expression,
  reduction: Reduction,
  context: RuleContext,
  proof: Proof,
): Lines {
  const { accumulator } = reduction;
  const at = bare(value);
  const method = methodCall(at);
  if (method !== null) {
    need(
      method.name === 'concat' && isName(method.receiver, accumulator),
      'not a concat onto the accumulator',
    );
    return appendConcat(method.call, accumulator, context, proof);
  }
  need(ts.isArrayLiteralExpression(at), 'the callback does not return the accumulator with something added');
  const parts = appendParts(at, accumulator);
  const spread = parts.find(ts.isSpreadElement);
  if (spread === undefined) {
    need(parts.length > 0, 'nothing is added');
    return [`${accumulator.text}.push(${parts.map((part) => part.getText()).join(', ')})`];
  }
  need(
    parts.length === 1 && !isName(spread.expression, accumulator),
    'a spread together with other elements',
  );
  need(
    context.oracle.isArray(spread.expression) === 'yes',
    `\`${shorten(spread.expression)}\` is not proved to be an array`,
  );
  return appendAll(spread.expression, accumulator.text, context);
}

/** An expression body becomes a block; a conditional with the plain accumulator becomes an `if`. */
function changeBody(
  body: ts.Expression,
  reduction: Reduction,
  context: RuleContext,
  proof: Proof,
): readonly Piece[] {
  const file = context.sourceFile;
  const { eol, indent, semicolon } = styleOf(file);
  const name = reduction.accumulator;
  const base = indentationAt(file, body.parent.getStart(file));
  const inner = base + indent;
  const conditional = bare(body);
  let lines: Lines;
  if (ts.isConditionalExpression(conditional)) {
    const whenTrue = isName(conditional.whenFalse, name);
    need(whenTrue || isName(conditional.whenTrue, name), 'no branch leaves the accumulator as it is');
    const added = whenTrue ? conditional.whenTrue : conditional.whenFalse;
    const condition = conditional.condition.getText();
    const test = whenTrue ? condition : `!(${condition})`;
    const [first = '', ...rest] = inBlock(appendStatement(added, reduction, context, proof));
    lines = [`if (${test}) ${first}`, ...rest];
  } else lines = appendStatement(body, reduction, context, proof);
  const statement = joinLines(lines, inner, context);
  const text = `{${eol}${inner}${statement}${statement.endsWith('}') ? '' : semicolon}${eol}${inner}return ${name.text}${semicolon}${eol}${base}}`;
  return [{ ...spanOfBody(body, file), newText: ` ${text}` }];
}

/** From behind the arrow, so that the block opens on its line; a comment in between stays where it is. */
function spanOfBody(body: ts.Expression, file: ts.SourceFile): { start: number; end: number } {
  const { parent } = body;
  if (!ts.isArrowFunction(parent)) return { start: body.getStart(file), end: body.end };
  const behind = parent.equalsGreaterThanToken.end;
  const blank = file.text.slice(behind, body.getStart(file)).trim() === '';
  return { start: blank ? behind : body.getStart(file), end: body.end };
}

/** Every `return [...acc, x]` becomes two statements; `return acc` stays. */
function changeReturns(
  block: ts.Block,
  reduction: Reduction,
  context: RuleContext,
  proof: Proof,
): readonly Piece[] {
  const file = context.sourceFile;
  const { semicolon } = styleOf(file);
  const name = reduction.accumulator;
  const pieces: Piece[] = [];
  walk(block, (node) => {
    if (ts.isFunctionLike(node)) return false;
    if (!ts.isReturnStatement(node)) return true;
    need(node.expression !== undefined, 'the callback returns nothing');
    if (isName(node.expression, name)) return false;
    const added = appendStatement(node.expression, reduction, context, proof);
    const listed = ts.isBlock(node.parent) || ts.isCaseOrDefaultClause(node.parent);
    const indentation = indentationAt(file, node.getStart(file));
    const lines = [...added, `return ${name.text}`];
    const newText = listed
      ? joinLines(lines, indentation, context) + semicolon
      : lines.length === 2
        ? `{ ${added.join('')}; return ${name.text}${semicolon} }`
        : joinLines(inBlock(lines), indentation, context);
    pieces.push({ start: node.getStart(file), end: node.end, newText });
    return false;
  });
  return pieces;
}
