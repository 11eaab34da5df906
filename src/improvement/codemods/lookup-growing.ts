/**
 * A list that collects what was not seen yet, and is searched for each candidate: a Set beside it, which gets what the
 * list gets, answers the searches. The list itself stays as it is, order and all.
 */
import ts from 'typescript';
import type { RuleContext } from '../../analysis/types.js';
import { rewriteComparison } from './lookup-membership.js';
import { isExported, stableBinding, useOf, type Binding } from './support/arrays.js';
import { iterationOf } from './support/hoist.js';
import {
  bare,
  contains,
  enclosingFunction,
  isLoop,
  methodCall,
  wrapped,
  type MethodCall,
} from './support/nodes.js';
import { need, Proof, type Answer, type Piece } from './support/plan.js';
import { shorten } from './support/purity.js';
import { lookupBase, needCollections } from './support/searched.js';
import { freshName, indentationAt, isOldStyle, isTypeScript, styleOf } from './support/text.js';

/** The local list of the search when something is pushed to it in a loop or callback around the search. */
export function growthOf(call: MethodCall, context: RuleContext): Binding | null {
  const root = bare(call.receiver);
  if (!ts.isIdentifier(root) || !/^(?:includes|indexOf|lastIndexOf)$/.test(call.name)) return null;
  const binding = stableBinding(root, context);
  if (binding === null || binding.initializer === null) return null;
  const seed = bare(binding.initializer);
  if (!ts.isArrayLiteralExpression(seed) || seed.elements.length > 0) return null;
  const loops = loopsAround(call.call, binding.declaration);
  const grows = pushesOf(binding).some((push) => loops.some((loop) => contains(loop, push.call)));
  return grows ? binding : null;
}

/** Loops, and functions that something may call again and again, around the node and inside the list's scope. */
function loopsAround(node: ts.Node, declaration: ts.Node): readonly ts.Node[] {
  const found: ts.Node[] = [];
  for (let at = node.parent; !ts.isSourceFile(at) && !contains(at, declaration); at = at.parent)
    if (isLoop(at) || ts.isArrowFunction(at) || ts.isFunctionExpression(at)) found.push(at);
  return found;
}

function pushesOf({ references }: Binding): readonly MethodCall[] {
  return callsOn(references).filter((call) => call.name === 'push');
}

function callsOn(references: readonly ts.Identifier[]): readonly MethodCall[] {
  return references.flatMap((reference) => {
    const access = wrapped(reference).parent;
    const call = ts.isPropertyAccessExpression(access) ? methodCall(access.parent) : null;
    return call !== null && call.receiver === wrapped(reference) ? [call] : [];
  });
}

/** The plan for all searches of the list at once. */
export function planGrowing(call: MethodCall, binding: Binding, context: RuleContext): Answer {
  const proof = new Proof();
  const list = binding.name.text;
  need(!isOldStyle(context.sourceFile), 'the file is written in ES5');
  needCollections(context, proof);
  need(!isExported(binding.declaration), `\`${list}\` is exported`);
  const home = enclosingFunction(binding.declaration);
  need(!ts.isSourceFile(home), `\`${list}\` belongs to the whole module`);
  const searches = callsOn(binding.references).filter(
    (one) => /^(?:includes|indexOf|lastIndexOf)$/.test(one.name) && one.call.arguments.length === 1,
  );
  need(
    searches.some((one) => one.call === call.call),
    'the search has a start position',
  );
  const pushes = pushesOf(binding);
  checkUses(binding, [...searches, ...pushes], context, proof);
  const name = freshName(context.sourceFile, `${lookupBase(binding.name)}Set`);
  const strict = searches.some((one) => one.name !== 'includes');
  need(!strict || searches.every((one) => one.name !== 'includes'), 'NaN is looked for in two ways');
  const guard = strict && !context.oracle.neverNaN(call.receiver, 'elements');
  if (guard) proof.checked('NaN, which indexOf never finds, is kept out of the Set');
  else proof.checked('the search and Set.has compare alike');
  proof.checked(`\`${list}\` starts empty and only \`push\` changes it, which the Set follows`);
  const file = context.sourceFile;
  return {
    proof,
    pieces: [
      declare(binding, name, context),
      ...pushes.map((push) => follow(push, name, guard, context)),
      ...searches.flatMap((one) =>
        one.name === 'includes'
          ? [{ start: one.access.getStart(file), end: one.access.end, newText: `${name}.has` }]
          : rewriteComparison(one, name, context),
      ),
    ],
    explanation: `A Set that holds what \`${list}\` holds answers each search without a scan; the list stays as it was.`,
    complexity: { before: 'n²', after: 'n' },
  };
}

