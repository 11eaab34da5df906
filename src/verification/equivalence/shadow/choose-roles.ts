/** Which functions of a changed file take the new body in shadow runs, and at which ones shadow calls begin. */
import ts from 'typescript';
import { ownTokens } from '../changes.js';
import type { FileChange } from '../changes.js';
import type { Declaration, FileDeclarations } from '../declarations.js';
import { isCalledInPlace } from '../in-place.js';
import type { Alignment } from './align-scopes.js';
import { hasModifier } from '../places.js';
import { declaredWithin, refersTo, writtenIn } from './names.js';

/** What one base declaration does in the instrumented copy. */
export interface Role {
  readonly before: Declaration;
  /** The candidate's version with probes in it; null = only an entry. */
  readonly after: Declaration | null;
  /** Shadow calls may begin here. */
  readonly entry: boolean;
  /** Changed functions for whose sake they begin here, when nothing could be learned at themselves. */
  readonly serves: readonly Declaration[];
  /** Names of variables around it that it writes, also by the functions that it uses. */
  readonly writes: readonly string[];
  /** Why the new body cannot be taken; a run that comes here is not the candidate's. */
  readonly blocked: string | null;
}

export function usesThis(node: ts.Node): boolean {
  let found = false;
  const visit = (at: ts.Node): void => {
    if (at.kind === ts.SyntaxKind.ThisKeyword || at.kind === ts.SyntaxKind.SuperKeyword) found = true;
    const hasOwn = ts.isFunctionDeclaration(at) || ts.isFunctionExpression(at) || ts.isClassLike(at);
    if (!found && (at === node || !hasOwn)) ts.forEachChild(at, visit);
  };
  visit(node);
  return found;
}

export function isGenerator(node: ts.FunctionLikeDeclaration): boolean {
  return 'asteriskToken' in node && node.asteriskToken !== undefined;
}

export function isAsync(node: ts.Node): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword)
  );
}

function classOf(declaration: Declaration): ts.ClassLikeDeclaration | null {
  const { parent } = declaration.node;
  if (ts.isClassLike(parent)) return parent;
  return ts.isPropertyDeclaration(parent) && ts.isClassLike(parent.parent) ? parent.parent : null;
}

/** Everything of a class but its functions: what its instances are made of. */
function stateTokens(node: ts.ClassLikeDeclaration, file: FileDeclarations): string {
  const nested = new Set<ts.Node>(file.declarations.map((d) => d.node));
  const members = node.members.filter((member) => !nested.has(member));
  const constructs = node.members.some(ts.isConstructorDeclaration);
  const heritage = (node.heritageClauses ?? []).map((clause) => clause.getText());
  return [...heritage, String(constructs), ...members.map((member) => ownTokens(member, nested))].join('\n');
}

