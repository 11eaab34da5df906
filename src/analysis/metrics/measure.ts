/** One walk over a file's syntax tree: cyclomatic, cognitive and nesting of every function. */
import ts from 'typescript';
import type { FunctionMetrics } from '../types.js';
import { chainPoints, isLogical, isTopOfChain, withoutParentheses, type Compat } from './cognitive.js';
import { decisionPoints } from './cyclomatic.js';
import { isUnit, nameOfUnit, startOfUnit, type Unit } from './names.js';

interface Cognitive {
  points: number;
  nesting: number;
  readonly ownName: string | null;
  recursive: boolean;
}
interface State {
  /** Decision points of the current cyclomatic unit (a function, a field initialiser, a static block, the module). */
  decisions: { points: number };
  cognitive: Cognitive;
  depth: number;
  deepest: number;
}

const fresh = (ownName: string | null): State => ({
  decisions: { points: 0 },
  cognitive: { points: 0, nesting: 0, ownName, recursive: false },
  depth: 0,
  deepest: 0,
});

/** Metrics of every function with a body, in source order of their starts. */
export function measureFunctions(
  sourceFile: ts.SourceFile,
  file: string,
  compat: Compat = 'specification',
): FunctionMetrics[] {
  const found: { readonly start: number; readonly metrics: FunctionMetrics }[] = [];
  const walk = new Walk(compat, (unit, state) => {
    const start = startOfUnit(unit, sourceFile);
    const from = sourceFile.getLineAndCharacterOfPosition(start);
    const to = sourceFile.getLineAndCharacterOfPosition(unit.end);
    found.push({
      start,
      metrics: {
        file,
        line: from.line + 1,
        column: from.character + 1,
        name: nameOfUnit(unit),
        cyclomatic: state.decisions.points + 1,
        cognitive: state.cognitive.points + (compat === 'specification' && state.cognitive.recursive ? 1 : 0),
        nesting: state.deepest,
        lines: to.line - from.line + 1,
        parameters: unit.parameters.filter((one) => !isThisParameter(one)).length,
      },
    });
  });
  walk.visit(sourceFile);
  return found.toSorted((a, b) => a.start - b.start).map(({ metrics }) => metrics);
}

function isThisParameter(parameter: ts.ParameterDeclaration): boolean {
  return ts.isIdentifier(parameter.name) && parameter.name.text === 'this';
}

class Walk {
  #state: State = fresh(null);
  readonly #compat: Compat;
  readonly #report: (unit: Unit, state: State) => void;

  constructor(compat: Compat, report: (unit: Unit, state: State) => void) {
    this.#compat = compat;
    this.#report = report;
  }

  readonly visit = (node: ts.Node): void => {
    if (isUnit(node)) return this.#unit(node);
    this.#state.decisions.points += decisionPoints(node);
    switch (node.kind) {
      case ts.SyntaxKind.IfStatement:
        return this.#if(node as ts.IfStatement);
      case ts.SyntaxKind.ForStatement:
      case ts.SyntaxKind.ForInStatement:
      case ts.SyntaxKind.ForOfStatement:
      case ts.SyntaxKind.WhileStatement:
      case ts.SyntaxKind.DoStatement:
        return this.#loop(node as ts.IterationStatement);
      case ts.SyntaxKind.SwitchStatement:
        return this.#switch(node as ts.SwitchStatement);
      case ts.SyntaxKind.TryStatement:
        return this.#deeper(() => ts.forEachChild(node, this.visit));
      case ts.SyntaxKind.CatchClause:
        return this.#catch(node as ts.CatchClause);
      case ts.SyntaxKind.ConditionalExpression:
        return this.#conditional(node as ts.ConditionalExpression);
      case ts.SyntaxKind.BreakStatement:
      case ts.SyntaxKind.ContinueStatement:
        if ((node as ts.BreakOrContinueStatement).label !== undefined) this.#state.cognitive.points += 1;
        return;
      case ts.SyntaxKind.PropertyDeclaration:
        return this.#field(node as ts.PropertyDeclaration);
      case ts.SyntaxKind.ClassStaticBlockDeclaration:
        return this.#apart(() => ts.forEachChild(node, this.visit));
      case ts.SyntaxKind.CallExpression:
        this.#noteRecursion(node as ts.CallExpression);
        break;
      case ts.SyntaxKind.BinaryExpression:
        if (isLogical(node) && isTopOfChain(node))
          this.#state.cognitive.points += chainPoints(node, this.#compat);
        break;
      default:
    }
    ts.forEachChild(node, this.visit);
  };

