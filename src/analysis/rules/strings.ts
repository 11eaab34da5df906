/** Strings and errors that are made again and again. */
import ts from 'typescript';
import type { Rule, RuleContext } from '../types.js';
import { isOuter } from '../syntax/invariance.js';
import { iterationsAround, type Iteration } from '../syntax/iterations.js';
import {
  bare,
  isAssignment,
  isFunctionExpression,
  methodCall,
  parentOf,
  shortText,
  someNode,
} from '../syntax/nodes.js';
import { callOf, found, isArrayHere } from './match.js';

/** Methods that need the characters: a rope is copied into one piece for them. */
const flattening = new Set([
  'charAt',
  'charCodeAt',
  'codePointAt',
  'at',
  'endsWith',
  'startsWith',
  'includes',
  'indexOf',
  'lastIndexOf',
  'match',
  'search',
  'slice',
  'substring',
  'substr',
  'trim',
  'trimEnd',
]);

/** `text += …` or `text = text + …`; the variable that grows. */
function grown(node: ts.Node): ts.Identifier | null {
  if (!ts.isBinaryExpression(node) || !ts.isIdentifier(node.left)) return null;
  if (node.operatorToken.kind === ts.SyntaxKind.PlusEqualsToken) return node.left;
  if (node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return null;
  const sum = bare(node.right);
  if (!ts.isBinaryExpression(sum) || sum.operatorToken.kind !== ts.SyntaxKind.PlusToken) return null;
  let first = bare(sum.left);
  while (ts.isBinaryExpression(first) && first.operatorToken.kind === ts.SyntaxKind.PlusToken)
    first = bare(first.left);
  return ts.isIdentifier(first) && first.text === node.left.text ? node.left : null;
}

/** Is the node a read of the variable's characters? */
function readsCharacters(node: ts.Node, name: string): boolean {
  if (ts.isElementAccessExpression(node))
    return ts.isIdentifier(bare(node.expression)) && bare(node.expression).getText() === name;
  const call = methodCall(node);
  if (call === null) return false;
  if (ts.isIdentifier(bare(call.receiver)) && bare(call.receiver).getText() === name)
    return flattening.has(call.name);
  const [subject] = call.args;
  if (subject === undefined || !ts.isIdentifier(bare(subject))) return false;
  return bare(subject).getText() === name && (call.name === 'test' || call.name === 'exec');
}

/** Started anew or cut inside the loop: then it stays short. */
function isReset(name: ts.Identifier, iteration: Iteration): boolean {
  return someNode(
    iteration.scope,
    (one) =>
      isAssignment(one) && ts.isIdentifier(one.left) && one.left.text === name.text && grown(one) === null,
  );
}

/** Inside a branch that ends the loop, the read happens once. A callback's return ends one round only. */
function leavesAfter(node: ts.Node, iteration: Iteration): boolean {
  if (iteration.kind === 'callback') return false;
  for (let up = node.parent; up !== iteration.node; up = up.parent) {
    if (ts.isFunctionLike(up)) return true;
    if (ts.isReturnStatement(up) || ts.isThrowStatement(up)) return true;
    if (ts.isBlock(up)) {
      const last = up.statements.at(-1);
      if (last !== undefined && (ts.isReturnStatement(last) || ts.isBreakStatement(last))) return true;
    }
  }
  return false;
}

function isText(node: ts.Expression, context: RuleContext): boolean {
  return context.oracle.isString(node) === 'yes';
}

export const stringBuilding: Rule = {
  id: 'string-building',
  title: 'A growing text is read in the loop that builds it',
  why: 'Appending is cheap because the engine only notes the two halves. Reading a character, searching or slicing makes it copy the whole text into one piece first, in each round: n rounds copy n²/2 characters.',
  complexity: { before: 'n²', after: 'n' },
  severityRule: 'medium; measured on Node 20: 40,000 rounds take 150 ms instead of 10 ms.',
  preconditions: [
    'A string (by the checker) from outside the loop is appended to in each round and never started anew there.',
    'The same loop reads its characters (index, charCodeAt, endsWith, includes, slice, a regular expression …); `length` is no such read.',
    'Appending alone is not reported: `+=` is faster than joining an array.',
  ],
  examples: {
    firing: [
      'export function f(a: string[]) { let s = ""; for (const x of a) { if (!s.endsWith(",")) s += ","; s += x; } return s; }',
      'export function f(a: string[]) { let s = ""; for (const x of a) { s += x; if (s[s.length - 1] === "\\n") s += " "; } return s; }',
      'export function f(a: string[]) { let s = ""; for (const x of a) { if (s.includes(x)) continue; s = s + x; } return s; }',
      'export function f(a: string[]) { let s = ""; a.forEach((x) => { if (s.slice(-1) !== " ") s += " "; s += x; }); return s; }',
      'export function f(n: number) { let s = ""; for (let i = 0; i < n; i++) { s += String(i); if (/00$/.test(s)) s += "."; } return s; }',
      'export function f(n: number) { let s = ""; let k = 0; while (s.length < n) { s += "ab"; k += s.charCodeAt(s.length - 1); } return k; }',
    ],
    silent: [
      'export function f(a: string[]) { let s = ""; for (const x of a) s += x; return s; }',
      'export function f(a: string[]) { let s = ""; for (const x of a) { s += x; if (s.length > 9) break; } return s; }',
      'export function f(a: string[]) { let s = ""; for (const x of a) { s += x; if (s.endsWith(";")) { console.log(s); s = ""; } } return s; }',
      'export function f(a: number[]) { let s = 0; for (const x of a) { s += x; } return s; }',
      'export function f(a: string[]) { for (const x of a) { let s = x; s += "!"; if (s.endsWith("!")) console.log(s); } }',
      'export function f(a: string[], t: string) { let s = ""; for (const x of a) { if (t.includes(x)) s += x; } return s; }',
      'export function f(a: string[]) { let s = ""; for (const x of a) { s += x; if (x === "") return s.trim(); } return s; }',
      'export function f(a: string[][]) { let s: string[] = []; for (const x of a) { s = [...x]; if (s[0] === "b") return s; } return s; }',
    ],
  },
  visits: ['BinaryExpression'],
  match(node, context) {
    const name = grown(node);
    if (name === null || !isText(name, context)) return null;
    const [iteration] = iterationsAround(node);
    if (iteration === undefined || !isDeclaredOutside(name, iteration, context)) return null;
    if (isReset(name, iteration)) return null;
    let read: ts.Node | null = null;
    let first: ts.Node | null = null;
    const visit = (one: ts.Node): void => {
      if (first === null && grown(one)?.text === name.text) first = one;
      if (read === null && readsCharacters(one, name.text) && !leavesAfter(one, iteration)) read = one;
      ts.forEachChild(one, visit);
    };
    visit(iteration.scope);
    // One finding for each loop: at its first growth.
    if (read === null || first !== node) return null;
    const title = `\`${shortText(read, 40)}\` copies the text that \`${shortText(node, 30)}\` is building`;
    return found('string-building', node, title, 'n² → n; about 15× at 40,000 rounds', 'medium', 'medium');
  },
};

function isDeclaredOutside(name: ts.Identifier, iteration: Iteration, context: RuleContext): boolean {
  const declaration = context.oracle.declarationOf(name);
  if (declaration === null) return false;
  return declaration.pos < iteration.scope.pos || declaration.end > iteration.scope.end;
}

export const joinInLoop: Rule = {
  id: 'join-in-loop',
  title: 'A growing list is joined in each round',
  why: 'Each join makes the text of the whole list, which has one element more each time: n rounds write n²/2 elements.',
  complexity: { before: 'n²', after: 'n' },
  severityRule: 'high when the list is proved to be an array; medium otherwise.',
  preconditions: [
    'The list comes from outside the loop and the loop pushes to it in each round.',
    'The loop neither shortens nor replaces it, and the join is not in a branch that leaves.',
  ],
  examples: {
    firing: [
      'export function f(a: string[], show: (s: string) => void) { const p: string[] = []; for (const x of a) { p.push(x); show(p.join("/")); } }',
      'export function f(a: string[]) { const p: string[] = []; let s = ""; for (let i = 0; i < a.length; i++) { p.push(String(i)); s = p.join(); } return s; }',
      'export function f(a: string[]) { const p: string[] = []; return a.map((x) => { p.push(x); return p.join("."); }); }',
      'export function f(a: number[]) { const p: number[] = []; const r = new Set<string>(); for (const x of a) { r.add(p.join("-")); p.push(x); } return r; }',
      'export function f(n: number) { const p: string[] = []; while (p.join("").length < n) p.push("ab"); return p; }',
    ],
    silent: [
      'export function f(a: string[]) { const p: string[] = []; for (const x of a) p.push(x); return p.join("/"); }',
      'export function f(a: string[][]) { const p: string[] = []; for (const x of a) p.push(x.join("/")); return p; }',
      'export function f(a: string[]) { const p: string[] = []; for (const x of a) { p.push(x); console.log(p.join("/")); p.pop(); } }',
      'export function f(a: string[]) { const p: string[] = []; for (const x of a) { p.push(x); if (x === "") return p.join("/"); } return null; }',
      'export function f(a: string[][]) { for (const x of a) { const p: string[] = []; p.push(...x); console.log(p.join()); } }',
      'export function f(a: string[], path: { join(s: string): string; push(s: string): void }) { for (const x of a) { path.push(x); path.join(x); } }',
    ],
  },
  visits: ['CallExpression'],
  match(node, context) {
    const call = callOf(node, 'join');
    if (call === null || !ts.isIdentifier(call.receiver)) return null;
    const list = call.receiver;
    const [iteration] = iterationsAround(node);
    if (iteration === undefined || !isOuter(list, iteration, context)) return null;
    if (!isArrayHere(list, context) || leavesAfter(node, iteration)) return null;
    const does = (names: readonly string[]) =>
      someNode(iteration.scope, (one) => {
        const other = callOf(one, ...names);
        return other !== null && bare(other.receiver).getText() === list.text;
      });
    if (!does(['push', 'unshift']) || does(['pop', 'shift', 'splice', 'fill'])) return null;
    if (someNode(iteration.scope, (one) => isShortened(one, list.text))) return null;
    const proved = context.oracle.isArray(list) === 'yes';
    const title = `\`${shortText(node)}\` writes the whole growing list in each round`;
    return found(
      'join-in-loop',
      node,
      title,
      'n² → n; append to the text instead',
      proved ? 'high' : 'medium',
      proved ? 'high' : 'medium',
    );
  },
};

function isShortened(node: ts.Node, name: string): boolean {
  return isAssignment(node) && node.left.getText() === `${name}.length`;
}

export const exceptionFlow: Rule = {
  id: 'exception-control-flow',
  title: 'An exception is thrown and caught in the same loop',
  why: 'Making an Error collects the stack. As an ordinary way out of a round it costs some 20 to 300 times a plain branch, in each round that takes it.',
  complexity: null,
  severityRule: 'medium in a loop; low when the try block stands alone.',
  preconditions: [
    '`throw` directly inside a try block whose own catch takes it (no function between).',
    'The catch does not look at the caught value, or takes no name for it: it serves as a jump.',
  ],
  examples: {
    firing: [
      'export function f(a: number[]) { let n = 0; for (const x of a) { try { if (x < 0) throw new Error("negative"); n += x; } catch { n -= 1; } } return n; }',
      'export function f(a: number[]) { return a.map((x) => { try { if (x > 9) throw new RangeError("big"); return x; } catch (e) { return 0; } }); }',
      'export function f(s: string) { try { if (s === "") throw new Error("empty"); return s.length; } catch { return 0; } }',
      'export function f(a: string[]) { let bad = 0; while (a.length > 0) { try { const x = a.pop(); if (x === undefined) throw new TypeError(); JSON.parse(x); } catch { bad++; } } return bad; }',
      'export function f(a: string[]) { for (let i = 0; i < a.length; i++) { try { switch (a[i]) { case "x": throw new Error("x"); } } catch { continue; } } }',
    ],
    silent: [
      'export function f(a: string[]) { let n = 0; for (const x of a) { try { n += JSON.parse(x) as number; } catch { n -= 1; } } return n; }',
      'export function f(s: string) { if (s === "") throw new Error("empty"); return s; }',
      'export function f(s: string) { try { if (s === "") throw new Error("empty"); return s; } catch (e) { console.error(e); return ""; } }',
      'export function f(s: string) { try { return JSON.parse(s); } catch { throw new Error("no JSON"); } }',
      'export function f(a: string[]) { try { return a.map((x) => { if (x === "") throw new Error("empty"); return x; }); } catch { return []; } }',
      'export function f(s: string) { try { if (s === "") throw new Error("empty"); } finally { console.log(s); } }',
      'export function f(s: string) { try { try { if (s === "") throw new Error("inner"); } finally { console.log(s); } } catch (e) { throw new Error("outer", { cause: e }); } }',
    ],
  },
  visits: ['ThrowStatement'],
  match(node) {
    if (!ts.isThrowStatement(node) || !ts.isNewExpression(bare(node.expression))) return null;
    const caught = catchOf(node);
    if (caught === null || usesItsError(caught)) return null;
    const repeated = iterationsAround(caught).length > 0;
    return found(
      'exception-control-flow',
      node,
      `\`${shortText(node)}\` only jumps to the catch below it`,
      'a plain branch instead; some 20–300× for each round that throws',
      repeated ? 'medium' : 'low',
      'medium',
    );
  },
};

/** The catch clause of the nearest try block around the node in the same function. */
function catchOf(node: ts.Node): ts.CatchClause | null {
  for (let up = node; !ts.isSourceFile(up); up = up.parent) {
    if (ts.isFunctionLike(up) || isFunctionExpression(up)) return null;
    const parent = up.parent;
    if (ts.isTryStatement(parent) && parent.tryBlock === up && parent.catchClause !== undefined)
      return parent.catchClause;
  }
  return null;
}

function usesItsError(clause: ts.CatchClause): boolean {
  const name = clause.variableDeclaration?.name;
  if (name === undefined) return false;
  if (!ts.isIdentifier(name)) return true;
  return someNode(clause.block, (one) => {
    if (ts.isThrowStatement(one)) return true;
    return ts.isIdentifier(one) && one.text === name.text && parentOf(one).parent !== clause;
  });
}
