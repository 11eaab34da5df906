/**
 * Function-like declarations of one source file: how each can be called from outside, and which of them a patch
 * changed. Purely syntactic, so that it works for any JavaScript or TypeScript, also without type information.
 */
import ts from 'typescript';
import type { Owner, Place } from './places.js';
import {
  assignedPlace,
  hasModifier,
  memberPlace,
  namesOf,
  nameText,
  nowhere,
  placeOfFunction,
  runsAtLoad,
  unwrap,
} from './places.js';
import type { Access, TargetKind } from './types.js';

/** One function-like declaration with a body. */
export interface Declaration {
  /** "Cart.add", "outer>inner", "exports.parse"; unique in its file (a repeated name gets "~2"). */
  readonly name: string;
  readonly kind: TargetKind;
  readonly node: ts.FunctionLikeDeclaration;
  /** How it is called; null for closures and other things without a name outside. */
  readonly access: Access | null;
  /** Class (or constructor function) for members of instances. */
  readonly owner: Owner | null;
  readonly member: string | null;
  readonly isPrivate: boolean;
  /** The nearest declaration around it. */
  readonly parent: Declaration | null;
  /** Identifier that others use to refer to it inside the file, when it has one. */
  readonly binding: string | null;
}

/** A scope whose body runs while the module loads (the file itself, an IIFE, a UMD factory). */
export interface LoadScope {
  /** Offset at which registration code can be inserted. */
  readonly insertAt: number;
  /** Bindings that can be read from there. */
  readonly names: readonly string[];
  readonly isFile: boolean;
}

export interface FileDeclarations {
  readonly sourceFile: ts.SourceFile;
  readonly declarations: readonly Declaration[];
  readonly scopes: readonly LoadScope[];
}

const scriptKinds: Readonly<Record<string, ts.ScriptKind>> = {
  ts: ts.ScriptKind.TS,
  mts: ts.ScriptKind.TS,
  cts: ts.ScriptKind.TS,
  tsx: ts.ScriptKind.TSX,
};

/** Parses by extension; JavaScript is read as JSX, which is a superset in practice. */
export function parseSource(file: string, text: string): ts.SourceFile {
  const kind = scriptKinds[file.slice(file.lastIndexOf('.') + 1)] ?? ts.ScriptKind.JSX;
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind);
}

class Collector {
  readonly declarations: Declaration[] = [];
  readonly scopes: LoadScope[] = [];
  private readonly used = new Map<string, number>();

  constructor(private readonly sourceFile: ts.SourceFile) {}

  collect(): void {
    this.scopes.push({
      insertAt: this.sourceFile.end,
      names: namesOf(this.sourceFile.statements),
      isFile: true,
    });
    ts.forEachChild(this.sourceFile, (child) => this.visit(child, nowhere, null, true));
  }

