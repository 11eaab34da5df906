/** Arrays that are moved along at every step: queues, unshift, splice, buffers that are joined again and again. */
import ts from 'typescript';
import type { Rule } from '../types.js';
import { isOuter } from '../syntax/invariance.js';
import { iterationsAround } from '../syntax/iterations.js';
import {
  bare,
  contains,
  isAssignment,
  pathText,
  rootIdentifier,
  shortText,
  someNode,
} from '../syntax/nodes.js';
import { likelyArray } from '../syntax/receivers.js';
import { callOf, found, isArrayHere, isGlobalNamed, isNumber } from './match.js';

export const queueShift: Rule = {
  id: 'queue-shift',
  title: 'An array is used as a queue',
  why: 'Every shift moves all that is left (from about 50,000 elements on; below, the engine trims in place). A head index moves nothing.',
  complexity: { before: 'n²', after: 'n' },
  severityRule: 'medium; low when the type is not proved.',
  preconditions: ['shift without arguments inside a loop, on an array from outside of it.'],
  examples: {
    firing: [
      'export function f(q: number[]) { let n = 0; while (q.length > 0) { n += q.shift() ?? 0; } return n; }',
      'export function f(start: string[]) { const queue = [...start]; while (queue.length) { const x = queue.shift(); if (x) queue.push(x.slice(1)); } }',
      'export function f(q: number[]) { let x: number | undefined; while ((x = q.shift()) !== undefined) console.log(x); }',
      'export function f(q: number[]) { for (; q.length; ) q.shift(); }',
      'export function f(o: { q: number[] }) { do { o.q.shift(); } while (o.q.length > 9); }',
    ],
    silent: [
      'export function f(q: number[]) { return q.shift(); }',
      'export function f(a: number[][]) { for (const q of a) q.shift(); }',
      'export function f(q: number[]) { while (q.length) q.pop(); }',
      'export function f(k: { shift(): number }) { for (let i = 0; i < 3; i++) k.shift(); }',
      'export function f(a: string[]) { return a.map((x) => x.split(",").shift()); }',
    ],
  },
  visits: ['CallExpression'],
  match(node, context) {
    const call = callOf(node, 'shift');
    const [innermost] = iterationsAround(node);
    if (call === null || call.args.length > 0 || innermost?.kind !== 'loop') return null;
    const root = rootIdentifier(call.receiver);
    if (root === null ? !pathText(call.receiver).startsWith('this.') : !isOuter(root, innermost, context))
      return null;
    const likely = likelyArray(call.receiver, context);
    if (!isArrayHere(call.receiver, context)) return null;
    return found(
      'queue-shift',
      node,
      `\`${shortText(node)}\` moves every element that is left, in each round`,
      'n² → n above about 50,000 elements; measured 170× at 100,000, 5–6× below',
      likely === 'array' ? 'medium' : 'low',
      likely === 'array' ? 'high' : 'medium',
    );
  },
};

export const unshiftInLoop: Rule = {
  id: 'unshift-in-loop',
  title: 'Elements are put in front, one by one',
  why: 'Each unshift moves all that is there. Pushing and one reverse at the end do the same.',
  complexity: { before: 'n²', after: 'n' },
  severityRule: 'medium; low when the type is not proved.',
  preconditions: [
    'unshift inside a loop on an array from outside of it, which does not climb from a node to its parents.',
    'For a fix: a fresh local array that is not read in the loop.',
  ],
  examples: {
    firing: [
      'export function f(a: number[]) { const r: number[] = []; for (const x of a) r.unshift(x); return r; }',
      'export function f(a: number[]) { const r: number[] = []; a.forEach((x) => { r.unshift(x * 2); }); return r; }',
      'export function f(n: { next: any } | null) { const path: object[] = []; for (let at = n; at; at = at.next) path.unshift(at); return path; }',
      'export function f(a: number[], r: number[]) { for (let i = 0; i < a.length; i++) { r.unshift(i); } }',
      'export function f(a: number[][]) { const r: number[] = []; for (const x of a) r.unshift(...x); return r; }',
    ],
    silent: [
      'export function f(n: { parent: any } | null) { const path: object[] = []; let at = n; while (at) { path.unshift(at); at = at.parent; } return path; }',
      'export function f(a: number[]) { a.unshift(1); return a; }',
      'export function f(a: number[][]) { for (const x of a) x.unshift(1); }',
      'export function f(a: number[]) { const r: number[] = []; for (const x of a) r.push(x); return r.reverse(); }',
      'export function f(k: { unshift(x: number): void }, a: number[]) { for (const x of a) k.unshift(x); }',
      'export function f(a: number[]) { for (const x of a) { const r = [x]; r.unshift(0); console.log(r); } }',
    ],
  },
  visits: ['CallExpression'],
  match(node, context) {
    const call = callOf(node, 'unshift');
    const [innermost] = iterationsAround(node);
    if (call === null || call.args.length === 0 || innermost === undefined) return null;
    const root = rootIdentifier(call.receiver);
    if (root !== null && !isOuter(root, innermost, context)) return null;
    const likely = likelyArray(call.receiver, context);
    if (climbs(innermost.scope)) return null;
    if (!isArrayHere(call.receiver, context)) return null;
    return found(
      'unshift-in-loop',
      node,
      `\`${shortText(node)}\` moves every element there is, in each round`,
      'n² → n; measured 7.5× at 100, 10× at 1,000, 64× at 10,000',
      likely === 'array' ? 'medium' : 'low',
      likely === 'array' ? 'high' : 'low',
    );
  },
};

