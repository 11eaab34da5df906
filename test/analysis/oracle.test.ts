import ts from 'typescript';
import type { TypeOracle } from '../../src/analysis/types.js';
import { nodesOf, programOf, type ProgramOptions } from '../improvement/program.js';

/** Asks about the argument of `probe(...)`. */
function ask<T>(
  text: string,
  question: (oracle: TypeOracle, node: ts.Expression) => T,
  options?: ProgramOptions,
): T {
  const { context } = programOf(text, options);
  const call = nodesOf(
    context,
    (node) => ts.isCallExpression(node) && node.expression.getText() === 'probe',
  ).find(ts.isCallExpression);
  const argument = call?.arguments[0];
  if (argument === undefined) throw new Error('no probe in the sample');
  return question(context.oracle, argument);
}
const head = 'declare function probe(x: unknown): void;\n';
const javascript: ProgramOptions = { fileName: 'sample.js' };

describe('type oracle', () => {
  it.each([
    ['const a: string[] = []; probe(a)', 'yes'],
    ['function f(a: readonly number[] | [string, number]) { probe(a) }', 'yes'],
    ['class Mine extends Array<string> {} const a = new Mine(); probe(a)', 'no'],
    ['probe(new Uint8Array(3))', 'unknown'],
    ['declare const a: any; probe(a)', 'unknown'],
    ['declare const a: string[] | string; probe(a)', 'unknown'],
    ['function f<T extends string[]>(a: T) { probe(a) }', 'unknown'],
    ['declare const a: ArrayLike<string>; probe(a)', 'unknown'],
    ['declare const a: string; probe(a)', 'no'],
  ])('says of `%s` whether it is an array: %s', (text, answer) => {
    expect(ask(head + text, (oracle, node) => oracle.isArray(node))).toBe(answer);
  });

  it.each([
    ['declare const a: string & { __brand: 1 }; probe(a)', 'string'],
    ['enum E { A = "a", B = "b" } declare const a: E; probe(a)', 'string'],
    ['enum E { A, B } declare const a: E; probe(a)', 'number'],
    ['declare const a: string | undefined; probe(a)', 'mixed'],
    ['declare const a: { length: number }; probe(a)', 'mixed'],
    ['declare const a: void; probe(a)', 'unknown'],
    ['declare const a: string[]; const b = a[0]; probe(b)', 'mixed'],
    ['function f<K extends string>(a: K) { probe(a) }', 'string'],
    ['function f<K>(a: K) { probe(a) }', 'unknown'],
  ])('says of `%s` which kind it is: %s', (text, answer) => {
    expect(ask(head + text, (oracle, node) => oracle.valueKind(node))).toBe(answer);
  });

  it.each([
    ['async function f() { return 1 } probe(f())', 'yes'],
    ['probe((async () => 1)())', 'yes'],
    ['const o = { async m() { return 1 }, n() { probe(this.m()) } }', 'yes'],
    ['const o = { m() { return 1 }, n() { probe(this.m()) } }', 'no'],
    ['class A { async m() {} x = () => { probe(this.m()) } }', 'yes'],
    ['class A { n() { return { m() {}, o() { probe(this.m()) } } } async m() {} }', 'unknown'],
    ['declare function g<T>(x: T): T; probe(g(1))', 'unknown'],
    ['declare function g<T>(x: T): { value: T }; probe(g(1))', 'no'],
    ['declare function g<T>(x: T): { [K in keyof T]: T[K] }; probe(g({ then() {} }))', 'unknown'],
    ['declare function g<T>(f: T): T; const h = g(async () => 1); probe(h())', 'yes'],
    ['declare function g<T>(f: () => T): () => T; probe(g(() => 1)())', 'unknown'],
    [
      'declare function g(x: string): number; declare function g(x: number): Promise<1>; probe(g("a"))',
      'unknown',
    ],
    ['declare function g(x: string): number; declare function g(x: number): string; probe(g("a"))', 'no'],
    ['declare const o: { m?(): Promise<1> } | undefined; probe(o?.m?.())', 'yes'],
    ['declare const o: { m(): { n(): number } }; probe(o.m().n())', 'no'],
    ['declare function f(): Promise<number>; const p = f(); probe(p.catch(() => 1))', 'yes'],
    ['declare function f(): { a: number }; const p = f(); probe(p)', 'no'],
    ['declare const u: unknown; probe(u as number)', 'no'],
    ['declare const u: number; probe(u as unknown)', 'unknown'],
  ])('says of `%s` whether it has a `then`: %s', (text, answer) => {
    expect(ask(head + text, (oracle, node) => oracle.isThenable(node))).toBe(answer);
  });

  it('counts every value as possibly missing where strictNullChecks is off', () => {
    const loose = { compilerOptions: { strict: false } };
    expect(ask(`${head}declare const a: string; probe(a)`, (o, n) => o.possibleKinds(n), loose)).toEqual([
      'nullish',
      'string',
    ]);
  });

  it('believes no type of unchecked JavaScript, only what the code itself builds', () => {
    const parameter = '/** @param {string[]} a */\nfunction f(a) { probe(a) }';
    expect(ask(parameter, (o, n) => o.isArray(n), javascript)).toBe('unknown');
    expect(ask('const a = Object.keys({}); probe(a)', (o, n) => o.elementKind(n), javascript)).toBe('string');
    expect(ask('let a = []; a = other(); probe(a)', (o, n) => o.isArray(n), javascript)).toBe('unknown');
    expect(ask(`// @ts-check\n${parameter}`, (o, n) => o.isArray(n), javascript)).toBe('yes');
  });

  it('knows accessors, library properties and interface members apart', () => {
    const about = (text: string): unknown =>
      ask(head + text, (o, n) => (ts.isPropertyAccessExpression(n) ? o.isAccessor(n) : 'not a property'));
    expect(about('class A { get x() { return 1 } } probe(new A().x)')).toBe('yes');
    expect(about('class A { x = 1 } probe(new A().x)')).toBe('no');
    expect(about('declare const a: { x: number }; probe(a.x)')).toBe('unknown');
    expect(about('declare const a: string[]; probe(a.length)')).toBe('no');
  });

  it('sees a shadowed global', () => {
    const about = (text: string): unknown =>
      ask(head + text, (o, n) => (ts.isIdentifier(n) ? o.isGlobal(n) : 'not a name'));
    expect(about('probe(Set)')).toBe('yes');
    expect(about('function f(Set: unknown) { probe(Set) }')).toBe('no');
    expect(about('probe(Nothing)')).toBe('unknown');
  });

  it('finds all references, shorthand properties and exports included', () => {
    const text = `${head}const a = 1; probe(a); const o = { a }; export { a }; { const a = 2; a; }`;
    const count = ask(text, (oracle, node) => {
      const declaration = ts.isIdentifier(node) ? oracle.declarationOf(node) : null;
      return declaration === null ? -1 : oracle.referencesOf(declaration).length;
    });
    expect(count).toBe(3);
  });

  it('reads the library year and the iteration of the target', () => {
    const probe = `${head}probe(1)`;
    const es5 = { compilerOptions: { target: ts.ScriptTarget.ES5, lib: ['lib.es2018.d.ts'] } };
    expect(ask(probe, (o) => [o.libraryYear(), o.iteratesFreely()], es5)).toEqual([2018, false]);
    expect(ask(probe, (o) => [o.libraryYear(), o.iteratesFreely()])).toEqual([2023, true]);
  });
});
