/** Catalogue 9: `b = Buffer.concat([b, x])` per chunk copies all bytes each time; the chunks are joined once at the end. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { isExported, useOf } from './support/arrays.js';
import { anchorsOf, insertBefore } from './support/hoist.js';
import { bare, contains, enclosingFunction, isLoop, methodCall, walk } from './support/nodes.js';
import { defineFixer, need, Proof } from './support/plan.js';
import { shorten } from './support/purity.js';
import { freshName, indentationAt, isTypeScript, singular, styleOf } from './support/text.js';

export const bufferConcatInLoop = defineFixer('buffer-concat-in-loop', 1, (node, context) => {
  need(
    ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken,
    'not an assignment',
  );
  const name = node.left;
  need(ts.isIdentifier(name) && ts.isExpressionStatement(node.parent), 'the buffer is not a local variable');
  const concat = methodCall(bare(node.right));
  need(
    concat?.name === 'concat' && isBuffer(concat.receiver, context) && concat.call.arguments.length === 1,
    'not a plain Buffer.concat',
  );
  const [argument] = concat.call.arguments;
  const list = argument === undefined ? null : bare(argument);
  need(
    list !== null && ts.isArrayLiteralExpression(list) && list.elements.length === 2,
    'not the buffer and one chunk',
  );
  const [first, chunk] = list.elements;
  need(
    first !== undefined && ts.isIdentifier(bare(first)) && first.getText() === name.text,
    'the chunk does not come behind what was collected',
  );
  need(chunk !== undefined && !ts.isSpreadElement(chunk), 'several chunks come at once');
  const declaration = context.oracle.declarationOf(name);
  need(
    declaration !== null && ts.isVariableDeclaration(declaration) && !isExported(declaration),
    'the buffer is not a local variable',
  );
  const home = enclosingFunction(declaration);
  const anchor = anchorsOf(node, context).findLast((one) => !contains(one.node, declaration));
  need(anchor !== undefined && isLoop(anchor.node), 'there is no loop statement around it');
  const loop = anchor.node;
  need(enclosingFunction(loop) === home, 'the loop is in another function than the buffer');
  for (const reference of context.oracle.referencesOf(declaration)) {
    const mine = reference === name || contains(first, reference);
    need(mine || !contains(loop, reference), `\`${name.text}\` is used in the loop in other ways too`);
    need(enclosingFunction(reference) === home, `\`${name.text}\` is used by another function`);
    need(
      mine || useOf(reference, context) !== 'write' || reference.pos > loop.end || reference.end < loop.pos,
      'written in the loop',
    );
  }
  needOneExit(loop, declaration);
  const proof = new Proof();
  proof.checked(`\`${name.text}\` is local, and the loop does nothing with it but adding chunks`);
  proof.assume(`\`${shorten(chunk)}\` is not written to again before the loop ends`);
  const file = context.sourceFile;
  const { eol, semicolon } = styleOf(file);
  const chunks = freshName(file, `${singular(name.text)}Chunks`);
  const next = file.text.slice(loop.end).trimStart()[0] ?? '';
  need(semicolon === ';' || !/[([`/+-]/.test(next), 'the next statement starts with an operator');
  const typed = isTypeScript(context) ? ': Uint8Array[]' : '';
  const indent = indentationAt(file, loop.getStart(file));
  return {
    proof,
    pieces: [
      ...insertBefore(anchor, [`const ${chunks}${typed} = [${name.text}]`], context),
      { start: node.getStart(file), end: chunk.getStart(file), newText: `${chunks}.push(` },
      { start: chunk.end, end: node.end, newText: ')' },
      {
        start: loop.end,
        end: loop.end,
        newText: `${eol}${indent}${name.text} = Buffer.concat(${chunks})${semicolon}`,
      },
    ],
    explanation: `Nothing looks at \`${name.text}\` before the loop has ended, so its chunks may be joined once at the end.`,
    complexity: { before: 'n²', after: 'n' },
  };
});

/** Nothing leaves the loop past the statement that joins the chunks. */
function needOneExit(loop: ts.Node, declaration: ts.Node): void {
  for (
    let at = loop;
    !ts.isFunctionLike(at) && !ts.isSourceFile(at) && !contains(at, declaration);
    at = at.parent
  )
    need(!ts.isTryStatement(at), 'an error in the loop is caught where the buffer may be used');
  walk(loop, (inner) => {
    const jump = ts.isBreakOrContinueStatement(inner) && inner.label !== undefined;
    need(!jump, 'a labelled jump leaves the loop');
  });
}

/** Node's Buffer: nothing in the file declares the name, or it is imported from Node. */
function isBuffer(node: ts.Expression, context: RuleContext): boolean {
  const at = bare(node);
  if (!ts.isIdentifier(at) || at.text !== 'Buffer') return false;
  if (context.oracle.isGlobal(at) !== 'no') return true;
  const declaration = context.oracle.declarationOf(at);
  if (declaration === null) return false;
  let top: ts.Node = declaration;
  while (!ts.isSourceFile(top.parent)) top = top.parent;
  return ts.isImportDeclaration(top) && /^['"](?:node:)?buffer['"]$/.test(top.moduleSpecifier.getText());
}