/** A walk from a node to its root: as many rounds as the tree is deep. */
function climbs(scope: ts.Node): boolean {
  return someNode(
    scope,
    (one) =>
      isAssignment(one) &&
      ts.isPropertyAccessExpression(bare(one.right)) &&
      /parent|ancestor/i.test(one.right.getText()) &&
      rootIdentifier(one.right)?.text === one.left.getText(),
  );
}

export const spliceInLoop: Rule = {
  id: 'splice-in-loop',
  title: 'Elements are taken out one by one',
  why: 'Each splice moves all that follows. Keeping what stays (a write index, or filter) takes one pass.',
  complexity: { before: 'n²', after: 'n' },
  severityRule: 'medium',
  preconditions: [
    '`splice(i, 1)` inside a loop, on an array from outside of it.',
    'For a fix: the index of a loop that runs backwards.',
  ],
  examples: {
    firing: [
      'export function f(a: number[]) { for (let i = a.length - 1; i >= 0; i--) { if ((a[i] ?? 0) > 3) a.splice(i, 1); } }',
      'export function f(a: number[]) { let i = a.length; while (i--) if ((a[i] ?? 0) > 3) a.splice(i, 1); }',
      'export function f(a: number[]) { for (let i = 0; i < a.length; ) { if (a[i]) a.splice(i, 1); else i++; } }',
      'export function f(a: string[], b: string[]) { for (const x of b) a.splice(a.indexOf(x), 1); }',
      'export function f(a: string[], b: string[]) { b.forEach((x) => { const i = a.indexOf(x); if (i >= 0) a.splice(i, 1); }); }',
    ],
    silent: [
      'export function f(a: number[], i: number) { a.splice(i, 1); }',
      'export function f(a: number[][]) { for (const x of a) x.splice(0, 1); }',
      'export function f(a: number[]) { for (let i = 0; i < 3; i++) a.splice(0, 10); }',
      'export const f = (a: number[]) => a.filter((x) => x > 3);',
      'export function f(a: number[]) { for (let i = 0; i < a.length; i++) { if (a[i] === 3) { a.splice(i, 1); break; } } }',
    ],
  },
  visits: ['CallExpression'],
  match(node, context) {
    const call = callOf(node, 'splice');
    const [innermost] = iterationsAround(node);
    if (call === null || call.args.length !== 2 || !isNumber(call.args[1], 1) || innermost === undefined)
      return null;
    const root = rootIdentifier(call.receiver);
    if (root !== null && !isOuter(root, innermost, context)) return null;
    if (likelyArray(call.receiver, context) === 'notArray' || leavesAfterwards(node)) return null;
    return found(
      'splice-in-loop',
      node,
      `\`${shortText(node)}\` moves everything behind it, in each round`,
      'n² → n; measured 6.5× at 100, 17× at 1,000',
      'medium',
      'medium',
    );
  },
};

/** The loop ends with this removal: `splice(…); break`. */
function leavesAfterwards(node: ts.Node): boolean {
  let statement: ts.Node = node;
  while (!ts.isStatement(statement) && !ts.isSourceFile(statement)) statement = statement.parent;
  const block = statement.parent;
  if (!ts.isBlock(block)) return ts.isReturnStatement(statement);
  const later = block.statements.slice(block.statements.findIndex((one) => one === statement));
  return later.some((one) => ts.isBreakStatement(one) || ts.isReturnStatement(one));
}

