/**
 * Is a collection the same, with the same contents, from a hoist point until the end of the loop? Either nobody else
 * can reach it (then what is called in between does not matter), or everything that runs in between is examined.
 */
import ts from 'typescript';
import type { RuleContext } from '../../../analysis/types.js';
import { isExported, isFreshArray, stableBinding, useOf, type Binding, type Use } from './arrays.js';
import { readBefore } from './dominance.js';
import { effectsOf, type Effects } from './effects.js';
import type { Anchor } from './hoist.js';
import { bare, contains, enclosingFunction, isPlainName, walk, wrapped } from './nodes.js';
import { need, refuse, type Proof } from './plan.js';
import { neverNullish, shorten } from './purity.js';

/** `ids`, `this.ids`, `options.filter.ids`: a root and property names. */
export interface Path {
  readonly root: ts.Identifier | ts.ThisExpression;
  readonly names: readonly string[];
  readonly text: string;
  readonly accesses: readonly ts.PropertyAccessExpression[];
}

/** The path that the expression is, or null when it is anything else. */
export function pathOf(expression: ts.Expression): Path | null {
  const names: string[] = [];
  const accesses: ts.PropertyAccessExpression[] = [];
  let at = bare(expression);
  while (ts.isPropertyAccessExpression(at)) {
    if (at.questionDotToken !== undefined || ts.isPrivateIdentifier(at.name)) return null;
    names.unshift(at.name.text);
    accesses.unshift(at);
    at = bare(at.expression);
  }
  if (at.kind === ts.SyntaxKind.ThisKeyword)
    return { root: at as ts.ThisExpression, names, accesses, text: ['this', ...names].join('.') };
  return ts.isIdentifier(at) ? { root: at, names, accesses, text: [at.text, ...names].join('.') } : null;
}

/** How a kind of collection is used by one mention. */
export type UseReader = (mention: ts.Expression, context: RuleContext) => Use;

export interface Question {
  readonly receiver: ts.Expression;
  readonly anchor: Anchor;
  readonly context: RuleContext;
  readonly proof: Proof;
  /** Mentions that belong to the rewritten code itself. */
  readonly ignore?: readonly ts.Node[];
  /** Properties of the elements that the new collection is keyed by. */
  readonly keyNames?: readonly string[];
  /** May the value be null or undefined where the collection is built? */
  readonly nullable?: boolean;
  readonly useReader?: UseReader;
  /** Does the expression build a collection of this kind that nobody else holds? */
  readonly isFresh?: (expression: ts.Expression, context: RuleContext) => boolean;
}

/** Proves it, notes preconditions and assumptions, or refuses. */
export function proveUnchanged(question: Question): void {
  const { receiver, anchor, context, proof } = question;
  const path = pathOf(receiver);
  need(path !== null, `\`${shorten(receiver)}\` is not a plain name or property path`);
  const binding = rootBinding(path, question);
  const mentions = mentionsOf(path, anchor.node, context);
  checkMentions(mentions, path, question);
  checkNarrowing(path, question);
  const sealed = binding !== null && path.names.length === 0 && isSealed(binding, question);
  const effects = effectsOf([anchor.node], context);
  // While a function waits, its own later statements do not run; those of a function around it may.
  const resumed =
    binding !== null && enclosingFunction(anchor.node) === enclosingFunction(binding.declaration);
  if (sealed && (!effects.suspends || resumed)) {
    proof.checked(
      `\`${path.text}\` is a local collection that no other code holds, and the loop only reads it`,
    );
  } else checkRegion(path, binding, effects, question);
  if (question.keyNames !== undefined) checkKeys(question.keyNames, path, effects, question);
  for (const access of path.accesses) checkAccess(access, question);
}

function rootBinding(path: Path, question: Question): Binding | null {
  const { anchor, context } = question;
  if (!ts.isIdentifier(path.root)) {
    need(!crossesThis(path.root, anchor.node), '`this` is another one inside the callback');
    return null;
  }
  const declaration = context.oracle.declarationOf(path.root);
  need(declaration !== null, `the declaration of \`${path.root.text}\` is not known`);
  if (isImport(declaration)) return null;
  const binding = stableBinding(path.root, context);
  need(binding !== null, `\`${path.root.text}\` is assigned more than once`);
  need(!contains(anchor.node, declaration), `\`${path.root.text}\` is made anew in each iteration`);
  const sameFunction = enclosingFunction(declaration) === enclosingFunction(anchor.node);
  const late = sameFunction && declaration.pos > anchor.node.pos;
  need(!late, `\`${path.root.text}\` is declared after the loop`);
  return binding;
}

function isImport(declaration: ts.Declaration): boolean {
  return (
    ts.isImportSpecifier(declaration) || ts.isImportClause(declaration) || ts.isNamespaceImport(declaration)
  );
}