  private visit(node: ts.Node, place: Place, parent: Declaration | null, loads: boolean): void {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      this.visitFunction(node, place, parent, loads);
      return;
    }
    if (ts.isClassLike(node)) {
      this.visitClass(node, place, parent, loads);
      return;
    }
    ts.forEachChild(node, (child) =>
      this.visit(child, this.placeOf(child, node, place, loads), parent, loads),
    );
  }

  /** The name and access that a child gets from the construct around it. */
  private placeOf(child: ts.Node, node: ts.Node, place: Place, loads: boolean): Place {
    if (ts.isVariableDeclaration(node) && node.initializer === child && ts.isIdentifier(node.name)) {
      const name = node.name.text;
      const access: Access | null = loads ? { from: 'binding', name, path: [] } : null;
      return { access, owner: null, member: null, label: name, binding: name };
    }
    if (ts.isExportAssignment(node) && node.expression === child) {
      const name = node.isExportEquals === true ? '' : 'default';
      return { ...nowhere, access: { from: 'export', name, path: [] }, label: 'default' };
    }
    if (
      ts.isBinaryExpression(node) &&
      node.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      node.right === child
    ) {
      return assignedPlace(node.left, loads);
    }
    if (ts.isPropertyAssignment(node) && node.initializer === child) {
      return memberPlace(place, nameText(node.name));
    }
    if (ts.isObjectLiteralExpression(node)) {
      return ts.isMethodDeclaration(child) || ts.isAccessor(child)
        ? memberPlace(place, nameText(child.name))
        : place;
    }
    const passes =
      ts.isParenthesizedExpression(node) ||
      ts.isAsExpression(node) ||
      ts.isSatisfiesExpression(node) ||
      ts.isNonNullExpression(node) ||
      ts.isVariableStatement(node) ||
      ts.isVariableDeclarationList(node) ||
      (ts.isBinaryExpression(node) && node.right === child);
    if (passes) return place;
    // `const f = memoize((x) => …)`: what is called from outside is still f.
    if (ts.isCallExpression(node) && place.access !== null)
      return { ...place, label: `${place.label}>(argument)` };
    return nowhere;
  }

  private visitFunction(
    node: ts.FunctionLikeDeclaration,
    outer: Place,
    parent: Declaration | null,
    loads: boolean,
  ): void {
    if (runsAtLoad(node) && loads && node.body !== undefined && ts.isBlock(node.body)) {
      const names = namesOf(node.body.statements);
      const first = node.body.statements.find(
        (s) => !ts.isExpressionStatement(s) || !ts.isStringLiteral(s.expression),
      );
      if (names.length > 0) {
        this.scopes.push({ insertAt: first?.getStart() ?? node.body.end - 1, names, isFile: false });
      }
      ts.forEachChild(node, (child) => this.visit(child, nowhere, parent, true));
      return;
    }
    const declaration = this.declare(node, placeOfFunction(node, outer, loads), parent);
    ts.forEachChild(node, (child) => this.visit(child, nowhere, declaration, false));
  }

  private declare(node: ts.FunctionLikeDeclaration, place: Place, parent: Declaration | null): Declaration {
    const base = parent === null ? place.label : `${parent.name}>${place.label}`;
    const count = (this.used.get(base) ?? 0) + 1;
    this.used.set(base, count);
    const kind: TargetKind = ts.isConstructorDeclaration(node)
      ? 'constructor'
      : ts.isGetAccessor(node) && place.owner !== null
        ? 'getter'
        : ts.isSetAccessor(node) && place.owner !== null
          ? 'setter'
          : place.owner !== null
            ? 'method'
            : 'function';
    const declaration: Declaration = {
      name: count === 1 ? base : `${base}~${count}`,
      kind,
      node,
      access: place.access,
      owner: place.owner,
      member: place.member,
      isPrivate:
        hasModifier(node, ts.SyntaxKind.PrivateKeyword) ||
        hasModifier(node, ts.SyntaxKind.ProtectedKeyword) ||
        (place.member?.startsWith('#') ?? false),
      parent,
      binding: place.binding,
    };
    this.declarations.push(declaration);
    return declaration;
  }

  private visitClass(
    node: ts.ClassLikeDeclaration,
    outer: Place,
    parent: Declaration | null,
    loads: boolean,
  ): void {
    const name = node.name?.text ?? outer.label;
    const isDefault = hasModifier(node, ts.SyntaxKind.DefaultKeyword) && node.name === undefined;
    const access: Access | null = isDefault
      ? { from: 'export', name: 'default', path: [] }
      : ts.isClassDeclaration(node) && loads && node.name !== undefined
        ? { from: 'binding', name, path: [] }
        : outer.access;
    const owner: Owner | null = access === null ? null : { access, node };
    for (const member of node.members) {
      const isStatic = hasModifier(member, ts.SyntaxKind.StaticKeyword);
      const memberName = ts.isConstructorDeclaration(member) ? 'constructor' : nameText(member.name);
      const place: Place = {
        access:
          access === null
            ? null
            : isStatic && memberName !== null
              ? { ...access, path: [...access.path, memberName] }
              : access,
        owner: isStatic ? null : owner,
        member: isStatic ? null : memberName,
        label: `${name}.${memberName ?? '(computed)'}`,
        binding: null,
      };
      if (ts.isPropertyDeclaration(member) && member.initializer !== undefined) {
        const value = unwrap(member.initializer);
        const isFunction = ts.isArrowFunction(value) || ts.isFunctionExpression(value);
        this.visit(value, isFunction ? place : nowhere, parent, false);
      } else {
        this.visit(member, place, parent, false);
      }
    }
  }
}

/** All function-like declarations of a file, in order, and the scopes in which they can be registered. */
export function declarationsOf(file: string, text: string): FileDeclarations {
  const sourceFile = parseSource(file, text);
  const collector = new Collector(sourceFile);
  collector.collect();
  return { sourceFile, declarations: collector.declarations, scopes: collector.scopes };
}
