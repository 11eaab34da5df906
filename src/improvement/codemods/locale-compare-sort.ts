/**
 * Catalogue 14: a comparator that calls `localeCompare` with a locale builds a Collator per comparison; one is enough.
 * Without a locale V8 has a faster path of its own: that form is left alone.
 */
import ts from 'typescript';
import { checkArguments } from './support/intl.js';
import {
  bare,
  inlineFunction,
  isGlobalName,
  methodCall,
  returnedExpression,
  simpleParameter,
} from './support/nodes.js';
import { defineFixer, need, Proof } from './support/plan.js';
import { shorten } from './support/purity.js';

export const localeCompareSort = defineFixer('locale-compare-sort', 1, (node, context) => {
  const sort = methodCall(node);
  need(sort !== null && /^(?:sort|toSorted)$/.test(sort.name), 'not a sort');
  need(
    context.oracle.isArray(sort.receiver) === 'yes',
    `\`${shorten(sort.receiver)}\` is not proved to be an array`,
  );
  const [comparator] = sort.call.arguments;
  const fn = inlineFunction(comparator);
  need(fn !== null && comparator !== undefined && fn.parameters.length === 2, 'not an inline comparator');
  const [left, right] = fn.parameters.map(simpleParameter);
  const value = returnedExpression(fn);
  const compare = value === null ? null : methodCall(bare(value));
  need(compare !== null && compare.name === 'localeCompare', 'the comparator does more than compare texts');
  const [other, locale, options] = compare.call.arguments;
  const own = bare(compare.receiver);
  const inOrder =
    left !== null &&
    left !== undefined &&
    right !== null &&
    right !== undefined &&
    other !== undefined &&
    ts.isIdentifier(own) &&
    own.text === left.text &&
    ts.isIdentifier(bare(other)) &&
    bare(other).getText() === right.text;
  need(inOrder, 'the comparator does not compare its first parameter with its second');
  need(
    context.oracle.isString(own) === 'yes' && context.oracle.isString(other) === 'yes',
    'the elements are not proved to be strings',
  );
  need(locale !== undefined, 'without a locale the engine has a faster path of its own');
  const proof = new Proof();
  checkArguments(compare.call.arguments.slice(1), 'Collator', proof);
  need(
    !/\bIntl\b/.test(context.sourceFile.text) || shadowFree(context.sourceFile),
    '`Intl` may be another one here',
  );
  proof.checked('localeCompare with a locale is defined as the comparison of an Intl.Collator');
  const last = options ?? locale;
  const file = context.sourceFile;
  const args = file.text.slice(locale.getStart(file), last.end);
  return {
    proof,
    pieces: [
      {
        start: comparator.getStart(file),
        end: comparator.end,
        newText: `new Intl.Collator(${args}).compare`,
      },
    ],
    explanation: 'One Collator gives the same order as a new one per comparison.',
    complexity: null,
  };

  /** Every mention of `Intl` in the file means the global one. */
  function shadowFree(source: ts.SourceFile): boolean {
    let clean = true;
    const visit = (one: ts.Node): void => {
      if (ts.isIdentifier(one) && one.text === 'Intl' && !isGlobalName(one, 'Intl', context)) clean = false;
      ts.forEachChild(one, visit);
    };
    visit(source);
    return clean;
  }
});
