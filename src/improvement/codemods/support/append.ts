/** Appending to an accumulator instead of copying it. */
import ts from 'typescript';
import type { RuleContext } from '../../../analysis/types.js';
import { isDense } from './arrays.js';
import { builtInName } from './introduced-names.js';
import { bare } from './nodes.js';
import { need, type Proof } from './plan.js';
import { onlyKinds, purityOf, shorten } from './purity.js';
import { freshName, isOldStyle, isTypeScript, styleOf } from './text.js';

/** Statements without indentation and without the last semicolon; a line in a block starts with one `>` per level. */
export type Lines = readonly string[];

/** The lines as text that stands behind `indent`. */
export function joinLines(lines: Lines, indent: string, context: RuleContext): string {
  const style = styleOf(context.sourceFile);
  const last = lines.length - 1;
  return lines
    .map((line, index) => {
      const depth = /^>*/.exec(line)?.[0].length ?? 0;
      const code = line.slice(depth);
      const end = index === last || /[{}]$/.test(code) ? '' : style.semicolon;
      return `${index === 0 ? '' : indent}${style.indent.repeat(depth)}${code}${end}`;
    })
    .join(style.eol);
}

/** Several statements as one, for places that take only one. */
export function inBlock(lines: Lines): Lines {
  return lines.length === 1 ? lines : ['{', ...lines.map((line) => `>${line}`), '}'];
}

/** The elements after the leading `...acc`; refuses other shapes. */
export function appendParts(
  literal: ts.ArrayLiteralExpression,
  name: ts.Identifier,
): readonly ts.Expression[] {
  const [first, ...rest] = literal.elements;
  need(
    first !== undefined && ts.isSpreadElement(first) && isName(first.expression, name),
    'the new array does not start with the old one',
  );
  need(!rest.some(ts.isOmittedExpression), 'the literal has a hole');
  return rest;
}

/** `acc.concat(x)`: arrays are appended element by element, primitives as they are; objects may be spreadable. */
export function appendConcat(
  call: ts.CallExpression,
  name: ts.Identifier,
  context: RuleContext,
  proof: Proof,
): Lines {
  const [added] = call.arguments;
  need(added !== undefined && call.arguments.length === 1, 'concat has not exactly one argument');
  need(!isName(added, name), 'the array is added to itself');
  if (context.oracle.isArray(added) === 'yes') {
    if (isDense(added, context)) proof.checked('the added array has no holes');
    else proof.assume(`\`${shorten(added)}\` has no holes (concat keeps them, push does not)`);
    return appendAll(added, name.text, context);
  }
  const kinds = context.oracle.possibleKinds(added);
  if (kinds !== null && kinds.every((kind) => kind !== 'object' && kind !== 'function')) {
    proof.checked('concat adds a primitive as it is');
    return [`${name.text}.push(${added.getText()})`];
  }
  const quiet = purityOf(added, context).effect === null || !mentions(added, name);
  need(quiet, `\`${shorten(added)}\` may change the array`);
  proof.assume(`\`${shorten(added)}\` has no holes (concat keeps them, push does not)`);
  // In JavaScript concat itself says what it adds, without a branch that no test may execute.
  if (!isTypeScript(context)) return appendEach(`[].concat(${added.getText()})`, name.text, context);
  proof.assume(
    `\`${shorten(added)}\` is an ordinary array or no array (no Symbol.isConcatSpreadable of its own)`,
  );
  return appendEither(added, name.text, context);
}

/** Asks at run time, as concat does, whether the value is an array. */
function appendEither(added: ts.Expression, target: string, context: RuleContext): Lines {
  const file = context.sourceFile;
  const at = bare(added);
  const plain = ts.isIdentifier(at);
  const value = plain ? at.text : freshName(file, 'added');
  const item = freshName(file, 'item', [value]);
  return [
    ...(plain ? [] : [`const ${value} = ${added.getText()}`]),
    `if (${builtInName('Array', context)}.isArray(${value})) {`,
    `>for (const ${item} of ${value}) ${target}.push(${item})`,
    `} else ${target}.push(${value})`,
  ];
}

function mentions(node: ts.Node, name: ts.Identifier): boolean {
  return new RegExp(`(?<![\\w$])${name.text.replaceAll('$', '\\$')}(?![\\w$])`).test(node.getText());
}

/** A loop, never `push(...x)`, which fails beyond about 120,000 elements. */
export function appendAll(added: ts.Expression, target: string, context: RuleContext): Lines {
  return appendEach(added.getText(), target, context);
}

/** Files in the style of ES5 get no `for…of`. */
function appendEach(source: string, target: string, context: RuleContext): Lines {
  const item = freshName(context.sourceFile, 'item');
  if (isOldStyle(context.sourceFile))
    return [`${source}.forEach(function (${item}) { ${target}.push(${item}); })`];
  return [`for (const ${item} of ${source}) ${target}.push(${item})`];
}

export function isName(node: ts.Expression, name: ts.Identifier): boolean {
  const at = bare(node);
  return ts.isIdentifier(at) && at.text === name.text;
}

/** Assigning `__proto__` sets the prototype, where a literal would define a property. */
export function checkKey(key: ts.Expression, context: RuleContext, proof: Proof): void {
  need(
    onlyKinds(key, context, ['string', 'number', 'symbol']),
    `\`${shorten(key)}\` is not proved to be a string, number or symbol`,
  );
  if (onlyKinds(key, context, ['number', 'symbol'])) proof.checked('the key cannot be `__proto__`');
  else proof.assume(`\`${shorten(key)}\` is never '__proto__'`);
}
