/** Which expressions can be computed twice without anybody noticing? By syntax alone: a short list of what is known. */
import ts from 'typescript';
import { isLoop, walk, type CodeFunction } from '../functions.js';

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
/** Names of functions that are pure. */
export type Names = Pick<ReadonlySet<string>, 'has'>;

/** Methods that call their first argument. */
const callers = /^(map|filter|flatMap|reduce|some|every|find|findIndex|toSorted|sort|forEach)$/;
const converters = new Set(['String', 'Number', 'Boolean', 'BigInt']);
const collections = new Set(['Map', 'Set', 'Array']);

/** A callback that is written in place is looked at; any other has to be known. */
function isKnownCallback(node: ts.CallExpression, known: Names): boolean {
  const [callback] = node.arguments;
  if (callback === undefined || ts.isArrowFunction(callback) || ts.isFunctionExpression(callback))
    return true;
  return ts.isIdentifier(callback) && (converters.has(callback.text) || known.has(callback.text));
}

function isPureCall(node: ts.CallExpression, known: Names): boolean {
  const { expression } = node;
  if (ts.isIdentifier(expression)) return converters.has(expression.text) || known.has(expression.text);
  if (!ts.isPropertyAccessExpression(expression)) return false;
  const owner = expression.expression;
  if (ts.isIdentifier(owner)) {
    if (owner.text === 'Math') return expression.name.text !== 'random';
    const own = statics[owner.text];
    if (own !== undefined) return own.has(expression.name.text);
  }
  const { text } = expression.name;
  return methods.has(text) && (!callers.test(text) || isKnownCallback(node, known));
}

const writes = new Set([ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken]);

const nothing: Names = new Set();

/** Does evaluating this node, apart from its children, change nothing? `known`: names of pure functions. */
export function isPureNode(node: ts.Node, known: Names = nothing): boolean {
  if (ts.isCallExpression(node)) return isPureCall(node, known);
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

/** Is all that the function does done here? Else slowing it may not be felt: a sort beside it costs more than copies. */
export function isMostOf(fn: CodeFunction, place: ts.Node): boolean {
  let others = 0;
  walk(fn.node.body, (node) => {
    if (node === place) return false;
    // A loop around the place repeats it; a call around it does something more with its result.
    const encloses = node.pos <= place.pos && node.end >= place.end;
    if (ts.isCallExpression(node) || (isLoop(node) && !encloses)) others += 1;
    return true;
  });
  return others === 0;
}

/** How many calls does it hold? Work worth repeating has one at least. */
export function countCalls(root: ts.Node): number {
  let calls = 0;
  walk(root, (node) => {
    if (ts.isCallExpression(node)) calls += 1;
  });
  return calls;
}
