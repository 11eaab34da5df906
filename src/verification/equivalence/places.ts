/** How constructs around a function give it a name and a way to be called from outside. Purely syntactic. */
import ts from 'typescript';
import type { Access } from './types.js';

export interface Owner {
  readonly access: Access;
  readonly node: ts.ClassLikeDeclaration | ts.FunctionLikeDeclaration | null;
}

/** Peels parentheses and type-only wrappers. */
export function unwrap(node: ts.Expression): ts.Expression {
  let inner = node;
  while (
    ts.isParenthesizedExpression(inner) ||
    ts.isAsExpression(inner) ||
    ts.isSatisfiesExpression(inner) ||
    ts.isNonNullExpression(inner) ||
    ts.isTypeAssertionExpression(inner)
  ) {
    inner = inner.expression;
  }
  return inner;
}

export function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind)
  );
}

export function nameText(name: ts.PropertyName | undefined): string | null {
  if (name === undefined) return null;
  if (ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name)) return name.text;
  return ts.isPrivateIdentifier(name) ? name.text : null;
}

/** `a.b.c` as names, or null when it is anything else. */
function dottedPath(node: ts.Expression): string[] | null {
  if (ts.isIdentifier(node)) return [node.text];
  if (node.kind === ts.SyntaxKind.ThisKeyword) return ['this'];
  if (!ts.isPropertyAccessExpression(node)) return null;
  const left = dottedPath(node.expression);
  return left === null ? null : [...left, node.name.text];
}

/** Where the left side of an assignment puts a function, seen from outside of the module. */
function accessOfPath(path: readonly string[], scope: boolean): Access | null {
  const [first, second, ...rest] = path;
  if (first === 'module' && second === 'exports')
    return { from: 'export', name: rest[0] ?? '', path: rest.slice(1) };
  if (first === 'exports' && second !== undefined) return { from: 'export', name: second, path: rest };
  if (first === undefined || first === 'this' || !scope) return null;
  return { from: 'binding', name: first, path: path.slice(1) };
}

/** What the construct around a function says about it. */
export interface Place {
  readonly access: Access | null;
  readonly owner: Owner | null;
  readonly member: string | null;
  readonly label: string;
  readonly binding: string | null;
}

export const nowhere: Place = {
  access: null,
  owner: null,
  member: null,
  label: '(anonymous)',
  binding: null,
};

/** Is this function run while the module loads: `(function () {…})()`, or an argument of a top-level call? */
export function runsAtLoad(node: ts.Node): boolean {
  if (!ts.isFunctionExpression(node) && !ts.isArrowFunction(node)) return false;
  let parent: ts.Node = node.parent;
  while (ts.isParenthesizedExpression(parent)) parent = parent.parent;
  const isArgument = ts.isCallExpression(parent) && parent.arguments.some((one) => one === node);
  if (ts.isPropertyAccessExpression(parent) && /^(call|apply)$/.test(parent.name.text))
    parent = parent.parent;
  if (ts.isCallExpression(parent)) {
    let statement: ts.Node = parent;
    while (!ts.isStatement(statement)) statement = statement.parent;
    // `const f = wrap((x) => {…})`: what is given away there is a function for later.
    return ts.isExpressionStatement(statement) || (ts.isVariableStatement(statement) && !isArgument);
  }
  return false;
}

/** A function keeps the place of the construct around it, or has its own by its name. */
export function placeOfFunction(node: ts.FunctionLikeDeclaration, outer: Place, loads: boolean): Place {
  if (ts.isFunctionDeclaration(node)) {
    if (node.name === undefined) {
      return { ...nowhere, access: { from: 'export', name: 'default', path: [] }, label: 'default' };
    }
    const name = node.name.text;
    const access: Access | null = loads ? { from: 'binding', name, path: [] } : null;
    return { access, owner: null, member: null, label: name, binding: name };
  }
  if (outer.label === '(anonymous)' && ts.isFunctionExpression(node) && node.name !== undefined) {
    return { ...outer, label: node.name.text };
  }
  // An accessor of a plain object is not a function that can be read out: only what holds the object reaches it.
  if (ts.isAccessor(node) && outer.owner === null) return { ...outer, access: null };
  return outer;
}

export function assignedPlace(left: ts.Expression, loads: boolean): Place {
  const path = dottedPath(left);
  if (path === null) return nowhere;
  const label = path.join('.');
  const at = path.indexOf('prototype');
  if (at > 0 && at === path.length - 2) {
    const owner = accessOfPath(path.slice(0, at), loads);
    return {
      access: owner,
      owner: owner === null ? null : { access: owner, node: null },
      member: path[at + 1] ?? null,
      label,
      binding: null,
    };
  }
  return { access: accessOfPath(path, loads), owner: null, member: null, label, binding: null };
}

export function memberPlace(place: Place, name: string | null): Place {
  if (name === null) return { ...nowhere, label: `${place.label}.(computed)` };
  const label = place.label === '(anonymous)' ? name : `${place.label}.${name}`;
  if (place.access === null) return { ...nowhere, label };
  const isPrototype = place.access.path.at(-1) === 'prototype' || place.label.endsWith('.prototype');
  if (isPrototype && place.owner === null) {
    const access: Access = { ...place.access, path: place.access.path.slice(0, -1) };
    return { access, owner: { access, node: null }, member: name, label, binding: null };
  }
  return { ...nowhere, access: { ...place.access, path: [...place.access.path, name] }, label };
}

/** Names bound by the statements of one scope: functions, classes, variables with plain names. */
export function namesOf(statements: readonly ts.Statement[]): string[] {
  return statements.flatMap((statement) => {
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      return statement.name === undefined ? [] : [statement.name.text];
    }
    if (!ts.isVariableStatement(statement) || hasModifier(statement, ts.SyntaxKind.DeclareKeyword)) return [];
    return statement.declarationList.declarations.flatMap((d) =>
      ts.isIdentifier(d.name) ? [d.name.text] : [],
    );
  });
}
