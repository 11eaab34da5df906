/** Which expressions can be computed twice without anybody noticing? By syntax alone: a short list of what is known. */
import ts from 'typescript';
import { walk } from '../functions.js';

const methods = new Set([
  ...['map', 'filter', 'concat', 'slice', 'flatMap', 'flat', 'join', 'split', 'reduce', 'some', 'every'],
  ...['includes', 'indexOf', 'lastIndexOf', 'find', 'findIndex', 'trim', 'toLowerCase', 'toUpperCase'],
  ...['startsWith', 'endsWith', 'charCodeAt', 'charAt', 'substring', 'padStart', 'padEnd', 'repeat'],
  ...['toSorted', 'toReversed', 'at', 'has', 'get', 'keys', 'values', 'entries', 'toFixed', 'toString'],
]);
const statics: Readonly<Record<string, ReadonlySet<string>>> = {
  Object: new Set(['keys', 'values', 'entries', 'fromEntries']),
  Array: new Set(['from', 'of', 'isArray']),
  Number: new Set(['isNaN', 'isFinite', 'isInteger', 'isSafeInteger']),
  String: new Set(['fromCharCode', 'fromCodePoint']),
  JSON: new Set(['stringify']),
};
const converters = new Set(['String', 'Number', 'Boolean', 'BigInt']);
const collections = new Set(['Map', 'Set', 'Array']);

function isPureCall(node: ts.CallExpression): boolean {
  const { expression } = node;
  if (ts.isIdentifier(expression)) return converters.has(expression.text);
  if (!ts.isPropertyAccessExpression(expression)) return false;
  const owner = expression.expression;
  if (ts.isIdentifier(owner)) {
    if (owner.text === 'Math') return expression.name.text !== 'random';
    const known = statics[owner.text];
    if (known !== undefined) return known.has(expression.name.text);
  }
  return methods.has(expression.name.text);
}

const writes = new Set([ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken]);

/** Does evaluating this node, apart from its children, change nothing? */
export function isPureNode(node: ts.Node): boolean {
  if (ts.isCallExpression(node)) return isPureCall(node);
  if (ts.isNewExpression(node))
    return ts.isIdentifier(node.expression) && collections.has(node.expression.text);
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    return kind < ts.SyntaxKind.FirstAssignment || kind > ts.SyntaxKind.LastAssignment;
  }
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node))
    return !writes.has(node.operator);
  return !(
    ts.isAwaitExpression(node) ||
    ts.isYieldExpression(node) ||
    ts.isDeleteExpression(node) ||
    ts.isTaggedTemplateExpression(node) ||
    ts.isThrowStatement(node) ||
    ts.isClassLike(node)
  );
}

/** Callbacks count as if they were called. Getters and proxies are not thought of: the suite is asked as well. */
export function isPure(root: ts.Node): boolean {
  let pure = true;
  walk(root, (node) => {
    pure &&= isPureNode(node);
    return pure;
  });
  return pure;
}

/** How many calls does it hold? Work worth repeating has one at least. */
export function countCalls(root: ts.Node): number {
  let calls = 0;
  walk(root, (node) => {
    if (ts.isCallExpression(node)) calls += 1;
  });
  return calls;
}