/** Everybody else may only read the list, or get it when the last search is over. */
function checkUses(
  { references, declaration, name }: Binding,
  followed: readonly MethodCall[],
  context: RuleContext,
  proof: Proof,
): void {
  const home = enclosingFunction(declaration);
  const last = Math.max(...followed.map((one) => outermost(one.call, declaration).end));
  for (const reference of references) {
    if (followed.some((one) => one.receiver === wrapped(reference))) continue;
    const use = useOf(reference, context);
    if (use === 'read' || use === 'test') continue;
    need(use !== 'mutate', `\`${name.text}\` is changed by more than \`push\``);
    const own = enclosingFunction(reference) === home;
    need(
      own && (isReturned(reference) || reference.pos >= last),
      `\`${name.text}\` is handed out before the last search`,
    );
  }
  for (const { call } of followed) {
    for (let owner = enclosingFunction(call); owner !== home; owner = enclosingFunction(owner)) {
      if (iterationOf(owner, context) !== null) continue;
      need(ts.isArrowFunction(owner) || ts.isFunctionExpression(owner), 'a named function uses the list');
      const runner = ts.isCallExpression(wrapped(owner).parent) ? wrapped(owner).parent : null;
      need(runner !== null, 'a function that is kept uses the list');
      const callee = ts.isCallExpression(runner) ? shorten(runner.expression) : '';
      proof.assume(`\`${callee}\` calls its callback before it returns, never later`);
    }
  }
}

/** Part of a `return`: nothing of this function runs afterwards. */
function isReturned(reference: ts.Node): boolean {
  for (let at = reference; !ts.isSourceFile(at) && !ts.isFunctionLike(at); at = at.parent)
    if (ts.isReturnStatement(at)) return !insideFinallyGuard(at);
  return false;
}

function insideFinallyGuard(node: ts.Node): boolean {
  for (let at = node; !ts.isSourceFile(at) && !ts.isFunctionLike(at); at = at.parent)
    if (ts.isTryStatement(at) && at.finallyBlock !== undefined) return true;
  return false;
}

/** The outermost loop or function around the node that does not hold the declaration. */
function outermost(node: ts.Node, declaration: ts.Node): ts.Node {
  return loopsAround(node, declaration).at(-1) ?? node;
}

/** The Set is declared in the line behind the list. */
function declare({ declaration }: Binding, name: string, context: RuleContext): Piece {
  const statement = declaration.parent.parent;
  const { parent } = statement;
  need(
    ts.isVariableStatement(statement) && (ts.isBlock(parent) || ts.isCaseOrDefaultClause(parent)),
    'the list is not declared by a statement of its own',
  );
  const file = context.sourceFile;
  const { eol, semicolon } = styleOf(file);
  const typed =
    isTypeScript(context) && ts.isVariableDeclaration(declaration)
      ? `<(typeof ${declaration.name.getText()})[number]>`
      : '';
  const indent = indentationAt(file, statement.getStart(file));
  const end = file.text[statement.end - 1] === ';' || semicolon === '' ? '' : ';';
  const newText = `${end}${eol}${indent}const ${name} = new Set${typed}()${semicolon}`;
  return { start: statement.end, end: statement.end, newText };
}

/** `list.push(x)` → `list.push(x); seen.add(x)`. */
function follow({ call }: MethodCall, name: string, guard: boolean, context: RuleContext): Piece {
  const [added] = call.arguments;
  need(added !== undefined && call.arguments.length === 1, 'push does not add exactly one element');
  const at = bare(added);
  const plain = ts.isIdentifier(at) || ts.isStringLiteralLike(at) || ts.isNumericLiteral(at);
  need(plain, `\`${shorten(added)}\` would be evaluated twice`);
  const statement = call.parent;
  need(ts.isExpressionStatement(statement), 'the new length is used');
  const file = context.sourceFile;
  const { eol, semicolon } = styleOf(file);
  const add = `${guard ? `if (!Number.isNaN(${at.getText()})) ` : ''}${name}.add(${at.getText()})`;
  const listed = ts.isBlock(statement.parent) || ts.isCaseOrDefaultClause(statement.parent);
  const indent = indentationAt(file, call.getStart(file));
  if (listed) return { start: call.end, end: call.end, newText: `${semicolon}${eol}${indent}${add}` };
  const ended = file.text[statement.end - 1] === ';';
  return {
    start: call.getStart(file),
    end: ended ? statement.end : call.end,
    newText: `{ ${call.getText()}; ${add}; }`,
  };
}
