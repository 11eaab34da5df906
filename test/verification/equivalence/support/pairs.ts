/** Pairs of old and new code: rewrites that keep behaviour. The wrong ones are in bad-pairs.ts. */
import type { Pair } from './judge-pair.js';

export interface NamedPair extends Pair {
  readonly name: string;
}

/** A TypeScript pair in src/a.ts. */
export const ts = (name: string, before: string, after: string): NamedPair => ({
  name,
  files: { 'src/a.ts': [before, after] },
});

/** A JavaScript (CommonJS) pair in src/a.js. */
export const js = (name: string, before: string, after: string): NamedPair => ({
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
    'a loop that keeps holes instead of reduce',
    `export const total = (xs: readonly { price: number }[]): number => xs.reduce((sum, x) => sum + x.price, 0);`,
    `export const total = (xs: readonly { price: number }[]): number => { let sum = 0; for (let i = 0; i < xs.length; i++) { if (i in xs) { const x = xs[i]!; sum += x.price; } } return sum; };`,
  ),
  ts(
    'strings joined instead of added',
    `export function line(parts: string[]): string { let out = ''; for (const p of parts) out += p; return out; }`,
    `export function line(parts: string[]): string { const out: string[] = []; for (const p of parts) out.push(String(p)); return out.join(''); }`,
  ),
  ts(
    'private helper behind an export',
    `function square(n: number): number { return n * n; }\nexport function norm(xs: number[]): number { let s = 0; for (const x of xs) s += square(x); return s; }`,
    `function square(n: number): number { const m = n; return n * m; }\nexport function norm(xs: number[]): number { let s = 0; for (const x of xs) s += square(x); return s; }`,
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
  ts(
    'private helper whose contract changes together with its caller',
    `function keys(rows: { id: string }[]): string[] { return rows.map((r) => r.id); }\nexport function known(rows: { id: string }[], id: string): boolean { return keys(rows).includes(id); }`,
    `function keys(rows: { id: string }[]): Set<string> { return new Set(rows.map((r) => r.id)); }\nexport function known(rows: { id: string }[], id: string): boolean { return keys(rows).has(id); }`,
  ),
  ts(
    'work moved out of a loop into a new helper',
    `export function widths(rows: string[][]): number[] { const out: number[] = []; for (const row of rows) { let max = 0; for (const cell of row) if (cell.length > max) max = cell.length; out.push(max); } return out; }`,
    `function widest(row: string[]): number { let max = 0; for (const cell of row) { const n = cell.length; if (n > max) max = n; } return max; }\nexport function widths(rows: string[][]): number[] { const out: number[] = []; for (const row of rows) out.push(widest(row)); return out; }`,
  ),
  ts(
    'recursive types',
    `interface Tree { value: number; children: Tree[] }\nexport function sum(t: Tree): number { let s = t.value; for (const c of t.children) s += sum(c); return s; }`,
    `interface Tree { value: number; children: Tree[] }\nexport function sum(t: Tree): number { let s = t.value; for (let i = 0; i < t.children.length; i++) s += sum(t.children[i]!); return s; }`,
  ),
  ts(
    'Map of lists filled with one lookup',
    `export function group(rows: { k: string; v: number }[]): Map<string, number[]> { const m = new Map<string, number[]>(); for (const r of rows) { if (!m.has(r.k)) m.set(r.k, []); m.get(r.k)!.push(r.v); } return m; }`,
    `export function group(rows: { k: string; v: number }[]): Map<string, number[]> { const m = new Map<string, number[]>(); for (const r of rows) { const list = m.get(r.k); if (list === undefined) m.set(r.k, [r.v]); else list.push(r.v); } return m; }`,
  ),
  ts(
    'async in the same order',
    `export async function all(xs: number[], f: (x: number) => Promise<number>): Promise<number[]> { const out: number[] = []; for (const x of xs) out.push(await f(x)); return out; }`,
    `export async function all(xs: number[], f: (x: number) => Promise<number>): Promise<number[]> { const out: number[] = []; for (const x of xs) { const y = await f(x); out.push(y); } return out; }`,
  ),
  ts(
    'a generator that stays lazy',
    `export function* evens(xs: number[]): Generator<number> { for (const x of xs) if (x % 2 === 0) yield x; }`,
    `export function* evens(xs: number[]): Generator<number> { for (const x of xs) { if (x % 2 !== 0) continue; yield x; } }`,
  ),
  js(
    'closure inside an exported function',
    `exports.outer = function (items) { function key(x) { return x.id + ':' + x.name; } return items.map(function (x) { return key(x); }); };`,
    `exports.outer = function (items) { function key(x) { return [x.id + ':', x.name].reduce(function (a, b) { return a + b; }); } return items.map(function (x) { return key(x); }); };`,
  ),
  js(
    'members of a prototype',
    `function Stack() { this.items = []; }\nStack.prototype.push = function (x) { this.items[this.items.length] = x; return this.items.length; };\nStack.prototype.pop = function () { return this.items.pop(); };\nmodule.exports = Stack;`,
    `function Stack() { this.items = []; }\nStack.prototype.push = function (x) { return this.items.push(x); };\nStack.prototype.pop = function () { return this.items.pop(); };\nmodule.exports = Stack;`,
  ),
  js(
    'function inside a module wrapper',
    `(function () { var root = exports; function pad(text, n) { var s = String(text); while (s.length < n && s.length < 500) { s = ' ' + s; } return s; } root.pad = pad; })();`,
    `(function () { var root = exports; function pad(text, n) { var s = String(text); while (s.length < n && s.length < 500) s = ' ' + s; return s + ''; } root.pad = pad; })();`,
  ),
  js(
    'methods of an exported object',
    `module.exports = { first(list) { return list[0]; }, second: function (list) { return list[1]; } };`,
    `module.exports = { first(list) { const [x] = [list[0]]; return x; }, second: function (list) { return list[1]; } };`,
  ),
  {
    name: 'ECMAScript module in .mjs with a default export',
    files: {
      'src/a.mjs': [
        `export default function (n) { let s = 0; for (let i = 0; i < n; i++) s += i; return s; }`,
        `export default function (n) { let s = 0; let i = 0; while (i < n) { s += i; i++; } return s; }`,
      ],
    },
  },
  {
    name: 'a module-level regular expression used by the function',
    files: {
      'src/a.ts': [
        `export function words(text: string): string[] { return text.split(new RegExp('\\\\s+')); }`,
        `const space = /\\s+/;\nexport function words(text: string): string[] { return text.split(space); }`,
      ],
    },
  },
  ts(
    'module state that is kept the same way',
    `let count = 0;\nexport function next(prefix: string): string { count = count + 1; return prefix + count; }`,
    `let count = 0;\nexport function next(prefix: string): string { count++; return \`\${prefix}\${count}\`; }`,
  ),
  ts(
    'reads the clock once, as before',
    `export function stamp(xs: number[]): { at: number; n: number } { return { at: Date.now(), n: xs.length }; }`,
    `export function stamp(xs: number[]): { at: number; n: number } { const at = Date.now(); const n = xs.length; return { at, n }; }`,
  ),
];
