/**
 * What evaluating an expression can do besides giving its value: run foreign code, throw, depend on more than its
 * variables. Everything that is not listed here counts as an effect.
 */
import ts from 'typescript';
import type { RuleContext, ValueKind } from '../../../analysis/types.js';
import {
  arrayReaders,
  mapReaders,
  mathFunctions,
  numberTests,
  objectListers,
  stringMethods,
} from './builtins.js';
import { bare, isGlobalName, methodCall } from './nodes.js';

export interface Purity {
  /** Why the expression may have an effect; null when it has none. */
  readonly effect: string | null;
  /** Why evaluating it may throw; null when it cannot. */
  readonly throws: string | null;
  /** Property reads that are data only if the declaration is right; each is an assumption. */
  readonly assumptions: readonly string[];
}

interface Findings {
  effect: string | null;
  throws: string | null;
  readonly assumptions: Set<string>;
}

/** Examines the expression with everything inside it; functions inside are values and are not entered. */
export function purityOf(expression: ts.Expression, context: RuleContext): Purity {
  const findings: Findings = { effect: null, throws: null, assumptions: new Set() };
  examine(expression, context, findings);
  return { ...findings, assumptions: [...findings.assumptions] };
}

const primitive: readonly ValueKind[] = ['string', 'number', 'bigint', 'boolean', 'nullish'];

/** All values the expression can have are among the kinds, as far as proved. */
export function onlyKinds(node: ts.Node, context: RuleContext, allowed: readonly ValueKind[]): boolean {
  const kinds = context.oracle.possibleKinds(node);
  return kinds !== null && kinds.every((kind) => allowed.includes(kind));
}

/** Proved not to be null or undefined. */
export function neverNullish(node: ts.Node, context: RuleContext): boolean {
  const kinds = context.oracle.possibleKinds(node);
  return kinds !== null && !kinds.includes('nullish');
}

function examine(node: ts.Node, context: RuleContext, out: Findings): void {
  const inner = (...nodes: readonly (ts.Node | undefined)[]): void => {
    for (const one of nodes) if (one !== undefined) examine(one, context, out);
  };
  if (ts.isExpression(node) && bare(node) !== node) return inner(bare(node));
  if (ts.isLiteralExpression(node) || ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return;
  if (ts.isIdentifier(node)) return examineIdentifier(node, context, out);
  if (ts.isPropertyAccessExpression(node)) return examineProperty(node, context, out);
  if (ts.isElementAccessExpression(node)) return examineElement(node, context, out);
  if (ts.isBinaryExpression(node)) return examineBinary(node, context, out);
  if (ts.isPrefixUnaryExpression(node)) return examinePrefix(node, context, out);
  if (ts.isConditionalExpression(node)) return inner(node.condition, node.whenTrue, node.whenFalse);
  if (ts.isTypeOfExpression(node) || ts.isVoidExpression(node)) return inner(node.expression);
  if (ts.isTemplateExpression(node)) {
    for (const span of node.templateSpans) {
      inner(span.expression);
      if (!onlyKinds(span.expression, context, primitive))
        effect(out, span.expression, 'is turned into text');
    }
    return;
  }
  if (ts.isArrayLiteralExpression(node)) return inner(...node.elements);
  if (ts.isOmittedExpression(node)) return;
  if (ts.isSpreadElement(node)) {
    inner(node.expression);
    if (context.oracle.isArray(node.expression) !== 'yes') effect(out, node.expression, 'is iterated');
    return;
  }
  if (ts.isObjectLiteralExpression(node)) return examineObject(node, context, out);
  if (ts.isCallExpression(node)) return examineCall(node, context, out);
  if (isConstantKeyword(node)) return;
  effect(out, node, 'is not known to be free of effects');
}

function isConstantKeyword(node: ts.Node): boolean {
  return (
    node.kind === ts.SyntaxKind.TrueKeyword ||
    node.kind === ts.SyntaxKind.FalseKeyword ||
    node.kind === ts.SyntaxKind.NullKeyword ||
    node.kind === ts.SyntaxKind.ThisKeyword
  );
}

function effect(out: Findings, node: ts.Node, why: string): void {
  out.effect ??= `\`${shorten(node)}\` ${why}`;
}

/** Source text for a sentence, on one line. */
export function shorten(node: ts.Node): string {
  const text = node.getText().replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** A `let` or `const` that is declared further down may still be uninitialised. */
function examineIdentifier(node: ts.Identifier, context: RuleContext, out: Findings): void {
  const declaration = context.oracle.declarationOf(node);
  if (declaration === null) {
    if (context.oracle.isGlobal(node) !== 'yes' && node.text !== 'undefined')
      out.throws ??= `\`${node.text}\` is not resolved`;
    return;
  }
  if (declaration.getSourceFile() !== node.getSourceFile()) return;
  if (ts.isParameter(declaration) || ts.isFunctionDeclaration(declaration)) return;
  if (declaration.pos > node.pos) out.throws ??= `\`${node.text}\` is declared further down`;
}

function examineProperty(node: ts.PropertyAccessExpression, context: RuleContext, out: Findings): void {
  examine(node.expression, context, out);
  const root = bare(node.expression);
  if (
    ts.isIdentifier(root) &&
    ['Math', 'Number'].includes(root.text) &&
    context.oracle.isGlobal(root) === 'yes'
  )
    return;
  const access = context.oracle.isAccessor(node);
  if (access === 'yes') effect(out, node, 'is an accessor and runs code');
  else if (access === 'unknown')
    out.assumptions.add(`reading \`.${node.name.text}\` runs no code (no getter, no proxy)`);
  if (node.questionDotToken === undefined && !neverNullish(node.expression, context)) {
    if (root.kind !== ts.SyntaxKind.ThisKeyword)
      out.throws ??= `\`${shorten(node.expression)}\` may be null or undefined`;
  }
}

function examineElement(node: ts.ElementAccessExpression, context: RuleContext, out: Findings): void {
  examine(node.expression, context, out);
  examine(node.argumentExpression, context, out);
  if (!onlyKinds(node.argumentExpression, context, ['string', 'number', 'symbol']))
    effect(out, node.argumentExpression, 'is turned into a property key');
  const plain =
    context.oracle.isArray(node.expression) === 'yes' || context.oracle.isString(node.expression) === 'yes';
  if (!plain || !onlyKinds(node.argumentExpression, context, ['number']))
    out.assumptions.add(`reading \`${shorten(node)}\` runs no code (no getter, no proxy)`);
  if (node.questionDotToken === undefined && !neverNullish(node.expression, context))
    out.throws ??= `\`${shorten(node.expression)}\` may be null or undefined`;
}

const identityOperators = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
  ts.SyntaxKind.CommaToken,
]);
const numericOperators = new Set([
  ts.SyntaxKind.MinusToken,
  ts.SyntaxKind.AsteriskToken,
  ts.SyntaxKind.SlashToken,
  ts.SyntaxKind.PercentToken,
  ts.SyntaxKind.AsteriskAsteriskToken,
  ts.SyntaxKind.AmpersandToken,
  ts.SyntaxKind.BarToken,
  ts.SyntaxKind.CaretToken,
  ts.SyntaxKind.LessThanLessThanToken,
  ts.SyntaxKind.GreaterThanGreaterThanToken,
  ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken,
]);
const comparingOperators = new Set([
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
]);

