/** Catalogue 24: `[...set].length` and `Array.from(map.keys()).length` → `.size`. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { bare, isGlobalName, methodCall } from './support/nodes.js';
import { defineFixer, need, Proof } from './support/plan.js';
import { shorten } from './support/purity.js';

export const spreadForSize = defineFixer('spread-for-size', 1, (node, context) => {
  const access = ts.isPropertyAccessExpression(node) ? node : node.parent;
  need(ts.isPropertyAccessExpression(access) && access.name.text === 'length', 'not a length');
  need(access.questionDotToken === undefined, 'the access is optional');
  const list = listedBy(bare(access.expression), context);
  need(list !== null, 'not the copy of a collection');
  const iterator = methodCall(list);
  const walks =
    iterator !== null &&
    /^(?:keys|values|entries)$/.test(iterator.name) &&
    iterator.call.arguments.length === 0;
  const collection = walks ? iterator.receiver : list;
  const known = context.oracle.isSet(collection) === 'yes' || context.oracle.isMap(collection) === 'yes';
  need(known, `\`${shorten(collection)}\` is not proved to be a Set or Map`);
  const proof = new Proof();
  proof.checked(
    `\`${shorten(collection)}\` is a Set or Map by its type, and iterating one runs no other code`,
  );
  const file = context.sourceFile;
  return {
    proof,
    pieces: [
      { start: access.getStart(file), end: collection.getStart(file), newText: '' },
      { start: collection.end, end: access.end, newText: '.size' },
    ],
    explanation: 'The copy is only counted, and the collection knows its size.',
    complexity: { before: 'n', after: '1' },
  };
});

function listedBy(copy: ts.Expression, context: RuleContext): ts.Expression | null {
  if (ts.isArrayLiteralExpression(copy)) {
    const [only] = copy.elements;
    return copy.elements.length === 1 && only !== undefined && ts.isSpreadElement(only)
      ? only.expression
      : null;
  }
  const call = methodCall(copy);
  if (call === null || call.name !== 'from' || !isGlobalName(call.receiver, 'Array', context)) return null;
  const [source] = call.call.arguments;
  return call.call.arguments.length === 1 && source !== undefined ? source : null;
}
