/** Listeners, timers and getters that cost more the longer the program runs. */
import ts from 'typescript';
import type { Rule } from '../types.js';
import { functionAround, iterationsAround } from '../syntax/iterations.js';
import { bare, methodCall, pathText, shortText, someNode } from '../syntax/nodes.js';
import { callOf, found } from './match.js';

export const listenerInLoop: Rule = {
  id: 'listener-leak',
  title: 'A listener is added again and again',
  why: 'Each call adds one more listener to a long-lived object and none is removed: memory grows, and the work is done several times.',
  complexity: null,
  severityRule: 'medium',
  preconditions: [
    '`process.on`, `window.addEventListener` or `document.addEventListener` inside a function with an inline handler.',
    'The file removes no listener, uses no `once` and no signal.',
  ],
  examples: {
    firing: [
      "declare const process: any; export function f(x: object) { process.on('exit', () => console.log(x)); }",
      "declare const window: any; export function f(x: object) { window.addEventListener('resize', () => console.log(x)); }",
      "declare const document: any; export class A { open() { document.addEventListener('click', () => this.open()); } }",
      "declare const process: any; export const f = (x: object) => { process.addListener('SIGINT', function () { console.log(x); }); };",
      "declare const process: any; export function f(a: object[]) { for (const x of a) process.on('exit', () => console.log(x)); }",
    ],
    silent: [
      "declare const process: any; process.on('exit', () => console.log(1));",
      "declare const process: any; export function f(x: object) { process.once('exit', () => console.log(x)); }",
      "declare const window: any; export function f() { const h = () => 1; window.addEventListener('x', h); return () => window.removeEventListener('x', h); }",
      "declare const window: any; export function f(signal: object) { window.addEventListener('x', () => 1, { signal }); }",
      "export function f(emitter: { on(n: string, h: () => void): void }) { emitter.on('x', () => undefined); }",
    ],
  },
  visits: ['CallExpression'],
  match(node, context) {
    const call = callOf(node, 'on', 'addListener', 'addEventListener');
    if (call === null || !ts.isIdentifier(call.receiver) || call.args.length !== 2) return null;
    if (!['process', 'window', 'document', 'globalThis'].includes(call.receiver.text)) return null;
    const handler = call.args[1];
    if (
      handler === undefined ||
      !ts.isFunctionLike(bare(handler)) ||
      !ts.isFunctionLike(functionAround(node))
    )
      return null;
    if (/\bremove(?:Event)?Listener\b|\boff\(/.test(context.sourceFile.text)) return null;
    return found(
      'listener-leak',
      node,
      `\`${shortText(node, 40)}\` adds one more listener with each call`,
      'one listener, or removal when done',
      'medium',
      'medium',
    );
  },
};

export const discardedInterval: Rule = {
  id: 'discarded-interval',
  title: 'An interval that nobody can stop',
  why: 'The handle is thrown away: the timer runs, and keeps alive what it closes over, until the process ends.',
  complexity: null,
  severityRule: 'medium',
  preconditions: ['setInterval as a statement of its own inside a function.'],
  examples: {
    firing: [
      'declare function setInterval(f: () => void, n: number): number; export function f(x: object) { setInterval(() => console.log(x), 100); }',
      'declare function setInterval(f: () => void, n: number): number; export class A { start() { setInterval(() => this.start(), 100); } }',
      'declare const window: any; export function f() { window.setInterval(() => 1, 10); }',
      'declare function setInterval(f: () => void, n: number): number; export const f = () => { setInterval(f, 5); };',
      'declare function setInterval(f: () => void, n: number): number; export function f(a: object[]) { a.forEach((x) => { setInterval(() => console.log(x), 9); }); }',
    ],
    silent: [
      'declare function setInterval(f: () => void, n: number): number; export function f() { return setInterval(() => 1, 10); }',
      'declare function setInterval(f: () => void, n: number): number; export function f() { const t = setInterval(() => 1, 10); return t; }',
      'declare function setInterval(f: () => void, n: number): number; setInterval(() => console.log(1), 10);',
      'declare function setTimeout(f: () => void, n: number): number; export function f() { setTimeout(() => 1, 10); }',
      'declare function setInterval(f: () => void, n: number): any; export function f() { setInterval(() => 1, 10).unref(); }',
    ],
  },
  visits: ['ExpressionStatement'],
  match(node) {
    if (!ts.isExpressionStatement(node) || !ts.isCallExpression(node.expression)) return null;
    const callee = node.expression.expression;
    const name = ts.isPropertyAccessExpression(callee) ? callee.name : callee;
    // The text of any other callee may be a whole module in a function that is called at once.
    if (!ts.isIdentifier(name) || name.text !== 'setInterval') return null;
    if (!/^(?:(?:window|globalThis|global)\.)?setInterval$/.test(callee.getText())) return null;
    if (!ts.isFunctionLike(functionAround(node))) return null;
    return found(
      'discarded-interval',
      node.expression,
      `\`${shortText(node.expression, 40)}\` can never be stopped`,
      'keep the handle and clear it',
      'medium',
    );
  },
};

const working = new Set(['filter', 'map', 'sort', 'toSorted', 'reduce', 'flatMap']);

export const unmemoisedGetter: Rule = {
  id: 'unmemoised-getter',
  title: 'A getter computes a list on every read',
  why: 'Reading a property looks free; this one goes through a whole list each time, also in loops.',
  complexity: null,
  severityRule: 'low when the file reads it inside a loop, info elsewhere.',
  preconditions: ['A getter of a class returns filter, map, sort, reduce or JSON.parse of its own fields.'],
  examples: {
    firing: [
      'export class A { items: number[] = []; get big() { return this.items.filter((x) => x > 9); } }',
      'export class A { items: number[] = []; get total() { return this.items.reduce((s, x) => s + x, 0); } }',
      'export class A { items: number[] = []; get sorted() { return [...this.items].sort((x, y) => x - y); } }',
      'export class A { text = ""; get data() { return JSON.parse(this.text); } }',
      'export class A { items: { n: number }[] = []; get ns() { return this.items.map((x) => x.n); } m() { let t = 0; for (let i = 0; i < 9; i++) t += this.ns.length; return t; } }',
    ],
    silent: [
      'export class A { items: number[] = []; get size() { return this.items.length; } }',
      'export class A { items: number[] = []; big() { return this.items.filter((x) => x > 9); } }',
      'export class A { #big: number[] | null = null; items: number[] = []; get big() { this.#big ??= this.items.filter((x) => x > 9); return this.#big; } }',
      'export class A { n = 1; get twice() { return this.n * 2; } }',
      'export const o = { a: [1], get big() { return this.a.filter((x) => x > 9); } };',
    ],
  },
  visits: ['GetAccessor'],
  match(node, context) {
    if (!ts.isGetAccessorDeclaration(node) || !ts.isClassLike(node.parent) || node.body === undefined)
      return null;
    const last = node.body.statements.at(-1);
    if (
      last === undefined ||
      !ts.isReturnStatement(last) ||
      last.expression === undefined ||
      node.body.statements.length > 1
    )
      return null;
    const call = methodCall(bare(last.expression));
    if (call === null) return null;
    const works = working.has(call.name) || pathText(call.access) === 'JSON.parse';
    if (!works || !someNode(call.call, (one) => one.kind === ts.SyntaxKind.ThisKeyword)) return null;
    const name = node.name.getText();
    const inLoop = someNode(
      context.sourceFile,
      (one) =>
        ts.isPropertyAccessExpression(one) && one.name.text === name && iterationsAround(one).length > 0,
    );
    return found(
      'unmemoised-getter',
      node.name,
      `\`${name}\` computes \`${shortText(call.access, 40)}(…)\` on every read`,
      'once per change instead of once per read',
      inLoop ? 'low' : 'info',
      'medium',
    );
  },
};
