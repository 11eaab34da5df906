/** Catalogue 5: `a.filter((x, i) => a.indexOf(x) === i)` → `[...new Set(a)]`. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { isDense } from './support/arrays.js';
import { pathOf } from './support/invariance.js';
import {
  bare,
  inlineFunction,
  methodCall,
  returnedExpression,
  simpleParameter,
  type MethodCall,
} from './support/nodes.js';
import { defineFixer, need, Proof } from './support/plan.js';
import { shorten } from './support/purity.js';

export const quadraticUnique = defineFixer('quadratic-unique', 1, (node, context) => {
  const filter = methodCall(node);
  need(filter !== null && filter.name === 'filter' && filter.call.arguments.length === 1, 'not a filter');
  need(
    context.oracle.isArray(filter.receiver) === 'yes',
    `\`${shorten(filter.receiver)}\` is not proved to be an array`,
  );
  need(keepsFirst(filter), 'the callback does not keep first occurrences');
  const year = context.oracle.libraryYear();
  need(year !== null && year >= 2015, 'Set is not in the library that the file is compiled against');
  const proof = new Proof();
  checkElements(filter.receiver, context, proof);
  const file = context.sourceFile;
  const spread = context.oracle.iteratesFreely();
  return {
    proof,
    pieces: [
      {
        start: filter.call.getStart(file),
        end: filter.receiver.getStart(file),
        newText: spread ? '[...new Set(' : 'Array.from(new Set(',
      },
      { start: filter.receiver.end, end: filter.call.end, newText: spread ? ')]' : '))' },
    ],
    explanation: 'A Set keeps the first of equal elements in their order, as the filter did.',
    complexity: { before: 'n²', after: 'n' },
  };
});

/** `indexOf` drops NaN and the filter skips holes; a Set keeps both, and turns -0 into 0. */
function checkElements(receiver: ts.Expression, context: RuleContext, proof: Proof): void {
  const kinds = context.oracle.elementKinds(receiver);
  if (kinds !== null && !kinds.includes('number'))
    proof.checked('no element is a number, so none is NaN or -0');
  else proof.assume(`no element of \`${shorten(receiver)}\` is NaN or -0`);
  if (isDense(receiver, context)) proof.checked('the array has no holes');
  else proof.assume(`\`${shorten(receiver)}\` has no holes`);
}

function keepsFirst(filter: MethodCall): boolean {
  const fn = inlineFunction(filter.call.arguments[0]);
  const value = fn === null ? null : returnedExpression(fn);
  if (fn === null || value === null) return false;
  const [element, position, self] = fn.parameters.map(simpleParameter);
  if (element === null || element === undefined || position === null || position === undefined) return false;
  const compare = bare(value);
  if (!ts.isBinaryExpression(compare) || !/^={2,3}$/.test(compare.operatorToken.getText())) return false;
  const sides = [bare(compare.left), bare(compare.right)];
  const search = sides.map((side) => methodCall(side)).find((call) => call !== null);
  const index = sides.find((side) => ts.isIdentifier(side));
  if (search === undefined || search === null || index === undefined || index.getText() !== position.text)
    return false;
  const [wanted] = search.call.arguments;
  const sameElement =
    search.name === 'indexOf' && search.call.arguments.length === 1 && wanted?.getText() === element.text;
  if (!sameElement) return false;
  const searched = bare(search.receiver);
  if (self !== undefined) return self !== null && ts.isIdentifier(searched) && searched.text === self.text;
  const path = pathOf(filter.receiver);
  const root = path?.root.getText();
  const shadowed = root === element.text || root === position.text;
  return path !== null && path.names.length === 0 && !shadowed && searched.getText() === path.text;
}
