/**
 * Catalogue 1 to 4: a linear search of an unchanging array inside a loop becomes a Set or Map that is built once.
 * `includes` compares as a Set does. `indexOf` and `===` never find NaN, `find` must give the first match, and `some`
 * and `indexOf` skip holes: each difference is proved away or named.
 */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { growthOf, planGrowing } from './lookup-growing.js';
import { planKeyed } from './lookup-keyed.js';
import { planMembership } from './lookup-membership.js';
import { stableBinding, useOf } from './support/arrays.js';
import { needArray } from './support/evidence.js';
import { anchorsOf, type Anchor } from './support/hoist.js';
import { pathOf } from './support/invariance.js';
import { bare, methodCall, type MethodCall } from './support/nodes.js';
import { bestOf } from './support/place.js';
import { defineFixer, need, Proof, refuse, type Answer } from './support/plan.js';
import { shorten } from './support/purity.js';

/** Below about ten elements a scan is as fast as a lookup. */
const smallest = 10;

export const lookupInLoop = defineFixer('lookup-in-loop', 2, (node, context) => {
  const call = methodCall(node);
  need(call !== null, 'not a plain method call');
  needArray(call.receiver, context, new Proof());
  const path = pathOf(call.receiver);
  need(
    path !== null && path.text === call.receiver.getText(),
    `\`${shorten(call.receiver)}\` is not a plain name or property path`,
  );
  needSize(call.receiver, context);
  const growing = growthOf(call, context);
  if (growing !== null) return planGrowing(call, growing, context);
  const anchors = anchorsOf(node, context, { believing: true });
  need(anchors.length > 0, 'there is no statement in front of a loop where the lookup could be built');
  return bestOf(anchors, (anchor) => planAt(call, anchor, context));
});

/** Literals and tuples of up to ten elements are left alone. */
function needSize(receiver: ts.Expression, context: RuleContext): void {
  const length = context.oracle.tupleLength(receiver);
  need(length === null || length > smallest, `the tuple has ${length} elements: a scan is as fast`);
  const at = bare(receiver);
  need(!ts.isArrayLiteralExpression(at), 'the array is written in place: a scan is as fast');
  if (!ts.isIdentifier(at)) return;
  const binding = stableBinding(at, context);
  const literal = binding?.initializer === null || binding === null ? null : bare(binding.initializer);
  if (literal === null || !ts.isArrayLiteralExpression(literal) || literal.elements.some(ts.isSpreadElement))
    return;
  const grows = binding?.references.some((one) => !['read', 'test', 'return'].includes(useOf(one, context)));
  need(
    grows === true || literal.elements.length > smallest,
    `the array has ${literal.elements.length} elements: a scan is as fast`,
  );
}

function planAt(call: MethodCall, anchor: Anchor, context: RuleContext): Answer {
  if (call.name === 'includes' || call.name === 'indexOf' || call.name === 'lastIndexOf')
    return planMembership(call, anchor, context);
  if (call.name === 'find' || call.name === 'some' || call.name === 'findIndex')
    return planKeyed(call, anchor, context);
  return refuse(`\`${call.name}\` is not a search that a Set or Map can answer`);
}
