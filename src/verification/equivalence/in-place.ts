/** Callbacks that are written where they are used. Purely syntactic. */
import ts from 'typescript';
import type { Declaration } from './declarations.js';

/** Built-in methods that call what they are handed before they return. */
const callsAtOnce = new Set([
  ...['reduce', 'reduceRight', 'map', 'flatMap', 'filter', 'forEach', 'some', 'every', 'sort', 'toSorted'],
  ...['find', 'findIndex', 'findLast', 'findLastIndex', 'replace', 'replaceAll', 'from', 'fromEntries'],
]);

/**
 * Is it a callback written in place for a method that calls it at once? It is nobody's to call but that method's: it
 * is judged and measured by the function around it.
 */
export function isCalledInPlace({ node }: Declaration): boolean {
  const call = node.parent;
  if (!ts.isCallExpression(call) || !call.arguments.some((argument) => argument === node)) return false;
  return ts.isPropertyAccessExpression(call.expression) && callsAtOnce.has(call.expression.name.text);
}
