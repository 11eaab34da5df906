/** Catalogue 17: `a.filter(p).length > 0` → `a.some(p)`, which stops at the first match and builds nothing. */
import ts from 'typescript';
import { bare, literalNumber, methodCall, wrapped } from './support/nodes.js';
import { defineFixer, need, Proof, type Piece } from './support/plan.js';
import { needPureCallback } from './support/predicate.js';
import { shorten } from './support/purity.js';

export const filterLength = defineFixer('filter-length', 1, (node, context) => {
  const access = lengthOf(node);
  need(access !== null, 'not the length of a filter');
  const filter = methodCall(bare(access.expression));
  need(
    filter !== null && filter.name === 'filter' && filter.call === access.expression,
    'not the length of a filter',
  );
  need(filter.call.arguments.length === 1, 'the callback is called with another `this`');
  need(
    context.oracle.isArray(filter.receiver) === 'yes',
    `\`${shorten(filter.receiver)}\` is not proved to be an array`,
  );
  const proof = new Proof();
  needPureCallback(filter.call.arguments[0], 2, context, proof);
  const file = context.sourceFile;
  const { start, end, found } = questionOf(access);
  const name = filter.access.name;
  const pieces: Piece[] = [
    { start: start.getStart(file), end: filter.call.getStart(file), newText: '' },
    { start: name.getStart(file), end: name.end, newText: 'some' },
    { start: filter.call.end, end, newText: '' },
  ];
  const bang: Piece = { start: start.getStart(file), end: filter.call.getStart(file), newText: '!' };
  proof.checked('only whether there is a match is asked; filter and some skip the same elements');
  return {
    proof,
    pieces: (found ? pieces : [bang, ...pieces.slice(1)]).filter(
      (piece) => piece.start < piece.end || piece.newText !== '',
    ),
    explanation:
      'Only whether there is a match is asked, and the callback has no effect, so the search may stop at the first.',
    complexity: { before: 'n', after: 'n, less when a match comes early' },
  };
});

function lengthOf(node: ts.Node): ts.PropertyAccessExpression | null {
  if (ts.isPropertyAccessExpression(node)) return node.name.text === 'length' ? node : null;
  if (ts.isBinaryExpression(node)) return lengthOf(node.left) ?? lengthOf(node.right);
  if (ts.isPrefixUnaryExpression(node)) return lengthOf(node.operand);
  const parent = node.parent;
  return methodCall(node)?.name === 'filter' && ts.isPropertyAccessExpression(parent)
    ? lengthOf(parent)
    : null;
}

interface QuestionAsked {
  readonly start: ts.Node;
  readonly end: number;
  readonly found: boolean;
}

/** The comparison around the length: is there a match (true) or none (false)? */
function questionOf(access: ts.PropertyAccessExpression): QuestionAsked {
  const parent = access.parent;
  if (ts.isBinaryExpression(parent)) {
    const flipped = parent.right === access;
    const other = literalNumber(flipped ? parent.left : parent.right);
    const mirrored: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };
    const operator = parent.operatorToken.getText();
    const key = `${flipped ? (mirrored[operator] ?? operator) : operator}${other ?? '?'}`;
    if (['>0', '!==0', '!=0', '>=1'].includes(key)) return { start: parent, end: parent.end, found: true };
    if (['===0', '==0', '<1', '<=0'].includes(key)) return { start: parent, end: parent.end, found: false };
  }
  need(isCondition(access), 'the number itself is used');
  return { start: access, end: access.end, found: true };
}

/** A place where only truth counts. */
function isCondition(node: ts.Expression): boolean {
  const at = wrapped(node);
  const parent = at.parent;
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent) || ts.isDoStatement(parent)) return true;
  if (ts.isConditionalExpression(parent)) return parent.condition === at;
  if (ts.isPrefixUnaryExpression(parent)) return parent.operator === ts.SyntaxKind.ExclamationToken;
  if (!ts.isBinaryExpression(parent) || !/^(?:&&|\|\|)$/.test(parent.operatorToken.getText())) return false;
  return isCondition(parent);
}