/** Is there a `function` between the use of `this` and the hoist point? */
function crossesThis(use: ts.Node, region: ts.Node): boolean {
  for (let at = use.parent; at !== region && !ts.isSourceFile(at); at = at.parent)
    if (ts.isFunctionLike(at) && !ts.isArrowFunction(at)) return true;
  return false;
}

/** Every expression in the region that is this very path. */
function mentionsOf(path: Path, region: ts.Node, context: RuleContext): readonly ts.Expression[] {
  const declaration = ts.isIdentifier(path.root) ? context.oracle.declarationOf(path.root) : null;
  const found: ts.Expression[] = [];
  const consider = (node: ts.Node): void => {
    const depth = path.names.length;
    if (depth === 0 ? ts.isIdentifier(node) : ts.isPropertyAccessExpression(node)) {
      const other = pathOf(node as ts.Expression);
      const same =
        other !== null && other.text === path.text && !(ts.isIdentifier(node) && isPlainName(node));
      const root = other?.root;
      if (same && root !== undefined) {
        const sameRoot = !ts.isIdentifier(root) || context.oracle.declarationOf(root) === declaration;
        if (sameRoot) found.push(node as ts.Expression);
      }
    }
  };
  consider(region);
  walk(region, consider);
  return found;
}

function checkMentions(mentions: readonly ts.Expression[], path: Path, question: Question): void {
  const reader = question.useReader ?? useOf;
  for (const mention of mentions) {
    if (question.ignore?.some((node) => contains(node, mention)) === true) continue;
    const use = reader(mention, question.context);
    need(use !== 'mutate' && use !== 'write', `\`${path.text}\` is changed inside the loop`);
    need(use !== 'escape', `\`${path.text}\` is handed to other code inside the loop`);
    need(
      use !== 'test' || (question.nullable === true && question.context.oracle.isArrayOrNullish(mention)),
      `the loop tests what \`${path.text}\` is, so it may be something else before the loop`,
    );
  }
}

const conditionParents = new Set([
  ts.SyntaxKind.IfStatement,
  ts.SyntaxKind.ConditionalExpression,
  ts.SyntaxKind.PrefixUnaryExpression,
  ts.SyntaxKind.SwitchStatement,
  ts.SyntaxKind.TypeOfExpression,
  ts.SyntaxKind.WhileStatement,
]);

/** `if (o.kind === 'list') … o.ids …`: before the loop `o.ids` may be something else. */
function checkNarrowing(path: Path, question: Question): void {
  if (path.names.length === 0 || !ts.isIdentifier(path.root)) return;
  const { context, anchor } = question;
  const declaration = context.oracle.declarationOf(path.root);
  const rootName = path.root.text;
  walk(anchor.node, (node) => {
    if (!ts.isIdentifier(node) || node.text !== rootName || isPlainName(node)) return;
    if (context.oracle.declarationOf(node) !== declaration) return;
    let top: ts.Expression = wrapped(node);
    while (ts.isPropertyAccessExpression(top.parent) && top.parent.expression === top)
      top = wrapped(top.parent);
    const called = ts.isCallExpression(top.parent) && top.parent.expression === top;
    if (called) return;
    const same =
      question.nullable === true && top.getText() === path.text && context.oracle.isArrayOrNullish(top);
    const tested = !same && (conditionParents.has(top.parent.kind) || ts.isBinaryExpression(top.parent));
    need(
      !tested,
      `the loop tests \`${shorten(top)}\`, so \`${path.text}\` may be something else before the loop`,
    );
  });
}

/** A fresh local that never escapes; later writes only where they cannot run during the region. */
function isSealed(binding: Binding, question: Question): boolean {
  const { anchor, context } = question;
  const fresh = question.isFresh ?? isFreshArray;
  const reader = question.useReader ?? useOf;
  if (binding.initializer === null || !fresh(binding.initializer, context)) return false;
  if (isExported(binding.declaration)) return false;
  const home = enclosingFunction(binding.declaration);
  if (ts.isSourceFile(home) && !ts.isExternalModule(home)) return false;
  return binding.references.every((reference) => {
    if (question.ignore?.some((node) => contains(node, reference)) === true) return true;
    const use = reader(reference, context);
    if (use === 'read' || use === 'test') return true;
    if (use === 'return') return enclosingFunction(reference) === home;
    if (use !== 'mutate' || contains(anchor.node, reference)) return false;
    return enclosingFunction(reference) === home && isDirectResultUnused(reference);
  });
}

/** `a.push(x);` as a statement; `const b = a.sort()` would make a second name for it. */
function isDirectResultUnused(reference: ts.Expression): boolean {
  const access = wrapped(reference).parent;
  const outer = access.parent;
  if (ts.isCallExpression(outer) && outer.expression === access)
    return (
      ts.isExpressionStatement(outer.parent) || !/^(?:sort|reverse|fill|copyWithin)$/.test(nameOf(access))
    );
  return true;
}

