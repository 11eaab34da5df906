/**
 * Catalogue 12 and 13: a RegExp or Intl object that is built from the same arguments in every iteration is built
 * once. Shared objects must have no state: RegExps with the flags g or y keep a position and are left alone.
 */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { stableBinding } from './support/arrays.js';
import { planLocale } from './invariant-locale.js';
import { constantOf } from './support/constants.js';
import { anchorsOf, insertBefore } from './support/hoist.js';
import { checkArguments, intlNames, isValid } from './support/intl.js';
import { needInvariantNames } from './support/invariance.js';
import { bare, isGlobalName, methodCall, wrapped } from './support/nodes.js';
import { defineFixer, need, Proof, refuse, type Answer, type Piece } from './support/plan.js';
import { bestOf, placeConstant } from './support/place.js';
import { purityOf, shorten } from './support/purity.js';
import { freshName } from './support/text.js';

export const invariantConstruction = defineFixer('invariant-construction', 1, (node, context) => {
  if (ts.isNewExpression(node) || isRegExpCall(node, context)) {
    const callee = bare(node.expression);
    if (isGlobalName(callee, 'RegExp', context)) return planRegExp(node, context);
    if (ts.isPropertyAccessExpression(callee) && isGlobalName(callee.expression, 'Intl', context))
      return planIntl(node, callee.name.text, context);
    return refuse('neither a RegExp nor an Intl object');
  }
  return planLocale(node, context);
});

function isRegExpCall(node: ts.Node, context: RuleContext): node is ts.CallExpression {
  return ts.isCallExpression(node) && isGlobalName(node.expression, 'RegExp', context);
}

type Construction = ts.NewExpression | ts.CallExpression;

const explanation = 'The object is the same in every iteration and keeps no state, so it is built once.';

function planRegExp(node: Construction, context: RuleContext): Answer {
  const [pattern, flags] = node.arguments ?? [];
  need(pattern !== undefined && (node.arguments ?? []).length <= 2, 'not a pattern with optional flags');
  need(!ts.isSpreadElement(pattern), 'the arguments are spread');
  const constantFlags = flags === undefined ? { value: '' } : constantOf(flags);
  const letters = constantFlags?.value;
  need(typeof letters === 'string', 'the flags are not written as a literal');
  need(!/[gy]/.test(letters), 'the flags g and y keep a position between calls, which would be shared');
  const proof = new Proof();
  proof.checked('without the flags g and y a RegExp keeps no state');
  needStateless(node, context, isStatelessRegExpUse);
  proof.checked('the RegExp is only used to match');
  const name = freshName(context.sourceFile, 'pattern');
  const constant = constantOf(pattern);
  if (constant !== null) {
    const source = constant.value;
    need(typeof source === 'string', 'the pattern is not a string');
    need(
      isValid(() => new RegExp(source, letters)),
      'the pattern is not valid here',
    );
    proof.checked('pattern and flags are constant and valid');
    return planConstant(node, name, node.getText(), proof, context);
  }
  need(context.oracle.isString(pattern) === 'yes', `\`${shorten(pattern)}\` is not proved to be a string`);
  const purity = purityOf(pattern, context);
  need(
    purity.effect === null && purity.throws === null,
    `the pattern is not free of effects: ${purity.effect ?? purity.throws}`,
  );
  proof.assumeAll(purity.assumptions);
  proof.assume(`\`${shorten(pattern)}\` is a valid pattern even if the loop does not run`);
  return planInvariant(node, [pattern], name, proof, context);
}

function planConstant(
  node: ts.Expression,
  name: string,
  built: string,
  proof: Proof,
  context: RuleContext,
): Answer {
  const file = context.sourceFile;
  const place = placeConstant(node, [`const ${name} = ${built}`], context, proof);
  return {
    proof,
    pieces: [...place, { start: node.getStart(file), end: node.end, newText: name }],
    explanation,
    complexity: null,
  };
}

function planInvariant(
  node: ts.Expression,
  parts: readonly ts.Expression[],
  name: string,
  proof: Proof,
  context: RuleContext,
): Answer {
  const file = context.sourceFile;
  const anchors = anchorsOf(node, context);
  need(anchors.length > 0, 'it is not inside a loop that a statement can be put in front of');
  return bestOf(anchors, (anchor) => {
    for (const part of parts) needInvariantNames(part, anchor, context);
    for (const part of parts) needPlainValues(part);
    const insert = insertBefore(anchor, [`const ${name} = ${node.getText()}`], context);
    const pieces: readonly Piece[] = [
      ...insert,
      { start: node.getStart(file), end: node.end, newText: name },
    ];
    return { proof, pieces, explanation, complexity: null };
  });
}

/** Property reads may give another value in each iteration; only variables and operators on them are followed. */
function needPlainValues(part: ts.Expression): void {
  const visit = (node: ts.Node): void => {
    const reads = ts.isPropertyAccessExpression(node) && !ts.isCallExpression(node.parent);
    need(!reads && !ts.isElementAccessExpression(node), `\`${shorten(node)}\` may change between iterations`);
    ts.forEachChild(node, visit);
  };
  visit(part);
}

/** The object itself, or the `const` that holds it, is only used in ways that neither change nor leak it. */
function needStateless(
  node: ts.Expression,
  context: RuleContext,
  allowed: (use: ts.Expression, context: RuleContext) => boolean,
): void {
  const at = wrapped(node);
  const parent = at.parent;
  if (ts.isVariableDeclaration(parent) && parent.initializer === at && ts.isIdentifier(parent.name)) {
    const binding = stableBinding(parent.name, context);
    need(binding !== null, 'the variable is assigned more than once');
    const harmless = binding.references.every((reference) => allowed(wrapped(reference), context));
    need(harmless, `\`${parent.name.text}\` is used in a way that may change or keep the object`);
    return;
  }
  need(allowed(at, context), 'the object is handed to other code, which may change or keep it');
}

const matchingMethods = new Set(['match', 'replace', 'search', 'split', 'matchAll', 'replaceAll']);

function isStatelessRegExpUse(use: ts.Expression, context: RuleContext): boolean {
  const parent = use.parent;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === use) {
    const called = ts.isCallExpression(parent.parent) && parent.parent.expression === parent;
    return called && (parent.name.text === 'test' || parent.name.text === 'exec');
  }
  const method = methodCall(parent);
  if (method === null || method.call.arguments[0] !== use) return false;
  return matchingMethods.has(method.name) && context.oracle.isString(method.receiver) === 'yes';
}

function planIntl(node: Construction, kind: string, context: RuleContext): Answer {
  const wish = intlNames.get(kind);
  need(wish !== undefined, `Intl.${kind} is not known to keep no state`);
  const proof = new Proof();
  const options = checkArguments(node.arguments ?? [], kind, proof);
  if (kind === 'DateTimeFormat' && !('timeZone' in options))
    proof.assume('the time zone of the process does not change while the loop runs');
  needStateless(node, context, isStatelessIntlUse);
  proof.checked(`the Intl.${kind} is only asked, never changed or kept`);
  return planConstant(node, freshName(context.sourceFile, wish), node.getText(), proof, context);
}

const askingMethods = new Set(
  'format formatToParts formatRange formatRangeToParts resolvedOptions compare select selectRange of segment'.split(
    ' ',
  ),
);

function isStatelessIntlUse(use: ts.Expression): boolean {
  const parent = use.parent;
  return (
    ts.isPropertyAccessExpression(parent) && parent.expression === use && askingMethods.has(parent.name.text)
  );
}
