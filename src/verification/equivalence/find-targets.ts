/**
 * Changed declarations → the nearest callable things that reach them, present on both sides. A private helper whose
 * callers changed as well is judged through its callers: its own contract may have changed with them.
 */
import ts from 'typescript';
import type { DeclarationChange, FileChange } from './changes.js';
import type { Declaration, FileDeclarations } from './declarations.js';
import { nameText } from './places.js';
import type { SignatureReader } from './signatures.js';
import type { Sibling, Target, Unreached } from './types.js';

const targetsMax = 16;
const hopsMax = 3;

export interface FoundTargets {
  readonly targets: readonly Target[];
  readonly unreached: readonly Unreached[];
}

/** Names that a module hands out: export modifiers, export lists, module.exports = {…}, exports.x = …. */
export function exportedNames(file: FileDeclarations): Set<string> {
  const names = new Set<string>();
  for (const statement of file.sourceFile.statements) {
    const isExport =
      ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
    if (isExport && (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement))) {
      if (statement.name !== undefined) names.add(statement.name.text);
    }
    if (isExport && ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations)
        if (ts.isIdentifier(name)) names.add(name.text);
    }
    if (ts.isExportAssignment(statement)) identifiersIn(statement.expression, names);
    if (ts.isExportDeclaration(statement) && statement.moduleSpecifier === undefined) {
      const { exportClause } = statement;
      if (exportClause !== undefined && ts.isNamedExports(exportClause)) {
        for (const element of exportClause.elements) names.add((element.propertyName ?? element.name).text);
      }
    }
    if (ts.isExpressionStatement(statement) && /^(module\.)?exports\b/.test(statement.getText())) {
      const { expression } = statement;
      if (ts.isBinaryExpression(expression)) identifiersIn(expression.right, names);
    }
  }
  return names;
}

function identifiersIn(node: ts.Node, names: Set<string>): void {
  if (ts.isFunctionLike(node)) return;
  if (ts.isIdentifier(node)) names.add(node.text);
  ts.forEachChild(node, (child) => identifiersIn(child, names));
}

function mentions(node: ts.Node, name: string): boolean {
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) return node.text === name;
  return ts.forEachChild(node, (child) => (mentions(child, name) ? true : undefined)) ?? false;
}

interface Pair {
  readonly before: Declaration;
  readonly after: Declaration;
}

class Finder {
  readonly found = new Map<string, Pair>();
  readonly unreached: Unreached[] = [];
  private readonly old: ReadonlyMap<string, Declaration>;
  private readonly fresh: ReadonlyMap<string, Declaration>;
  private readonly exported: ReadonlySet<string>;

  constructor(private readonly change: FileChange) {
    this.old = new Map(change.before.declarations.map((d) => [d.name, d]));
    this.fresh = new Map(change.after.declarations.map((d) => [d.name, d]));
    this.exported = exportedNames(change.before);
  }

  find(): void {
    for (const changed of this.change.declarations) this.reachChange(changed);
    for (const name of this.change.topLevel) this.reachUsers(name, 0, new Set());
  }

  private reachChange(changed: DeclarationChange): void {
    const declaration = changed.after ?? changed.before;
    if (declaration === null) return;
    if (changed.before === null || changed.after === null) {
      // New or removed: whoever calls it has changed as well, or it is a closure of something on both sides.
      const parent = declaration.parent === null ? null : this.nearest(declaration.parent);
      if (parent !== null) this.found.set(parent.before.name, parent);
      return;
    }
    this.reach({ before: changed.before, after: changed.after }, 0, new Set());
  }

  private pairOf(declaration: Declaration): Pair | null {
    const before = this.old.get(declaration.name);
    const after = this.fresh.get(declaration.name);
    return before === undefined || after === undefined ? null : { before, after };
  }

  /** Itself or the nearest declaration around it that can be called on both sides. */
  private nearest(declaration: Declaration): Pair | null {
    for (let at: Declaration | null = declaration; at !== null; at = at.parent) {
      const pair = this.pairOf(at);
      if (pair !== null && pair.before.access !== null && pair.after.access !== null) return pair;
    }
    return null;
  }

  private reach(pair: Pair, hops: number, seen: Set<string>): void {
    if (seen.has(pair.before.name) || hops > hopsMax) return;
    seen.add(pair.before.name);
    const callable = this.nearest(pair.before);
    if (callable === null) {
      const name = pair.before.binding ?? pair.before.member;
      const users = name === null ? 0 : this.reachUsers(name, hops, seen);
      if (users === 0) this.miss(pair.before, 'nothing that can be called from outside contains it');
      return;
    }
    if (callable.before.isPrivate && callable.before.owner !== null) {
      this.reachMembers(callable, hops, seen);
      return;
    }
    const { binding } = callable.before;
    if (binding !== null && !this.exported.has(binding) && this.callersChanged(binding, callable)) {
      if (this.reachUsers(binding, hops, seen) > 0) return;
    }
    this.found.set(callable.before.name, callable);
  }

