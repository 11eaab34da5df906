/** Work that is done again although its result is known: joins by nested loops, a text searched twice. */
import ts from 'typescript';
import type { Rule, RuleContext } from '../types.js';
import { isInvariant } from '../syntax/invariance.js';
import { iterationsAround } from '../syntax/iterations.js';
import { bare, methodCall, pathText, rootIdentifier, shortText, someNode } from '../syntax/nodes.js';
import { knownLength } from '../syntax/receivers.js';
import { found, isArrayHere } from './match.js';

const tiny = 10;

/** `if (left === right)` where one side belongs to the inner element and the other to the outer one only. */
function joinsOn(condition: ts.Expression, inner: string, outer: string): boolean {
  const at = bare(condition);
  if (ts.isBinaryExpression(at) && at.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken)
    return joinsOn(at.left, inner, outer) || joinsOn(at.right, inner, outer);
  if (!ts.isBinaryExpression(at) || at.operatorToken.kind !== ts.SyntaxKind.EqualsEqualsEqualsToken)
    return false;
  const uses = (side: ts.Node, name: string) =>
    someNode(side, (one) => ts.isIdentifier(one) && one.text === name);
  const of = (side: ts.Node) => [uses(side, inner), uses(side, outer)].join();
  return [of(at.left), of(at.right)].toSorted().join(' ') === 'false,true true,false';
}

function elementName(loop: ts.ForOfStatement): string | null {
  if (!ts.isVariableDeclarationList(loop.initializer)) return null;
  const name = loop.initializer.declarations[0]?.name;
  return name !== undefined && ts.isIdentifier(name) ? name.text : null;
}

function onlyStatement(statement: ts.Statement): ts.Statement | null {
  if (!ts.isBlock(statement)) return statement;
  return statement.statements.length === 1 ? (statement.statements[0] ?? null) : null;
}

export const nestedLoopJoin: Rule = {
  id: 'nested-loop-join',
  title: 'Two lists are joined by nested loops',
  why: 'Every element of one list is compared with every element of the other. Grouped once by the compared key, the partners of an element are found at once.',
  complexity: { before: 'n·m', after: 'n+m+pairs' },
  severityRule: 'medium: the sizes of both lists are open, and what the body does is not looked at.',
  preconditions: [
    'A for…of directly over a list that stays the same, inside another for…of.',
    'All that its body does stands under one `===` between a part of the inner and a part of the outer element.',
    'The inner list is not known to have ten elements or fewer.',
  ],
  examples: {
    firing: [
      'export function f(a: { id: string }[], b: { id: string }[]) { const r: object[][] = []; for (const x of a) for (const y of b) if (x.id === y.id) r.push([x, y]); return r; }',
      'export function f(a: { k: number }[], b: { k: number; v: number }[]) { let n = 0; for (const x of a) { for (const y of b) { if (y.k === x.k && y.v > 0) { n += y.v; } } } return n; }',
      'export function f(a: string[], b: { name: string }[]) { for (const x of a) for (const y of b) { if (y.name === x) console.log(y); } }',
      'export const f = (a: { id: string }[], b: { id: string }[], g: (x: object, y: object) => void) => { for (const x of a) { console.log(x); for (const y of b) if (x.id === y.id) g(x, y); } };',
      'export class A { rows: { id: number }[] = []; f(a: { id: number }[]) { for (const x of a) for (const y of this.rows) if (x.id === y.id) console.log(y); } }',
    ],
    silent: [
      'export function f(a: { list: { id: string }[]; id: string }[]) { for (const x of a) for (const y of x.list) if (x.id === y.id) console.log(y); }',
      'export function f(a: { id: string }[], b: { id: string }[]) { for (const x of a) for (const y of b) console.log(x.id === y.id); }',
      'export function f(a: { n: number }[], b: { n: number }[]) { for (const x of a) for (const y of b) if (x.n < y.n) console.log(y); }',
      'export function f(a: { k: string }[]) { for (const x of a) for (const y of ["a", "b"]) if (x.k === y) console.log(y); }',
      'export function f(a: string[], t: string) { for (const x of a) for (const y of t) if (x === y) console.log(y); }',
      'export function f(a: { id: string }[], b: { id: string }[]) { for (const x of a) for (const y of b) if (y.id === "z") console.log(x); }',
    ],
  },
  visits: ['ForOfStatement'],
  match(node, context) {
    if (!ts.isForOfStatement(node) || node.awaitModifier !== undefined) return null;
    const inner = elementName(node);
    const [around] = iterationsAround(node);
    if (inner === null || around === undefined || !ts.isForOfStatement(around.node)) return null;
    const outer = elementName(around.node);
    if (outer === null || !isInvariant(node.expression, around, context)) return null;
    if (!isArrayHere(node.expression, context)) return null;
    const length = knownLength(node.expression, context);
    if (length !== null && length <= tiny) return null;
    const only = onlyStatement(node.statement);
    if (only === null || !ts.isIfStatement(only) || only.elseStatement !== undefined) return null;
    if (!joinsOn(only.expression, inner, outer)) return null;
    const title = `\`${shortText(node.expression)}\` is gone through for each element, to find those with one key`;
    return found(
      'nested-loop-join',
      node.expression,
      title,
      'n·m → n+m+pairs; group it by the key first',
      'medium',
    );
  },
};

