/** Accumulating spreads inside `reduce`: the accumulator is appended to and returned, or built from entries. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { appendAll, appendConcat, appendParts, isName } from './support/append.js';
import { isDense, useOf } from './support/arrays.js';
import {
  bare,
  inlineFunction,
  methodCall,
  returnedExpression,
  simpleParameter,
  walk,
  wrapped,
} from './support/nodes.js';
import { need, Proof, refuse, type Answer, type Piece } from './support/plan.js';
import { onlyKinds, shorten } from './support/purity.js';
import { indentationAt, styleOf } from './support/text.js';

interface Reduction {
  readonly call: ts.CallExpression;
  readonly receiver: ts.Expression;
  readonly fn: ts.ArrowFunction | ts.FunctionExpression;
  readonly accumulator: ts.Identifier;
  readonly seed: ts.Expression;
}

/** `array.reduce((acc, x) => [...acc, f(x)], [])` and `({ ...acc, [k]: v })` with a literal seed. */
export function planReduce(call: ts.CallExpression, context: RuleContext): Answer {
  const method = methodCall(call);
  need(
    method !== null && context.oracle.isArray(method.receiver) === 'yes',
    'the receiver is not proved to be an array',
  );
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
  if (ts.isArrayLiteralExpression(body)) return planArray(reduction, context);
  const empty = ts.isObjectLiteralExpression(body) && body.properties.length === 0;
  return empty ? planEntries(reduction, context) : refuse('the seed is not a literal');
}

const complexity = { before: 'n²', after: 'n' };

function planArray(reduction: Reduction, context: RuleContext): Answer {
  const { fn, accumulator, seed } = reduction;
  const proof = new Proof();
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
): string {
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
    return `${accumulator.text}.push(${parts.map((part) => part.getText()).join(', ')})`;
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
  let statement: string;
  if (ts.isConditionalExpression(conditional)) {
    const whenTrue = isName(conditional.whenFalse, name);
    need(whenTrue || isName(conditional.whenTrue, name), 'no branch leaves the accumulator as it is');
    const added = whenTrue ? conditional.whenTrue : conditional.whenFalse;
    const condition = conditional.condition.getText();
    const test = whenTrue ? condition : `!(${condition})`;
    statement = `if (${test}) ${appendStatement(added, reduction, context, proof)}`;
  } else statement = appendStatement(body, reduction, context, proof);
  const text = `{${eol}${inner}${statement}${semicolon}${eol}${inner}return ${name.text}${semicolon}${eol}${base}}`;
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
  const { eol, semicolon } = styleOf(file);
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
    const newText = listed
      ? `${added}${semicolon}${eol}${indentation}return ${name.text}${semicolon}`
      : `{ ${added}; return ${name.text}${semicolon} }`;
    pieces.push({ start: node.getStart(file), end: node.end, newText });
    return false;
  });
  return pieces;
}

/** `reduce((acc, x) => ({ ...acc, [k]: v }), {})` → `Object.fromEntries(array.map((x) => [k, v]))`. */
function planEntries(reduction: Reduction, context: RuleContext): Answer {
  const { call, receiver, fn, accumulator, seed } = reduction;
  const proof = new Proof();
  const file = context.sourceFile;
  const year = context.oracle.libraryYear();
  need(
    year !== null && year >= 2019,
    'Object.fromEntries is not in the library that the file is compiled against',
  );
  const body = returnedExpression(fn);
  need(body !== null, 'the callback does more than return a copy');
  const { key, value, literal } = readCopy(body, accumulator);
  need(
    onlyKinds(key, context, ['string', 'number', 'symbol']),
    `\`${shorten(key)}\` is not proved to be a string, number or symbol`,
  );
  const declaration = fn.parameters[0];
  const references = declaration === undefined ? [] : context.oracle.referencesOf(declaration);
  need(references.length === 1, `\`${accumulator.text}\` is read besides being copied`);
  if (isDense(receiver, context)) proof.checked('the array has no holes');
  else proof.assume(`\`${shorten(receiver)}\` has no holes (reduce skips them, map does not)`);
  proof.checked('Object.fromEntries defines own properties in the same order, `__proto__` included');
  const [, second] = fn.parameters;
  need(second !== undefined && declaration !== undefined, 'the callback does not take the element');
  const access = call.expression;
  need(ts.isPropertyAccessExpression(access), 'not a method call');
  const outer = ts.isParenthesizedExpression(literal.parent) ? literal.parent : literal;
  const typed = assertion(reduction);
  const pieces: Piece[] = [
    {
      start: call.getStart(file),
      end: call.getStart(file),
      newText: typed === '' ? 'Object.fromEntries(' : '(Object.fromEntries(',
    },
    { start: access.name.getStart(file), end: wrapped(fn).getStart(file), newText: 'map(' },
    { start: declaration.getStart(file), end: second.getStart(file), newText: '' },
    { start: outer.getStart(file), end: key.getStart(file), newText: '[' },
    { start: key.end, end: value.getStart(file), newText: ', ' },
    { start: value.end, end: outer.end, newText: ']' },
    { start: wrapped(fn).end, end: call.end, newText: typed === '' ? '))' : `))${typed})` },
  ];
  need(seed.end <= call.end, 'the seed is not part of the call');
  return {
    proof,
    pieces,
    explanation: `\`${accumulator.text}\` is only copied, so building the entries first and the object once gives the same object.`,
    complexity,
  };
}

interface Copy {
  readonly key: ts.Expression;
  readonly value: ts.Expression;
  readonly literal: ts.ObjectLiteralExpression;
}

function readCopy(body: ts.Expression, accumulator: ts.Identifier): Copy {
  const literal = bare(body);
  need(
    ts.isObjectLiteralExpression(literal) && literal.properties.length === 2,
    'not a copy with one more property',
  );
  const [spread, added] = literal.properties;
  const copies =
    spread !== undefined && ts.isSpreadAssignment(spread) && isName(spread.expression, accumulator);
  need(copies, 'the new object does not start with the old one');
  need(added !== undefined && ts.isPropertyAssignment(added), 'the added property is not a plain one');
  need(ts.isComputedPropertyName(added.name), 'the added property has a fixed name');
  return { key: added.name.expression, value: added.initializer, literal };
}

/** Keeps a declared result type that is narrower than an index signature. */
function assertion({ call, fn, seed }: Reduction): string {
  const seedType = ts.isAsExpression(seed) ? seed.type.getText() : null;
  const type = call.typeArguments?.[0]?.getText() ?? fn.parameters[0]?.type?.getText() ?? seedType;
  if (type === null || type === undefined || /^(?:Record<\s*string\s*,|\{\s*\[)/.test(type)) return '';
  return ` as ${type}`;
}
