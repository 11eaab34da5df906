/** `find`, `some` and `findIndex` by key → a Map or Set of the keys; of equal keys the first one wins. */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { isDense, stableBinding } from './support/arrays.js';
import { needArray } from './support/evidence.js';
import { insertBefore, type Anchor } from './support/hoist.js';
import { pathOf, proveUnchanged } from './support/invariance.js';
import { needElements, readKeyed, type Keyed } from './support/keyed.js';
import { bare, wrapped, type MethodCall } from './support/nodes.js';
import { need, Proof, type Answer, type Piece } from './support/plan.js';
import { shorten } from './support/purity.js';
import { lookupBase, needCollections, needStable } from './support/searched.js';
import { capitalised, freshName, isTypeScript } from './support/text.js';

/** The search as a lookup in a collection that is built at the anchor. */
export function planKeyed(call: MethodCall, anchor: Anchor, context: RuleContext): Answer {
  need(call.call.arguments.length === 1, 'the callback is called with another `this`');
  need(!isArm(call), 'the search is one arm of a condition, so the lookup may be built for nothing');
  const proof = new Proof();
  needArray(call.receiver, context, proof);
  needCollections(context, proof);
  const keyed = readKeyed(call.call.arguments[0], context, proof);
  needElements(call.receiver, context, keyed.keyNames);
  proof.checked('no element is null or undefined by its type');
  checkHoles(call, context, proof);
  needStable(call.receiver, anchor, context);
  proveUnchanged({ receiver: call.receiver, anchor, context, proof, keyNames: keyed.keyNames });
  need(pathOf(call.receiver)?.root.getText() !== keyed.element.text, 'the callback shadows the array');
  const build = buildLookup(call, keyed, context);
  const file = context.sourceFile;
  const start = call.access.getStart(file);
  const pieces: Piece[] = [
    { start, end: keyed.wanted.getStart(file), newText: `${build.before}(` },
    { start: keyed.wanted.end, end: call.call.end, newText: `)${build.after}` },
  ];
  return {
    proof,
    pieces: [...insertBefore(anchor, build.lines, context), ...pieces],
    explanation: `\`${shorten(call.receiver)}\` does not change in the loop, so ${build.what} that is built once answers each search; of equal keys the first one wins, as before.`,
    complexity: { before: 'n·m', after: 'n+m' },
  };
}

/** `cheap ? list[i] : list.find(…)`: how often the search is reached is not known. */
function isArm({ call }: MethodCall): boolean {
  const at = wrapped(call);
  return ts.isConditionalExpression(at.parent) && at.parent.condition !== at;
}

/** `some` skips holes; `find` and `findIndex` see undefined there, and reading a key of it throws. */
function checkHoles(call: MethodCall, context: RuleContext, proof: Proof): void {
  const root = bare(call.receiver);
  const binding = ts.isIdentifier(root) ? stableBinding(root, context) : null;
  const initializer = binding?.initializer ?? null;
  if (initializer !== null && isDense(initializer, context)) proof.checked('the array has no holes');
  else proof.assume(`\`${shorten(call.receiver)}\` has no holes`);
}

interface Build {
  readonly lines: readonly string[];
  readonly before: string;
  readonly after: string;
  readonly what: string;
}

/** The statements that build the collection, and what replaces the search around the wanted value. */
function buildLookup(call: MethodCall, keyed: Keyed, context: RuleContext): Build {
  const file = context.sourceFile;
  const array = call.receiver.getText();
  const key = keyed.key.getText();
  const element = keyed.element.text;
  const typed = isTypeScript(context);
  const last = keyed.keyNames.at(-1);
  const base = lookupBase(call.receiver);
  const suffix = last === undefined ? 'Value' : capitalised(last);
  if (call.name === 'some') {
    const name = freshName(file, `${base}${suffix}Set`);
    const type = typed ? '<unknown>' : '';
    return {
      lines: [`const ${name} = new Set${type}(${array}.map((${element}) => ${key}))`],
      before: `${name}.has`,
      after: '',
      what: 'a Set of keys',
    };
  }
  if (call.name === 'find') {
    const name = freshName(file, `${base}By${suffix}`);
    const type = typed ? `<unknown, (typeof ${array})[number]>` : '';
    return {
      lines: [
        `const ${name} = new Map${type}()`,
        `for (const ${element} of ${array}) {`,
        `>if (!${name}.has(${key})) ${name}.set(${key}, ${element})`,
        '}',
      ],
      before: `${name}.get`,
      after: '',
      what: 'a Map',
    };
  }
  const name = freshName(file, `${base}IndexBy${suffix}`);
  const type = typed ? '<unknown, number>' : '';
  const index = freshName(file, 'index', [name]);
  need(parentTakesNullish(call.call), 'the position is used where `??` would need parentheses');
  return {
    lines: [
      `const ${name} = new Map${type}()`,
      `${array}.forEach((${element}, ${index}) => {`,
      `>if (!${name}.has(${key})) ${name}.set(${key}, ${index})`,
      '})',
    ],
    before: `(${name}.get`,
    after: ' ?? -1)',
    what: 'a Map of positions',
  };
}

function parentTakesNullish(call: ts.CallExpression): boolean {
  return !ts.isExpressionStatement(call.parent);
}
