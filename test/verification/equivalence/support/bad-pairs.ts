/** Pairs whose new code looks like the old one and is wrong: by value, order, identity, state, size or a rare branch. */
import type { NamedPair } from './pairs.js';
import { js, ts } from './pairs.js';

export const badPairs: readonly NamedPair[] = [
  ts(
    'indexOf does not find NaN',
    `export function has(xs: number[], x: number): boolean { return xs.includes(x); }`,
    `export function has(xs: number[], x: number): boolean { return xs.indexOf(x) !== -1; }`,
  ),
  ts(
    'minus zero becomes zero',
    `export function clamp(x: number): number { return x > 100 ? 100 : x; }`,
    `export function clamp(x: number): number { return x > 100 ? 100 : x + 0; }`,
  ),
  ts(
    'duplicates are lost',
    `export function sorted(xs: number[]): number[] { return [...xs].sort((a, b) => a - b); }`,
    `export function sorted(xs: number[]): number[] { return [...new Set(xs)].sort((a, b) => a - b); }`,
  ),
  ts(
    'the order of keys changes',
    `export function count(xs: string[]): Record<string, number> { const out: Record<string, number> = {}; for (const x of xs) out[x] = (out[x] ?? 0) + 1; return out; }`,
    `export function count(xs: string[]): Record<string, number> { const out: Record<string, number> = {}; for (const x of [...xs].sort()) out[x] = (out[x] ?? 0) + 1; return out; }`,
  ),
  ts(
    'a copy instead of the argument itself',
    `export function clean(xs: number[]): number[] { return xs.length === 0 ? xs : xs.filter((x) => x > 0); }`,
    `export function clean(xs: number[]): number[] { return xs.filter((x) => x > 0); }`,
  ),
  ts(
    'the argument is changed',
    `export function sorted(xs: string[]): string[] { return xs.slice().sort(); }`,
    `export function sorted(xs: string[]): string[] { return xs.sort(); }`,
  ),
  ts(
    'a cache by length answers the second call wrongly',
    `export function sum(xs: number[]): number { let s = 0; for (const x of xs) s += x; return s; }`,
    `const cache = new Map<number, number>();\nexport function sum(xs: number[]): number { const known = cache.get(xs.length); if (known !== undefined) return known; let s = 0; for (const x of xs) s += x; cache.set(xs.length, s); return s; }`,
  ),
  ts(
    'a cache by identity misses a change from outside',
    `export function sum(xs: number[]): number { let s = 0; for (const x of xs) s += x; return s; }`,
    `const cache = new WeakMap<number[], number>();\nexport function sum(xs: number[]): number { const known = cache.get(xs); if (known !== undefined) return known; let s = 0; for (const x of xs) s += x; cache.set(xs, s); return s; }`,
  ),
  ts(
    'wrong only from 17 elements on',
    `export function max(xs: number[]): number { let m = -Infinity; for (const x of xs) if (x > m) m = x; return m; }`,
    `export function max(xs: number[]): number { if (xs.length > 16) return xs[xs.length - 1]! > xs[0]! ? xs[xs.length - 1]! : xs[1]!; let m = -Infinity; for (const x of xs) if (x > m) m = x; return m; }`,
  ),
  ts(
    'wrong only from 257 elements on',
    `export function sum(xs: number[]): number { let s = 0; for (const x of xs) s += x; return s; }`,
    `export function sum(xs: number[]): number { let s = 0; const n = xs.length > 256 ? 256 : xs.length; for (let i = 0; i < n; i++) s += xs[i]!; return s; }`,
  ),
  ts(
    'wrong only from 65,536 characters on',
    `export function lines(text: string): number { let n = 0; for (let i = 0; i < text.length; i++) if (text[i] === '\\n') n++; return n + text.length; }`,
    `export function lines(text: string): number { let n = 0; const end = new Uint16Array(1); end[0] = text.length; for (let i = 0; i < text.length; i++) if (text[i] === '\\n') n++; return n + end[0]!; }`,
  ),
  ts(
    'another error is thrown',
    `export function first(xs: string[]): string { if (xs.length === 0) throw new RangeError('nothing there'); return xs[0]!; }`,
    `export function first(xs: string[]): string { if (xs.length === 0) throw new Error('nothing there'); return xs[0]!; }`,
  ),
  ts(
    'a rare branch with a magic word',
    `export function kind(name: string): number { return name.length; }`,
    `export function kind(name: string): number { if (name === 'zq-71x') return 0; return name.length; }`,
  ),
  ts(
    'a rare branch with a magic number',
    `export function fee(cents: number): number { return cents * 2; }`,
    `export function fee(cents: number): number { if (cents === 48_213) return 0; return cents * 2; }`,
  ),
  ts(
    'holes are visited',
    `export function count(xs: (number | undefined)[]): number { let n = 0; xs.forEach(() => { n++; }); return n; }`,
    `export function count(xs: (number | undefined)[]): number { let n = 0; for (const _ of xs) n++; return n; }`,
  ),
  ts(
    'an object as dictionary knows __proto__ and constructor',
    `export function unique(xs: string[]): string[] { const seen = new Set<string>(); return xs.filter((x) => (seen.has(x) ? false : (seen.add(x), true))); }`,
    `export function unique(xs: string[]): string[] { const seen: Record<string, boolean> = {}; return xs.filter((x) => (seen[x] ? false : (seen[x] = true))); }`,
  ),
  ts(
    'asynchronous calls start all at once',
    `export async function all(xs: number[], f: (x: number) => Promise<number>): Promise<number[]> { const out: number[] = []; for (const x of xs) out.push(await f(x)); return out; }`,
    `export async function all(xs: number[], f: (x: number) => Promise<number>): Promise<number[]> { return Promise.all(xs.map((x) => f(x))); }`,
  ),
  ts(
    'a callback is called more often',
    `export function any(xs: number[], f: (x: number) => boolean): boolean { for (const x of xs) if (f(x)) return true; return false; }`,
    `export function any(xs: number[], f: (x: number) => boolean): boolean { let found = false; for (const x of xs) if (f(x)) found = true; return found; }`,
  ),
  ts(
    'a callback is given more arguments',
    `export function apply(xs: string[], f: (x: string) => number): number[] { return xs.map((x) => f(x)); }`,
    `export function apply(xs: string[], f: (x: string) => number): number[] { return xs.map(f); }`,
  ),
  ts(
    'an iterator is no longer lazy',
    `export function* squares(xs: Iterable<number>): Generator<number> { for (const x of xs) yield x * x; }`,
    `export function* squares(xs: Iterable<number>): Generator<number> { const all = [...xs]; for (const x of all) yield x * x; }`,
  ),
  ts(
    'wrong only for the empty list',
    `export function mean(xs: number[]): number { let s = 0; for (const x of xs) s += x; return s / xs.length; }`,
    `export function mean(xs: number[]): number { if (xs.length === 0) return 0; let s = 0; for (const x of xs) s += x; return s / xs.length; }`,
  ),
  ts(
    'sorted by text instead of by number',
    `export function order(xs: number[]): number[] { return [...xs].sort((a, b) => a - b); }`,
    `export function order(xs: number[]): number[] { return [...xs].sort(); }`,
  ),
  ts(
    'code units instead of code points',
    `export function letters(text: string): string[] { return [...text]; }`,
    `export function letters(text: string): string[] { return text.split(''); }`,
  ),
  ts(
    'a method forgets to update its count',
    `export class Bag { #items: string[] = []; #count = 0; add(x: string): void { this.#items.push(x); this.#count++; } get count(): number { return this.#count; } clear(): void { this.#items = []; this.#count = 0; } }`,
    `export class Bag { #items: string[] = []; #count = 0; add(x: string): void { this.#items.push(x); this.#count++; } get count(): number { return this.#count; } clear(): void { this.#items = []; } }`,
  ),
  ts(
    'a private method is wrong',
    `export class Cart { private prices: number[] = []; add(p: number): void { this.prices.push(p); } private sum(): number { let s = 0; for (const p of this.prices) s += p; return s; } total(): number { return this.sum(); } }`,
    `export class Cart { private prices: number[] = []; add(p: number): void { this.prices.push(p); } private sum(): number { let s = 0; for (const p of new Set(this.prices)) s += p; return s; } total(): number { return this.sum(); } }`,
  ),
  ts(
    'a setter rounds',
    `export class Temperature { private c = 0; set celsius(v: number) { this.c = v; } get celsius(): number { return this.c; } }`,
    `export class Temperature { private c = 0; set celsius(v: number) { this.c = Math.round(v); } get celsius(): number { return this.c; } }`,
  ),
  ts(
    'frozen input is written to',
    `export function tag(row: { id: number; seen?: boolean }): { id: number; seen?: boolean } { return row.id > 3 ? { ...row, seen: true } : { ...row }; }`,
    `export function tag(row: { id: number; seen?: boolean }): { id: number; seen?: boolean } { if (row.id > 3) row.seen = true; return { ...row }; }`,
  ),
  ts(
    'a constant table lost an entry',
    `const names = ['red', 'green', 'blue'];\nexport function color(i: number): string | undefined { return names[i]; }`,
    `const names = ['red', 'green'];\nexport function color(i: number): string | undefined { return names[i]; }`,
  ),
  ts(
    'a private helper is wrong',
    `const isVowel = (c: string): boolean => 'aeiou'.includes(c) && c.length === 1;\nexport function vowels(text: string): number { let n = 0; for (const c of text) if (isVowel(c)) n++; return n; }`,
    `const isVowel = (c: string): boolean => 'aeio'.includes(c) && c.length === 1;\nexport function vowels(text: string): number { let n = 0; for (const c of text) if (isVowel(c)) n++; return n; }`,
  ),
  ts(
    'hangs where the old code ends',
    `export function halve(n: number): number { let i = 0; while (n > 1 && i < 2000) { n = Math.floor(n / 2); i++; } return i; }`,
    `export function halve(n: number): number { let i = 0; while (n > 1) { n = n === 7 ? n : Math.floor(n / 2); i++; } return i; }`,
  ),
  ts(
    'too many arguments at once',
    `export function merge(a: number[], b: number[]): number[] { const out = a.slice(); for (const x of b) out.push(x); return out; }`,
    `export function merge(a: number[], b: number[]): number[] { const out = a.slice(); if (b.length > 60_000) out.push.apply(out, [...b, ...b, ...b].slice(0, b.length * 3)); else for (const x of b) out.push(x); return out; }`,
  ),
  js(
    'untyped: properties beyond the first are ignored',
    `exports.label = function (user) { return user.name + ' <' + user.email + '>'; };`,
    `exports.label = function (user) { return user.name + ' <' + user.name + '>'; };`,
  ),
  js(
    'untyped: default value lost',
    `exports.repeat = function (text, times = 2) { let out = ''; for (let i = 0; i < times; i++) out += text; return out; };`,
    `exports.repeat = function (text, times) { let out = ''; for (let i = 0; i < times; i++) out += text; return out; };`,
  ),
  js(
    'untyped: closure in a returned function',
    `exports.counter = function (start) { var n = start; return function () { n = n + 1; return n; }; };`,
    `exports.counter = function (start) { var n = start; return function () { n = start + 1; return n; }; };`,
  ),
  js(
    'untyped: prototype member changes state wrongly',
    `function Queue() { this.items = []; }\nQueue.prototype.add = function (x) { this.items.push(x); };\nQueue.prototype.take = function () { return this.items.shift(); };\nmodule.exports = Queue;`,
    `function Queue() { this.items = []; }\nQueue.prototype.add = function (x) { this.items.push(x); };\nQueue.prototype.take = function () { return this.items.pop(); };\nmodule.exports = Queue;`,
  ),
  js(
    'untyped: a wrapper module hides the function',
    `(function (root) { function half(n) { return n / 2; } root.half = half; })(exports);`,
    `(function (root) { function half(n) { return n >> 1; } root.half = half; })(exports);`,
  ),
];
