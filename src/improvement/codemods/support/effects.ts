/** What happens while a stretch of code runs: does foreign code get control, and which things are changed? */
import ts from 'typescript';
import type { RuleContext } from '../../../analysis/types.js';
import { arrayIterators, arrayMutators, arrayReaders, harmlessCallbacks, mapMutators } from './builtins.js';
import { bare, inlineFunction, isAssignmentOperator, methodCall, wrapped } from './nodes.js';
import { onlyKinds, purityOf, shorten } from './purity.js';

export interface Effects {
  /** Calls, awaits, accessors …: code that is not in sight may run here. */
  readonly foreign: readonly string[];
  /** Property reads and writes that run code only if a declaration is wrong. */
  readonly assumptions: readonly string[];
  /** Objects whose contents are changed: receivers of mutating methods, targets of element assignments. */
  readonly mutated: readonly ts.Expression[];
  /** Names of properties that are assigned or deleted. */
  readonly assignedProperties: ReadonlySet<string>;
  /** Does control leave and come back (await, yield)? */
  readonly suspends: boolean;
}

interface Collected {
  readonly foreign: Set<string>;
  readonly assumptions: Set<string>;
  readonly mutated: ts.Expression[];
  readonly assignedProperties: Set<string>;
  suspends: boolean;
}

/** Examines the nodes with all statements and inline callbacks inside; function values that are not called count too. */
export function effectsOf(nodes: readonly ts.Node[], context: RuleContext): Effects {
  const out: Collected = {
    foreign: new Set(),
    assumptions: new Set(),
    mutated: [],
    assignedProperties: new Set(),
    suspends: false,
  };
  for (const node of nodes) visit(node, context, out);
  return { ...out, foreign: [...out.foreign], assumptions: [...out.assumptions] };
}

function visit(node: ts.Node, context: RuleContext, out: Collected): void {
  if (ts.isTypeNode(node)) return;
  note(node, context, out);
  ts.forEachChild(node, (child) => visit(child, context, out));
}

function note(node: ts.Node, context: RuleContext, out: Collected): void {
  if (ts.isAwaitExpression(node) || ts.isYieldExpression(node)) {
    out.suspends = true;
    out.foreign.add(`\`${shorten(node)}\` gives control away`);
  } else if (ts.isCallExpression(node)) noteCall(node, context, out);
  else if (ts.isNewExpression(node)) noteNew(node, context, out);
  else if (ts.isTaggedTemplateExpression(node) || ts.isDecorator(node))
    out.foreign.add(`\`${shorten(node)}\` is a call`);
  else if (ts.isDeleteExpression(node)) noteWrite(bare(node.expression), context, out);
  else if (ts.isForOfStatement(node)) noteIteration(node, context, out);
  else if (ts.isSpreadElement(node) && !isIterableBuiltIn(node.expression, context))
    out.foreign.add(`\`${shorten(node)}\` iterates something unknown`);
  else if (ts.isSpreadAssignment(node))
    out.assumptions.add(`\`${shorten(node)}\` copies data properties only`);
  else if (ts.isBinaryExpression(node)) noteBinary(node, context, out);
  else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node))
    noteStep(node, context, out);
  else if (ts.isPropertyAccessExpression(node)) noteRead(node, context, out);
  else if (ts.isTemplateExpression(node)) {
    for (const span of node.templateSpans) noteConversion(span.expression, context, out);
  } else if (ts.isArrayBindingPattern(node)) noteArrayPattern(node, context, out);
  else if (ts.isObjectBindingPattern(node))
    out.assumptions.add(`\`${shorten(node)}\` reads data properties only (no getter, no proxy)`);
}

function noteCall(node: ts.CallExpression, context: RuleContext, out: Collected): void {
  if (
    node.expression.kind === ts.SyntaxKind.SuperKeyword ||
    node.expression.kind === ts.SyntaxKind.ImportKeyword
  ) {
    out.foreign.add(`\`${shorten(node)}\` is a call`);
    return;
  }
  const method = methodCall(node);
  if (method !== null) {
    const array = context.oracle.isArray(method.receiver) === 'yes';
    if (array && arrayReaders.has(method.name)) return;
    if (array && arrayIterators.has(method.name) && callsOnlyVisibleCode(node, context)) return;
    const simpleMutator = method.name !== 'sort' || node.arguments.length === 0;
    if (array && arrayMutators.has(method.name) && simpleMutator) {
      out.mutated.push(bare(method.receiver));
      return;
    }
    const keyed =
      context.oracle.isMap(method.receiver) === 'yes' || context.oracle.isSet(method.receiver) === 'yes';
    if (keyed && mapMutators.has(method.name)) return;
    if (keyed && method.name === 'forEach' && inlineFunction(node.arguments[0]) !== null) return;
  }
  const purity = purityOf(node, context);
  if (purity.effect !== null) out.foreign.add(`\`${shorten(node.expression)}(…)\` is a call`);
}

/** The callback is written inline, so its body is examined with the rest, or it is a harmless built-in. */
function callsOnlyVisibleCode(node: ts.CallExpression, context: RuleContext): boolean {
  const callback = node.arguments[0];
  if (callback === undefined) return false;
  if (inlineFunction(callback) !== null) return true;
  return (
    ts.isIdentifier(callback) &&
    harmlessCallbacks.has(callback.text) &&
    context.oracle.isGlobal(callback) === 'yes'
  );
}

