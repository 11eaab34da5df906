/** Pairs of old and new code: rewrites that keep behaviour, and rewrites that look as if they did. */
import type { Pair } from './judge-pair.js';

export interface NamedPair extends Pair {
  readonly name: string;
}

const ts = (name: string, before: string, after: string): NamedPair => ({
  name,
  files: { 'src/a.ts': [before, after] },
});
const js = (name: string, before: string, after: string): NamedPair => ({
  name,
  files: { 'src/a.js': [before, after] },
});

export const goodPairs: readonly NamedPair[] = [
  ts(
    'membership by Set instead of includes',
    `export function common(a: number[], b: number[]): number[] { return a.filter((x) => b.includes(x)); }`,
    `export function common(a: number[], b: number[]): number[] { const s = new Set(b); return a.filter((x) => s.has(x)); }`,
  ),
  ts(
    'a loop instead of reduce',
    `export const total = (xs: readonly { price: number }[]): number => xs.reduce((sum, x) => sum + x.price, 0);`,
    `export const total = (xs: readonly { price: number }[]): number => { let sum = 0; for (let i = 0; i < xs.length; i++) { if (i in xs) { const x = xs[i]!; sum += x.price; } } return sum; };`,
  ),
  ts(
    'strings joined instead of added',
    `export function line(parts: string[]): string { let out = ''; for (const p of parts) out += p; return out; }`,
    `export function line(parts: string[]): string { const out: string[] = []; for (const p of parts) out.push(String(p)); return out.map((p) => p).join(''); }`,
  ),
  ts(
    'private helper behind an export',
    `function square(n: number): number { return n * n; }\nexport function norm(xs: number[]): number { let s = 0; for (const x of xs) s += square(x); return s; }`,
    `function square(n: number): number { return n ** 2; }\nexport function norm(xs: number[]): number { let s = 0; for (const x of xs) s += square(x); return s; }`,
  ),
  ts(
    'method with private state kept in a Set',
    `export class Seen { private list: string[] = []; add(x: string): boolean { if (this.list.includes(x)) return false; this.list.push(x); return true; } get size(): number { return this.list.length; } }`,
    `export class Seen { private list = new Set<string>(); add(x: string): boolean { if (this.list.has(x)) return false; this.list.add(x); return true; } get size(): number { return this.list.size; } }`,
  ),
  js(
    'CommonJS function without types',
    `exports.last = function (list) { return list[list.length - 1]; };`,
    `exports.last = function (list) { const n = list.length; return list[n - 1]; };`,
  ),
];

export const badPairs: readonly NamedPair[] = [
  ts(
    'indexOf does not find NaN',
    `export function has(xs: number[], x: number): boolean { return xs.includes(x); }`,
    `export function has(xs: number[], x: number): boolean { return xs.indexOf(x) !== -1; }`,
  ),
  ts(
    'duplicates are lost',
    `export function sorted(xs: number[]): number[] { return [...xs].sort((a, b) => a - b); }`,
    `export function sorted(xs: number[]): number[] { return [...new Set(xs)].sort((a, b) => a - b); }`,
  ),
  ts(
    'the argument is changed',
    `export function sorted(xs: string[]): string[] { return xs.slice().sort(); }`,
    `export function sorted(xs: string[]): string[] { return xs.sort(); }`,
  ),
  ts(
    'wrong only from 257 elements on',
    `export function sum(xs: number[]): number { let s = 0; for (const x of xs) s += x; return s; }`,
    `export function sum(xs: number[]): number { let s = 0; const n = xs.length > 256 ? 256 : xs.length; for (let i = 0; i < n; i++) s += xs[i]!; return s; }`,
  ),
];
