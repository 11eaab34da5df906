/** Catalogue 22: `unshift` per element moves everything each time; appending and reversing once gives the same array. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { isExported, stableBinding, type Binding } from './support/arrays.js';
import { anchorsOf } from './support/hoist.js';
import {
  bare,
  contains,
  enclosingFunction,
  isLoop,
  methodCall,
  walk,
  type MethodCall,
} from './support/nodes.js';
import { defineFixer, need, Proof, type Piece } from './support/plan.js';
import { indentationAt, styleOf } from './support/text.js';

export const unshiftInLoop = defineFixer('unshift-in-loop', 1, (node, context) => {
  const call = methodCall(node);
  need(
    call !== null && call.name === 'unshift' && call.call.arguments.length === 1,
    'not an unshift of one element',
  );
  need(ts.isExpressionStatement(call.call.parent), 'the new length is used');
  const array = bare(call.receiver);
  need(ts.isIdentifier(array), 'the array is not a local variable');
  const binding = stableBinding(array, context);
  need(binding !== null && binding.initializer !== null, 'the array is not a local that is assigned once');
  const seed = bare(binding.initializer);
  need(ts.isArrayLiteralExpression(seed) && seed.elements.length === 0, 'the array does not start empty');
  const loop = outermostLoop(call, binding, context);
  needOnlyUse(array, binding, loop);
  needOneExit(loop);
  const proof = new Proof();
  proof.checked('the array starts empty, is local, and the loop does nothing with it but this');
  const file = context.sourceFile;
  const style = styleOf(file);
  const name = call.access.name;
  const after: Piece = {
    start: loop.end,
    end: loop.end,
    newText: `${style.eol}${indentationAt(file, loop.getStart(file))}${array.text}.reverse()${style.semicolon}`,
  };
  const next = file.text.slice(loop.end).trimStart()[0] ?? '';
  need(style.semicolon === ';' || !/[([`/+-]/.test(next), 'the next statement starts with an operator');
  return {
    proof,
    pieces: [{ start: name.getStart(file), end: name.end, newText: 'push' }, after],
    explanation:
      'Nothing looks at the array before the loop has ended, so its order may be made once at the end.',
    complexity: { before: 'n²', after: 'n' },
  };
});

/** The outermost statement with a loop around the call in which the array is not declared anew. */
function outermostLoop(call: MethodCall, binding: Binding, context: RuleContext): ts.Statement {
  const around = anchorsOf(call.call, context).map((anchor) => anchor.node);
  const outer = around.findLast((one) => !contains(one, binding.declaration));
  need(outer !== undefined && ts.isStatement(outer), 'there is no loop that ends before the array is used');
  const simple = isLoop(outer) || ts.isExpressionStatement(outer) || ts.isVariableStatement(outer);
  need(simple, 'nothing can follow the statement of the loop');
  return outer;
}

function needOnlyUse(array: ts.Identifier, binding: Binding, loop: ts.Statement): void {
  need(!isExported(binding.declaration), 'the array is exported');
  const home = enclosingFunction(binding.declaration);
  need(enclosingFunction(loop) === home, 'the loop is in another function than the array');
  for (const reference of binding.references) {
    if (reference === array) continue;
    need(!contains(loop, reference), `\`${array.text}\` is used in the loop in other ways too`);
    need(
      enclosingFunction(reference) === home && reference.pos >= loop.end,
      `\`${array.text}\` is used before the loop or by another function`,
    );
  }
  for (let at: ts.Node = loop; at !== home && !contains(at, binding.declaration); at = at.parent)
    need(!ts.isTryStatement(at), 'an error in the loop is caught where the array may be used');
}

/** A labelled jump could leave the loop past the new statement. */
function needOneExit(loop: ts.Statement): void {
  walk(loop, (node) => {
    if (ts.isFunctionLike(node)) return true;
    need(
      !(ts.isBreakOrContinueStatement(node) && node.label !== undefined),
      'a labelled jump leaves the loop',
    );
    return true;
  });
}
