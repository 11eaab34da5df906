/** Catalogue 26: `a.slice().reverse().find(p)` → `a.findLast(p)`. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { bare, inlineFunction, methodCall } from './support/nodes.js';
import { defineFixer, need, Proof } from './support/plan.js';
import { needPureCallback } from './support/predicate.js';
import { shorten } from './support/purity.js';

export const reverseFind = defineFixer('reverse-find', 1, (node, context) => {
  const find = methodCall(node);
  need(
    find !== null && find.name === 'find' && find.call.arguments.length === 1,
    'not a find with a callback alone',
  );
  const source = reversedCopyOf(find.receiver);
  need(source !== null, 'not the reversed copy of an array');
  need(context.oracle.isArray(source) === 'yes', `\`${shorten(source)}\` is not proved to be an array`);
  needFindLast(context);
  const fn = inlineFunction(find.call.arguments[0]);
  need(
    fn !== null && fn.parameters.length <= 1,
    'the callback takes the position, which would be counted from the front',
  );
  const proof = new Proof();
  needPureCallback(find.call.arguments[0], 1, context, proof);
  proof.checked('findLast asks the same elements in the same order');
  const file = context.sourceFile;
  return {
    proof,
    pieces: [
      { start: find.call.getStart(file), end: source.getStart(file), newText: '' },
      { start: source.end, end: find.access.end, newText: '.findLast' },
    ].filter((piece) => piece.start < piece.end),
    explanation: 'The search from the end needs neither the copy nor the reversal.',
    complexity: { before: 'n', after: 'n, less when a match comes late' },
  };
});

function needFindLast(context: RuleContext): void {
  const year = context.oracle.libraryYear();
  need(year !== null && year >= 2023, 'findLast is not in the library that the file is compiled against');
}

function reversedCopyOf(expression: ts.Expression): ts.Expression | null {
  const last = methodCall(bare(expression));
  if (last === null || last.call.arguments.length > 0) return null;
  if (last.name === 'toReversed') return last.receiver;
  if (last.name !== 'reverse') return null;
  const copy = bare(last.receiver);
  if (ts.isArrayLiteralExpression(copy)) {
    const [only] = copy.elements;
    return copy.elements.length === 1 && only !== undefined && ts.isSpreadElement(only)
      ? only.expression
      : null;
  }
  const slice = methodCall(copy);
  return slice !== null && slice.name === 'slice' && slice.call.arguments.length === 0
    ? slice.receiver
    : null;
}
