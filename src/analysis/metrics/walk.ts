/** The walk behind measure.ts: decision points, cognitive points, nesting, tokens and classes in one pass. */
import ts from 'typescript';
import type { FunctionMetrics } from '../types.js';
import { ClassCount, type Uses } from './classes.js';
import { chainPoints, isLogical, isTopOfChain, withoutParentheses, type Compat } from './cognitive.js';
import { decisionPoints } from './cyclomatic.js';
import { TokenCount, countTokens } from './halstead.js';
import { referOfCall, type References } from './imports.js';
import { isUnit, type Unit } from './names.js';

interface Cognitive {
  points: number;
  nesting: number;
  readonly ownName: string | null;
  recursive: boolean;
}
export interface State {
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

export interface WalkReport {
  readonly unit: (unit: Unit, state: State, tokens: TokenCount) => FunctionMetrics;
  readonly type: (node: ts.ClassLikeDeclaration, count: ClassCount) => void;
}

/** Goes over the tree once; what it finds of units and classes is reported as it leaves them. */
export class Walk {
  /** Of the whole file. */
  readonly tokens = new TokenCount();
  readonly literals: (readonly [number, number])[] = [];
  #state: State = fresh(null);
  #scopes: readonly TokenCount[] = [this.tokens];
  #class: ClassCount | null = null;
  /** What the member that `this` belongs to uses; null where `this` is no instance of the class. */
  #uses: Uses | null = null;
  #depth = 0;
  readonly #sourceFile: ts.SourceFile;
  readonly #compat: Compat;
  readonly #references: References;
  readonly #report: WalkReport;

  constructor(sourceFile: ts.SourceFile, compat: Compat, references: References, report: WalkReport) {
    this.#sourceFile = sourceFile;
    this.#compat = compat;
    this.#references = references;
    this.#report = report;
  }

  readonly visit = (node: ts.Node): void => {
    // Types decide nothing and compute nothing.
    if (node.kind >= ts.SyntaxKind.FirstTypeNode && node.kind <= ts.SyntaxKind.LastTypeNode)
      return this.#literalsIn(node);
    countTokens(node, this.#scopes);
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
      case ts.SyntaxKind.ClassDeclaration:
      case ts.SyntaxKind.ClassExpression:
        return this.#classLike(node as ts.ClassLikeDeclaration);
      case ts.SyntaxKind.InterfaceDeclaration:
      case ts.SyntaxKind.TypeAliasDeclaration:
        return this.#literalsIn(node);
      case ts.SyntaxKind.CallExpression:
        this.#call(node as ts.CallExpression);
        break;
      case ts.SyntaxKind.PropertyAccessExpression:
        if ((node as ts.PropertyAccessExpression).expression.kind === ts.SyntaxKind.ThisKeyword)
          this.#uses?.add((node as ts.PropertyAccessExpression).name.text);
        break;
      case ts.SyntaxKind.StringLiteral:
      case ts.SyntaxKind.NoSubstitutionTemplateLiteral:
      case ts.SyntaxKind.TemplateHead:
      case ts.SyntaxKind.TemplateMiddle:
      case ts.SyntaxKind.TemplateTail:
      case ts.SyntaxKind.RegularExpressionLiteral:
      case ts.SyntaxKind.JsxText:
        return this.#literal(node);
      case ts.SyntaxKind.BinaryExpression:
        if (isLogical(node) && isTopOfChain(node))
          this.#state.cognitive.points += chainPoints(node, this.#compat);
        break;
      default:
    }
    ts.forEachChild(node, this.visit);
  };

  #literal(node: ts.Node): void {
    this.literals.push([node.getStart(this.#sourceFile), node.end]);
  }

  /** Only what could be taken for a comment. */
  readonly #literalsIn = (node: ts.Node): void => {
    const slash = this.#sourceFile.text.indexOf('/', node.pos);
    if (slash === -1 || slash >= node.end) return;
    if (ts.isLiteralExpression(node) || ts.isTemplateMiddleOrTemplateTail(node) || ts.isTemplateHead(node))
      this.#literal(node);
    else ts.forEachChild(node, this.#literalsIn);
  };

  /** Decorators and a computed name belong to what is around; parameters and body to the function. */
  #unit(unit: Unit): void {
    for (const modifier of unit.modifiers ?? []) this.visit(modifier);
    if (unit.name !== undefined)
      if (ts.isComputedPropertyName(unit.name)) this.visit(unit.name);
      else this.#literalsIn(unit.name);
    const outer = { state: this.#state, scopes: this.#scopes, uses: this.#uses };
    const tokens = new TokenCount();
    const member = ts.isClassElement(unit) && ts.isClassLike(unit.parent) ? this.#class : null;
    this.#state = fresh(ownNameOf(unit));
    this.#scopes = this.#class === null ? [this.tokens, tokens] : [this.tokens, this.#class.tokens, tokens];
    if (member !== null && ts.isClassElement(unit)) this.#uses = member.enter(unit);
    else if (!ts.isArrowFunction(unit)) this.#uses = null;
    this.#depth += 1;
    for (const parameter of unit.parameters) this.visit(parameter);
    if (unit.body !== undefined) this.visit(unit.body);
    this.#depth -= 1;
    const metrics = this.#report.unit(unit, this.#state, tokens);
    member?.method(metrics);
    ({ state: this.#state, scopes: this.#scopes, uses: this.#uses } = outer);
  }

  #classLike(node: ts.ClassLikeDeclaration): void {
    const outer = { type: this.#class, scopes: this.#scopes, uses: this.#uses };
    const count = new ClassCount();
    this.#class = count;
    this.#scopes = [this.tokens, count.tokens];
    this.#uses = null;
    ts.forEachChild(node, this.visit);
    this.#report.type(node, count);
    ({ type: this.#class, scopes: this.#scopes, uses: this.#uses } = outer);
  }

  #call(call: ts.CallExpression): void {
    this.#noteRecursion(call);
    referOfCall(this.#references, call, this.#depth > 0);
    if (this.#class === null || this.#depth === 0) return;
    const callee = call.expression;
    if (ts.isIdentifier(callee)) this.#class.called(callee.text);
    else if (ts.isPropertyAccessExpression(callee)) this.#class.called(callee.name.text);
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