function obstacle(before: Declaration, after: Declaration, change: FileChange): string | null {
  const [a, b] = [before.node, after.node];
  if (before.kind !== after.kind) return 'it becomes another kind of member';
  if (isGenerator(a) !== isGenerator(b)) return 'it becomes a generator, or no longer is one';
  if (isGenerator(a) && /\bsuper\b/.test(b.getText())) return 'a generator that uses super';
  const isArrow = ts.isArrowFunction(a);
  if (isArrow !== ts.isArrowFunction(b) && usesThis(b)) return 'its `this` becomes another one';
  if (isArrow && !ts.isArrowFunction(b) && /\barguments\b/.test(b.getText()))
    return 'it now reads `arguments`';
  if (isArrow && b.parameters.length > a.parameters.length) return 'it takes more parameters';
  if (ts.isConstructorDeclaration(a) && /\bsuper\s*\(/.test(a.getText()))
    return 'a constructor that calls super';
  const [oldClass, newClass] = [classOf(before), classOf(after)];
  if (oldClass !== null && newClass !== null) {
    if (stateTokens(oldClass, change.before) !== stateTokens(newClass, change.after))
      return 'the fields of its class change as well';
  }
  return null;
}

/** A name that means an outer variable in the new body and a local one in the old body. */
function captured(before: Declaration, after: Declaration): string | null {
  if (before.node.body === undefined || after.node.body === undefined) return null;
  const inner = declaredWithin(after.node);
  const hidden = [...declaredWithin(before.node.body)].filter((name) => !inner.has(name));
  const names = hidden.filter((name) => refersTo(after.node, new Set([name])));
  return names[0] === undefined ? null : `its new body means another ${names[0]}`;
}

function ancestors(declaration: Declaration): Declaration[] {
  return declaration.parent === null ? [] : [declaration.parent, ...ancestors(declaration.parent)];
}

/** An arrow function that uses the `this` around it cannot be called with another one. */
function mayEnter(declaration: Declaration): boolean {
  const { node } = declaration;
  if (ts.isConstructorDeclaration(node) || node.body === undefined) return false;
  // Copies of instances have no private fields: only what makes such an instance can be called again.
  const owner = hasModifier(node, ts.SyntaxKind.StaticKeyword) ? null : classOf(declaration);
  if (owner?.members.some((m) => m.name !== undefined && ts.isPrivateIdentifier(m.name) && isField(m)))
    return false;
  return !ts.isArrowFunction(node) || !usesThis(node);
}

/** What a callback does to an accumulator counts by what the function around it makes of it, not by itself. */
function isJudgedFromOutside(declaration: Declaration): boolean {
  return isCalledInPlace(declaration) && ancestors(declaration).some(mayEnter);
}

function isField(member: ts.ClassElement): boolean {
  return ts.isPropertyDeclaration(member) || ts.isMethodDeclaration(member);
}

/** Declarations that are dispatched: the changed ones and the users of what means something else now. */
function changedPairs(change: FileChange, woven: FileDeclarations, alignment: Alignment): Map<string, Pair> {
  const old = new Map(change.before.declarations.map((d) => [d.name, d]));
  const fresh = new Map(woven.declarations.map((d) => [d.name, d]));
  const changed = new Set(change.declarations.map((d) => d.name));
  const renamed = new Set(alignment.renames.keys());
  const pairs = new Map<string, Pair>();
  for (const after of change.after.declarations) {
    const uses = renamed.size > 0 && after.parent === null && refersTo(after.node, renamed);
    const lost = after.parent !== null && changed.has(after.name) && old.get(after.name) === undefined;
    if (!changed.has(after.name) && !uses && !lost) continue;
    const target = pairable(after, old);
    const newer = target === null ? undefined : fresh.get(target.name);
    const before = target === null ? undefined : old.get(target.name);
    const original = change.after.declarations.find((d) => d.name === target?.name);
    if (before !== undefined && newer !== undefined && original !== undefined)
      pairs.set(before.name, { before, after: original, woven: newer });
  }
  for (const { before, after } of change.declarations) {
    // A closure that is gone: what is around it has changed by that.
    const around = after === null ? (before?.parent ?? null) : null;
    const newer = around === null ? undefined : fresh.get(around.name);
    const original = change.after.declarations.find((d) => d.name === around?.name);
    if (around !== null && newer !== undefined && original !== undefined)
      pairs.set(around.name, { before: around, after: original, woven: newer });
  }
  for (const pair of [...pairs.values()]) {
    // A closure that cannot change places alone does so with the function around it.
    const lifted = lift(pair, change, fresh);
    if (lifted !== pair) pairs.set(lifted.before.name, lifted);
  }
  // What is inside of a function that is dispatched comes with it.
  for (const [name, { before }] of pairs) {
    if (ancestors(before).some((outer) => pairs.has(outer.name))) pairs.delete(name);
  }
  return pairs;
}

interface Pair {
  readonly before: Declaration;
  readonly after: Declaration;
  readonly woven: Declaration;
}

function lift(pair: Pair, change: FileChange, fresh: ReadonlyMap<string, Declaration>): Pair {
  let at = pair;
  for (;;) {
    const problem = obstacle(at.before, at.after, change) ?? captured(at.before, at.after);
    const around = at.before.parent;
    const woven = around === null ? undefined : fresh.get(around.name);
    if (problem === null || around === null || woven === undefined) return at;
    if (at.after.parent?.name !== around.name) return at;
    at = { before: around, after: at.after.parent, woven };
  }
}

/** Itself or the nearest around it that the base has as well. */
function pairable(after: Declaration, old: ReadonlyMap<string, Declaration>): Declaration | null {
  for (let at: Declaration | null = after; at !== null; at = at.parent) if (old.has(at.name)) return at;
  return null;
}

/** Roles of all functions of one file that matter. */
export function chooseRoles(
  change: FileChange,
  woven: FileDeclarations,
  alignment: Alignment,
): readonly Role[] {
  const pairs = changedPairs(change, woven, alignment);
  const roles = new Map<Declaration, Role>();
  const shared = new Set(alignment.shared.keys());
  for (const { before, after, woven: newer } of pairs.values()) {
    const state = [...shared].find((name) => refersTo(after.node, new Set([name])));
    const kept = state === undefined ? undefined : alignment.shared.get(state);
    const own = obstacle(before, after, change) ?? captured(before, after);
    const blocked = alignment.blocked ?? kept ?? own;
    const writes = [...new Set([...writesOf(before, change.before), ...writesOf(newer, woven)])];
    const entry = blocked === null && mayEnter(before) && !isJudgedFromOutside(before);
    roles.set(before, { before, after: newer, entry, blocked, serves: [], writes });
  }
  for (const { before } of [...roles.values()]) {
    const name = before.binding ?? before.member;
    const users = change.before.declarations.filter(
      (d) => name !== null && d !== before && refersToMember(d.node, name),
    );
    for (const entry of new Set([...ancestors(before), ...users])) {
      const known = roles.get(entry);
      if (known !== undefined && known.after === null)
        roles.set(entry, { ...known, serves: [...known.serves, before] });
      if (known !== undefined || !mayEnter(entry)) continue;
      const writes = [...writesOf(entry, change.before)];
      roles.set(entry, { before: entry, after: null, entry: true, blocked: null, serves: [before], writes });
    }
  }
  return [...roles.values()];
}

/** Names at the root of what a function writes, also through functions of its file that it mentions. */
function writesOf(from: Declaration, file: FileDeclarations): Set<string> {
  const names = new Set<string>();
  const done = new Set<Declaration>();
  const queue = [from];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (done.has(at)) continue;
    done.add(at);
    for (const name of writtenIn(at.node)) names.add(name);
    for (const other of file.declarations) {
      const name = other.binding;
      if (name !== null && !done.has(other) && refersTo(at.node, new Set([name]))) queue.push(other);
    }
  }
  return names;
}

function refersToMember(node: ts.Node, name: string): boolean {
  if ((ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) && node.text === name) return true;
  return ts.forEachChild(node, (child) => (refersToMember(child, name) ? true : undefined)) ?? false;
}
