/** Base text + candidate's bodies → one text in which every changed function holds both and asks which to take. */
import ts from 'typescript';
import type { Declaration } from '../declarations.js';
import type { Addition } from './align-scopes.js';
import type { Role } from './choose-roles.js';
import { isAsync, isGenerator, usesThis } from './choose-roles.js';
import { declaredWithin, renamedText, variableAround } from './names.js';

/** What is put into one function of the base. */
export interface Weft {
  readonly declaration: Declaration;
  /** Text that records the call; '' = none. */
  readonly record: (self: string, args: string) => string;
  readonly shadow: { readonly id: number; readonly role: Role } | null;
}

type Kind = 'close' | 'addition' | 'open' | 'replace';

interface Edit {
  readonly at: number;
  readonly until: number;
  readonly text: string;
  readonly kind: Kind;
  readonly depth: number;
}

const order: Readonly<Record<Kind, number>> = { close: 0, addition: 1, open: 2, replace: 3 };

function compareEdits(a: Edit, b: Edit): number {
  const kinds = order[a.kind] - order[b.kind];
  const depth = a.kind === 'close' ? b.depth - a.depth : a.depth - b.depth;
  return a.at - b.at || kinds || depth;
}

function depthOf(node: ts.Node): number {
  let depth = 0;
  for (let at: ts.Node = node; !ts.isSourceFile(at); at = at.parent) depth++;
  return depth;
}

/** @param renames names that the candidate's bodies mean otherwise */
export function weave(
  source: ts.SourceFile,
  wefts: readonly Weft[],
  additions: readonly Addition[],
  renames: ReadonlyMap<string, string>,
): string {
  const isTyped = /\.[cm]?tsx?$/.test(source.fileName);
  const edits = [
    ...wefts.flatMap((weft) => new Weaver(weft, renames, isTyped).edits()),
    ...additions.map(({ at, text }): Edit => ({ at, until: at, text, kind: 'addition', depth: 0 })),
  ].sort(compareEdits);
  let out = '';
  let from = 0;
  for (const edit of edits) {
    out += source.text.slice(from, edit.at) + edit.text;
    from = Math.max(from, edit.until);
  }
  return out + source.text.slice(from);
}

class Weaver {
  private readonly found: Edit[] = [];
  private readonly node: ts.FunctionLikeDeclaration;
  private readonly depth: number;

  constructor(
    private readonly weft: Weft,
    private readonly renames: ReadonlyMap<string, string>,
    private readonly isTyped: boolean,
  ) {
    this.node = weft.declaration.node;
    this.depth = depthOf(this.node);
  }

  edits(): readonly Edit[] {
    const { body } = this.node;
    if (body === undefined) return [];
    if (ts.isArrowFunction(this.node)) this.arrow(this.node, body);
    else if (ts.isBlock(body)) {
      const { declaration } = this.weft;
      const isPlain = declaration.kind === 'function' && !this.needsThis();
      // A method is found again along its `this`, also when it does not use it.
      const isMember = ts.isMethodDeclaration(this.node) || ts.isAccessor(this.node);
      const at = placeIn(body, declaration);
      if (at !== null) {
        // A directive may end without a semicolon.
        const lead = at > body.getStart() + 1 ? ';' : '';
        this.open(
          at,
          `${lead}${this.weft.record(isPlain ? 'null' : 'this', 'arguments')}${this.ask(isPlain && !isMember ? 'undefined' : 'this', 'arguments', '')}`,
        );
      }
    }
    return this.found;
  }

  private needsThis(): boolean {
    const after = this.weft.shadow?.role.after?.node;
    return usesThis(this.node) || (after !== undefined && usesThis(after));
  }

  private open(at: number, text: string): void {
    this.found.push({ at, until: at, text, kind: 'open', depth: this.depth });
  }

  private close(at: number, text: string): void {
    this.found.push({ at, until: at, text, kind: 'close', depth: this.depth });
  }

  /** The question at the start of a body, and the new body when the answer is yes. */
  private ask(self: string, args: string, given: string): string {
    const { shadow } = this.weft;
    if (shadow === null) return '';
    const { role, id } = shadow;
    const call = `__ratchetAt("ratchet#${id}#", ${self}, ${args}, ${role.entry ? this.self(id) : 'undefined'}, ${role.entry ? this.state(role) : 'undefined'})`;
    if (role.after === null || role.blocked !== null) return ` ${call};`;
    return ` if (${call}) return ${this.newBody(role.after, args, given)}${this.isTyped ? ' as never' : ''};`;
  }

