/** Searches by value in an array that does not change in the loop. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { isDense, stableBinding } from './support/arrays.js';
import { needArray } from './support/evidence.js';
import { insertBefore, type Anchor } from './support/hoist.js';
import { pathOf, proveUnchanged } from './support/invariance.js';
import { bare, methodCall, walk, wrapped, type MethodCall } from './support/nodes.js';
import { need, Proof, type Answer, type Piece } from './support/plan.js';
import { onlyKinds, shorten } from './support/purity.js';
import { lookupBase, needCollections, needStable } from './support/searched.js';
import { freshName, isTypeScript } from './support/text.js';

/** `includes`, or `indexOf` compared with -1 or 0, as `Set.has`; any other use of a position by a Map. */
export function planMembership(call: MethodCall, anchor: Anchor, context: RuleContext): Answer {
  const [argument] = call.call.arguments;
  need(call.call.arguments.length === 1 && argument !== undefined, 'the search has a start position');
  const proof = new Proof();
  needArray(call.receiver, context, proof);
  needCollections(context, proof);
  if (call.name === 'indexOf' && !isMembership(call)) return planPosition(call, anchor, context, proof);
  const pieces: Piece[] = [];
  const name = freshName(context.sourceFile, `${lookupBase(call.receiver)}Set`);
  let source = call.receiver.getText();
  if (call.name === 'includes') {
    proof.checked('includes and Set.has compare alike (NaN, -0 and +0 too)');
    for (const one of sameSearches(call, anchor, context))
      pieces.push(replaceCallee(one, `${name}.has`, context));
  } else {
    pieces.push(...rewriteComparison(call, name, context));
    if (checkStrictSearch(call, argument, context, proof)) source = withoutNaN(source, context);
  }
  needStable(call.receiver, anchor, context);
  // `new Set(undefined)` is empty; the tests in the loop stay.
  const nullable = source === call.receiver.getText();
  proveUnchanged({ receiver: call.receiver, anchor, context, proof, nullable });
  return {
    proof,
    pieces: [...insertBefore(anchor, [`const ${name} = new Set(${source})`], context), ...pieces],
    explanation: `\`${shorten(call.receiver)}\` does not change in the loop, so a Set that is built once answers each membership test without a scan.`,
    complexity: { before: 'n·m', after: 'n+m' },
  };
}

/** Is the position only compared with -1 or 0, as a question whether the value is there? */
function isMembership(call: MethodCall): boolean {
  const outer = wrapped(call.call);
  return ts.isBinaryExpression(outer.parent) && foundBy(outer.parent, outer) !== null;
}

/** `b.indexOf(x) === i` and other uses of the first position. NaN and holes have none. */
function planPosition(call: MethodCall, anchor: Anchor, context: RuleContext, proof: Proof): Answer {
  const outer = wrapped(call.call);
  need(outer === call.call, 'the result is wrapped in parentheses or a type assertion');
  need(!ts.isExpressionStatement(outer.parent), 'the position is not used');
  const file = context.sourceFile;
  const name = freshName(file, `${lookupBase(call.receiver)}Positions`);
  const value = freshName(file, 'value', [name]);
  const index = freshName(file, 'index', [name, value]);
  const never = context.oracle.neverNaN(call.receiver, 'elements');
  const array = call.receiver.getText();
  proof.checked(
    'only the first position of a value is kept; NaN and holes, which indexOf never finds, have none',
  );
  needStable(call.receiver, anchor, context);
  proveUnchanged({ receiver: call.receiver, anchor, context, proof });
  const lines = [
    `const ${name} = new Map${isTypeScript(context) ? '<unknown, number>' : ''}()`,
    `${array}.forEach((${value}, ${index}) => {`,
    `>if (${never ? '' : `!Number.isNaN(${value}) && `}!${name}.has(${value})) ${name}.set(${value}, ${index})`,
    '})',
  ];
  return {
    proof,
    pieces: [
      ...insertBefore(anchor, lines, context),
      replaceCallee(call, `(${name}.get`, context),
      { start: call.call.end, end: call.call.end, newText: ' ?? -1)' },
    ],
    explanation: `\`${shorten(call.receiver)}\` does not change in the loop, so a Map of first positions that is built once answers each search without a scan.`,
    complexity: { before: 'n·m', after: 'n+m' },
  };
}