function examineBinary(node: ts.BinaryExpression, context: RuleContext, out: Findings): void {
  examine(node.left, context, out);
  examine(node.right, context, out);
  const operator = node.operatorToken.kind;
  if (identityOperators.has(operator)) return;
  const both = (kinds: readonly ValueKind[]): boolean =>
    onlyKinds(node.left, context, kinds) && onlyKinds(node.right, context, kinds);
  if (numericOperators.has(operator) && both(['number'])) return;
  if (operator === ts.SyntaxKind.PlusToken && both(['number', 'string', 'boolean', 'nullish'])) return;
  if (comparingOperators.has(operator) && both(primitive)) return;
  const loose =
    operator === ts.SyntaxKind.EqualsEqualsToken || operator === ts.SyntaxKind.ExclamationEqualsToken;
  if (
    loose &&
    (bare(node.left).kind === ts.SyntaxKind.NullKeyword ||
      bare(node.right).kind === ts.SyntaxKind.NullKeyword)
  )
    return;
  effect(out, node, 'may convert an object, which runs its code');
}

function examinePrefix(node: ts.PrefixUnaryExpression, context: RuleContext, out: Findings): void {
  examine(node.operand, context, out);
  if (node.operator === ts.SyntaxKind.ExclamationToken) return;
  const step =
    node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken;
  if (step || !onlyKinds(node.operand, context, ['number'])) effect(out, node, 'changes or converts a value');
}

function examineObject(node: ts.ObjectLiteralExpression, context: RuleContext, out: Findings): void {
  for (const property of node.properties) {
    if (ts.isPropertyAssignment(property)) {
      if (ts.isComputedPropertyName(property.name)) {
        examine(property.name.expression, context, out);
        if (!onlyKinds(property.name.expression, context, ['string', 'number', 'symbol']))
          effect(out, property.name, 'is turned into a property key');
      }
      examine(property.initializer, context, out);
    } else if (ts.isShorthandPropertyAssignment(property)) examineIdentifier(property.name, context, out);
    else if (ts.isMethodDeclaration(property)) continue;
    else effect(out, property, 'copies or defines properties');
  }
}

function examineCall(node: ts.CallExpression, context: RuleContext, out: Findings): void {
  for (const argument of node.arguments) examine(argument, context, out);
  const simple = node.arguments.every((argument) => onlyKinds(argument, context, primitive));
  if (ts.isIdentifier(node.expression) && context.oracle.isGlobal(node.expression) === 'yes') {
    if (node.expression.text === 'Boolean') return;
    if (
      ['String', 'Number', 'isNaN', 'isFinite', 'parseFloat', 'parseInt'].includes(node.expression.text) &&
      simple
    )
      return;
  }
  const method = methodCall(node);
  if (method === null) return effect(out, node, 'is a call');
  const receiver = bare(method.receiver);
  const is = (name: string): boolean => isGlobalName(receiver, name, context);
  const numbers = node.arguments.every((argument) => onlyKinds(argument, context, ['number']));
  if (is('Math') && mathFunctions.has(method.name) && numbers) return;
  if (is('Number') && numberTests.has(method.name)) return;
  if (is('Array') && method.name === 'isArray') return;
  if (is('Object') && objectListers.has(method.name)) {
    out.assumptions.add(`\`${shorten(node)}\` runs no code (no proxy)`);
    const [listed] = node.arguments;
    if (listed !== undefined && !neverNullish(listed, context))
      out.throws ??= `\`${shorten(listed)}\` may be null or undefined`;
    return;
  }
  examine(method.receiver, context, out);
  if (context.oracle.isString(receiver) === 'yes' && stringMethods.has(method.name) && simple) return;
  if (context.oracle.isArray(receiver) === 'yes' && arrayReaders.has(method.name)) return;
  const keyed = context.oracle.isMap(receiver) === 'yes' || context.oracle.isSet(receiver) === 'yes';
  if (keyed && mapReaders.has(method.name)) return;
  effect(out, node, 'is a call');
}
