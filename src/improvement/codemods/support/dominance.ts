/** What has surely run before a place is reached. */
import ts from 'typescript';
import type { RuleContext } from '../../../analysis/types.js';
import { stableBinding } from './arrays.js';
import { bare, contains, wrapped } from './nodes.js';

/** Is a property of the same root surely read on the way to the loop? (It would have thrown for null.) */
export function readBefore(
  access: ts.PropertyAccessExpression,
  node: ts.Node,
  context: RuleContext,
): boolean {
  const root = bare(access.expression);
  if (!ts.isIdentifier(root)) return false;
  const binding = stableBinding(root, context);
  if (binding === null) return false;
  return binding.references.some((reference) => {
    const at = wrapped(reference);
    const { parent } = at;
    const read =
      ts.isPropertyAccessExpression(parent) &&
      parent.expression === at &&
      parent.questionDotToken === undefined;
    return read && runsBefore(parent, node);
  });
}

/** Is the expression evaluated on every path that reaches the node? Only plain statement order counts. */
function runsBefore(expression: ts.Node, node: ts.Node): boolean {
  for (let at = expression; !ts.isSourceFile(at) && !ts.isFunctionLike(at); at = at.parent) {
    const { parent } = at;
    if (ts.isIfStatement(parent) && parent.expression === at && contains(parent, node)) return true;
    if (ts.isStatement(at) && !ts.isBlock(at) && contains(parent, node)) return at.end <= node.pos + 1;
    const skipped =
      (ts.isBinaryExpression(parent) && parent.right === at) ||
      (ts.isConditionalExpression(parent) && parent.condition !== at) ||
      (ts.isIfStatement(parent) && parent.expression !== at) ||
      ts.isIterationStatement(parent, false) ||
      ts.isTryStatement(parent) ||
      ts.isCaseOrDefaultClause(parent);
    if (skipped) return false;
  }
  return false;
}
