/** Reads `(y) => y.key === e`: which side is the element's key, which side is the value looked for. */
import ts from 'typescript';
import type { RuleContext } from '../../../analysis/types.js';
import { bare, inlineFunction, isPlainName, returnedExpression, simpleParameter, walk } from './nodes.js';
import { need, refuse, type Proof } from './plan.js';
import { onlyKinds, purityOf, shorten } from './purity.js';

export interface Keyed {
  readonly element: ts.Identifier;
  /** The side that depends on the element only. */
  readonly key: ts.Expression;
  /** The side that does not depend on the element. */
  readonly wanted: ts.Expression;
  /** Property names read from the element; empty when the element itself is the key. */
  readonly keyNames: readonly string[];
}

/** Takes the callback apart or refuses; effects and throwing are checked here. */
export function readKeyed(callback: ts.Expression | undefined, context: RuleContext, proof: Proof): Keyed {
  const fn = inlineFunction(callback);
  need(
    fn !== null && fn.parameters.length === 1,
    'the callback is not an inline function of the element alone',
  );
  const element = simpleParameter(fn.parameters[0]);
  need(element !== null, 'the parameter of the callback is not a simple name');
  need(fn.type === undefined || !ts.isTypePredicateNode(fn.type), 'the callback also narrows a type');
  const body = returnedExpression(fn);
  need(body !== null, 'the callback does more than compare');
  const compare = bare(body);
  const strict =
    ts.isBinaryExpression(compare) && compare.operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken;
  need(strict, 'the callback is not one comparison by ===');
  const leftIsKey = mentions(compare.left, element, context);
  const rightIsKey = mentions(compare.right, element, context);
  need(leftIsKey !== rightIsKey, 'not exactly one side of the comparison depends on the element');
  const key = leftIsKey ? compare.left : compare.right;
  const wanted = leftIsKey ? compare.right : compare.left;
  const keyNames = keyPath(key, element);
  need(!ts.isLiteralExpression(bare(wanted)), 'the value looked for is the same in every iteration');
  need(
    ts.isArrowFunction(fn) || !/\b(?:this|arguments)\b/.test(wanted.getText()),
    '`this` is another one in the callback',
  );
  checkWanted(wanted, context, proof);
  checkKey(key, context, proof);
  checkNaN(key, wanted, context, proof);
  return { element, key, wanted, keyNames };
}

function mentions(expression: ts.Expression, element: ts.Identifier, context: RuleContext): boolean {
  let found = false;
  const look = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === element.text && !isPlainName(node))
      found ||= context.oracle.declarationOf(node) === element.parent;
  };
  look(expression);
  walk(expression, look);
  return found;
}

/** `y`, `y.id`, `y.owner.id`: anything else may depend on more than the element. */
function keyPath(key: ts.Expression, element: ts.Identifier): readonly string[] {
  const names: string[] = [];
  let at = bare(key);
  while (ts.isPropertyAccessExpression(at) && at.questionDotToken === undefined) {
    if (ts.isPrivateIdentifier(at.name)) refuse('the key is a private field');
    names.unshift(at.name.text);
    at = bare(at.expression);
  }
  need(
    ts.isIdentifier(at) && at.text === element.text,
    `\`${shorten(key)}\` is not a property path of the element`,
  );
  return names;
}

/** Evaluated once instead of once per element, and also when the array is empty. */
function checkWanted(wanted: ts.Expression, context: RuleContext, proof: Proof): void {
  const purity = purityOf(wanted, context);
  need(purity.effect === null, `the value looked for has an effect: ${purity.effect}`);
  if (purity.throws !== null)
    proof.assume(`evaluating \`${shorten(wanted)}\` never throws (${purity.throws})`);
  proof.assumeAll(purity.assumptions);
  proof.checked(`\`${shorten(wanted)}\` has no effect`);
}

/** The new collection reads the key of every element, also of those behind the first match. */
function checkKey(key: ts.Expression, context: RuleContext, proof: Proof): void {
  const purity = purityOf(key, context);
  need(purity.effect === null, `reading the key has an effect: ${purity.effect}`);
  need(purity.throws === null, `reading the key may throw: ${purity.throws}`);
  proof.assumeAll(purity.assumptions);
  proof.checked(`\`${shorten(key)}\` has no effect and cannot throw`);
}

/** A Map finds NaN, === does not. */
function checkNaN(key: ts.Expression, wanted: ts.Expression, context: RuleContext, proof: Proof): void {
  const { oracle } = context;
  if (oracle.neverNaN(key, 'value') || oracle.neverNaN(wanted, 'value')) {
    proof.checked('keys are compared by ===, and are proved never to be NaN');
    return;
  }
  const numbers = onlyKinds(key, context, ['number', 'nullish', 'string']);
  proof.assume(`\`${shorten(numbers ? key : wanted)}\` is never NaN`);
}

/** Elements may be null by their type: the original throws only when it reaches one. */
export function needElements(array: ts.Expression, context: RuleContext, keyNames: readonly string[]): void {
  if (keyNames.length === 0) return;
  const kinds = context.oracle.elementKinds(array);
  need(
    kinds !== null && !kinds.includes('nullish'),
    'elements may be null or undefined, where reading the key throws',
  );
}
