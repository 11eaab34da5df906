/** Catalogue 19: a fresh array that is sorted by numbers only to take one end of it → one pass that keeps the best. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { isDense, isFreshArray } from './support/arrays.js';
import {
  bare,
  inlineFunction,
  literalNumber,
  methodCall,
  returnedExpression,
  simpleParameter,
  wrapped,
  type MethodCall,
} from './support/nodes.js';
import { defineFixer, need, Proof, refuse, type Piece } from './support/plan.js';
import { onlyKinds, purityOf, shorten } from './support/purity.js';
import { isTypeScript } from './support/text.js';

export const sortForExtreme = defineFixer('sort-for-extreme', 1, (node, context) => {
  const { sort, first, outer } = endOf(node);
  need(sort.name === 'sort' || sort.name === 'toSorted', 'not a sort');
  need(
    context.oracle.isArray(sort.receiver) === 'yes',
    `\`${shorten(sort.receiver)}\` is not proved to be an array`,
  );
  need(
    sort.name === 'toSorted' || isFreshArray(sort.receiver, context),
    'the array is used by others, who see it sorted',
  );
  const order = orderOf(sort.call.arguments[0], context);
  const proof = new Proof();
  const purity = purityOf(order.key, context);
  need(
    purity.effect === null && purity.throws === null,
    `reading \`${shorten(order.key)}\` may have an effect or throw`,
  );
  proof.assumeAll(purity.assumptions);
  const kinds = context.oracle.elementKinds(sort.receiver);
  need(kinds !== null && !kinds.includes('nullish'), 'elements may be undefined, which sort puts last');
  if (isDense(source(sort), context)) proof.checked('the array has no holes');
  else proof.assume(`\`${shorten(source(sort))}\` has no holes`);
  if (context.oracle.neverNaN(order.key, 'value')) proof.checked('no key is NaN');
  else proof.assume(`\`${shorten(order.key)}\` is never NaN`);
  proof.checked('of equal keys the sort is stable, and the pass takes the same one');
  const smallest = order.ascending === first;
  const operator = `${smallest ? '<' : '>'}${first ? '' : '='}`;
  const { name } = order;
  const keyOf = (element: string): string =>
    order.key.getText().replace(new RegExp(`^${name}(?![\\w$])`), element);
  const test = `best === undefined || ${keyOf(name)} ${operator} ${keyOf('best')} ? ${name} : best`;
  const typed = isTypeScript(context);
  need(name !== 'best', 'the parameter has the name of the new one');
  const element = typed ? `<(typeof ${source(sort).getText()})[number] | undefined>` : '';
  need(!typed || isName(source(sort)), 'the type of the elements has no name');
  const always = typed && ts.isElementAccessExpression(outer);
  const file = context.sourceFile;
  const pieces: Piece[] = [
    { start: outer.getStart(file), end: source(sort).getStart(file), newText: '' },
    {
      start: source(sort).end,
      end: outer.end,
      newText: `.reduce${element}((best, ${name}) => (${test}), undefined)${always ? '!' : ''}`,
    },
  ];
  return {
    proof,
    pieces,
    explanation: 'Only one end of the sorted copy is used, which one pass over the array finds as well.',
    complexity: { before: 'n log n', after: 'n' },
  };
});

/** Names and paths: what can stand behind `typeof`. */
function isName(node: ts.Expression): boolean {
  return ts.isIdentifier(node) || (ts.isPropertyAccessExpression(node) && isName(node.expression));
}

interface End {
  readonly sort: MethodCall;
  /** The first element of the sorted array, else the last. */
  readonly first: boolean;
  readonly outer: ts.Expression;
}

function endOf(node: ts.Node): End {
  if (ts.isElementAccessExpression(node)) {
    const sort = methodCall(bare(node.expression));
    const plain = literalNumber(node.argumentExpression) === 0 && node.questionDotToken === undefined;
    need(sort !== null && plain, 'not the first element of a sort');
    const { parent } = wrapped(node);
    const written = ts.isBinaryExpression(parent) && parent.left === wrapped(node);
    need(!written && !ts.isDeleteExpression(parent), 'the element is written to');
    return { sort, first: true, outer: node };
  }
  const method = methodCall(node);
  need(method !== null, 'not an element of a sorted array');
  const sort = methodCall(bare(method.receiver));
  const [index] = method.call.arguments;
  need(sort !== null, 'not an element of a sorted array');
  if (method.name === 'shift' && index === undefined) return { sort, first: true, outer: method.call };
  if (method.name === 'pop' && index === undefined) return { sort, first: false, outer: method.call };
  need(method.name === 'at' && index !== undefined, 'not an end of a sorted array');
  const at = literalNumber(index);
  need(at === 0 || at === -1, 'not an end of a sorted array');
  return { sort, first: at === 0, outer: method.call };
}

/** What is copied only to be sorted: `[...a]`, `a.slice()`; else the fresh array itself. */
function source(sort: MethodCall): ts.Expression {
  const at = bare(sort.receiver);
  if (ts.isArrayLiteralExpression(at)) {
    const [only] = at.elements;
    if (at.elements.length === 1 && only !== undefined && ts.isSpreadElement(only)) return only.expression;
    return sort.receiver;
  }
  const copy = methodCall(at);
  return copy?.name === 'slice' && copy.call.arguments.length === 0 ? copy.receiver : sort.receiver;
}

interface Order {
  readonly key: ts.Expression;
  readonly name: string;
  readonly ascending: boolean;
}

/** `(x, y) => x.n - y.n`, or the other way round. */
function orderOf(comparator: ts.Expression | undefined, context: RuleContext): Order {
  const fn = inlineFunction(comparator);
  need(fn !== null && fn.parameters.length === 2, 'not an inline comparator of two');
  const [left, right] = fn.parameters.map(simpleParameter);
  const value = returnedExpression(fn);
  const subtraction = value === null ? null : bare(value);
  const plain =
    subtraction !== null &&
    ts.isBinaryExpression(subtraction) &&
    subtraction.operatorToken.kind === ts.SyntaxKind.MinusToken;
  need(
    plain && left !== null && right !== null && left !== undefined && right !== undefined,
    'the comparator does not subtract',
  );
  const sides = [keyOf(subtraction.left), keyOf(subtraction.right)];
  need(sides[0]?.path === sides[1]?.path, 'the comparator subtracts different things');
  const key = bare(subtraction.left);
  need(onlyKinds(key, context, ['number']), `\`${shorten(key)}\` is not proved to be a number`);
  const roots = sides.map((side) => side.root);
  if (roots[0] === left.text && roots[1] === right.text) return { key, name: left.text, ascending: true };
  if (roots[0] === right.text && roots[1] === left.text) return { key, name: right.text, ascending: false };
  return refuse('the comparator does not compare the two elements');
}

function keyOf(side: ts.Expression): { readonly root: string; readonly path: string } {
  const names: string[] = [];
  let at = bare(side);
  while (ts.isPropertyAccessExpression(at) && at.questionDotToken === undefined) {
    names.unshift(at.name.text);
    at = bare(at.expression);
  }
  need(ts.isIdentifier(at), `\`${shorten(side)}\` is not a property path of the element`);
  return { root: at.text, path: names.join('.') };
}
