/** Catalogue 29: `Array.prototype.slice.call(arguments)` → a rest parameter. JavaScript only: it changes the type. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { bare, isGlobalName, isLoop, walk } from './support/nodes.js';
import { defineFixer, need, Proof } from './support/plan.js';
import { freshName, isOldStyle, isTypeScript } from './support/text.js';

export const argumentsCopy = defineFixer('arguments-copy', 1, (node, context) => {
  need(ts.isExpression(node) && isCopy(node, context), 'not a copy of arguments');
  need(!isTypeScript(context), 'a rest parameter would change the type of the function');
  need(!isOldStyle(context.sourceFile), 'the file is written in ES5');
  const owner = ownerOf(node);
  need(owner !== null && owner.parameters.length === 0, 'the function has parameters of its own');
  need(owner.body !== undefined && ts.isBlock(owner.body), 'the function has no body');
  need(mentionsOf(owner.body) === 1, '`arguments` is used in other ways too');
  const strict = owner.body.statements.some(
    (one) => ts.isExpressionStatement(one) && ts.isStringLiteral(one.expression),
  );
  need(!strict, "a function with its own 'use strict' cannot have a rest parameter");
  const proof = new Proof();
  proof.checked(
    'the function has no parameters, so its length stays 0 and nothing is an alias of `arguments`',
  );
  const file = context.sourceFile;
  const name = freshName(file, 'args');
  const open = openParenthesis(owner, file);
  return {
    proof,
    pieces: [
      { start: open + 1, end: open + 1, newText: `...${name}` },
      { start: node.getStart(file), end: node.end, newText: name },
    ],
    explanation:
      'A rest parameter is the same fresh array, and the engine builds it without the arguments object.',
    complexity: null,
  };
});

/** `[...arguments]`, `Array.from(arguments)`, `Array.prototype.slice.call(arguments)`, `[].slice.call(arguments)`. */
function isCopy(node: ts.Expression, context: RuleContext): boolean {
  if (ts.isArrayLiteralExpression(node)) {
    const [only] = node.elements;
    return (
      node.elements.length === 1 &&
      only !== undefined &&
      ts.isSpreadElement(only) &&
      isArguments(only.expression)
    );
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const [only] = node.arguments;
  if (node.arguments.length !== 1 || only === undefined || !isArguments(only)) return false;
  const { expression: callee, name } = node.expression;
  if (name.text === 'from') return isGlobalName(callee, 'Array', context);
  if (name.text !== 'call' || !ts.isPropertyAccessExpression(callee) || callee.name.text !== 'slice')
    return false;
  const holder = bare(callee.expression);
  if (ts.isArrayLiteralExpression(holder)) return holder.elements.length === 0;
  return (
    ts.isPropertyAccessExpression(holder) &&
    holder.name.text === 'prototype' &&
    isGlobalName(holder.expression, 'Array', context)
  );
}

function isArguments(node: ts.Expression): boolean {
  const at = bare(node);
  return ts.isIdentifier(at) && at.text === 'arguments';
}

type Owner = ts.FunctionDeclaration | ts.FunctionExpression | ts.MethodDeclaration;

/** The function whose arguments these are; not through arrows or loops, where the copy would be made several times. */
function ownerOf(node: ts.Node): Owner | null {
  for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isFunctionDeclaration(at) || ts.isFunctionExpression(at) || ts.isMethodDeclaration(at)) return at;
    if (ts.isFunctionLike(at) || isLoop(at) || ts.isClassLike(at)) return null;
  }
  return null;
}

function mentionsOf(body: ts.Block): number {
  let count = 0;
  walk(body, (node) => {
    if (ts.isIdentifier(node) && node.text === 'arguments') count += 1;
    return !(ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isMethodDeclaration(node));
  });
  return count;
}

function openParenthesis(owner: Owner, file: ts.SourceFile): number {
  const token = owner.getChildren(file).find((child) => child.kind === ts.SyntaxKind.OpenParenToken);
  need(token !== undefined, 'the parameter list was not found');
  return token.getStart(file);
}
