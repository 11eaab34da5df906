/**
 * Catalogue 6 to 8: a collection that is copied whole for each added element is appended to instead. The copy is only
 * unnecessary when nobody holds an earlier version: the accumulator must be fresh and must not leak meanwhile.
 */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { planReduce } from './accumulating-reduce.js';
import { appendAll, appendConcat, appendParts, checkKey, isName } from './support/append.js';
import { isFreshArray, useOf } from './support/arrays.js';
import { iterationOf } from './support/hoist.js';
import { bare, contains, enclosingFunction, isLoop, methodCall, wrapped } from './support/nodes.js';
import { defineFixer, need, Proof, refuse, type Answer, type Piece } from './support/plan.js';
import { shorten } from './support/purity.js';

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

interface Accumulator {
  readonly name: ts.Identifier;
  readonly declaration: ts.VariableDeclaration;
  readonly references: readonly ts.Identifier[];
  readonly assignment: ts.BinaryExpression;
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
  const accumulator = { name, declaration, references, assignment };
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

/** `r = [...r, x]`, `r = [...r, ...xs]`, `r = r.concat(x)`. */
function arrayChange(
  value: ts.Expression,
  { name, declaration, assignment }: Accumulator,
  context: RuleContext,
  proof: Proof,
): readonly Piece[] {
  const seed = declaration.initializer === undefined ? null : bare(declaration.initializer);
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

function replace(node: ts.Node, newText: string, context: RuleContext): Piece {
  return { start: node.getStart(context.sourceFile), end: node.end, newText };
}

/** `o = { ...o, [key]: value }` → `o[key] = value`. */
function objectChange(
  value: ts.ObjectLiteralExpression,
  { name, declaration, assignment }: Accumulator,
  context: RuleContext,
  proof: Proof,
): readonly Piece[] {
  const seed = declaration.initializer === undefined ? null : bare(declaration.initializer);
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

/** Every mention must be harmless: reads at any time, leaks only after the loop, writes only where we see them. */
function checkUses(accumulator: Accumulator, context: RuleContext, proof: Proof): void {
  const { name, declaration, references, assignment } = accumulator;
  const home = enclosingFunction(declaration);
  const loop = outermostLoop(assignment, declaration, context);
  for (const reference of references) {
    if (reference === name) continue;
    const use = useOf(reference, context);
    const inline = runsInline(reference, home, context);
    need(inline || use !== 'read', `\`${name.text}\` is read by another function, which may be walking it`);
    if (contains(assignment.right, reference) && (use === 'read' || isLeadingSpread(reference))) {
      need(!keepsIterator(reference), `an iterator of \`${name.text}\` is kept`);
      continue;
    }
    if (use === 'read') {
      need(!iteratesAround(reference, assignment), `\`${name.text}\` is iterated while it grows`);
      need(!keepsIterator(reference), `an iterator of \`${name.text}\` is kept`);
      continue;
    }
    if (use === 'test' || use === 'mutate') {
      need(
        use === 'test' || enclosingFunction(reference) === home,
        `\`${name.text}\` is changed by a function`,
      );
      continue;
    }
    if (use === 'write') {
      need(inline, `\`${name.text}\` is assigned in another function`);
      need(
        isOwnValue(reference, name, context),
        `\`${name.text}\` is also assigned something that others may hold`,
      );
      continue;
    }
    const after = reference.pos > loop.end && enclosingFunction(reference) === home;
    need(after, `\`${name.text}\` is handed out before the loop ends: an earlier version may be kept`);
  }
  need(runsInline(name, home, context), 'the assignment is in a function that is not run in place');
  proof.checked(`\`${name.text}\` starts as a fresh literal, and nothing holds an earlier version of it`);
}

/** `r = []`, `r = {}`, `r = [...r, x]`, `r = r.concat(x)`: the variable goes on holding what only it holds. */
function isOwnValue(reference: ts.Identifier, name: ts.Identifier, context: RuleContext): boolean {
  const parent = reference.parent;
  if (!ts.isBinaryExpression(parent) || parent.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return false;
  const value = bare(parent.right);
  if (ts.isObjectLiteralExpression(value)) return true;
  const method = methodCall(value);
  if (method !== null && isName(method.receiver, name))
    return method.name === 'concat' || isFreshArray(value, context);
  return isFreshArray(value, context);
}

function isLeadingSpread(reference: ts.Identifier): boolean {
  return ts.isSpreadAssignment(wrapped(reference).parent);
}

/** The outermost loop around the assignment that does not hold the declaration. */
function outermostLoop(assignment: ts.Node, declaration: ts.Node, context: RuleContext): ts.Node {
  let loop: ts.Node = assignment;
  for (let at: ts.Node = assignment; !ts.isSourceFile(at) && !contains(at, declaration); at = at.parent) {
    if (isLoop(at)) loop = at;
    const call = iterationOf(at, context);
    if (call !== null) loop = call;
  }
  return loop;
}

/** Directly in the function, or in array callbacks that run at once inside it. */
function runsInline(node: ts.Node, home: ts.Node, context: RuleContext): boolean {
  let owner = enclosingFunction(node);
  while (owner !== home) {
    if (ts.isSourceFile(owner) || iterationOf(owner, context) === null) return false;
    owner = enclosingFunction(owner);
  }
  return true;
}

/** `for (const y of r) r = [...r, y]` walks the old array; after the change it would never end. */
function iteratesAround(reference: ts.Identifier, assignment: ts.Node): boolean {
  const parent = wrapped(reference).parent;
  if (ts.isForOfStatement(parent) || ts.isForInStatement(parent)) return contains(parent, assignment);
  const call = ts.isPropertyAccessExpression(parent) ? wrapped(parent).parent : parent;
  return contains(call, assignment);
}

function keepsIterator(reference: ts.Identifier): boolean {
  const parent = wrapped(reference).parent;
  return ts.isPropertyAccessExpression(parent) && /^(?:values|keys|entries)$/.test(parent.name.text);
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
