/** Catalogue 16: `a.filter(p)[0]` → `a.find(p)`, which stops at the first match. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { isDense } from './support/arrays.js';
import { literalNumber, methodCall, wrapped, type MethodCall } from './support/nodes.js';
import { defineFixer, need, Proof, refuse, type Piece } from './support/plan.js';
import { needPureCallback } from './support/predicate.js';
import { shorten } from './support/purity.js';
import { isTypeScript } from './support/text.js';

export const filterFirst = defineFixer('filter-first', 1, (node, context) => {
  const { filter, rest } = firstOf(node);
  need(filter.name === 'filter' && filter.call.arguments.length === 1, 'not a filter with a callback alone');
  need(
    context.oracle.isArray(filter.receiver) === 'yes',
    `\`${shorten(filter.receiver)}\` is not proved to be an array`,
  );
  const proof = new Proof();
  needPureCallback(filter.call.arguments[0], 2, context, proof);
  if (isDense(filter.receiver, context)) proof.checked('the array has no holes');
  else proof.assume(`\`${shorten(filter.receiver)}\` has no holes (filter skips them, find does not)`);
  const name = filter.access.name;
  const pieces: Piece[] = [
    { start: name.getStart(context.sourceFile), end: name.end, newText: 'find' },
    ...rest(context),
  ];
  return {
    proof,
    pieces,
    explanation:
      'Only the first match is used, and the callback has no effect, so the search may stop there.',
    complexity: { before: 'n', after: 'n, less when a match comes early' },
  };
});

interface First {
  readonly filter: MethodCall;
  /** What goes besides the method's name. */
  readonly rest: (context: RuleContext) => readonly Piece[];
}

function firstOf(node: ts.Node): First {
  const outer = ts.isExpression(node) && methodCall(node)?.name === 'filter' ? wrapped(node).parent : node;
  const access = ts.isPropertyAccessExpression(outer) ? outer.parent : outer;
  if (ts.isVariableDeclaration(access)) return fromPattern(access);
  if (ts.isElementAccessExpression(access)) {
    const filter = methodCall(access.expression);
    need(
      filter !== null && literalNumber(access.argumentExpression) === 0,
      'not the first element of a filter',
    );
    need(access.questionDotToken === undefined, 'the access is optional');
    const unused = !ts.isDeleteExpression(access.parent) && !isAssigned(access);
    need(unused, 'the element is written to');
    return {
      filter,
      rest: (context) => [{ start: filter.call.end, end: access.end, newText: keepType(access, context) }],
    };
  }
  const method = methodCall(access);
  const filter = method === null ? null : methodCall(method.receiver);
  need(method !== null && filter !== null, 'not the first element of a filter');
  const [position] = method.call.arguments;
  const first =
    (method.name === 'at' && position !== undefined && literalNumber(position) === 0) ||
    (method.name === 'shift' && position === undefined);
  need(first, 'not the first element of a filter');
  return { filter, rest: () => [{ start: filter.call.end, end: method.call.end, newText: '' }] };
}

function isAssigned(access: ts.ElementAccessExpression): boolean {
  const parent = access.parent;
  if (ts.isBinaryExpression(parent) && parent.left === access)
    return (
      parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
      parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment
    );
  return ts.isPostfixUnaryExpression(parent) || (ts.isCallExpression(parent) && parent.expression === access);
}

/** `const [x] = a.filter(p)`. */
function fromPattern(declaration: ts.VariableDeclaration): First {
  const { name, initializer } = declaration;
  const filter = initializer === undefined ? null : methodCall(initializer);
  if (filter === null || !ts.isArrayBindingPattern(name)) return refuse('not the first element of a filter');
  const [element] = name.elements;
  const simple =
    name.elements.length === 1 &&
    element !== undefined &&
    ts.isBindingElement(element) &&
    ts.isIdentifier(element.name) &&
    element.initializer === undefined &&
    element.dotDotDotToken === undefined &&
    declaration.type === undefined;
  need(simple, 'more than the first element is taken');
  const variable = element.name.getText();
  return {
    filter,
    rest: (context) =>
      [
        { start: name.getStart(context.sourceFile), end: name.end, newText: variable },
        { start: filter.call.end, end: filter.call.end, newText: isTypeScript(context) ? '!' : '' },
      ].filter((piece) => piece.start !== piece.end || piece.newText !== ''),
  };
}

/** An index gives the element type even where there is none; `!` keeps the type as it was. */
function keepType(access: ts.ElementAccessExpression, context: RuleContext): string {
  if (!isTypeScript(context)) return '';
  const parent = access.parent;
  const tested =
    ts.isNonNullExpression(parent) ||
    ts.isPrefixUnaryExpression(parent) ||
    ts.isIfStatement(parent) ||
    (ts.isPropertyAccessExpression(parent) && parent.questionDotToken !== undefined) ||
    (ts.isBinaryExpression(parent) && /^(?:\?\?|\|\||&&|[!=]==?)$/.test(parent.operatorToken.getText()));
  return tested ? '' : '!';
}
