/** Catalogue 25: `s.split(sep)[2]` → `s.split(sep, 3)[2]`, which stops after the third part. */
import ts from 'typescript';
import { bare, literalNumber, methodCall } from './support/nodes.js';
import { defineFixer, need, Proof } from './support/plan.js';
import { shorten } from './support/purity.js';

/** Beyond this the limit saves nothing worth a change. */
const largest = 64;

export const splitIndex = defineFixer('split-index', 1, (node, context) => {
  const access = ts.isElementAccessExpression(node) ? node : node.parent;
  need(ts.isElementAccessExpression(access), 'not an element of a split');
  const split = methodCall(bare(access.expression));
  need(
    split !== null && split.name === 'split' && split.call.arguments.length === 1,
    'not a split without a limit',
  );
  const index = literalNumber(access.argumentExpression);
  need(
    index !== null && Number.isInteger(index) && index >= 0 && index <= largest,
    'the index is not a small literal',
  );
  need(
    context.oracle.isString(split.receiver) === 'yes',
    `\`${shorten(split.receiver)}\` is not proved to be a string`,
  );
  const [separator] = split.call.arguments;
  need(
    separator !== undefined && context.oracle.isString(separator) === 'yes',
    'the separator is not proved to be a string',
  );
  const proof = new Proof();
  proof.checked('receiver and separator are strings: the first parts are the same with a limit');
  return {
    proof,
    pieces: [{ start: separator.end, end: separator.end, newText: `, ${index + 1}` }],
    explanation: `Only part ${index} is used, and the parts before it do not depend on what follows.`,
    complexity: { before: 'n', after: 'up to the separator' },
  };
});