function noteNew(node: ts.NewExpression, context: RuleContext, out: Collected): void {
  const name = bare(node.expression);
  const global = ts.isIdentifier(name) && context.oracle.isGlobal(name) === 'yes' ? name.text : '';
  if (global === 'Array') return;
  const argument = node.arguments?.[0];
  const iterates = argument === undefined || isIterableBuiltIn(argument, context);
  if ((global === 'Set' || global === 'Map') && iterates) return;
  out.foreign.add(`\`new ${shorten(node.expression)}(…)\` is a call`);
}

function isIterableBuiltIn(node: ts.Expression, context: RuleContext): boolean {
  const { oracle } = context;
  return [oracle.isArray(node), oracle.isString(node), oracle.isMap(node), oracle.isSet(node)].includes(
    'yes',
  );
}

function noteIteration(node: ts.ForOfStatement, context: RuleContext, out: Collected): void {
  if (node.awaitModifier !== undefined) {
    out.suspends = true;
    out.foreign.add('`for await` gives control away');
  } else if (!isIterableBuiltIn(node.expression, context))
    out.foreign.add(
      `\`${shorten(node.expression)}\` is iterated, and is not proved to be a built-in collection`,
    );
}

function noteArrayPattern(node: ts.ArrayBindingPattern, context: RuleContext, out: Collected): void {
  const owner = node.parent;
  const source = ts.isVariableDeclaration(owner) ? owner.initializer : undefined;
  if (source !== undefined && isIterableBuiltIn(source, context)) return;
  if (context.oracle.isArray(node) === 'yes') return;
  out.foreign.add(`\`${shorten(node)}\` iterates something unknown`);
}

function noteBinary(node: ts.BinaryExpression, context: RuleContext, out: Collected): void {
  const operator = node.operatorToken.kind;
  if (isAssignmentOperator(operator)) {
    noteTarget(bare(node.left), context, out);
    if (operator !== ts.SyntaxKind.EqualsToken) {
      noteConversion(node.left, context, out);
      noteConversion(node.right, context, out);
    }
    return;
  }
  if (operator === ts.SyntaxKind.InKeyword || operator === ts.SyntaxKind.InstanceOfKeyword) {
    out.assumptions.add(`\`${shorten(node)}\` runs no code (no proxy, no Symbol.hasInstance)`);
    return;
  }
  if (purityOf(node, context).effect !== null && comparesOrCombines(node)) {
    noteConversion(node.left, context, out);
    noteConversion(node.right, context, out);
  }
}

function comparesOrCombines(node: ts.BinaryExpression): boolean {
  return ![
    ts.SyntaxKind.EqualsEqualsEqualsToken,
    ts.SyntaxKind.ExclamationEqualsEqualsToken,
    ts.SyntaxKind.AmpersandAmpersandToken,
    ts.SyntaxKind.BarBarToken,
    ts.SyntaxKind.QuestionQuestionToken,
    ts.SyntaxKind.CommaToken,
  ].includes(node.operatorToken.kind);
}

/** Converting an object to text or number runs its `toString` or `valueOf`. */
function noteConversion(node: ts.Expression, context: RuleContext, out: Collected): void {
  if (onlyKinds(node, context, ['string', 'number', 'bigint', 'boolean', 'nullish', 'symbol'])) return;
  if (context.oracle.possibleKinds(node) === null)
    out.assumptions.add(`\`${shorten(node)}\` is converted without running code (a primitive)`);
  else out.foreign.add(`converting \`${shorten(node)}\` may run its code`);
}

function noteStep(
  node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression,
  context: RuleContext,
  out: Collected,
): void {
  if (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken)
    noteTarget(bare(node.operand), context, out);
  if (node.operator !== ts.SyntaxKind.ExclamationToken) noteConversion(node.operand, context, out);
}

/** A destructuring target may hold anything; each part counts. */
function noteTarget(target: ts.Expression, context: RuleContext, out: Collected): void {
  if (ts.isIdentifier(target)) return;
  if (ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target))
    noteWrite(target, context, out);
  else out.foreign.add(`\`${shorten(target)}\` assigns several things`);
}

function noteWrite(target: ts.Expression, context: RuleContext, out: Collected): void {
  if (ts.isElementAccessExpression(target)) {
    out.mutated.push(bare(target.expression));
    if (context.oracle.isArray(target.expression) !== 'yes')
      out.assumptions.add(`assigning \`${shorten(target)}\` runs no code (no setter, no proxy)`);
    return;
  }
  if (!ts.isPropertyAccessExpression(target)) return;
  out.assignedProperties.add(target.name.text);
  if (target.name.text === 'length') out.mutated.push(bare(target.expression));
  const accessor = context.oracle.isAccessor(target);
  if (accessor === 'yes') out.foreign.add(`assigning \`${shorten(target)}\` runs a setter`);
  else if (accessor === 'unknown')
    out.assumptions.add(`assigning \`.${target.name.text}\` runs no code (no setter, no proxy)`);
}

function noteRead(node: ts.PropertyAccessExpression, context: RuleContext, out: Collected): void {
  const at = wrapped(node);
  if (ts.isCallExpression(at.parent) && at.parent.expression === at) return;
  const accessor = context.oracle.isAccessor(node);
  if (accessor === 'yes') out.foreign.add(`\`${shorten(node)}\` is an accessor`);
  else if (accessor === 'unknown')
    out.assumptions.add(`reading \`.${node.name.text}\` runs no code (no getter, no proxy)`);
}
