/** Catalogue 10: `new Set(list)` inside a loop, from a list that does not change, is built once. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { stableBinding } from './support/arrays.js';
import { anchorsOf, insertBefore, type Anchor } from './support/hoist.js';
import { pathOf, proveUnchanged } from './support/invariance.js';
import { bare, isGlobalName, methodCall, wrapped } from './support/nodes.js';
import { bestOf } from './support/place.js';
import { defineFixer, need, Proof, type Answer } from './support/plan.js';
import { onlyKinds, shorten } from './support/purity.js';
import { capitalised, freshName, singular } from './support/text.js';

export const invariantCollection = defineFixer('invariant-collection', 1, (node, context) => {
  need(ts.isNewExpression(node), 'not a construction');
  const isSet = isGlobalName(node.expression, 'Set', context);
  need(isSet || isGlobalName(node.expression, 'Map', context), 'neither a Set nor a Map');
  const [source] = node.arguments ?? [];
  need(source !== undefined && node.arguments?.length === 1, 'not built from one list');
  needOnlyRead(node, context);
  const anchors = anchorsOf(node, context);
  need(anchors.length > 0, 'it is not inside a loop that a statement can be put in front of');
  return bestOf(anchors, (anchor) => planAt(node, source, isSet, anchor, context));
});

function planAt(
  node: ts.NewExpression,
  source: ts.Expression,
  isSet: boolean,
  anchor: Anchor,
  context: RuleContext,
): Answer {
  const proof = new Proof();
  const path = pathOf(source);
  if (ts.isArrayLiteralExpression(bare(source))) needConstants(bare(source), context, proof);
  else {
    need(
      path !== null && path.text === source.getText(),
      `\`${shorten(source)}\` is not a plain name or property path`,
    );
    need(context.oracle.isArray(source) === 'yes', `\`${shorten(source)}\` is not proved to be an array`);
    proveUnchanged({ receiver: source, anchor, context, proof });
    if (!isSet) proof.assume(`the entries of \`${path.text}\` do not change while the loop runs`);
  }
  proof.checked('the collection is only asked, never changed or kept');
  const last =
    path?.names.at(-1) ?? (path !== null && ts.isIdentifier(path.root) ? path.root.text : 'constant');
  const name = freshName(context.sourceFile, `${singular(last)}${capitalised(isSet ? 'set' : 'map')}`);
  const file = context.sourceFile;
  return {
    proof,
    pieces: [
      ...insertBefore(anchor, [`const ${name} = ${node.getText()}`], context),
      { start: node.getStart(file), end: node.end, newText: name },
    ],
    explanation:
      'What it is built from does not change in the loop, and it is only asked, so it is built once.',
    complexity: { before: 'n·m', after: 'n+m' },
  };
}

/** A literal of strings, numbers and the like is the same each time. */
function needConstants(literal: ts.Expression, context: RuleContext, proof: Proof): void {
  const constant =
    ts.isArrayLiteralExpression(literal) &&
    literal.elements.every(
      (element) =>
        ts.isLiteralExpression(element) && onlyKinds(element, context, ['string', 'number', 'bigint']),
    );
  need(constant, 'the literal holds more than constants');
  proof.checked('it is built from constants');
}

const asking = new Set(['has', 'get', 'size', 'forEach']);

/** Directly asked, or held by a variable that is only asked. */
function needOnlyRead(node: ts.NewExpression, context: RuleContext): void {
  const at = wrapped(node);
  const parent = at.parent;
  if (ts.isVariableDeclaration(parent) && parent.initializer === at && ts.isIdentifier(parent.name)) {
    const binding = stableBinding(parent.name, context);
    need(binding !== null, 'the variable is assigned more than once');
    const all = binding.references.every((reference) => isAsked(wrapped(reference)));
    need(all, `\`${parent.name.text}\` is changed or kept`);
    return;
  }
  need(isAsked(at), 'the collection is handed on');
}

function isAsked(use: ts.Expression): boolean {
  const parent = use.parent;
  if (ts.isForOfStatement(parent)) return parent.expression === use;
  if (!ts.isPropertyAccessExpression(parent) || parent.expression !== use || !asking.has(parent.name.text))
    return false;
  if (parent.name.text !== 'forEach') return true;
  const callback = methodCall(parent.parent)?.call.arguments[0];
  return callback !== undefined && ts.isArrowFunction(callback) && callback.parameters.length <= 2;
}
