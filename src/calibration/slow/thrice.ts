/** A whole function done three times: the inverse of leaving out work that is not needed. Only where nobody notices. */
import ts from 'typescript';
import { collect, freshName, isAsync, replace, walk, type CodeFunction } from '../functions.js';
import type { TextEdit } from '../types.js';
import { isPureNode, type Names } from './pure.js';

const copies = /^(map|filter|flatMap|slice|concat|split|toSorted|toReversed|from|of|keys|values|entries)$/;

/** Is this a collection that nobody else holds yet? */
function isFresh(node: ts.Expression | undefined): boolean {
  if (node === undefined) return false;
  if (ts.isArrayLiteralExpression(node) || ts.isObjectLiteralExpression(node)) return true;
  if (ts.isNewExpression(node)) return /^(Map|Set|Array)$/.test(node.expression.getText());
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    copies.test(node.expression.name.text)
  );
}

interface Locals {
  /** Variables that the body declares. */
  readonly names: ReadonlySet<string>;
  /** Those that hold a collection of the body's own. */
  readonly fresh: ReadonlySet<string>;
  /** Functions that the body declares: what they do is looked at with the body. */
  readonly functions: ReadonlySet<string>;
  /** Parameters, own and of callbacks. */
  readonly parameters: ReadonlySet<string>;
}

function localsOf({ node }: CodeFunction): Locals {
  const declared = collect(node.body, ts.isVariableDeclaration);
  const named = (list: readonly { readonly name: ts.BindingName }[]): string[] =>
    list.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : collect(name, ts.isIdentifier).map(({ text }) => text),
    );
  const isFunction = ({ initializer }: ts.VariableDeclaration): boolean =>
    initializer !== undefined && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer));
  const inner = collect(node.body, ts.isFunctionDeclaration).map((one) => one.name?.text ?? '');
  return {
    names: new Set(named(declared)),
    fresh: new Set(named(declared.filter(({ initializer }) => isFresh(initializer)))),
    functions: new Set([...named(declared.filter(isFunction)), ...inner]),
    parameters: new Set([...named(node.parameters), ...named(collect(node.body, ts.isParameter))]),
  };
}

function writtenBy(node: ts.Node): ts.Expression | null {
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    const assigns = kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
    return assigns ? node.left : null;
  }
  if (!ts.isPrefixUnaryExpression(node) && !ts.isPostfixUnaryExpression(node)) return null;
  const steps =
    node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken;
  return steps ? node.operand : null;
}

/** A variable of the body, or a member of a collection that only the body holds. */
function isOwn(target: ts.Expression, { names, fresh, parameters }: Locals): boolean {
  if (ts.isIdentifier(target)) return names.has(target.text) && !parameters.has(target.text);
  const isMember = ts.isPropertyAccessExpression(target) || ts.isElementAccessExpression(target);
  return isMember && ts.isIdentifier(target.expression) && fresh.has(target.expression.text);
}

const changers = /^(push|pop|shift|unshift|splice|sort|reverse|fill|add|set|delete)$/;

function isOwnChange(node: ts.Node, { fresh }: Locals): boolean {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const { expression: owner, name } = node.expression;
  return changers.test(name.text) && ts.isIdentifier(owner) && fresh.has(owner.text);
}

const isError = (node: ts.Node): boolean =>
  ts.isThrowStatement(node) ||
  (ts.isNewExpression(node) && /^[A-Z]\w*Error$/.test(node.expression.getText()));

/** Imported functions whose name says that they only ask; the suite is asked too before such a place is used. */
const queries = /^(is|has|get|find|count|compare)[A-Z]/;

/** Is calling the function again like not calling it? `known`: names of pure functions of the tree. */
export function isPureFunction(fn: CodeFunction, known: ReadonlySet<string>): boolean {
  const locals = localsOf(fn);
  const { names, parameters, functions } = locals;
  const callable: Names = {
    has: (name) =>
      functions.has(name) ||
      (!names.has(name) && !parameters.has(name) && (known.has(name) || queries.test(name))),
  };
  let pure = !isAsync(fn);
  walk(fn.node.body, (node) => {
    const target = writtenBy(node);
    if (target !== null) pure &&= isOwn(target, locals);
    else pure &&= isError(node) || isOwnChange(node, locals) || isPureNode(node, callable);
    return pure;
  });
  return pure;
}

/** Names of functions that are pure, themselves and in what they call. A name that is there twice counts for nothing. */
export function pureNames(functions: readonly CodeFunction[]): ReadonlySet<string> {
  const byName = new Map<string, CodeFunction[]>();
  for (const fn of functions) byName.set(fn.name, [...(byName.get(fn.name) ?? []), fn]);
  const only = [...byName.values()].flatMap(([first, second]) =>
    first !== undefined && second === undefined && !ts.isMethodDeclaration(first.node) ? [first] : [],
  );
  const known = new Set<string>();
  // Grows until nothing is added: a function is pure once all that it calls is.
  for (let before = -1; before < known.size;) {
    before = known.size;
    for (const fn of only) if (!known.has(fn.name) && isPureFunction(fn, known)) known.add(fn.name);
  }
  return known;
}

/** The function does all its work three times and answers the last. */
export function doneThrice(fn: CodeFunction, known: ReadonlySet<string>): TextEdit[] | null {
  const body = fn.node.body.getText();
  // Too little to do for a difference that can be measured.
  if (!/\b(for|while)\b|\.(map|filter|reduce|split|join|sort|flatMap|some|every|find)\(/.test(body))
    return null;
  if (!isPureFunction(fn, known)) return null;
  const again = freshName(fn.source, 'work');
  const text = `{\nconst ${again} = () => ${body};\n${again}();\n${again}();\nreturn ${again}();\n}`;
  return [replace(fn.node.body, text)];
}
