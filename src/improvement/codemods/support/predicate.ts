/** Callbacks whose calls may be left out, repeated or reordered. */
import ts from 'typescript';
import type { RuleContext } from '../../../analysis/types.js';
import { harmlessCallbacks } from './builtins.js';
import { bare, inlineFunction, returnedExpression } from './nodes.js';
import { need, type Proof } from './plan.js';
import { purityOf, shorten } from './purity.js';

/**
 * Proves that a callback has no effect and cannot throw, so that it may be called for fewer elements.
 * `parameters` is the number of arguments that stay the same.
 */
export function needPureCallback(
  callback: ts.Expression | undefined,
  parameters: number,
  context: RuleContext,
  proof: Proof,
): void {
  need(callback !== undefined, 'there is no callback');
  const at = bare(callback);
  if (ts.isIdentifier(at) && at.text === 'Boolean' && context.oracle.isGlobal(at) === 'yes') {
    proof.checked('Boolean has no effect');
    return;
  }
  need(!(ts.isIdentifier(at) && harmlessCallbacks.has(at.text)), `\`${shorten(at)}\` may convert objects`);
  const fn = inlineFunction(callback);
  need(fn !== null, `\`${shorten(callback)}\` is not written in place`);
  need(fn.parameters.length <= parameters, 'the callback also takes the array itself');
  need(
    fn.parameters.every((one) => ts.isIdentifier(one.name) && one.initializer === undefined),
    'the parameters are not simple names',
  );
  need(
    fn.parameters.every((one) => one.dotDotDotToken === undefined),
    'the callback takes the rest of the arguments',
  );
  const value = returnedExpression(fn);
  need(value !== null, 'the callback does more than return a value');
  need(!/\barguments\b/.test(value.getText()), 'the callback uses `arguments`');
  const purity = purityOf(value, context);
  need(purity.effect === null, `the callback has an effect: ${purity.effect}`);
  if (purity.throws !== null) proof.assume(`the callback never throws (${purity.throws})`);
  proof.assumeAll(purity.assumptions);
  proof.checked('the callback has no effect, so it does not matter for which elements it is called');
}
