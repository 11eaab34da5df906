/** Catalogue 11: `text.split(',')` or `Object.keys(o)` inside a loop, of something that does not change, is done once. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { stableBinding, useOf } from './support/arrays.js';
import { effectsOf } from './support/effects.js';
import { anchorsOf, insertBefore, type Anchor } from './support/hoist.js';
import { needInvariantNames } from './support/invariance.js';
import { bare, contains, isGlobalName, methodCall, wrapped, type MethodCall } from './support/nodes.js';
import { bestOf } from './support/place.js';
import { defineFixer, need, Proof, refuse, type Answer } from './support/plan.js';
import { neverNullish, shorten } from './support/purity.js';
import { freshName } from './support/text.js';

export const invariantCall = defineFixer('invariant-call', 1, (node, context) => {
  const call = methodCall(node);
  need(call !== null, 'not a plain method call');
  needOnlyRead(call.call, context);
  const anchors = anchorsOf(node, context);
  need(anchors.length > 0, 'it is not inside a loop that a statement can be put in front of');
  return bestOf(anchors, (anchor) => planAt(call, anchor, context));
});

function planAt(call: MethodCall, anchor: Anchor, context: RuleContext): Answer {
  const proof = new Proof();
  const wish = isSplit(call, context)
    ? splitOf(call, anchor, context, proof)
    : listOf(call, anchor, context, proof);
  proof.checked('the list is only read, so one list does for all iterations');
  const name = freshName(context.sourceFile, wish);
  const file = context.sourceFile;
  return {
    proof,
    pieces: [
      ...insertBefore(anchor, [`const ${name} = ${call.call.getText()}`], context),
      { start: call.call.getStart(file), end: call.call.end, newText: name },
    ],
    explanation:
      'The call gives an equal list in every iteration, and the list is only read, so it is made once.',
    complexity: { before: 'n·m', after: 'n+m' },
  };
}

function isSplit(call: MethodCall, context: RuleContext): boolean {
  return call.name === 'split' && context.oracle.isString(call.receiver) === 'yes';
}

/** Strings never change, so only the variables must not. */
function splitOf(call: MethodCall, anchor: Anchor, context: RuleContext, proof: Proof): string {
  const receiver = bare(call.receiver);
  need(ts.isIdentifier(receiver), `\`${shorten(receiver)}\` is not a plain variable`);
  needInvariantNames(receiver, anchor, context);
  const constant = call.call.arguments.every(
    (argument) => ts.isStringLiteralLike(argument) || ts.isNumericLiteral(argument),
  );
  need(constant && call.call.arguments.length > 0, 'the separator is not a literal');
  const binding = stableBinding(receiver, context);
  const declared = binding !== null && context.oracle.isString(binding.name) === 'yes';
  need(declared, `\`${receiver.text}\` may be something else before the loop`);
  proof.checked(`\`${receiver.text}\` is a string that is never assigned again`);
  return 'parts';
}

const lists: Readonly<Record<string, string>> = { keys: 'keys', values: 'values' };

/** The properties of an object: nothing that runs in the loop may add, remove or change one. */
function listOf(call: MethodCall, anchor: Anchor, context: RuleContext, proof: Proof): string {
  const wish = lists[call.name];
  const [object] = call.call.arguments;
  const known = isGlobalName(call.receiver, 'Object', context) && wish !== undefined && object !== undefined;
  if (!known) return refuse('the call is not known to give the same list each time');
  const root = bare(object);
  need(ts.isIdentifier(root), `\`${shorten(object)}\` is not a plain variable`);
  needInvariantNames(root, anchor, context);
  const binding = stableBinding(root, context);
  need(
    binding !== null && neverNullish(binding.name, context),
    `\`${root.text}\` may be null or undefined before the loop`,
  );
  for (const reference of binding.references) {
    if (!contains(anchor.node, reference) || reference === root) continue;
    const parent = wrapped(reference).parent;
    const read = ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent);
    need(
      read || ts.isForInStatement(parent) || isListed(parent, context),
      `\`${root.text}\` is handed to other code inside the loop`,
    );
  }
  const effects = effectsOf([anchor.node], context);
  need(!effects.suspends, 'other code runs while the loop waits');
  need(effects.assignedProperties.size === 0, 'properties are assigned inside the loop');
  for (const target of effects.mutated) {
    need(target.getText() !== root.text, `\`${root.text}\` is changed inside the loop`);
    if (context.oracle.isArray(target) !== 'yes' || context.oracle.isArray(root) !== 'no')
      proof.assume(`\`${shorten(target)}\` is not the same object as \`${root.text}\``);
  }
  if (effects.foreign.length > 0)
    proof.assume(
      `nothing that the loop calls changes \`${root.text}\` (${effects.foreign.slice(0, 3).join('; ')})`,
    );
  proof.assumeAll(effects.assumptions);
  proof.assume(`listing \`${root.text}\` runs no code (no getter, no proxy)`);
  return wish;
}

function isListed(parent: ts.Node, context: RuleContext): boolean {
  const method = methodCall(parent);
  return method !== null && isGlobalName(method.receiver, 'Object', context) && method.name in lists;
}

/** Directly read, or held by a variable that is only read. */
function needOnlyRead(call: ts.CallExpression, context: RuleContext): void {
  const at = wrapped(call);
  const parent = at.parent;
  if (ts.isVariableDeclaration(parent) && parent.initializer === at && ts.isIdentifier(parent.name)) {
    const binding = stableBinding(parent.name, context);
    need(binding !== null, 'the variable is assigned more than once');
    const read = binding.references.every((reference) => useOf(reference, context) === 'read');
    need(read, `\`${parent.name.text}\` is changed or kept`);
    return;
  }
  need(useOf(call, context) === 'read', 'the list is changed or kept');
}
