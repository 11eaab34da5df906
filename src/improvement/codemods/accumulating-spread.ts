/**
 * Catalogue 6 to 8: a collection that is copied whole for each added element is appended to instead. The copy is only
 * unnecessary when nobody holds an earlier version: the accumulator must be fresh and must not leak meanwhile.
 */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { planReduce } from './accumulating-reduce.js';
import {
  appendAll,
  appendConcat,
  appendParts,
  checkKey,
  inBlock,
  isName,
  joinLines,
  type Lines,
} from './support/append.js';
import { checkUses, outermostLoop, type Accumulator } from './accumulator-uses.js';
import { useOf } from './support/arrays.js';
import { iterationOf } from './support/hoist.js';
import { bare, contains, isLoop, methodCall, wrapped } from './support/nodes.js';
import { defineFixer, need, Proof, refuse, type Answer, type Piece } from './support/plan.js';
import { shorten } from './support/purity.js';
import { indentationAt } from './support/text.js';

export const accumulatingSpread = defineFixer('accumulating-spread', 1, (node, context) => {
  if (ts.isCallExpression(node) && methodCall(node)?.name === 'reduce') return planReduce(node, context);
  const assignment = assignmentOf(node);
  need(assignment !== null, 'neither an assignment nor a reduce call');
  return planAssignment(assignment, context);
});

function assignmentOf(node: ts.Node): ts.BinaryExpression | null {
  const at = ts.isExpressionStatement(node) ? node.expression : node;
  const fits = ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  if (fits) return at;
  const parent = ts.isExpression(at) ? wrapped(at).parent : at.parent;
  return ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
    ? parent
    : null;
}

function planAssignment(assignment: ts.BinaryExpression, context: RuleContext): Answer {
  const name = assignment.left;
  need(ts.isIdentifier(name), 'the accumulator is not a local variable');
  need(ts.isExpressionStatement(assignment.parent), 'the value of the assignment is used');
  const declaration = context.oracle.declarationOf(name);
  need(
    declaration !== null && ts.isVariableDeclaration(declaration),
    'the accumulator is not a local variable',
  );
  const references = context.oracle.referencesOf(declaration);
  const loop = outermostLoop(assignment, declaration, context);
  const seed = seedOf(declaration, name, loop);
  const accumulator = { name, declaration, references, assignment, seed };
  const proof = new Proof();
  const value = bare(assignment.right);
  const change = ts.isObjectLiteralExpression(value)
    ? objectChange(value, accumulator, context, proof)
    : arrayChange(value, accumulator, context, proof);
  checkLoop(accumulator, context);
  checkUses(accumulator, context, proof);
  return {
    proof,
    pieces: [...change, ...constant(accumulator, context)],
    explanation: `\`${name.text}\` is local and nobody holds an earlier version of it, so adding to it gives the same as copying it.`,
    complexity: { before: 'n²', after: 'n' },
  };
}

/** The last value before the loop: the statement `r = …` in front of it in the same list, else the initializer. */
function seedOf(
  declaration: ts.VariableDeclaration,
  name: ts.Identifier,
  loop: ts.Node,
): ts.Expression | null {
  let statement: ts.Node = loop;
  while (!ts.isStatement(statement)) statement = statement.parent;
  const { parent } = statement;
  if (ts.isBlock(parent) || ts.isSourceFile(parent) || ts.isCaseOrDefaultClause(parent)) {
    const before = parent.statements.slice(
      0,
      parent.statements.findIndex((one) => one === statement),
    );
    for (const one of before.toReversed()) {
      const set = ts.isExpressionStatement(one) ? one.expression : null;
      const assigns = set !== null && ts.isBinaryExpression(set) && isName(set.left, name);
      if (assigns && set.operatorToken.kind === ts.SyntaxKind.EqualsToken) return bare(set.right);
      // A seed further up would have to get past this statement.
      if (contains(one, declaration)) break;
      if (!new RegExp(`(?<![\\w$])${name.text.replaceAll('$', '\\$')}(?![\\w$])`).test(one.getText()))
        continue;
      if (declaration.initializer === undefined) return null;
    }
  }
  return declaration.initializer === undefined ? null : bare(declaration.initializer);
}

