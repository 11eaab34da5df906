/** Time lost by waiting: awaits one after another, and work that blocks the event loop. Reported, not rewritten. */
import ts from 'typescript';
import type { Rule } from '../types.js';
import { functionAround, iterationsAround } from '../syntax/iterations.js';
import { isAssignment, shortText, someNode } from '../syntax/nodes.js';
import { found } from './match.js';

const reading =
  /^(?:get|fetch|find|load|read|list|select|query|lookup|resolve|request|head|stat|count|exists)/;

function calleeName(node: ts.Expression): string | null {
  if (!ts.isCallExpression(node)) return null;
  if (ts.isIdentifier(node.expression)) return node.expression.text;
  return ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : null;
}

export const awaitInLoop: Rule = {
  id: 'await-in-loop',
  title: 'Independent reads wait for each other',
  why: 'Each round waits for its own read before the next begins (N+1). Reads that do not depend on each other can run together, in a bounded pool or as one batch.',
  complexity: { before: 'n waits', after: 'n/pool waits' },
  severityRule: 'medium: order, rate limits and transactions cannot be seen from here',
  preconditions: [
    'The awaited call is named as a read (get, fetch, find, load, read …).',
    'The loop has no break or return, and assigns nothing from outside.',
  ],
  examples: {
    firing: [
      'export async function f(ids: string[], get: (id: string) => Promise<number>) { const r: number[] = []; for (const id of ids) { r.push(await get(id)); } return r; }',
      'export async function f(ids: string[], db: { findOne(id: string): Promise<object> }) { for (const id of ids) { const row = await db.findOne(id); console.log(row); } }',
      'export async function f(urls: string[]) { for (let i = 0; i < urls.length; i++) { const r = await fetch(urls[i] ?? ""); console.log(r); } } declare function fetch(u: string): Promise<object>;',
      'export async function f(names: string[], readFile: (n: string) => Promise<string>) { const o: string[] = []; for (const n of names) o.push(await readFile(n)); return o; }',
      'export async function f(m: Map<string, string>, api: { load(k: string): Promise<void> }) { for (const [k] of m) { await api.load(k); } }',
    ],
    silent: [
      'export async function f(ids: string[], save: (id: string) => Promise<void>) { for (const id of ids) await save(id); }',
      'export async function f(get: (c: string) => Promise<string>) { let c = ""; while (c !== "end") { c = await get(c); } }',
      'export async function f(ids: string[], get: (id: string) => Promise<number>) { for (const id of ids) { if (await get(id)) return id; } return null; }',
      'export async function f(ids: string[], get: (id: string) => Promise<number>) { return Promise.all(ids.map((id) => get(id))); }',
      'export async function f(s: AsyncIterable<string>) { for await (const x of s) console.log(x); }',
    ],
  },
  visits: ['AwaitExpression'],
  match(node) {
    if (!ts.isAwaitExpression(node)) return null;
    const [innermost] = iterationsAround(node);
    if (innermost?.kind !== 'loop' || !ts.isIterationStatement(innermost.node, false)) return null;
    const loop = innermost.node;
    if (!ts.isForOfStatement(loop) && !ts.isForStatement(loop)) return null;
    if (ts.isForOfStatement(loop) && loop.awaitModifier !== undefined) return null;
    const name = calleeName(node.expression);
    if (name === null || !reading.test(name)) return null;
    const ordered = someNode(
      loop.statement,
      (one) =>
        ts.isBreakStatement(one) ||
        ts.isReturnStatement(one) ||
        (isAssignment(one) && ts.isIdentifier(one.left)),
    );
    return ordered
      ? null
      : found(
          'await-in-loop',
          node,
          `\`${shortText(node)}\` waits for each read before the next begins`,
          'n waits → n/pool waits; check order and rate limits',
          'medium',
          'medium',
        );
  },
};

export const sequentialAwaits: Rule = {
  id: 'sequential-awaits',
  title: 'Two independent reads wait for each other',
  why: 'The second read does not use the first, yet starts only after it.',
  complexity: null,
  severityRule: 'low',
  preconditions: ['Consecutive declarations await calls named as reads; the second does not name the first.'],
  examples: {
    firing: [
      'export async function f(get: (k: string) => Promise<number>) { const a = await get("a"); const b = await get("b"); return a + b; }',
      'export async function f(db: { find(k: string): Promise<object>; load(k: string): Promise<object> }) { const a = await db.find("a"); const b = await db.load("b"); return [a, b]; }',
      'declare function fetch(u: string): Promise<object>; export const f = async () => { const x = await fetch("x"); const y = await fetch("y"); return { x, y }; };',
      'export async function f(readFile: (n: string) => Promise<string>) { const [a] = await readFile("a"); const b = await readFile("b"); return [a, b]; }',
      'export async function f(api: { getUser(): Promise<object>; getTeam(): Promise<object> }) { const { length } = [await 1]; const u = await api.getUser(); const t = await api.getTeam(); return [u, t, length]; }',
    ],
    silent: [
      'export async function f(get: (k: string) => Promise<string>) { const a = await get("a"); const b = await get(a); return b; }',
      'export async function f(save: (k: string) => Promise<number>) { const a = await save("a"); const b = await save("b"); return a + b; }',
      'export async function f(get: (k: string) => Promise<number>) { const [a, b] = await Promise.all([get("a"), get("b")]); return a + b; }',
      'export async function f(get: (k: string) => Promise<number>) { const a = await get("a"); if (a > 1) return a; const b = await get("b"); return b; }',
      'export async function f(get: (k: string) => Promise<number>) { const a = await get("a"); return a; }',
    ],
  },
  visits: ['VariableStatement'],
  match(node) {
    if (!ts.isVariableStatement(node) || !ts.isBlock(node.parent)) return null;
    const { statements } = node.parent;
    const before = statements[statements.indexOf(node) - 1];
    const mine = awaitedRead(node);
    const earlier = before === undefined ? null : awaitedRead(before);
    if (mine === null || earlier === null) return null;
    const names = new Set(earlier.names);
    const uses = someNode(mine.read, (one) => ts.isIdentifier(one) && names.has(one.text));
    return uses
      ? null
      : found(
          'sequential-awaits',
          node,
          `\`${shortText(mine.read)}\` waits for a read that it does not use`,
          'one wait instead of two; check that the order does not matter',
          'low',
          'medium',
        );
  },
};

