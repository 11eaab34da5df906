/**
 * Catalogue 1 to 4: a linear search of an unchanging array inside a loop becomes a Set or Map that is built once.
 * `includes` compares as a Set does. `indexOf` and `===` never find NaN, `find` must give the first match, and `some`
 * and `indexOf` skip holes: each difference is proved away or named.
 */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { isDense, stableBinding, useOf } from './support/arrays.js';
import { anchorsOf, insertBefore, iterationOf, type Anchor } from './support/hoist.js';
import { pathOf, proveUnchanged } from './support/invariance.js';
import { needElements, readKeyed, type Keyed } from './support/keyed.js';
import { bare, contains, isLoop, methodCall, wrapped, type MethodCall } from './support/nodes.js';
import { defineFixer, need, Proof, refuse, type Answer, type Piece } from './support/plan.js';
import { bestOf } from './support/place.js';
import { onlyKinds, shorten } from './support/purity.js';
import { capitalised, freshName, isTypeScript, singular } from './support/text.js';

/** Below about ten elements a scan is as fast as a lookup. */
const smallest = 10;

export const lookupInLoop = defineFixer('lookup-in-loop', 1, (node, context) => {
  const call = methodCall(node);
  need(call !== null, 'not a plain method call');
  need(
    context.oracle.isArray(call.receiver) === 'yes',
    `\`${shorten(call.receiver)}\` is not proved to be an array`,
  );
  const path = pathOf(call.receiver);
  need(
    path !== null && path.text === call.receiver.getText(),
    `\`${shorten(call.receiver)}\` is not a plain name or property path`,
  );
  needSize(call.receiver, context);
  const year = context.oracle.libraryYear();
  need(year !== null && year >= 2015, 'Set and Map are not in the library that the file is compiled against');
  const anchors = anchorsOf(node, context);
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

/** An array that changes in a loop around the place would have its lookup rebuilt each time: no gain. */
function needStable(receiver: ts.Expression, anchor: Anchor, context: RuleContext): void {
  const root = bare(receiver);
  const binding = ts.isIdentifier(root) ? stableBinding(root, context) : null;
  if (binding === null) return;
  const changes = binding.references.filter((one) => useOf(one, context) === 'mutate');
  for (let at: ts.Node = anchor.node; !ts.isSourceFile(at); at = at.parent) {
    if (contains(at, binding.declaration)) return;
    const repeats = isLoop(at) || iterationOf(at, context) !== null;
    const grows = repeats && changes.some((change) => contains(at, change));
    need(!grows, `\`${shorten(receiver)}\` is changed inside the loop around it`);
  }
}

function planAt(call: MethodCall, anchor: Anchor, context: RuleContext): Answer {
  if (call.name === 'includes' || call.name === 'indexOf' || call.name === 'lastIndexOf')
    return planMembership(call, anchor, context);
  if (call.name === 'find' || call.name === 'some' || call.name === 'findIndex')
    return planKeyed(call, anchor, context);
  return refuse(`\`${call.name}\` is not a search that a Set or Map can answer`);
}

function planMembership(call: MethodCall, anchor: Anchor, context: RuleContext): Answer {
  const [argument] = call.call.arguments;
  need(call.call.arguments.length === 1 && argument !== undefined, 'the search has a start position');
  const proof = new Proof();
  proof.checked(`\`${shorten(call.receiver)}\` is an array by its type`);
  const pieces: Piece[] = [];
  const name = freshName(context.sourceFile, `${lookupBase(call.receiver)}Set`);
  let source = call.receiver.getText();
  if (call.name === 'includes') {
    proof.checked('includes and Set.has compare alike (NaN, -0 and +0 too)');
    pieces.push(replaceCallee(call, `${name}.has`, context));
  } else {
    pieces.push(...rewriteComparison(call, name, context));
    if (checkStrictSearch(call, argument, context, proof)) source = withoutNaN(source, context);
  }
  needStable(call.receiver, anchor, context);
  proveUnchanged({ receiver: call.receiver, anchor, context, proof });
  return {
    proof,
    pieces: [...insertBefore(anchor, [`const ${name} = new Set(${source})`], context), ...pieces],
    explanation: `\`${shorten(call.receiver)}\` does not change in the loop, so a Set that is built once answers each membership test without a scan.`,
    complexity: { before: 'n·m', after: 'n+m' },
  };
}

function replaceCallee(call: MethodCall, callee: string, context: RuleContext): Piece {
  return { start: call.access.getStart(context.sourceFile), end: call.access.end, newText: callee };
}

/** `b.indexOf(x) !== -1`, `>= 0`, `< 0`, `~b.indexOf(x)` as a condition: found, or its negation. */
function rewriteComparison(call: MethodCall, name: string, context: RuleContext): readonly Piece[] {
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

function planKeyed(call: MethodCall, anchor: Anchor, context: RuleContext): Answer {
  need(call.call.arguments.length === 1, 'the callback is called with another `this`');
  const proof = new Proof();
  const keyed = readKeyed(call.call.arguments[0], context, proof);
  needElements(call.receiver, context, keyed.keyNames);
  proof.checked(`\`${shorten(call.receiver)}\` is an array of present elements by its type`);
  checkHoles(call, context, proof);
  needStable(call.receiver, anchor, context);
  proveUnchanged({ receiver: call.receiver, anchor, context, proof, keyNames: keyed.keyNames });
  need(pathOf(call.receiver)?.root.getText() !== keyed.element.text, 'the callback shadows the array');
  const build = buildLookup(call, keyed, context);
  const file = context.sourceFile;
  const start = call.access.getStart(file);
  const pieces: Piece[] = [
    { start, end: keyed.wanted.getStart(file), newText: `${build.before}(` },
    { start: keyed.wanted.end, end: call.call.end, newText: `)${build.after}` },
  ];
  return {
    proof,
    pieces: [...insertBefore(anchor, build.lines, context), ...pieces],
    explanation: `\`${shorten(call.receiver)}\` does not change in the loop, so ${build.what} that is built once answers each search; of equal keys the first one wins, as before.`,
    complexity: { before: 'n·m', after: 'n+m' },
  };
}

/** `some` skips holes; `find` and `findIndex` see undefined there, and reading a key of it throws. */
function checkHoles(call: MethodCall, context: RuleContext, proof: Proof): void {
  const root = bare(call.receiver);
  const binding = ts.isIdentifier(root) ? stableBinding(root, context) : null;
  const initializer = binding?.initializer ?? null;
  if (initializer !== null && isDense(initializer, context)) proof.checked('the array has no holes');
  else proof.assume(`\`${shorten(call.receiver)}\` has no holes`);
}

interface Build {
  readonly lines: readonly string[];
  readonly before: string;
  readonly after: string;
  readonly what: string;
}

/** The statements that build the collection, and what replaces the search around the wanted value. */
function buildLookup(call: MethodCall, keyed: Keyed, context: RuleContext): Build {
  const file = context.sourceFile;
  const array = call.receiver.getText();
  const key = keyed.key.getText();
  const element = keyed.element.text;
  const typed = isTypeScript(context);
  const last = keyed.keyNames.at(-1);
  const base = lookupBase(call.receiver);
  const suffix = last === undefined ? 'Value' : capitalised(last);
  if (call.name === 'some') {
    const name = freshName(file, `${base}${suffix}Set`);
    const type = typed ? '<unknown>' : '';
    return {
      lines: [`const ${name} = new Set${type}(${array}.map((${element}) => ${key}))`],
      before: `${name}.has`,
      after: '',
      what: 'a Set of keys',
    };
  }
  if (call.name === 'find') {
    const name = freshName(file, `${base}By${suffix}`);
    const type = typed ? `<unknown, (typeof ${array})[number]>` : '';
    return {
      lines: [
        `const ${name} = new Map${type}()`,
        `for (const ${element} of ${array}) {`,
        `>if (!${name}.has(${key})) ${name}.set(${key}, ${element})`,
        '}',
      ],
      before: `${name}.get`,
      after: '',
      what: 'a Map',
    };
  }
  const name = freshName(file, `${base}IndexBy${suffix}`);
  const type = typed ? '<unknown, number>' : '';
  const index = freshName(file, 'index', [name]);
  need(parentTakesNullish(call.call), 'the position is used where `??` would need parentheses');
  return {
    lines: [
      `const ${name} = new Map${type}()`,
      `${array}.forEach((${element}, ${index}) => {`,
      `>if (!${name}.has(${key})) ${name}.set(${key}, ${index})`,
      '})',
    ],
    before: `(${name}.get`,
    after: ' ?? -1)',
    what: 'a Map of positions',
  };
}

function parentTakesNullish(call: ts.CallExpression): boolean {
  return !ts.isExpressionStatement(call.parent);
}

function lookupBase(receiver: ts.Expression): string {
  const path = pathOf(receiver);
  const last = path?.names.at(-1) ?? (path !== null && ts.isIdentifier(path.root) ? path.root.text : 'value');
  return singular(last);
}
