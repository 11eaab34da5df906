/**
 * Objects that are copied for each added key inside `reduce` are built from entries instead. `Object.fromEntries`
 * defines own properties, as a literal does: an own `__proto__` survives, which assigning `acc[key]` would lose.
 */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { isName } from './support/append.js';
import { isDense } from './support/arrays.js';
import { needArray } from './support/evidence.js';
import { builtInName } from './support/introduced-names.js';
import { bare, isGlobalName, methodCall, walk, wrapped } from './support/nodes.js';
import { need, Proof, refuse, type Answer, type Piece } from './support/plan.js';
import { onlyKinds, purityOf, shorten } from './support/purity.js';
import { isTypeScript, styleOf } from './support/text.js';

/** `array.reduce((acc, x) => …, seed)` with an inline callback. */
export interface Reduction {
  readonly call: ts.CallExpression;
  readonly receiver: ts.Expression;
  readonly fn: ts.ArrowFunction | ts.FunctionExpression;
  readonly accumulator: ts.Identifier;
  readonly seed: ts.Expression;
}

/** What one `return` gives: the accumulator with these properties more, or one of two such values. */
type Given =
  | { readonly kind: 'added'; readonly at: ts.Expression; readonly entries: readonly Entry[] }
  | { readonly kind: 'either'; readonly whenTrue: Given; readonly whenFalse: Given };

interface Entry {
  /** Source of the key as an expression; null: the name in quotes. */
  readonly key: ts.Expression | null;
  readonly name: string;
  readonly value: ts.Expression;
}

/**
 * `reduce((acc, x) => ({ ...acc, [k]: v }), {})` → `Object.fromEntries(array.map((x) => [k, v]))`; with branches that
 * add nothing, or several properties, by `flatMap`; with a seed that holds properties, spread behind it.
 */
export function planEntries(reduction: Reduction, context: RuleContext): Answer {
  const { call, receiver, fn, accumulator } = reduction;
  const proof = new Proof();
  needArray(receiver, context, proof);
  const year = context.oracle.libraryYear();
  need(
    year !== null && year >= 2019,
    'Object.fromEntries is not in the library that the file is compiled against',
  );
  const given = givenBy(fn).map((value) => readGiven(value, accumulator, context, proof));
  need(given.some(addsSomething), 'nothing is added');
  checkReads(reduction, given, context);
  const sole = given.every((one) => one.kind === 'added' && one.entries.length === 1);
  if (sole && isDense(receiver, context)) proof.checked('the array has no holes');
  else if (sole) proof.assume(`\`${shorten(receiver)}\` has no holes (reduce skips them, map does not)`);
  else proof.checked('flatMap skips holes, as reduce does');
  proof.checked('Object.fromEntries defines own properties in the same order, `__proto__` included');
  const [declaration, second] = fn.parameters;
  need(second !== undefined && declaration !== undefined, 'the callback does not take the element');
  const access = call.expression;
  need(ts.isPropertyAccessExpression(access), 'not a method call');
  const file = context.sourceFile;
  const around = surroundings(reduction, context, proof);
  const pieces: Piece[] = [
    { start: call.getStart(file), end: call.getStart(file), newText: around.before },
    {
      start: access.name.getStart(file),
      end: wrapped(fn).getStart(file),
      newText: sole
        ? 'map('
        : isTypeScript(context)
          ? `flatMap<[PropertyKey, ${valueType(reduction)}]>(`
          : 'flatMap(',
    },
    { start: declaration.getStart(file), end: second.getStart(file), newText: '' },
    ...given.flatMap((one) => rewrite(one, sole, context)),
    { start: wrapped(fn).end, end: call.end, newText: around.after },
  ];
  return {
    proof,
    pieces,
    explanation: `\`${accumulator.text}\` is only copied, so building the entries first and the object once gives the same object.`,
    complexity: { before: 'n²', after: 'n' },
  };
}

