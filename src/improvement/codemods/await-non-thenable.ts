/** Catalogue 30: an `await` of a value that has no `then` only costs a turn of the microtask queue. */
import ts from 'typescript';
import { defineFixer, need, Proof } from './support/plan.js';
import { shorten } from './support/purity.js';

export const awaitNonThenable = defineFixer('await-non-thenable', 1, (node, context) => {
  need(ts.isAwaitExpression(node), 'not an await');
  const { expression } = node;
  need(context.oracle.isThenable(expression) === 'no', `\`${shorten(expression)}\` may be a promise`);
  const file = context.sourceFile;
  const head = file.text[expression.getStart(file)] ?? '';
  const starts =
    ts.isExpressionStatement(node.parent) &&
    (/[({[`/+-]/.test(head) || /^(?:function|class|let)\b/.test(expression.getText()));
  need(!starts, 'without the await the statement would mean something else');
  need(!ts.isForOfStatement(node.parent), 'the await belongs to a loop head');
  const proof = new Proof();
  proof.checked(`the type of \`${shorten(expression)}\` has no \`then\``);
  proof.assume(
    'nothing depends on the turn of the microtask queue that the await took: the order of effects may change',
  );
  return {
    proof,
    pieces: [{ start: node.getStart(file), end: expression.getStart(file), newText: '' }],
    explanation: 'The value is no promise, so it is there at once.',
    complexity: null,
  };
});