/** All `includes` of the same array in what the lookup is built for; one proposal mends them together. */
function sameSearches(call: MethodCall, anchor: Anchor, context: RuleContext): readonly MethodCall[] {
  const path = pathOf(call.receiver);
  const declaration =
    path !== null && ts.isIdentifier(path.root) ? context.oracle.declarationOf(path.root) : null;
  const found: MethodCall[] = [];
  const consider = (node: ts.Node): void => {
    const other = methodCall(node);
    const searches = other?.name === 'includes' && other.call.arguments.length === 1;
    if (other === null || !searches || other.receiver.getText() !== call.receiver.getText()) return;
    const root = pathOf(other.receiver)?.root;
    const same =
      root !== undefined && (!ts.isIdentifier(root) || context.oracle.declarationOf(root) === declaration);
    if (same) found.push(other);
  };
  consider(anchor.node);
  walk(anchor.node, consider);
  return found;
}

function replaceCallee(call: MethodCall, callee: string, context: RuleContext): Piece {
  return { start: call.access.getStart(context.sourceFile), end: call.access.end, newText: callee };
}

/** `b.indexOf(x) !== -1`, `>= 0`, `< 0`, `~b.indexOf(x)` as a condition: found, or its negation. */
export function rewriteComparison(call: MethodCall, name: string, context: RuleContext): readonly Piece[] {
  const outer = wrapped(call.call);
  const parent = outer.parent;
  const file = context.sourceFile;
  need(outer === call.call, 'the result is wrapped in parentheses or a type assertion');
  need(ts.isBinaryExpression(parent), 'the position itself is used');
  const found = foundBy(parent, outer);
  need(found !== null, 'the position itself is used');
  const callee = `${found ? '' : '!'}${name}.has`;
  const rest: Piece =
    parent.left === outer
      ? { start: outer.end, end: parent.end, newText: '' }
      : { start: parent.getStart(file), end: outer.getStart(file), newText: '' };
  return [replaceCallee(call, callee, context), rest];
}

/** Does the comparison mean "found" (true), "not found" (false), or something else (null)? */
function foundBy(comparison: ts.BinaryExpression, search: ts.Expression): boolean | null {
  const flipped = comparison.right === search;
  const other = bare(flipped ? comparison.left : comparison.right)
    .getText()
    .replace(/\s+/g, '');
  const operator = comparison.operatorToken.getText();
  const mirrored: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };
  const normal = flipped ? (mirrored[operator] ?? operator) : operator;
  if (other === '-1') {
    if (['!==', '!=', '>'].includes(normal)) return true;
    return ['===', '==', '<='].includes(normal) ? false : null;
  }
  if (other !== '0') return null;
  if (normal === '>=') return true;
  return normal === '<' ? false : null;
}

/**
 * `indexOf` finds neither NaN nor holes; a Set finds both. True when NaN must be kept out of the Set, by a filter that
 * also drops holes.
 */
function checkStrictSearch(
  call: MethodCall,
  argument: ts.Expression,
  context: RuleContext,
  proof: Proof,
): boolean {
  const { oracle } = context;
  if (!oracle.neverNaN(argument, 'value') && !oracle.neverNaN(call.receiver, 'elements')) {
    proof.checked('NaN and holes, which indexOf never finds, are kept out of the Set');
    return true;
  }
  proof.checked('the value looked for is proved never to be NaN');
  const root = bare(call.receiver);
  const binding = ts.isIdentifier(root) ? stableBinding(root, context) : null;
  const initializer = binding?.initializer ?? null;
  const dense = initializer !== null && isDense(initializer, context);
  if (dense || !maybeUndefined(argument, context)) proof.checked('holes cannot be taken for a match');
  else
    proof.assume(
      `\`${shorten(call.receiver)}\` has no holes, or \`${shorten(argument)}\` is never undefined`,
    );
  return false;
}

function withoutNaN(array: string, context: RuleContext): string {
  const one = freshName(context.sourceFile, 'value');
  return `${array}.filter((${one}) => !Number.isNaN(${one}))`;
}

function maybeUndefined(argument: ts.Expression, context: RuleContext): boolean {
  return !onlyKinds(argument, context, [
    'string',
    'number',
    'bigint',
    'boolean',
    'symbol',
    'object',
    'function',
  ]);
}
