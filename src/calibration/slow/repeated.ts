/** Work done again: the inverse of computing once, of one pass, of reading in place. */
import ts from 'typescript';
import {
  collectOwn,
  insert,
  isLoop,
  replace,
  resultsOf,
  usesOf,
  walk,
  type CodeFunction,
} from '../functions.js';
import type { TextEdit } from '../types.js';
import { localsOf } from './growing.js';
import { countCalls, isMostOf, isPure, isPureNode } from './pure.js';

const heavy = new Set(['map', 'filter', 'flatMap', 'reduce', 'join', 'split', 'some', 'every', 'concat']);
const heavyStatics = /^(Object\.(keys|values|entries|fromEntries)|Array\.from|JSON\.stringify)$/;

function isHeavy(root: ts.Expression): boolean {
  let found = false;
  walk(root, (node) => {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
    found ||= heavy.has(node.expression.name.text) || heavyStatics.test(node.expression.getText());
  });
  return found;
}

/** A value is computed three times, the last one is taken. */
export function computedThrice(fn: CodeFunction): TextEdit[] | null {
  const values = [...localsOf(fn).map(({ initializer }) => initializer), ...resultsOf(fn)];
  const fitting = values
    .filter((value) => isHeavy(value) && isPure(value) && isMostOf(fn, value))
    .toSorted((a, b) => countCalls(b) - countCalls(a));
  const [value] = fitting;
  if (value === undefined) return null;
  const text = value.getText();
  return [replace(value, `(${text}, ${text}, ${text})`)];
}

/** `let total = 0; for (…) total += …`: what the loop changes is this one variable. */
function accumulatorOf(loop: ts.IterationStatement, before: ts.Statement | undefined): string | null {
  if (before === undefined || !ts.isVariableStatement(before)) return null;
  const [declaration] = before.declarationList.declarations;
  if (declaration === undefined || before.declarationList.declarations.length !== 1) return null;
  const { name, initializer } = declaration;
  if (!ts.isIdentifier(name) || initializer === undefined || !ts.isLiteralExpression(initializer))
    return null;
  return isPureBut(loop, name.text) && usesOf(loop, name.text).length > 0 ? name.text : null;
}

/** The variable that a node writes, by its text; null for none. */
function written(node: ts.Node): string | null {
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    const assigns = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
    return assigns ? node.left.getText() : null;
  }
  if (!ts.isPrefixUnaryExpression(node) && !ts.isPostfixUnaryExpression(node)) return null;
  const steps =
    node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken;
  return steps ? node.operand.getText() : null;
}

/** Nothing is written but one variable and what the loop itself declares; the loop is not left early. */
function isPureBut(loop: ts.IterationStatement, name: string): boolean {
  const own = new Set(collectOwn(loop, ts.isVariableDeclaration).map((one) => one.name.getText()));
  let pure = true;
  walk(loop, (node) => {
    const target = written(node);
    if (target !== null) pure &&= target === name || own.has(target);
    else pure &&= !ts.isReturnStatement(node) && !ts.isLabeledStatement(node) && isPureNode(node);
    return pure;
  });
  return pure;
}

/** A loop that sums something up runs three times. */
export function loopedThrice(fn: CodeFunction): TextEdit[] | null {
  for (const loop of collectOwn(fn.node.body, isLoop)) {
    const { parent } = loop;
    if (!ts.isBlock(parent)) continue;
    const before = parent.statements[parent.statements.indexOf(loop) - 1];
    const name = accumulatorOf(loop, before);
    if (name === null || before === undefined || !ts.isVariableStatement(before)) continue;
    if (!isMostOf(fn, loop)) continue;
    const start = before.declarationList.declarations[0]?.initializer?.getText() ?? '0';
    const again = `\n${name} = ${start};\n${loop.getText()}`;
    return [insert(loop.getEnd(), again + again)];
  }
  return null;
}

/** `i < xs.length` looks at a copy of xs each time. */
export function copiedPerStep(fn: CodeFunction): TextEdit[] | null {
  for (const loop of collectOwn(fn.node.body, ts.isForStatement)) {
    const { condition } = loop;
    if (condition === undefined || !ts.isBinaryExpression(condition)) continue;
    const { right } = condition;
    if (!ts.isPropertyAccessExpression(right) || right.name.text !== 'length') continue;
    if (!ts.isIdentifier(right.expression)) continue;
    return [replace(right.expression, `${right.expression.text}.slice()`)];
  }
  return null;
}

/** A callback with one parameter, so that index and array are not missed. */
function plainCallback(call: ts.CallExpression): ts.ArrowFunction | null {
  const [callback] = call.arguments;
  const fits =
    call.arguments.length === 1 &&
    callback !== undefined &&
    ts.isArrowFunction(callback) &&
    callback.parameters.length === 1 &&
    callback.modifiers === undefined;
  return fits ? callback : null;
}

function listByConcat(
  fn: CodeFunction,
  method: string,
  step: (callback: string, value: string) => string,
): TextEdit[] | null {
  for (const call of collectOwn(fn.node.body, ts.isCallExpression)) {
    const { expression } = call;
    if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== method) continue;
    if (expression.questionDotToken !== undefined) continue;
    const callback = plainCallback(call);
    if (callback === null || countCalls(callback) > 2 || !isMostOf(fn, call)) continue;
    const empty = fn.typed ? '[] as any[]' : '[]';
    const next = step(`(${callback.getText()})`, 'one');
    return [
      { start: expression.name.getStart(), end: expression.name.getEnd(), text: 'reduce' },
      { start: callback.getStart(), end: callback.getEnd(), text: `(all, one) => ${next}, ${empty}` },
    ];
  }
  return null;
}

/** `map` by a copy per element. */
export const mappedByConcat = (fn: CodeFunction): TextEdit[] | null =>
  listByConcat(fn, 'map', (callback, value) => `all.concat([${callback}(${value})])`);

/** `filter` by a copy per element. */
export const filteredByConcat = (fn: CodeFunction): TextEdit[] | null =>
  listByConcat(fn, 'filter', (callback, value) => `${callback}(${value}) ? all.concat([${value}]) : all`);