  private newBody(after: Declaration, args: string, given: string): string {
    const { node } = after;
    const inner = node.body === undefined ? '{}' : renamedText(node.body, this.renames);
    const isBlock = node.body !== undefined && ts.isBlock(node.body);
    const body = isBlock ? inner.replace(/^\{\s*(['"])use strict\1;?/, '{') : `(${inner})`;
    const parameters = node.parameters.filter((p) => p.name.getText() !== 'this');
    const text = parameters.map((p) => renamedText(p, this.renames)).join(', ');
    const async = isAsync(node) ? 'async ' : '';
    if (isGenerator(node)) return `yield* (${async}function* (${text}) ${body}).apply(this, ${args})`;
    const own = this.node.parameters.filter((p) => p.name.getText() !== 'this');
    const isSame = own.map(shapeOf).join() === parameters.map(shapeOf).join();
    return isSame ? `(${async}() => ${body})()` : `(${async}(${text}) => ${body})(...${given || args})`;
  }

  /** A function that answers the running function itself; wraps it when nothing names it. */
  private self(id: number): string {
    const { node } = this;
    if (ts.isFunctionDeclaration(node) && node.name === undefined) {
      const at = (node.typeParameters?.pos ?? node.parameters.pos) - 1;
      this.open(at, ' __ratchetDefault ');
      return '() => __ratchetDefault';
    }
    const { parent } = node;
    const isFunction = ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node);
    const bound = ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name : undefined;
    const name = (isFunction ? node.name : bound)?.text;
    if (name !== undefined && !declaredInside(node, name)) return `() => ${name}`;
    if (ts.isMethodDeclaration(node) || ts.isAccessor(node)) {
      const isPrivate = ts.isPrivateIdentifier(node.name) && ts.isMethodDeclaration(node);
      return isPrivate ? `() => this.${node.name.getText()}` : 'undefined';
    }
    if (ts.isFunctionDeclaration(node)) return 'undefined';
    const self = `__ratchetSelf${id}`;
    const inferred = inferredName(node);
    const key = JSON.stringify(inferred);
    this.open(node.getStart(), `((${self}) => (${self} = ${inferred === null ? '(0, ' : `({ ${key}: `}`);
    this.close(node.end, `${inferred === null ? ')' : ` })[${key}]`}))()`);
    return `() => ${self}`;
  }

  /** Variables around the function that one of its versions writes, directly or not. */
  private state(role: Role): string {
    const inner = declaredWithin(this.node);
    const around = role.writes.flatMap((name) => {
      const kind = inner.has(name) ? null : variableAround(this.node, name);
      return kind === null ? [] : [{ name, kind }];
    });
    if (around.length === 0) return 'undefined';
    const sets = around.map(({ name, kind }, i) => (kind === 'settable' ? `${name} = __v[${i}]; ` : ''));
    return `{ names: ${JSON.stringify(around.map(({ name }) => name))}, get: () => [${around.map(({ name }) => name).join(', ')}], set: (__v${this.isTyped ? ': any' : ''}) => { ${sets.join('')}} }`;
  }

  /** Arrow functions have no `arguments`: patterns become names first. */
  private arrow(node: ts.ArrowFunction, body: ts.ConciseBody): void {
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
      this.found.push({
        at: parameter.getStart(),
        until: parameter.end,
        text: `${rest}${name}`,
        kind: 'replace',
        depth: this.depth,
      });
    });
    const args = `[${names.join(', ')}]`;
    const text = `${this.weft.record('null', args)}${unpack}${this.ask('undefined', args, args)}`;
    // A function without parentheses around its only parameter that became a name keeps its form.
    if (ts.isBlock(body)) {
      this.open(body.getStart() + 1, text);
      return;
    }
    // `(x) => x as T`: the type part belongs to the body and stays inside the parentheses.
    this.found.push({
      at: body.getStart(),
      until: body.getStart(),
      text: `{${text} return (`,
      kind: 'open',
      depth: this.depth + 0.5,
    });
    this.found.push({ at: body.end, until: body.end, text: '); }', kind: 'close', depth: this.depth + 0.5 });
  }
}

function declaredInside(node: ts.FunctionLikeDeclaration, name: string): boolean {
  return declaredWithin(node).has(name);
}

/** Name and default of a parameter, without its type. */
function shapeOf(parameter: ts.ParameterDeclaration): string {
  const rest = parameter.dotDotDotToken === undefined ? '' : '...';
  return `${rest}${parameter.name.getText()}=${parameter.initializer?.getText() ?? ''}`;
}

/** The name that a function without one gets from where it stands. */
function inferredName(node: ts.Node): string | null {
  const { parent } = node;
  if (ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) {
    const { name } = parent;
    return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : null;
  }
  const isAssigned =
    ts.isBinaryExpression(parent) && parent.right === node && parent.operatorToken.getText() === '=';
  return isAssigned && ts.isIdentifier(parent.left) ? parent.left.text : null;
}

/** After directives; in a derived constructor after super(…), before which there is no `this`. */
function placeIn(body: ts.Block, declaration: Declaration): number | null {
  const { statements } = body;
  const { parent } = declaration.node;
  const isDerived =
    ts.isClassLike(parent) &&
    parent.heritageClauses?.some((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword) === true;
  if (declaration.kind === 'constructor' && isDerived) {
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
