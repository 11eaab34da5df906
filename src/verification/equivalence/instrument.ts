/** Base source text → the same text with a recorder call at the start of chosen functions. */
import ts from 'typescript';
import type { Declaration } from './declarations.js';

interface Insertion {
  readonly at: number;
  /** Replaces up to here. */
  readonly until: number;
  readonly text: string;
}

/** A function to be recorded under an id. */
export interface Recorded {
  readonly id: string;
  readonly declaration: Declaration;
}

/**
 * @param recorder text of harness/recorder.cjs without its head
 */
export function instrument(text: string, recorded: readonly Recorded[], recorder: string): string {
  const insertions = recorded.flatMap(({ id, declaration }) => insertionsOf(id, declaration));
  let out = text;
  for (const { at, until, text: more } of insertions.toSorted((a, b) => b.at - a.at || b.until - a.until)) {
    out = out.slice(0, at) + more + out.slice(until);
  }
  const shebang = /^#![^\n]*\n/.exec(out)?.[0] ?? '';
  return `${shebang}// @ts-nocheck\n${out.slice(shebang.length)}\n;${recorder}`;
}

function isDerived(declaration: Declaration): boolean {
  const { parent } = declaration.node;
  return (
    ts.isClassLike(parent) &&
    parent.heritageClauses?.some((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword) === true
  );
}

/** A member of a class that is constructed without code of its own: the first call is the first that is seen of it. */
function isBare(declaration: Declaration): boolean {
  const owner = declaration.owner?.node;
  if (owner === null || owner === undefined || !ts.isClassLike(owner) || declaration.kind === 'constructor')
    return false;
  const isExtending =
    owner.heritageClauses?.some((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword) === true;
  return !isExtending && !owner.members.some(ts.isConstructorDeclaration);
}

function insertionsOf(id: string, declaration: Declaration): Insertion[] {
  const { node } = declaration;
  const { body } = node;
  if (body === undefined) return [];
  const isArrow = ts.isArrowFunction(node);
  const self = isArrow || (declaration.kind === 'function' && !usesThis(node)) ? 'null' : 'this';
  const call = (args: string): string =>
    ` __ratchetRecord(${JSON.stringify(id)}, '${declaration.kind}', ${isBare(declaration)}, ${self}, ${args});`;
  if (!isArrow) {
    if (!ts.isBlock(body)) return [];
    const at = placeIn(body, declaration);
    return at === null ? [] : [{ at, until: at, text: call('arguments') }];
  }
  return arrowInsertions(node, body, call);
}

/** After directives; in a derived constructor after super(…), before which there is no `this`. */
function placeIn(body: ts.Block, declaration: Declaration): number | null {
  const { statements } = body;
  if (declaration.kind === 'constructor' && isDerived(declaration)) {
    const call = statements.find(
      (s) =>
        ts.isExpressionStatement(s) &&
        ts.isCallExpression(s.expression) &&
        s.expression.expression.kind === ts.SyntaxKind.SuperKeyword,
    );
    return call?.end ?? null;
  }
  let at = body.getStart() + 1;
  for (const statement of statements) {
    if (!ts.isExpressionStatement(statement) || !ts.isStringLiteral(statement.expression)) break;
    at = statement.end;
  }
  return at;
}

function usesThis(node: ts.Node): boolean {
  let found = false;
  const visit = (at: ts.Node): void => {
    if (at.kind === ts.SyntaxKind.ThisKeyword) found = true;
    const hasOwn = ts.isFunctionDeclaration(at) || ts.isFunctionExpression(at) || ts.isClassLike(at);
    if (!found && (at === node || !hasOwn)) ts.forEachChild(at, visit);
  };
  visit(node);
  return found;
}

/** Arrow functions have no `arguments`: patterns become names first. */
function arrowInsertions(
  node: ts.ArrowFunction,
  body: ts.ConciseBody,
  call: (args: string) => string,
): Insertion[] {
  const insertions: Insertion[] = [];
  const names: string[] = [];
  let unpack = '';
  node.parameters.forEach((parameter, i) => {
    const rest = parameter.dotDotDotToken === undefined ? '' : '...';
    if (ts.isIdentifier(parameter.name)) {
      if (parameter.name.text !== 'this') names.push(`${rest}${parameter.name.text}`);
      return;
    }
    const name = `__ratchet${i}`;
    names.push(`${rest}${name}`);
    const given = parameter.initializer?.getText();
    unpack += ` let ${parameter.name.getText()} = ${given === undefined ? name : `${name} === undefined ? ${given} : ${name}`};`;
    insertions.push({ at: parameter.getStart(), until: parameter.end, text: `${rest}${name}` });
  });
  const text = `${call(`[${names.join(', ')}]`)}${unpack}`;
  if (ts.isBlock(body)) {
    const at = body.getStart() + 1;
    return [...insertions, { at, until: at, text }];
  }
  const start = body.getStart();
  const before = { at: start, until: start, text: `{${text} return (` };
  // `(x) => x as T`: the type part belongs to the body and stays inside the parentheses.
  return [...insertions, before, { at: body.end, until: body.end, text: '); }' }];
}