function isStore(node: ts.BinaryExpression): boolean {
  const kind = node.operatorToken.kind;
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

export const repeatedMatch: Rule = {
  id: 'repeated-match',
  title: 'A text is searched twice for the same',
  why: 'The test already finds the match and throws it away; the second search does the same work again.',
  complexity: null,
  severityRule: 'low: half of a constant factor.',
  preconditions: [
    '`if (re.test(s))` or `if (s.match(re))` whose branch runs `match`, `exec` or `replace` with the same expression on the same text.',
    'The expression is a literal or a name, not global or sticky as far as its literal shows; nothing assigns the text between.',
  ],
  examples: {
    firing: [
      'export function f(s: string) { if (/a(b)/.test(s)) { return s.match(/a(b)/)?.[1]; } return null; }',
      'const re = /a(b)/; export function f(s: string) { if (re.test(s)) return re.exec(s); return null; }',
      'export function f(s: string, re: RegExp) { if (s.match(re)) { const m = s.match(re); return m; } return null; }',
      'const re = /^x+/; export const f = (s: string) => { if (re.test(s)) { return s.replace(re, ""); } return s; };',
      'export function f(o: { s: string }) { if (/q/.test(o.s)) { return o.s.match(/q/); } return null; }',
    ],
    silent: [
      'export function f(s: string) { const m = /a(b)/.exec(s); return m === null ? null : m[1]; }',
      'export function f(s: string) { if (/a/.test(s)) return s.match(/b/); return null; }',
      'export function f(s: string, t: string) { if (/a/.test(s)) return t.match(/a/); return null; }',
      'const re = /a/g; export function f(s: string) { if (re.test(s)) return re.exec(s); return null; }',
      'export function f(s: string) { if (/a+/.test(s)) { s = s.trim(); return s.match(/a+/); } return null; }',
      'export function f(s: string) { if (!/a/.test(s)) return s.match(/a/); return null; }',
    ],
  },
  visits: ['IfStatement'],
  match(node, context) {
    if (!ts.isIfStatement(node)) return null;
    const first = searchOf(node.expression, context);
    if (first === null) return null;
    const root = rootIdentifier(first.subject)?.text;
    let again: ts.Node | null = null;
    let written = false;
    const visit = (one: ts.Node): void => {
      if (ts.isBinaryExpression(one) && isStore(one) && rootIdentifier(one.left)?.text === root)
        written = true;
      const other = searchOf(one, context);
      if (other !== null && again === null && pathText(other.subject) === pathText(first.subject))
        if (other.expression === first.expression) again = one;
      ts.forEachChild(one, visit);
    };
    visit(node.thenStatement);
    if (again === null || written) return null;
    const title = `\`${shortText(again)}\` searches what \`${shortText(node.expression, 40)}\` has just found`;
    return found('repeated-match', again, title, 'one search instead of two', 'low');
  },
};

function searchOf(
  node: ts.Node,
  context: RuleContext,
): { expression: string; subject: ts.Expression } | null {
  const call = methodCall(bare(node));
  const [argument] = call?.args ?? [];
  if (call === null || argument === undefined) return null;
  const onRegExp = call.name === 'test' || call.name === 'exec';
  if (!onRegExp && call.name !== 'match' && call.name !== 'replace') return null;
  const expression = onRegExp ? call.receiver : argument;
  const subject = onRegExp ? argument : call.receiver;
  if (ts.isRegularExpressionLiteral(expression))
    return /[gy][a-z]*$/.test(expression.text) ? null : { expression: expression.text, subject };
  if (!ts.isIdentifier(expression) || context.oracle.isRegExp(expression) === 'no') return null;
  const declaration = context.oracle.declarationOf(expression);
  if (declaration === null || (onRegExp ? false : context.oracle.isRegExp(expression) !== 'yes')) return null;
  if (
    ts.isVariableDeclaration(declaration) &&
    /\/[a-z]*[gy][a-z]*$/.test(declaration.initializer?.getText() ?? '')
  )
    return null;
  return { expression: expression.text, subject };
}
