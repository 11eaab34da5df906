/** Source text → the same text in which chosen functions say that they are called, and how to call them again. */
import ts from 'typescript';
import type { Declaration } from '../../equivalence/declarations.js';

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** A function to be watched under an id. */
export interface Hooked {
  readonly id: string;
  readonly declaration: Declaration;
}

/**
 * @param harness text of harness/hook.cjs without its head, and `__ratchetGiven`
 */
export function hookFunctions(text: string, hooked: readonly Hooked[], harness: string): string {
  const insertions = hooked.flatMap(({ id, declaration }) => insertionsOf(id, declaration.node));
  let out = text;
  // From the end; of two at one place the later function encloses the other.
  for (const { at, text: more } of insertions.toSorted((a, b) => b.at - a.at)) {
    out = out.slice(0, at) + more + out.slice(at);
  }
  const shebang = /^#![^\n]*\n/.exec(out)?.[0] ?? '';
  return `${shebang}// @ts-nocheck\n${out.slice(shebang.length)}\n;${harness}`;
}

const ownName = '__ratchetSelf';

function insertionsOf(id: string, node: ts.FunctionLikeDeclaration): Insertion[] {
  const name = JSON.stringify(id);
  if (ts.isArrowFunction(node)) {
    return [
      { at: node.getStart(), text: `__ratchetArrow(${name}, ` },
      { at: node.end, text: ')' },
    ];
  }
  const { body } = node;
  if (body === undefined || !ts.isBlock(body)) return [];
  const again = callOf(node);
  if (again === null) return [];
  const text = ` if (!__ratchetBusy) __ratchetAt(${name}, this, arguments, ${again.text});`;
  return [...again.insertions, { at: placeIn(body), text }];
}

/** How the function can call itself again from its own first line, whatever it is called outside. */
function callOf(node: ts.FunctionLikeDeclaration): { text: string; insertions: Insertion[] } | null {
  const plain = (name: string): string => `(s, a) => ${name}.apply(s, a)`;
  if (ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node)) {
    if (node.name !== undefined && !isRebound(node, node.name.text))
      return { text: plain(node.name.text), insertions: [] };
    if (node.name !== undefined) return null;
    const from = node.asteriskToken?.end ?? keywordEnd(node);
    return { text: plain(ownName), insertions: [{ at: from, text: ` ${ownName}` }] };
  }
  const access = memberAccess(node.name);
  if (access === null) return null;
  const call = ts.isGetAccessor(node) ? `s${access}` : `s${access}.apply(s, a)`;
  return { text: `(s, a) => ${call}`, insertions: [] };
}

function memberAccess(name: ts.PropertyName | undefined): string | null {
  if (name === undefined || ts.isComputedPropertyName(name)) return null;
  if (ts.isIdentifier(name) || ts.isPrivateIdentifier(name)) return `.${name.text}`;
  return `[${JSON.stringify(name.text)}]`;
}

/** End of the word `function`. */
function keywordEnd(node: ts.FunctionDeclaration | ts.FunctionExpression): number {
  const keyword = node.getChildren().find((child) => child.kind === ts.SyntaxKind.FunctionKeyword);
  return keyword?.end ?? node.getStart();
}

/** Does a parameter or variable inside hide the function's own name? */
function isRebound(node: ts.FunctionLikeDeclaration, name: string): boolean {
  let found = false;
  const visit = (at: ts.Node): void => {
    const binds = ts.isParameter(at) || ts.isVariableDeclaration(at) || ts.isBindingElement(at);
    if (binds && ts.isIdentifier(at.name) && at.name.text === name) found = true;
    if (!found) ts.forEachChild(at, visit);
  };
  ts.forEachChild(node, visit);
  return found;
}

/** After the directives. */
function placeIn(body: ts.Block): number {
  let at = body.getStart() + 1;
  for (const statement of body.statements) {
    if (!ts.isExpressionStatement(statement) || !ts.isStringLiteral(statement.expression)) break;
    at = statement.end;
  }
  return at;
}