/** All values that the callback returns; a path without `return` would start anew from nothing. */
function givenBy(fn: Reduction['fn']): readonly ts.Expression[] {
  if (!ts.isBlock(fn.body)) return [fn.body];
  need(alwaysReturns(fn.body), 'the callback may end without a return');
  const found: ts.Expression[] = [];
  walk(fn.body, (node) => {
    if (ts.isFunctionLike(node)) return false;
    if (!ts.isReturnStatement(node)) return true;
    need(node.expression !== undefined, 'the callback returns nothing');
    found.push(node.expression);
    return false;
  });
  return found;
}

function alwaysReturns(statement: ts.Statement): boolean {
  if (ts.isReturnStatement(statement) || ts.isThrowStatement(statement)) return true;
  if (ts.isBlock(statement)) return statement.statements.some(alwaysReturns);
  return (
    ts.isIfStatement(statement) &&
    statement.elseStatement !== undefined &&
    alwaysReturns(statement.thenStatement) &&
    alwaysReturns(statement.elseStatement)
  );
}

function readGiven(
  value: ts.Expression,
  accumulator: ts.Identifier,
  context: RuleContext,
  proof: Proof,
): Given {
  const at = bare(value);
  if (isName(at, accumulator)) return { kind: 'added', at: value, entries: [] };
  if (ts.isConditionalExpression(at))
    return {
      kind: 'either',
      whenTrue: readGiven(at.whenTrue, accumulator, context, proof),
      whenFalse: readGiven(at.whenFalse, accumulator, context, proof),
    };
  need(ts.isObjectLiteralExpression(at), 'the callback returns something else than a copy');
  const [spread, ...added] = at.properties;
  const copies =
    spread !== undefined && ts.isSpreadAssignment(spread) && isName(spread.expression, accumulator);
  need(copies, 'the new object does not start with the old one');
  return {
    kind: 'added',
    at: value,
    entries: added.map((property) => readProperty(property, context, proof)),
  };
}

function readProperty(property: ts.ObjectLiteralElementLike, context: RuleContext, proof: Proof): Entry {
  if (ts.isShorthandPropertyAssignment(property))
    return { key: null, name: property.name.text, value: property.name };
  need(ts.isPropertyAssignment(property), 'an added property is not a plain one');
  const { name, initializer } = property;
  if (ts.isComputedPropertyName(name)) {
    const key = name.expression;
    const plain = onlyKinds(key, context, ['string', 'number', 'symbol']);
    if (!plain) {
      need(
        context.oracle.possibleKinds(key) === null,
        `\`${shorten(key)}\` is not proved to be a string, number or symbol`,
      );
      proof.assume(`\`${shorten(key)}\` is a string, number or symbol`);
    }
    return { key, name: '', value: initializer };
  }
  need(
    ts.isIdentifier(name) || ts.isStringLiteralLike(name),
    'the name of an added property is not a plain one',
  );
  need(name.text !== '__proto__', 'the literal sets the prototype');
  return { key: null, name: name.text, value: initializer };
}

function addsSomething(given: Given): boolean {
  if (given.kind === 'added') return given.entries.length > 0;
  return addsSomething(given.whenTrue) || addsSomething(given.whenFalse);
}

/** The accumulator may stand nowhere else than where it is copied or returned. */
function checkReads({ fn, accumulator }: Reduction, given: readonly Given[], context: RuleContext): void {
  const count = (one: Given): number =>
    one.kind === 'added' ? 1 : count(one.whenTrue) + count(one.whenFalse);
  const declaration = fn.parameters[0];
  const references = declaration === undefined ? [] : context.oracle.referencesOf(declaration);
  const copies = given.reduce((total, one) => total + count(one), 0);
  need(references.length === copies, `\`${accumulator.text}\` is read besides being copied`);
}

