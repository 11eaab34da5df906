/**
 * Catalogue 28: `Object.keys(o).length === 0` → a helper that stops at the first own key. `for…in` also walks names that
 * are inherited, which the helper asks about, and passes over a name that an own non-enumerable property hides.
 */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { builtInName } from './support/introduced-names.js';
import { anchorsOf, insertBefore } from './support/hoist.js';
import { bare, isGlobalName, methodCall, wrapped } from './support/nodes.js';
import { defineFixer, need, Proof, type Piece } from './support/plan.js';
import { neverNullish, onlyKinds, shorten } from './support/purity.js';
import { freshName, isTypeScript } from './support/text.js';

export const objectKeysLength = defineFixer('object-keys-length', 1, (node, context) => {
  need(ts.isPropertyAccessExpression(node) && node.name.text === 'length', 'not a length');
  const keys = methodCall(bare(node.expression));
  need(
    keys?.name === 'keys' && isGlobalName(keys.receiver, 'Object', context),
    'only `Object.keys` lists nothing but names',
  );
  const [object] = keys.call.arguments;
  need(object !== undefined && keys.call.arguments.length === 1, 'not the keys of one object');
  const anchor = anchorsOf(node, context)[0];
  need(anchor !== undefined, 'outside of loops the gain is too small for a helper');
  const proof = new Proof();
  if (onlyKinds(object, context, ['object', 'function']))
    proof.checked(`\`${shorten(object)}\` is an object by its type`);
  else {
    const kinds = context.oracle.possibleKinds(object);
    need(kinds === null || neverNullish(object, context), `\`${shorten(object)}\` may be null or undefined`);
    proof.assume(`\`${shorten(object)}\` is an object, never null or undefined`);
  }
  proof.assume(
    `\`${shorten(object)}\` is no proxy, and hides no inherited name behind an own non-enumerable one`,
  );
  const test = emptinessOf(node);
  const file = context.sourceFile;
  const name = freshName(file, 'hasKeys');
  const pieces: Piece[] = [
    {
      start: test.at.getStart(file),
      end: object.getStart(file),
      newText: `${test.empty ? '!' : ''}${name}(`,
    },
    { start: object.end, end: test.at.end, newText: ')' },
    ...insertBefore(anchor, helper(name, context), context),
  ];
  return {
    proof,
    pieces,
    explanation: 'Whether there is a key is known at the first one, so none of the others is listed.',
    complexity: { before: 'n', after: '1' },
  };
});

interface Emptiness {
  /** The expression that gives the answer. */
  readonly at: ts.Expression;
  /** Does it say that there are none? */
  readonly empty: boolean;
}

function emptinessOf(length: ts.Expression): Emptiness {
  const outer = wrapped(length);
  const { parent } = outer;
  if (ts.isPrefixUnaryExpression(parent) && parent.operator === ts.SyntaxKind.ExclamationToken)
    return { at: parent, empty: true };
  if (ts.isBinaryExpression(parent)) {
    const flipped = parent.right === outer;
    const other = bare(flipped ? parent.left : parent.right).getText();
    const operator = parent.operatorToken.getText();
    const mirrored: Readonly<Record<string, string>> = { '<': '>', '>': '<' };
    const normal = flipped ? (mirrored[operator] ?? operator) : operator;
    need(other === '0', 'the length is not compared with 0');
    if (/^={2,3}$/.test(normal)) return { at: parent, empty: true };
    need(/^(?:!={1,2}|>)$/.test(normal), 'the comparison does not ask whether there are any');
    return { at: parent, empty: false };
  }
  const condition =
    (ts.isWhileStatement(parent) || ts.isIfStatement(parent) || ts.isDoStatement(parent)) &&
    parent.expression === outer;
  const tested = ts.isConditionalExpression(parent) && parent.condition === outer;
  need(condition || tested, 'the length itself is used');
  return { at: outer, empty: false };
}

/** A function in front of the loop. */
function helper(name: string, context: RuleContext): readonly string[] {
  const typed = isTypeScript(context);
  const own = builtInName('Object', context);
  return [
    `function ${name}(value${typed ? ': object' : ''})${typed ? ': boolean' : ''} {`,
    `>for (const key in value) if (${own}.prototype.hasOwnProperty.call(value, key)) return true`,
    '>return false',
    '}',
  ];
}
