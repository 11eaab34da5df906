/**
 * Halstead's counts (M. H. Halstead, Elements of Software Science, 1977) over the syntax tree. Which nodes are operators and which operands is written in docs/metrics.md; types are neither.
 */
import ts from 'typescript';
import type { Halstead } from '../types.js';

const operator = 1;
const operand = 2;
const classes = new Uint8Array(1_024);
const K = ts.SyntaxKind;
for (const kind of [
  // Statements, by their keyword.
  K.IfStatement,
  K.ForStatement,
  K.ForInStatement,
  K.ForOfStatement,
  K.WhileStatement,
  K.DoStatement,
  K.SwitchStatement,
  K.CaseClause,
  K.DefaultClause,
  K.ReturnStatement,
  K.ThrowStatement,
  K.TryStatement,
  K.CatchClause,
  K.BreakStatement,
  K.ContinueStatement,
  K.WithStatement,
  K.VariableDeclarationList,
  // Expressions, by their punctuation or keyword.
  K.ConditionalExpression,
  K.CallExpression,
  K.NewExpression,
  K.PropertyAccessExpression,
  K.ElementAccessExpression,
  K.AwaitExpression,
  K.YieldExpression,
  K.TypeOfExpression,
  K.VoidExpression,
  K.DeleteExpression,
  K.SpreadElement,
  K.SpreadAssignment,
  K.ArrowFunction,
  K.FunctionExpression,
  K.FunctionDeclaration,
  K.ClassDeclaration,
  K.ClassExpression,
  K.PropertyAssignment,
  K.ObjectLiteralExpression,
  K.ArrayLiteralExpression,
  K.TemplateExpression,
  K.TaggedTemplateExpression,
  K.JsxOpeningElement,
  K.JsxSelfClosingElement,
  K.JsxFragment,
  K.JsxAttribute,
  K.JsxExpression,
])
  classes[kind] = operator;
for (const kind of [
  K.Identifier,
  K.PrivateIdentifier,
  K.NumericLiteral,
  K.BigIntLiteral,
  K.StringLiteral,
  K.NoSubstitutionTemplateLiteral,
  K.TemplateHead,
  K.TemplateMiddle,
  K.TemplateTail,
  K.RegularExpressionLiteral,
  K.TrueKeyword,
  K.FalseKeyword,
  K.NullKeyword,
  K.ThisKeyword,
  K.SuperKeyword,
])
  classes[kind] = operand;

const suffix = 1_024;

/** Occurrences and distinct ones in one scope. */
export class TokenCount {
  #operators = 0;
  #operands = 0;
  readonly #distinctOperators = new Set<number>();
  readonly #distinctOperands = new Set<string>();

  operator(kind: number): void {
    this.#operators += 1;
    this.#distinctOperators.add(kind);
  }

  operand(text: string): void {
    this.#operands += 1;
    this.#distinctOperands.add(text);
  }

  result(): Halstead {
    return halsteadOf(
      this.#operators,
      this.#operands,
      this.#distinctOperators.size,
      this.#distinctOperands.size,
    );
  }
}

/** Counts this very node (not its children) in each of the scopes. */
export function countTokens(node: ts.Node, scopes: readonly TokenCount[]): void {
  const kind = node.kind;
  const kindOfToken = classes[kind];
  if (kindOfToken === operator) for (const scope of scopes) scope.operator(kind);
  else if (kindOfToken === operand) {
    const text = textOf(node);
    for (const scope of scopes) scope.operand(text);
    return;
  }
  const more = specialOperator(node);
  if (more !== 0) for (const scope of scopes) scope.operator(more);
}

function textOf(node: ts.Node): string {
  if (node.kind === K.Identifier) return (node as ts.Identifier).text;
  if (ts.isStringLiteralLike(node) || ts.isTemplateMiddleOrTemplateTail(node) || ts.isTemplateHead(node))
    return `"${node.text}`;
  if (ts.isLiteralExpression(node) || ts.isPrivateIdentifier(node)) return node.text;
  return `${node.kind} keyword`;
}

/** Operators that are not told by the node's kind alone; 0 = none. */
function specialOperator(node: ts.Node): number {
  switch (node.kind) {
    case K.BinaryExpression:
      return (node as ts.BinaryExpression).operatorToken.kind;
    case K.PrefixUnaryExpression:
      return (node as ts.PrefixUnaryExpression).operator;
    case K.PostfixUnaryExpression:
      return (node as ts.PostfixUnaryExpression).operator + suffix;
    case K.VariableDeclaration:
    case K.Parameter:
    case K.PropertyDeclaration:
    case K.BindingElement:
      return (node as ts.VariableDeclaration).initializer === undefined ? 0 : K.EqualsToken;
    case K.PropertyAccessExpression:
    case K.ElementAccessExpression:
    case K.CallExpression:
      return (node as ts.CallExpression).questionDotToken === undefined ? 0 : K.QuestionDotToken;
    default:
      return 0;
  }
}

function halsteadOf(operators: number, operands: number, n1: number, n2: number): Halstead {
  const volume = n1 + n2 === 0 ? 0 : (operators + operands) * Math.log2(n1 + n2);
  const difficulty = n2 === 0 ? 0 : (n1 / 2) * (operands / n2);
  return {
    operators,
    operands,
    distinctOperators: n1,
    distinctOperands: n2,
    volume: round(volume),
    difficulty: round(difficulty),
    effort: Math.round(volume * difficulty),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