function nameOf(access: ts.Node): string {
  return ts.isPropertyAccessExpression(access) ? access.name.text : '';
}

function checkRegion(path: Path, binding: Binding | null, effects: Effects, question: Question): void {
  const { proof } = question;
  need(!effects.suspends, `other code runs while the loop waits, and it may change \`${path.text}\``);
  for (const name of path.names)
    need(!effects.assignedProperties.has(name), `\`.${name}\` is assigned inside the loop`);
  // Its own methods were looked at as mentions.
  const calls = effects.foreign.filter((one) => !one.startsWith(`\`${path.text}.`));
  if (calls.length > 0) {
    const list = calls.slice(0, 3).join('; ');
    proof.assume(
      `nothing that the loop calls changes \`${path.text}\` (${list}${calls.length > 3 ? '; …' : ''})`,
    );
  }
  proof.assumeAll(effects.assumptions);
  for (const target of effects.mutated) checkAlias(target, path, binding, question);
  if (calls.length === 0)
    proof.checked(`the loop neither changes \`${path.text}\` nor calls code that could`);
}

/** Something else of the same kind is changed in the loop: is it provably another object? */
function checkAlias(target: ts.Expression, path: Path, binding: Binding | null, question: Question): void {
  const { context, proof } = question;
  const { oracle } = context;
  if ([oracle.isMap(target), oracle.isSet(target)].includes('yes')) return;
  const own = ts.isIdentifier(target) ? stableBinding(target, context) : null;
  const newer =
    own !== null &&
    own.initializer !== null &&
    isFreshArray(own.initializer, context) &&
    (binding === null || own.declaration.pos > binding.declaration.pos) &&
    !ts.isSourceFile(enclosingFunction(own.declaration));
  if (newer) return;
  if (ts.isIdentifier(target) && path.names.length === 0)
    need(target.text !== path.text, `\`${path.text}\` is changed inside the loop`);
  proof.assume(`\`${shorten(target)}\` is not the same object as \`${path.text}\``);
}

function checkKeys(names: readonly string[], path: Path, effects: Effects, question: Question): void {
  for (const name of names)
    need(!effects.assignedProperties.has(name), `\`.${name}\` is assigned inside the loop`);
  if (effects.suspends) refuse(`other code runs while the loop waits, and it may change the elements`);
  if (names.length === 0 || effects.foreign.length === 0) return;
  const keys = names.map((name) => `\`.${name}\``).join(', ');
  question.proof.assume(`nothing that the loop calls changes ${keys} of the elements of \`${path.text}\``);
}

function checkAccess(access: ts.PropertyAccessExpression, question: Question): void {
  const { anchor, context, proof } = question;
  const answer = context.oracle.isAccessor(access);
  need(answer !== 'yes', `\`${shorten(access)}\` is an accessor and may give another object each time`);
  if (answer === 'unknown') proof.assume(`reading \`${shorten(access)}\` runs no code (no getter, no proxy)`);
  const root = bare(access.expression);
  const present = root.kind === ts.SyntaxKind.ThisKeyword || neverNullish(access.expression, context);
  if (present) return;
  need(
    readBefore(access, anchor.node, context),
    `\`${shorten(access.expression)}\` may be null or undefined when the loop does not run`,
  );
  proof.checked(`\`${shorten(access.expression)}\` has properties read before the loop, so it is there`);
}

/** Proves an expression's variables to be declared outside the anchor and never written; returns them. */
export function needInvariantNames(expression: ts.Expression, anchor: Anchor, context: RuleContext): void {
  const check = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.ThisKeyword)
      need(!crossesThis(node, anchor.node), '`this` is another one inside the callback');
    if (!ts.isIdentifier(node) || isPlainName(node)) return;
    const declaration = context.oracle.declarationOf(node);
    if (declaration === null) {
      need(
        context.oracle.isGlobal(node) === 'yes' || node.text === 'undefined',
        `\`${node.text}\` is not resolved`,
      );
      return;
    }
    if (contains(expression, declaration)) return;
    if (declaration.getSourceFile() !== node.getSourceFile()) return;
    need(!contains(anchor.node, declaration), `\`${node.text}\` is made anew in each iteration`);
    if (ts.isFunctionDeclaration(declaration) || isImport(declaration)) return;
    need(stableBinding(node, context) !== null, `\`${node.text}\` is assigned more than once`);
    const sameFunction = enclosingFunction(declaration) === enclosingFunction(anchor.node);
    need(!sameFunction || declaration.pos < anchor.node.pos, `\`${node.text}\` is declared after the loop`);
  };
  check(expression);
  walk(expression, check);
}
