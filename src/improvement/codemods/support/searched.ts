/** What all rewritten searches ask of the array that is searched. */
import ts from 'typescript';
import type { RuleContext } from '../../../analysis/types.js';
import { stableBinding, useOf } from './arrays.js';
import { iterationOf, type Anchor } from './hoist.js';
import { pathOf } from './invariance.js';
import { bare, contains, isLoop } from './nodes.js';
import { need, type Proof } from './plan.js';
import { shorten } from './purity.js';
import { singular } from './text.js';

/** Set and Map must be there; a list of partial libraries does not say, so the compiler is left to say it. */
export function needCollections(context: RuleContext, proof: Proof): void {
  const year = context.oracle.libraryYear();
  if (year === null) proof.assume('Set and Map are in the library that the file is compiled against');
  else need(year >= 2015, 'Set and Map are not in the library that the file is compiled against');
}

/** An array that changes in a loop around the place would have its lookup rebuilt each time: no gain. */
export function needStable(receiver: ts.Expression, anchor: Anchor, context: RuleContext): void {
  const root = bare(receiver);
  const binding = ts.isIdentifier(root) ? stableBinding(root, context) : null;
  if (binding === null) return;
  const changes = binding.references.filter((one) => useOf(one, context) === 'mutate');
  for (let at: ts.Node = anchor.node; !ts.isSourceFile(at); at = at.parent) {
    if (contains(at, binding.declaration)) return;
    const repeats = isLoop(at) || iterationOf(at, context) !== null;
    const grows = repeats && changes.some((change) => contains(at, change));
    need(!grows, `\`${shorten(receiver)}\` is changed inside the loop around it`);
  }
}

/** The singular of the array's name, for the name of what is built from it. */
export function lookupBase(receiver: ts.Expression): string {
  const path = pathOf(receiver);
  const last = path?.names.at(-1) ?? (path !== null && ts.isIdentifier(path.root) ? path.root.text : 'value');
  return singular(last);
}