  /** Decorators and a computed name belong to what is around; parameters and body to the function. */
  #unit(unit: Unit): void {
    for (const modifier of unit.modifiers ?? []) this.visit(modifier);
    if (unit.name !== undefined && ts.isComputedPropertyName(unit.name)) this.visit(unit.name);
    const outer = this.#state;
    this.#state = fresh(ownNameOf(unit));
    for (const parameter of unit.parameters) this.visit(parameter);
    if (unit.body !== undefined) this.visit(unit.body);
    this.#report(unit, this.#state);
    this.#state = outer;
  }

  #structural(): void {
    this.#state.cognitive.points += 1 + this.#state.cognitive.nesting;
  }

  /** Visits a part whose control flow counts one level more. */
  #nested(node: ts.Node): void {
    const { cognitive } = this.#state;
    cognitive.nesting += 1;
    this.visit(node);
    // SonarJS never takes the level back when the part is itself a function.
    const leaks = this.#compat === 'sonarjs' && isUnit(withoutParentheses(node));
    if (!leaks) cognitive.nesting -= 1;
  }

  #deeper(inside: () => void): void {
    const state = this.#state;
    state.depth += 1;
    state.deepest = Math.max(state.deepest, state.depth);
    inside();
    state.depth -= 1;
  }

  #if(node: ts.IfStatement): void {
    const elseIf = ts.isIfStatement(node.parent) && node.parent.elseStatement === node;
    if (elseIf) this.#state.cognitive.points += 1;
    else this.#structural();
    this.visit(node.expression);
    const parts = (): void => {
      this.#nested(node.thenStatement);
      if (node.elseStatement === undefined) return;
      if (ts.isIfStatement(node.elseStatement)) return this.visit(node.elseStatement);
      this.#state.cognitive.points += 1;
      this.#nested(node.elseStatement);
    };
    if (elseIf) parts();
    else this.#deeper(parts);
  }

  #loop(node: ts.IterationStatement): void {
    this.#structural();
    this.#deeper(() =>
      ts.forEachChild(node, (child) => (child === node.statement ? this.#nested(child) : this.visit(child))),
    );
  }

  #switch(node: ts.SwitchStatement): void {
    this.#structural();
    this.visit(node.expression);
    this.#deeper(() => {
      for (const clause of node.caseBlock.clauses) this.#nested(clause);
    });
  }

  #catch(node: ts.CatchClause): void {
    this.#structural();
    if (node.variableDeclaration !== undefined) this.visit(node.variableDeclaration);
    this.#nested(node.block);
  }

  #conditional(node: ts.ConditionalExpression): void {
    this.#structural();
    this.visit(node.condition);
    this.#nested(node.whenTrue);
    this.#nested(node.whenFalse);
  }

  #field(node: ts.PropertyDeclaration): void {
    for (const modifier of node.modifiers ?? []) this.visit(modifier);
    this.visit(node.name);
    const { initializer } = node;
    if (initializer === undefined) return;
    const accessor = node.modifiers?.some((one) => one.kind === ts.SyntaxKind.AccessorKeyword) === true;
    if (accessor) this.visit(initializer);
    else this.#apart(() => this.visit(initializer));
  }

  /** A cyclomatic unit of its own inside the same cognitive scope. */
  #apart(inside: () => void): void {
    const { decisions } = this.#state;
    this.#state.decisions = { points: 0 };
    inside();
    this.#state.decisions = decisions;
  }

  #noteRecursion(call: ts.CallExpression): void {
    const { cognitive } = this.#state;
    if (cognitive.ownName === null) return;
    const callee = call.expression;
    const name = ts.isIdentifier(callee)
      ? callee.text
      : ts.isPropertyAccessExpression(callee) && callee.expression.kind === ts.SyntaxKind.ThisKeyword
        ? `this.${callee.name.text}`
        : null;
    if (name === cognitive.ownName) cognitive.recursive = true;
  }
}

/** The name by which the unit would call itself. */
function ownNameOf(unit: Unit): string | null {
  if (ts.isConstructorDeclaration(unit)) return null;
  const { name } = unit;
  if (name !== undefined && ts.isIdentifier(name))
    return ts.isMethodDeclaration(unit) ? `this.${name.text}` : name.text;
  const parent = unit.parent;
  return ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name) ? parent.name.text : null;
}