export const bufferConcatInLoop: Rule = {
  id: 'buffer-concat-in-loop',
  title: 'A buffer is joined with all that came before, in every round',
  why: 'Each concat copies all bytes again. Collecting the pieces and joining once copies each byte once.',
  complexity: { before: 'n²', after: 'n' },
  severityRule: 'high in a loop; medium in a data handler.',
  preconditions: ['`b = Buffer.concat([b, x])` in a loop or in a callback of `on("data")`.'],
  examples: {
    firing: [
      'declare const Buffer: { alloc(n: number): any; concat(a: any[]): any }; export function f(a: any[]) { let b = Buffer.alloc(0); for (const x of a) { b = Buffer.concat([b, x]); } return b; }',
      'declare const Buffer: any; export function f(a: any[]) { let b = Buffer.alloc(0); a.forEach((x) => { b = Buffer.concat([b, x]); }); return b; }',
      "declare const Buffer: any; export function f(s: any) { let b = Buffer.alloc(0); s.on('data', (x: any) => { b = Buffer.concat([b, x]); }); }",
      'declare const Buffer: any; export async function f(s: AsyncIterable<any>) { let all = Buffer.alloc(0); for await (const x of s) all = Buffer.concat([all, x]); return all; }',
      'declare const Buffer: any; export class R { b = Buffer.alloc(0); read(a: any[]) { for (const x of a) this.b = Buffer.concat([this.b, x]); } }',
    ],
    silent: [
      'declare const Buffer: any; export function f(a: any[]) { return Buffer.concat(a); }',
      'declare const Buffer: any; export function f(a: any, b: any) { a = Buffer.concat([a, b]); return a; }',
      'declare const Buffer: any; export function f(a: any[]) { const parts: any[] = []; for (const x of a) parts.push(x); return Buffer.concat(parts); }',
      'declare const Buffer: any; export const f = (a: any[]) => a.map((x) => Buffer.concat([x, x]));',
      'declare const Buffer: any; export function f(a: any[]) { for (let b of a) { b = Buffer.concat([b, b]); console.log(b); } }',
    ],
  },
  visits: ['BinaryExpression'],
  match(node, context) {
    if (!isAssignment(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return null;
    const call = callOf(node.right, 'concat');
    const [list] = call?.args ?? [];
    if (call === null || list === undefined || !isGlobalBuffer(call.receiver)) return null;
    const target = pathText(node.left);
    const pieces = bare(list);
    if (!ts.isArrayLiteralExpression(pieces) || !pieces.elements.some((one) => pathText(one) === target))
      return null;
    const [innermost] = iterationsAround(node);
    const root = rootIdentifier(node.left);
    const declaration = root === null ? null : context.oracle.declarationOf(root);
    if (innermost !== undefined) {
      if (declaration !== null && contains(innermost.scope, declaration)) return null;
      return found(
        'buffer-concat-in-loop',
        node,
        `\`${shortText(node)}\` copies all bytes again in every round`,
        'n² → n; measured 5.3× at 100, 37× at 1,000 pieces',
        'high',
      );
    }
    return isInDataHandler(node)
      ? found(
          'buffer-concat-in-loop',
          node,
          `\`${shortText(node)}\` copies all bytes again with every chunk`,
          'n² → n; measured 5.3× at 100, 37× at 1,000 pieces',
          'medium',
          'medium',
        )
      : null;
  },
};

function isGlobalBuffer(node: ts.Node): boolean {
  return ts.isIdentifier(node) && node.text === 'Buffer';
}

function isInDataHandler(node: ts.Node): boolean {
  for (let up = node.parent; !ts.isSourceFile(up); up = up.parent) {
    if (!ts.isFunctionLike(up)) continue;
    const call = callOf(up.parent, 'on', 'addListener');
    const [event] = call?.args ?? [];
    return event !== undefined && ts.isStringLiteralLike(event) && event.text === 'data';
  }
  return false;
}

export const argumentsCopy: Rule = {
  id: 'arguments-copy',
  title: 'The arguments object is copied by hand',
  why: 'A rest parameter is the array already, and keeps the function optimisable.',
  complexity: null,
  severityRule: 'low',
  preconditions: [
    '`arguments` is copied whole.',
    'For a fix: no other use of `arguments`, no aliasing of parameters, `fn.length` not needed.',
  ],
  examples: {
    firing: [
      'export function f() { return Array.prototype.slice.call(arguments); }',
      'export function f() { return Array.from(arguments); }',
      'export function f() { return [].slice.call(arguments); }',
      'export function f(g: (...a: unknown[]) => void) { g(...Array.prototype.slice.call(arguments, 1)); }',
      'export const o = { m() { return Array.from(arguments).length; } };',
    ],
    silent: [
      'export function f(...all: unknown[]) { return all; }',
      'export function f() { return arguments.length; }',
      'export function f(a: ArrayLike<string>) { return Array.from(a); }',
      'export function f(a: ArrayLike<string>) { return Array.prototype.slice.call(a); }',
      'export function f(g: (...a: unknown[]) => void) { g.apply(null, arguments as never); }',
    ],
  },
  visits: ['CallExpression'],
  match(node, context) {
    const call = callOf(node, 'call', 'from');
    const [first] = call?.args ?? [];
    if (call === null || first === undefined || !ts.isIdentifier(first) || first.text !== 'arguments')
      return null;
    const copies =
      call.name === 'from'
        ? isGlobalNamed(call.receiver, 'Array', context)
        : /^(?:Array\.prototype|\[\])\.slice$/.test(pathText(call.receiver));
    if (!copies || someNode(call.receiver, (one) => ts.isFunctionLike(one))) return null;
    return found(
      'arguments-copy',
      node,
      `\`${shortText(node)}\` copies the arguments by hand`,
      'a rest parameter: measured 27–70×',
      'low',
    );
  },
};
