/** Who sees an accumulator while it is built up: nobody may hold an earlier version of it. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { isName } from './support/append.js';
import { isFreshArray, useOf } from './support/arrays.js';
import { iterationOf } from './support/hoist.js';
import { bare, contains, enclosingFunction, isLoop, methodCall, wrapped } from './support/nodes.js';
import { need, type Proof } from './support/plan.js';

export interface Accumulator {
  readonly name: ts.Identifier;
  readonly declaration: ts.VariableDeclaration;
  /** What the variable holds when the loop begins. */
  readonly seed: ts.Expression | null;
  readonly references: readonly ts.Identifier[];
  readonly assignment: ts.BinaryExpression;
}

/** Every mention must be harmless: reads at any time, leaks only after the loop, writes only where we see them. */
export function checkUses(accumulator: Accumulator, context: RuleContext, proof: Proof): void {
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
    const own = enclosingFunction(reference) === home;
    // A `return` ends the function wherever it stands, so no later addition is seen.
    if (use === 'return' && own && !inFinally(assignment)) continue;
    const after = reference.pos > loop.end && own;
    need(after, `\`${name.text}\` is handed out before the loop ends: an earlier version may be kept`);
  }
  need(runsInline(name, home, context), 'the assignment is in a function that is not run in place');
  proof.checked(`\`${name.text}\` starts as a fresh literal, and nothing holds an earlier version of it`);
}

function inFinally(node: ts.Node): boolean {
  for (let at = node; !ts.isSourceFile(at) && !ts.isFunctionLike(at); at = at.parent)
    if (ts.isTryStatement(at.parent) && at.parent.finallyBlock === at) return true;
  return false;
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
export function outermostLoop(assignment: ts.Node, declaration: ts.Node, context: RuleContext): ts.Node {
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
