/** What is counted of one class while the walk is inside it. */
import ts from 'typescript';
import type { ClassMetrics, FunctionMetrics } from '../types.js';
import { TokenCount } from './halstead.js';
import { maintainabilityOf } from './maintainability.js';
import { nameOfClass } from './names.js';

/** Names that a member reads or calls on `this`. */
export type Uses = Set<string>;

export class ClassCount {
  readonly tokens = new TokenCount();
  readonly #members: { readonly name: string; readonly uses: Uses }[] = [];
  readonly #called = new Set<string>();
  #methods = 0;
  #cyclomatic = 0;
  #cognitive = 0;
  #worst = 0;

  /** The walk enters a member with a body. Constructors and static members say nothing about cohesion. */
  enter(member: ts.ClassElement): Uses {
    const uses: Uses = new Set();
    const apart =
      ts.isConstructorDeclaration(member) ||
      (ts.canHaveModifiers(member) &&
        member.modifiers?.some((one) => one.kind === ts.SyntaxKind.StaticKeyword) === true);
    if (!apart && member.name !== undefined) this.#members.push({ name: nameText(member.name), uses });
    return uses;
  }

  called(name: string): void {
    this.#called.add(name);
  }

  method(metrics: FunctionMetrics): void {
    this.#methods += 1;
    this.#cyclomatic += metrics.cyclomatic;
    this.#cognitive += metrics.cognitive;
    this.#worst = Math.max(this.#worst, metrics.cognitive);
  }

  result(node: ts.ClassLikeDeclaration, sourceFile: ts.SourceFile, file: string): ClassMetrics {
    const from = sourceFile.getLineAndCharacterOfPosition(node.getStart(sourceFile));
    const to = sourceFile.getLineAndCharacterOfPosition(node.end);
    const lines = to.line - from.line + 1;
    const halstead = this.tokens.result();
    const parent = node.heritageClauses?.find((one) => one.token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
    return {
      file,
      line: from.line + 1,
      column: from.character + 1,
      name: nameOfClass(node),
      extends: parent === undefined ? null : parent.expression.getText(sourceFile).slice(0, 200),
      lines,
      methods: this.#methods,
      fields: fieldsOf(node),
      weightedMethods: this.#cyclomatic,
      cognitive: this.#cognitive,
      maxCognitive: this.#worst,
      response: this.#methods + this.#called.size,
      lackOfCohesion: this.#components(),
      halstead,
      maintainability: maintainabilityOf(halstead.volume, this.#cyclomatic, lines),
    };
  }

  /** LCOM4: groups of methods that neither call each other nor share a field. */
  #components(): number {
    const group = this.#members.map((_, at) => at);
    const rootOf = (at: number): number => {
      let up = at;
      for (let next = group[up]; next !== undefined && next !== up; next = group[up]) up = next;
      return up;
    };
    const users = new Map<string, number>();
    this.#members.forEach(({ name, uses }, at) => {
      for (const used of [name, ...uses]) {
        const other = users.get(used);
        if (other === undefined) users.set(used, at);
        else group[rootOf(at)] = rootOf(other);
      }
    });
    return group.filter((up, at) => up === at).length;
  }
}

function fieldsOf(node: ts.ClassLikeDeclaration): number {
  let count = 0;
  for (const member of node.members) {
    if (ts.isPropertyDeclaration(member)) count += 1;
    else if (ts.isConstructorDeclaration(member) && member.body !== undefined)
      count += member.parameters.filter((one) => ts.isParameterPropertyDeclaration(one, member)).length;
  }
  return count;
}

function nameText(name: ts.PropertyName): string {
  return ts.isComputedPropertyName(name) ? '<computed>' : name.text;
}
