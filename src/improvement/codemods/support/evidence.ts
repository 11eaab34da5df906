/**
 * Where types prove nothing, the code around may still say what a value is: how else it is used, what it was made of,
 * what was asked about it. Evidence is no proof, so it becomes an assumption that names it.
 */
import ts from 'typescript';
import type { RuleContext } from '../../../analysis/types.js';
import { arrayIterators, arrayMutators, arrayReaders } from './builtins.js';
import { bare, contains, methodCall, wrapped } from './nodes.js';
import { need, type Proof } from './plan.js';
import { shorten } from './purity.js';

/** Names that Array.prototype has and String.prototype has not. */
const arrayOnly: ReadonlySet<string> = new Set([
  ...arrayIterators.keys(),
  ...arrayMutators,
  'join',
  'flat',
  'toSorted',
  'toReversed',
]);
/** Names that say nothing, because other kinds of things have them too. */
const neutral: ReadonlySet<string> = new Set([...arrayReaders, 'length', 'toString', 'hasOwnProperty']);

/** Notes that the expression is an array, as proved or as assumed with evidence; refuses where neither holds. */
export function needArray(node: ts.Expression, context: RuleContext, proof: Proof): void {
  const { oracle } = context;
  if (oracle.isArray(node) === 'yes') {
    proof.checked(`\`${shorten(node)}\` is an array by its type`);
    return;
  }
  const evidence = arrayEvidence(node, context);
  need(evidence !== null, `\`${shorten(node)}\` is not proved to be an array`);
  proof.assume(`\`${shorten(node)}\` is an array (${evidence})`);
}

/** Why the expression must be meant to be an array; null when nothing says so or something speaks against it. */
export function arrayEvidence(node: ts.Expression, context: RuleContext): string | null {
  const { oracle } = context;
  if (oracle.isArray(node) !== 'unknown' || oracle.isString(node) === 'yes') return null;
  const kinds = oracle.possibleKinds(node);
  if (kinds !== null && !kinds.includes('object')) return null;
  const at = bare(node);
  const made = madeAs(at, context);
  if (made !== null) return made;
  const mentions = mentionsOf(at, context);
  if (mentions.length === 0) return null;
  const uses = mentions.map((one) => (one === node && isSearch(one) ? null : useAsArray(one)));
  if (uses.includes('against')) return null;
  return uses.find((use) => use !== null) ?? null;
}

/** Collections of many kinds have these, so the call in question is no evidence for itself. */
function isSearch(mention: ts.Expression): boolean {
  const { parent } = mention;
  return ts.isPropertyAccessExpression(parent) && /^(?:find|some|every)/.test(parent.name.text);
}

/** What the expression, or the variable's initializer, builds. */
function madeAs(at: ts.Expression, context: RuleContext): string | null {
  if (ts.isBinaryExpression(at)) {
    const operator = at.operatorToken.kind;
    const either = operator === ts.SyntaxKind.BarBarToken || operator === ts.SyntaxKind.QuestionQuestionToken;
    const literal = either && ts.isArrayLiteralExpression(bare(at.right));
    return literal ? `it is \`${shorten(at)}\`` : null;
  }
  if (ts.isArrayLiteralExpression(at)) return 'it is an array literal';
  const method = methodCall(at);
  if (method === null) return null;
  const { name, receiver } = method;
  const over = name === 'reduce' || name === 'reduceRight' || name === 'forEach';
  if (arrayIterators.has(name) && !over && !/^(?:find|some|every)/.test(name))
    return `it is what \`.${name}(…)\` gives`;
  if (context.oracle.isArray(receiver) === 'yes' && (name === 'slice' || name === 'concat'))
    return `it is what \`.${name}(…)\` gives`;
  return null;
}

/** All mentions of the same variable, or of the same property path of the same variable. */
function mentionsOf(at: ts.Expression, context: RuleContext): readonly ts.Expression[] {
  let root: ts.Expression = at;
  while (ts.isPropertyAccessExpression(root) && root.questionDotToken === undefined)
    root = bare(root.expression);
  if (!ts.isIdentifier(root)) return [];
  const declaration = context.oracle.declarationOf(root);
  if (declaration === null || declaration.getSourceFile() !== context.sourceFile) return [];
  const text = at.getText();
  const found: ts.Expression[] = [];
  for (const reference of context.oracle.referencesOf(declaration)) {
    let up: ts.Expression = reference;
    while (up.getText() !== text && ts.isPropertyAccessExpression(up.parent) && up.parent.expression === up)
      up = up.parent;
    if (up.getText() === text) found.push(up);
  }
  const isVariable = ts.isIdentifier(at) && ts.isVariableDeclaration(declaration);
  if (isVariable && declaration.initializer !== undefined) found.push(declaration.initializer);
  return found;
}

/** `against`: the mention shows that it is no array, or not always. */
function useAsArray(mention: ts.Expression): string | null {
  const at = wrapped(mention);
  const { parent } = at;
  if (ts.isVariableDeclaration(parent) && parent.initializer === at) return initialized(bare(mention));
  if (ts.isPropertyAccessExpression(parent) && parent.expression === at) {
    const name = parent.name.text;
    const outer = wrapped(parent);
    const called = ts.isCallExpression(outer.parent) && outer.parent.expression === outer;
    if (!called) return neutral.has(name) ? null : 'against';
    if (arrayOnly.has(name)) return `\`${shorten(parent)}(…)\` is called`;
    return neutral.has(name) ? null : 'against';
  }
  if (ts.isCallExpression(parent) && parent.arguments[0] === at) {
    if (parent.expression.getText() !== 'Array.isArray') return null;
    return guarded(parent) ? '`Array.isArray` was asked' : null;
  }
  if (ts.isForOfStatement(parent) && parent.expression === at) return 'a `for…of` walks it elsewhere';
  if (ts.isTypeOfExpression(parent)) return 'against';
  const plus = ts.SyntaxKind.PlusToken;
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === plus) return 'against';
  return ts.isTemplateSpan(parent) ? 'against' : null;
}

function initialized(value: ts.Expression): string | null {
  if (ts.isStringLiteralLike(value) || ts.isTemplateExpression(value)) return 'against';
  if (ts.isNewExpression(value) || ts.isObjectLiteralExpression(value)) return 'against';
  if (ts.isArrayLiteralExpression(value)) return 'it starts as an array literal';
  if (!ts.isBinaryExpression(value)) {
    const method = methodCall(value);
    const gives = method !== null && /^(?:map|filter|flatMap)$/.test(method.name);
    return gives ? `it starts as what \`.${method.name}(…)\` gives` : null;
  }
  const operator = value.operatorToken.kind;
  const either = operator === ts.SyntaxKind.BarBarToken || operator === ts.SyntaxKind.QuestionQuestionToken;
  if (either && ts.isArrayLiteralExpression(bare(value.right))) return `it starts as \`${shorten(value)}\``;
  return null;
}

/** `assert(Array.isArray(x))`, `if (Array.isArray(x)) …`: a test whose answer decides what runs. */
function guarded(test: ts.Expression): boolean {
  for (let at: ts.Node = test; !ts.isSourceFile(at.parent); at = at.parent) {
    const { parent } = at;
    if (ts.isIfStatement(parent)) return parent.expression === at || contains(parent.expression, test);
    if (ts.isConditionalExpression(parent)) return parent.condition === at;
    if (ts.isCallExpression(parent)) return parent.expression.getText().startsWith('assert');
    if (ts.isStatement(parent)) return false;
  }
  return false;
}