function awaitedRead(node: ts.Statement): { read: ts.Expression; names: readonly string[] } | null {
  if (!ts.isVariableStatement(node)) return null;
  const [only, ...more] = node.declarationList.declarations;
  const value = only?.initializer;
  if (only === undefined || more.length > 0 || value === undefined || !ts.isAwaitExpression(value))
    return null;
  const name = calleeName(value.expression);
  if (name === null || !reading.test(name)) return null;
  return {
    read: value.expression,
    names: only.name
      .getText()
      .split(/\W+/)
      .filter((one) => one !== ''),
  };
}

export const awaitNonThenable: Rule = {
  id: 'await-non-thenable',
  title: 'await of something that is no promise',
  why: 'The value is there already; awaiting it costs a turn of the microtask queue.',
  complexity: null,
  severityRule: 'low',
  preconditions: [
    'The checker proves that the value has no `then`.',
    'A fix changes the order of effects by one tick: an assumption.',
  ],
  examples: {
    firing: [
      'export async function f(a: number) { return await a; }',
      'export async function f(a: string) { const b = await a.trim(); return b; }',
      'export async function f(a: string[]) { await a; }',
      'export async function f(a: { n: number }) { const { n } = await a; return n; }',
      'export async function f() { return await 1; }',
    ],
    silent: [
      'export async function f(a: Promise<number>) { return await a; }',
      'export async function f(a: any) { return await a; }',
      'export async function f(a: number | Promise<number>) { return await a; }',
      'export async function f<T>(a: T) { return await a; }',
      'export async function f(a: PromiseLike<string>) { return await a; }',
      'export async function f(a: unknown) { return await a; }',
    ],
  },
  visits: ['AwaitExpression'],
  match(node, context) {
    if (!ts.isAwaitExpression(node) || context.oracle.isThenable(node.expression) !== 'no') return null;
    return found(
      'await-non-thenable',
      node,
      `\`${shortText(node)}\` awaits a value that is there already`,
      'one microtask less; measured 56–130× on the bare value',
      'low',
    );
  },
};

const blocking =
  /^(?:readFile|writeFile|appendFile|readdir|stat|lstat|exists|mkdir|rm|unlink|copyFile|access|exec|execFile|spawn|pbkdf2|scrypt|gzip|gunzip|deflate|inflate|brotliCompress|brotliDecompress|randomFill|generateKeyPair)Sync$/;

export const syncInAsync: Rule = {
  id: 'sync-in-async',
  title: 'Blocking work in an asynchronous function',
  why: 'While a Sync call runs, no other request is served. Throughput does not suffer, latency of everybody else does.',
  complexity: null,
  severityRule: 'medium in a loop or in a request handler, low elsewhere.',
  preconditions: [
    'A …Sync call of fs, child_process, crypto or zlib inside an async function or a handler with (req, res).',
  ],
  examples: {
    firing: [
      'declare const fs: any; export async function f(p: string) { return fs.readFileSync(p); }',
      'declare const crypto: any; export const f = async (p: string) => crypto.pbkdf2Sync(p, "s", 1, 1, "sha1");',
      'declare const fs: any; export function handler(req: any, res: any) { res.end(fs.readFileSync(req.url)); }',
      'declare function execSync(c: string): string; export async function f() { return execSync("ls"); }',
      'declare const zlib: any; export async function f(a: string[]) { const r = []; for (const x of a) r.push(zlib.gzipSync(x)); return r; }',
    ],
    silent: [
      'declare const fs: any; export function f(p: string) { return fs.readFileSync(p); }',
      'declare const fs: any; const text = fs.readFileSync("a"); export async function f() { return text; }',
      'declare const fs: any; export async function f(p: string) { return fs.promises.readFile(p); }',
      'export async function f(o: { saveSync(): void }) { o.saveSync(); }',
      'declare const fs: any; export async function f(a: string[]) { function inner(p: string) { return fs.readFileSync(p); } return a.map(inner); }',
    ],
  },
  visits: ['CallExpression'],
  match(node) {
    if (!ts.isCallExpression(node)) return null;
    const name = calleeName(node);
    if (name === null || !blocking.test(name)) return null;
    const fn = functionAround(node);
    if (!ts.isFunctionLike(fn)) return null;
    const names = fn.parameters.map((one) => one.name.getText());
    const handler =
      /^(?:req|request)$/.test(names[0] ?? '') && /^(?:res|response|reply)$/.test(names[1] ?? '');
    const modifiers = ts.canHaveModifiers(fn) ? (ts.getModifiers(fn) ?? []) : [];
    if (!handler && !modifiers.some((one) => one.kind === ts.SyntaxKind.AsyncKeyword)) return null;
    const severe = handler || iterationsAround(node).length > 0;
    return found(
      'sync-in-async',
      node,
      `\`${shortText(node)}\` stops everything else while it runs`,
      'latency of concurrent work, not throughput',
      severe ? 'medium' : 'low',
      'medium',
    );
  },
};
