/**
 * Catalogue 20: `Math.max(...a)` passes every element as an argument, slowly, and fails beyond about 120,000 of them.
 * Math.max itself is kept for each pair, so NaN, -0 and the empty array give what they gave.
 */
import ts from 'typescript';
import { isDense } from './support/arrays.js';
import { isGlobalName } from './support/nodes.js';
import { defineFixer, need, Proof } from './support/plan.js';
import { shorten } from './support/purity.js';
import { freshName, isOldStyle } from './support/text.js';

export const spreadMinMax = defineFixer('spread-min-max', 1, (node, context) => {
  need(ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression), 'not a call');
  const { expression } = node;
  need(
    isGlobalName(expression.expression, 'Math', context) && /^(?:max|min)$/.test(expression.name.text),
    'neither Math.max nor Math.min',
  );
  const [only] = node.arguments;
  need(
    node.arguments.length === 1 && only !== undefined && ts.isSpreadElement(only),
    'not one spread array alone',
  );
  const array = only.expression;
  need(context.oracle.isArray(array) === 'yes', `\`${shorten(array)}\` is not proved to be an array`);
  const kinds = context.oracle.elementKinds(array);
  need(
    kinds !== null && kinds.every((kind) => kind === 'number'),
    'the elements are not proved to be numbers',
  );
  need(!ts.isArrayLiteralExpression(array), 'the array is written in place');
  need(!isOldStyle(context.sourceFile), 'the file is written in ES5');
  need(
    ts.isIdentifier(array) || ts.isPropertyAccessExpression(array) || ts.isCallExpression(array),
    'the array is a compound expression',
  );
  const proof = new Proof();
  proof.checked('Math.max and Math.min of pairs treat NaN, -0 and the empty array as before');
  proof.assume('nobody relies on the RangeError for more than about 120,000 elements');
  if (isDense(array, context)) proof.checked('the array has no holes');
  else proof.assume(`\`${shorten(array)}\` has no holes (spread makes them NaN, reduce skips them)`);
  const file = context.sourceFile;
  const extreme = freshName(file, 'extreme');
  const value = freshName(file, 'value', [extreme]);
  const callee = expression.getText();
  const start = expression.name.text === 'max' ? '-Infinity' : 'Infinity';
  return {
    proof,
    pieces: [
      { start: node.getStart(file), end: array.getStart(file), newText: '' },
      {
        start: array.end,
        end: node.end,
        newText: `.reduce((${extreme}, ${value}) => ${callee}(${extreme}, ${value}), ${start})`,
      },
    ],
    explanation: 'The same comparison runs over the array without turning its elements into arguments.',
    complexity: null,
  };
});