/** `r = [...r, x]`, `r = [...r, ...xs]`, `r = r.concat(x)`. */
function arrayChange(
  value: ts.Expression,
  { name, declaration, assignment, seed }: Accumulator,
  context: RuleContext,
  proof: Proof,
): readonly Piece[] {
  need(
    seed !== null && ts.isArrayLiteralExpression(seed),
    `\`${name.text}\` does not start as an array literal`,
  );
  const type = declaration.type?.getText() ?? '';
  need(!/readonly|Readonly/.test(type), `\`${name.text}\` is declared read-only`);
  const method = methodCall(value);
  if (method !== null) {
    need(
      method.name === 'concat' && isName(method.receiver, name),
      'not a concat onto the accumulator itself',
    );
    return [replace(assignment, appendConcat(method.call, name, context, proof), context)];
  }
  need(ts.isArrayLiteralExpression(value), 'neither a spread nor a concat');
  const parts = appendParts(value, name);
  const spread = parts.find(ts.isSpreadElement);
  if (spread === undefined) {
    const first = parts[0];
    const last = parts.at(-1);
    need(first !== undefined && last !== undefined, 'nothing is added');
    const file = context.sourceFile;
    return [
      { start: assignment.getStart(file), end: first.getStart(file), newText: `${name.text}.push(` },
      { start: last.end, end: assignment.end, newText: ')' },
    ];
  }
  need(parts.length === 1, 'a spread together with other elements');
  need(!isName(spread.expression, name), 'the array is added to itself');
  need(
    context.oracle.isArray(spread.expression) === 'yes',
    `\`${shorten(spread.expression)}\` is not proved to be an array`,
  );
  return [replace(assignment, appendAll(spread.expression, name.text, context), context)];
}

/** The statement's own semicolon stays behind what replaces it. */
function replace(assignment: ts.BinaryExpression, lines: Lines, context: RuleContext): Piece {
  const file = context.sourceFile;
  const start = assignment.getStart(file);
  const home = assignment.parent.parent;
  const listed = ts.isBlock(home) || ts.isCaseOrDefaultClause(home) || ts.isModuleBlock(home);
  const alone = !listed && lines.some((line) => line.startsWith('const '));
  const newText = joinLines(alone ? inBlock(lines) : lines, indentationAt(file, start), context);
  const statement = assignment.parent;
  const closed = newText.endsWith('}') && file.text.slice(assignment.end, statement.end) === ';';
  return { start, end: closed ? statement.end : assignment.end, newText };
}

/** `o = { ...o, [key]: value }` → `o[key] = value`. */
function objectChange(
  value: ts.ObjectLiteralExpression,
  { name, declaration, assignment, seed }: Accumulator,
  context: RuleContext,
  proof: Proof,
): readonly Piece[] {
  const empty = seed !== null && ts.isObjectLiteralExpression(seed) && seed.properties.length === 0;
  need(empty, `\`${name.text}\` does not start as an empty object literal`);
  need(!/[Rr]eadonly/.test(declaration.type?.getText() ?? ''), `\`${name.text}\` is declared read-only`);
  const [spread, added] = value.properties;
  const shape =
    value.properties.length === 2 &&
    spread !== undefined &&
    ts.isSpreadAssignment(spread) &&
    isName(spread.expression, name);
  need(shape, 'not a copy of the accumulator with one more property');
  need(added !== undefined && ts.isPropertyAssignment(added), 'the added property is not a plain one');
  need(ts.isComputedPropertyName(added.name), 'the added property has a fixed name');
  const key = added.name.expression;
  checkKey(key, context, proof);
  const file = context.sourceFile;
  return [
    { start: assignment.getStart(file), end: key.getStart(file), newText: `${name.text}[` },
    { start: key.end, end: added.initializer.getStart(file), newText: '] = ' },
    { start: added.initializer.end, end: assignment.end, newText: '' },
  ];
}

function checkLoop({ declaration, assignment }: Accumulator, context: RuleContext): void {
  for (let at: ts.Node = assignment; !ts.isSourceFile(at) && !contains(at, declaration); at = at.parent) {
    if (isLoop(at) || iterationOf(at, context) !== null) return;
  }
  refuse('the assignment is not in a loop outside of which the accumulator is declared');
}

/** `let` becomes `const` when this was the only assignment. */
function constant({ name, declaration, references }: Accumulator, context: RuleContext): readonly Piece[] {
  const list = declaration.parent;
  if (!ts.isVariableDeclarationList(list) || list.declarations.length !== 1) return [];
  if ((list.flags & ts.NodeFlags.Let) === 0) return [];
  const others = references.some((one) => one !== name && useOf(one, context) === 'write');
  const start = list.getStart(context.sourceFile);
  return others ? [] : [{ start, end: start + 'let'.length, newText: 'const' }];
}