/** Each returned value becomes a list of entries; only the braces and names around keys and values change. */
function rewrite(given: Given, sole: boolean, context: RuleContext): readonly Piece[] {
  if (given.kind === 'either')
    return [...rewrite(given.whenTrue, sole, context), ...rewrite(given.whenFalse, sole, context)];
  const file = context.sourceFile;
  const { quote } = styleOf(file);
  let start = given.at.getStart(file);
  let open = sole ? '' : '[';
  const pieces: Piece[] = [];
  for (const { key, name, value } of given.entries) {
    if (key === null)
      pieces.push({
        start,
        end: value.getStart(file),
        newText: `${open}[${quote}${name.replaceAll(quote, `\\${quote}`)}${quote}, `,
      });
    else
      pieces.push(
        { start, end: key.getStart(file), newText: `${open}[` },
        { start: key.end, end: value.getStart(file), newText: ', ' },
      );
    start = value.end;
    open = '], ';
  }
  const close = given.entries.length === 0 ? '[]' : sole ? ']' : ']]';
  pieces.push({ start, end: given.at.end, newText: close });
  return pieces;
}

/** The text around `array.map(…)`: the built-in that makes the object, the seed's properties, a narrower type. */
function surroundings(
  reduction: Reduction,
  context: RuleContext,
  proof: Proof,
): { readonly before: string; readonly after: string } {
  const make = `${builtInName('Object', context)}.fromEntries(`;
  const typed = assertion(reduction);
  const seed = bare(reduction.seed);
  if (ts.isObjectLiteralExpression(seed) && seed.properties.length === 0)
    return typed === '' ? { before: make, after: '))' } : { before: `(${make}`, after: `))${typed})` };
  need(isOwnObject(seed, context), 'the seed is not a fresh object');
  if (purityOf(seed, context).effect !== null && purityOf(reduction.receiver, context).effect !== null)
    refuse('both the array and the seed have effects, whose order would change');
  proof.assume(`making the seed does not change \`${shorten(reduction.receiver)}\``);
  proof.checked('the seed is a fresh object, whose properties come first as before');
  return {
    before: `({ ${seedText(seed)}, ...${make}`,
    after: `)) }${typed})`,
  };
}

/** The seed's properties in front: a literal gives its own, anything else is spread. */
function seedText(seed: ts.Expression): string {
  return ts.isObjectLiteralExpression(seed)
    ? seed.properties.map((one) => one.getText()).join(', ')
    : `...${seed.getText()}`;
}

/** A literal, or another reduction that begins with an empty literal and copies. */
function isOwnObject(seed: ts.Expression, context: RuleContext): boolean {
  if (ts.isObjectLiteralExpression(seed))
    return seed.properties.every((one) => !ts.isAccessor(one) && !hasPrototype(one));
  const method = methodCall(seed);
  if (method === null) return false;
  if (method.name === 'fromEntries') return isGlobalName(method.receiver, 'Object', context);
  const [callback, start] = method.call.arguments;
  if (method.name !== 'reduce' || callback === undefined || start === undefined) return false;
  const fn = bare(callback);
  if (!ts.isArrowFunction(fn) || ts.isBlock(fn.body)) return false;
  const result = bare(fn.body);
  const empty = bare(start);
  return (
    ts.isObjectLiteralExpression(result) &&
    ts.isObjectLiteralExpression(empty) &&
    empty.properties.length === 0
  );
}

function hasPrototype(property: ts.ObjectLiteralElementLike): boolean {
  const name = property.name;
  return (
    name !== undefined && (ts.isIdentifier(name) || ts.isStringLiteralLike(name)) && name.text === '__proto__'
  );
}

/** `V` of a declared `Record<string, V>`: lists of pairs of several shapes have no type that is inferred. */
function valueType({ call, fn }: Reduction): string {
  const type = call.typeArguments?.[0] ?? fn.parameters[0]?.type;
  const record = type !== undefined && ts.isTypeReferenceNode(type) && type.typeName.getText() === 'Record';
  return (record ? type.typeArguments?.[1]?.getText() : undefined) ?? 'any';
}

/** Keeps a declared result type that is narrower than an index signature. */
function assertion({ call, fn, seed }: Reduction): string {
  const seedType = ts.isAsExpression(seed) ? seed.type.getText() : null;
  const type = call.typeArguments?.[0]?.getText() ?? fn.parameters[0]?.type?.getText() ?? seedType;
  if (type === null || type === undefined || /^(?:Record<\s*string\s*,|\{\s*\[)/.test(type)) return '';
  return ` as ${type}`;
}
