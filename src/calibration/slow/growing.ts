/** Collections that are copied whenever they grow: the inverse of a push, an add or a set. */
import ts from 'typescript';
import { collect, isInLoop, isLoop, replace, usesOf, type CodeFunction } from '../functions.js';
import type { TextEdit } from '../types.js';

interface Local {
  readonly declaration: ts.VariableDeclaration;
  readonly list: ts.VariableDeclarationList;
  readonly name: string;
  readonly initializer: ts.Expression;
}

/** Variables of the function that are declared alone, once, with a value. */
export function localsOf({ node }: CodeFunction): Local[] {
  const declared = collect(node.body, ts.isVariableDeclaration);
  return declared.flatMap((declaration) => {
    const { parent: list, name, initializer } = declaration;
    if (!ts.isVariableDeclarationList(list) || list.declarations.length !== 1) return [];
    if (!ts.isIdentifier(name) || initializer === undefined || !ts.isVariableStatement(list.parent))
      return [];
    const same = declared.filter((other) => ts.isIdentifier(other.name) && other.name.text === name.text);
    return same.length === 1 ? [{ declaration, list, name: name.text, initializer }] : [];
  });
}

/** `name.method(…)` as a statement of its own, with plain arguments. */
function growthOf(use: ts.Identifier, method: string, count: number): ts.CallExpression | null {
  const access = use.parent;
  if (!ts.isPropertyAccessExpression(access) || access.expression !== use || access.name.text !== method) {
    return null;
  }
  const call = access.parent;
  if (!ts.isCallExpression(call) || !ts.isExpressionStatement(call.parent)) return null;
  const isPlain = call.arguments.length === count && !call.arguments.some(ts.isSpreadElement);
  return isPlain && !call.arguments.some((argument) => mentions(argument, use.text)) ? call : null;
}

/** A search beside it may cost more than the copies, and their undoing would gain nothing that can be measured. */
const searches = /\.(find|findIndex|findLast|includes|indexOf|some|every|filter|sort|reduce|concat)\(/;

/** In each round of a loop: what grows now and then stays small. */
function growsAlways(call: ts.CallExpression): boolean {
  const block = call.parent.parent;
  return isLoop(ts.isBlock(block) ? block.parent : block);
}

const mentions = (root: ts.Node, name: string): boolean => usesOf(root, name).length > 0;

const reads = new Set(['length', 'size', 'has', 'get', 'join', 'includes', 'indexOf', 'map', 'filter']);

/** Reading a property, or the end of the function: nobody else holds the collection while it grows. */
function isHarmless(use: ts.Identifier): boolean {
  const { parent } = use;
  if (ts.isReturnStatement(parent)) return true;
  return ts.isPropertyAccessExpression(parent) && parent.expression === use && reads.has(parent.name.text);
}

type Copy = (name: string, values: readonly string[]) => string;

function grow(
  fn: CodeFunction,
  isStart: (initializer: ts.Expression) => boolean,
  method: string,
  copies: { readonly count: number; readonly text: Copy },
): TextEdit[] | null {
  if (searches.test(fn.node.body.getText())) return null;
  for (const { declaration, list, name, initializer } of localsOf(fn)) {
    if (!isStart(initializer)) continue;
    const uses = usesOf(fn.node.body, name).filter((use) => use !== declaration.name);
    const grown = uses.map((use) => growthOf(use, method, copies.count));
    if (uses.some((use, index) => grown[index] === null && !isHarmless(use))) continue;
    const calls = grown.filter((call) => call !== null);
    if (!calls.some(growsAlways) || !calls.every((call) => isInLoop(call, fn))) continue;
    const start = list.getStart();
    const keyword = { start, end: start + (list.getText().startsWith('const') ? 5 : 3), text: 'let' };
    const texts = (call: ts.CallExpression): string[] => call.arguments.map((one) => one.getText());
    return [
      ...(list.getText().startsWith('const') ? [keyword] : []),
      ...calls.map((call) => replace(call, `${name} = ${copies.text(name, texts(call))}`)),
    ];
  }
  return null;
}

const isEmptyNew =
  (type: string) =>
  (node: ts.Expression): boolean =>
    ts.isNewExpression(node) && node.expression.getText() === type && (node.arguments ?? []).length === 0;

export const growingArray = (fn: CodeFunction): TextEdit[] | null =>
  grow(fn, (node) => ts.isArrayLiteralExpression(node) && node.elements.length === 0, 'push', {
    count: 1,
    text: (name, [value]) => `${name}.concat([${value}])`,
  });

export const growingSet = (fn: CodeFunction): TextEdit[] | null =>
  grow(fn, isEmptyNew('Set'), 'add', {
    count: 1,
    text: (name, [value]) => `new Set([...${name}, ${value}])`,
  });

export const growingMap = (fn: CodeFunction): TextEdit[] | null =>
  grow(fn, isEmptyNew('Map'), 'set', {
    count: 2,
    text: (name, [key, value]) => `new Map([...${name}, [${key}, ${value}]])`,
  });

const isLookUp = (use: ts.Identifier, method: string): ts.CallExpression | null => {
  const access = use.parent;
  if (!ts.isPropertyAccessExpression(access) || access.expression !== use) return null;
  const call = access.parent;
  const fits = access.name.text === method && ts.isCallExpression(call) && call.expression === access;
  return fits && call.arguments.length === 1 ? call : null;
};

/** A set that is only asked becomes a list that is searched. */
export function searchedSet(fn: CodeFunction): TextEdit[] | null {
  for (const { declaration, name, initializer } of localsOf(fn)) {
    if (!ts.isNewExpression(initializer) || initializer.expression.getText() !== 'Set') continue;
    const [from] = initializer.arguments ?? [];
    if (from === undefined || declaration.type !== undefined) continue;
    const uses = usesOf(fn.node.body, name).filter((use) => use !== declaration.name);
    const asked = uses.map((use) => isLookUp(use, 'has'));
    if (uses.length === 0 || asked.some((call) => call === null)) continue;
    const methods = uses.map(({ parent }) => (ts.isPropertyAccessExpression(parent) ? parent.name : null));
    return [
      replace(initializer, `[...(${from.getText()})]`),
      ...methods.flatMap((method) => (method === null ? [] : [replace(method, 'includes')])),
    ];
  }
  return null;
}

/** A map that is only asked is searched entry by entry. */
export function searchedMap(fn: CodeFunction): TextEdit[] | null {
  for (const { declaration, name, initializer } of localsOf(fn)) {
    if (!ts.isNewExpression(initializer) || initializer.expression.getText() !== 'Map') continue;
    const uses = usesOf(fn.node.body, name).filter((use) => use !== declaration.name);
    const calls = uses.map((use) => isLookUp(use, 'get')).filter((call) => call !== null);
    const simple = calls.filter(({ arguments: [key] }) => key !== undefined && isName(key));
    if (!simple.some((call) => isInLoop(call, fn))) continue;
    return simple.map((call) => {
      const key = call.arguments[0]?.getText() ?? '';
      return replace(call, `Array.from(${name}).findLast(([key]) => [key].includes(${key}))?.[1]`);
    });
  }
  return null;
}

function isName(node: ts.Expression): boolean {
  if (ts.isIdentifier(node)) return node.text !== 'key';
  return (
    ts.isPropertyAccessExpression(node) && node.questionDotToken === undefined && isName(node.expression)
  );
}