  /** Did the contract of a private function possibly change together with the code that calls it? */
  private callersChanged(binding: string, self: Pair): boolean {
    return this.change.declarations.some(
      ({ before, after }) =>
        before !== null &&
        after !== null &&
        before.name !== self.before.name &&
        mentions(after.node, binding),
    );
  }

  /** A private member is reached through the public members of its class that mention it. */
  private reachMembers(pair: Pair, hops: number, seen: Set<string>): void {
    const name = pair.before.member ?? '';
    const owner = pair.before.owner?.node;
    const users = this.change.before.declarations.filter(
      (d) => d.owner?.node === owner && d.name !== pair.before.name && mentions(d.node, name),
    );
    let reached = 0;
    for (const user of users) {
      const other = this.pairOf(user);
      if (other === null) continue;
      reached++;
      this.reach(other, hops + 1, seen);
    }
    if (reached > 0) return;
    if (name.startsWith('#')) this.miss(pair.before, 'no public member of its class mentions it');
    else this.found.set(pair.before.name, pair);
  }

  /** Declarations that mention a name; returns how many of them are on both sides. */
  private reachUsers(name: string, hops: number, seen: Set<string>): number {
    const users = this.change.after.declarations.filter(
      (d) => d.binding !== name && (mentions(d.node, name) || this.ownerIs(d, name)),
    );
    let reached = 0;
    for (const user of users) {
      const pair = this.pairOf(user);
      if (pair === null) continue;
      reached++;
      this.reach(pair, hops + 1, seen);
    }
    return reached;
  }

  private ownerIs(declaration: Declaration, name: string): boolean {
    return declaration.owner?.access.from === 'binding' && declaration.owner.access.name === name;
  }

  private miss(declaration: Declaration, why: string): void {
    this.unreached.push({ file: this.change.file, name: declaration.name, why });
  }
}

/** Names of fields that callers cannot see: private, protected. */
export function hiddenFields(node: ts.Node | null | undefined): string[] {
  if (node === null || node === undefined || !ts.isClassLike(node)) return [];
  const isHidden = (member: ts.Node): boolean =>
    ts.canHaveModifiers(member) &&
    (ts.getModifiers(member) ?? []).some(
      ({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword,
    );
  return node.members.flatMap((member) => {
    if (ts.isConstructorDeclaration(member)) {
      return member.parameters
        .filter(isHidden)
        .flatMap((p) => (ts.isIdentifier(p.name) ? [p.name.text] : []));
    }
    if (!ts.isPropertyDeclaration(member) || !isHidden(member)) return [];
    const name = nameText(member.name);
    return name === null ? [] : [name];
  });
}

function siblingsOf(pair: Pair, change: FileChange, reader: SignatureReader): Sibling[] {
  const { owner } = pair.before;
  if (owner === null) return [];
  const key = JSON.stringify(owner.access);
  return change.before.declarations.flatMap((d): Sibling[] => {
    const same = d.owner !== null && JSON.stringify(d.owner.access) === key;
    if (!same || d.isPrivate || d.member === null || d.name === pair.before.name) return [];
    if (d.kind !== 'method' && d.kind !== 'getter' && d.kind !== 'setter') return [];
    if (!change.after.declarations.some((other) => other.name === d.name)) return [];
    return [{ kind: d.kind, member: d.member, signature: reader.signature(change.file, d.node) }];
  });
}

function targetOf(pair: Pair, change: FileChange, reader: SignatureReader): Target | null {
  const { before, after } = pair;
  const access = before.owner?.access ?? before.access;
  if (access === null) return null;
  const signature = reader.signature(change.file, before.node);
  const isMember = before.owner !== null && before.kind !== 'constructor';
  const construct = isMember ? reader.construct(change.file, before.owner) : null;
  return {
    id: `${change.file}#${before.name}`,
    file: change.file,
    kind: before.kind,
    access,
    member: before.member,
    signature,
    construct,
    siblings: siblingsOf(pair, change, reader),
    hidden: [...new Set([...hiddenFields(before.owner?.node), ...hiddenFields(after.owner?.node)])],
    typed: [signature, construct ?? signature].every((one) => reader.isTyped(change.file, one)),
  };
}

/** All targets of a patch, bounded; what nothing reaches is listed with the reason. */
export function findTargets(changes: readonly FileChange[], reader: SignatureReader): FoundTargets {
  const targets: Target[] = [];
  const unreached: Unreached[] = [];
  for (const change of changes) {
    const finder = new Finder(change);
    finder.find();
    unreached.push(...finder.unreached);
    for (const pair of finder.found.values()) {
      const target = targets.length < targetsMax ? targetOf(pair, change, reader) : null;
      if (target !== null) targets.push(target);
      else
        unreached.push({
          file: change.file,
          name: pair.before.name,
          why: `more than ${targetsMax} functions`,
        });
    }
  }
  return { targets, unreached };
}
