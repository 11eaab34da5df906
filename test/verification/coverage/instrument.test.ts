/** Instrumented programs do what the plain ones do, and report what ran. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { instrument } from '../../../src/verification/coverage/instrument.js';
import { removeAll, temporary } from '../support/sandbox.js';

let place: string;
beforeAll(() => {
  place = temporary();
});
afterAll(() => removeAll(place));

/** Runs a program plainly and instrumented; answers both outputs and the lines never executed. */
function compare(text: string, path = 'a.cjs') {
  const target = join(place, 'executed');
  rmSync(target, { force: true });
  const changed = new Set(text.split('\n').map((_, index) => index + 1));
  const { text: watched, points } = instrument(path, text, changed, 0, target);
  const run = (name: string, code: string): string => {
    const file = join(place, name);
    writeFileSync(file, path.endsWith('ts') ? ts.transpile(code, { target: ts.ScriptTarget.ES2022 }) : code);
    return execFileSync(process.execPath, [file], { encoding: 'utf8' });
  };
  const outputs = [run('plain.cjs', text), run('watched.cjs', watched)];
  const hits = new Set(readFileSync(target, 'utf8').split('\n'));
  const missed = points.filter((point) => !hits.has(`0:${point.id}`)).map((point) => point.line);
  return { outputs, missed: [...new Set(missed)].sort((a, b) => a - b), watched };
}

const programs: [string, string, number[]][] = [
  ['straight code', `const a = 1\nconst b = a + 1\nconsole.log(b)`, []],
  ['no semicolons before brackets', `let a = [3, 1]\n;[a[0], a[1]] = [a[1], a[0]]\nconsole.log(a)`, []],
  ['if without braces', `const f = (x) => {\n  if (x) return 'yes'\n  else return 'no'\n}\nconsole.log(f(1))`, [3]],
  ['dangling else', `function f(a, b) {\n  if (a)\n    if (b) return 1;\n    else return 2;\n  return 3;\n}\nconsole.log(f(1, 0), f(0, 0), f(1, 1));`, []],
  ['an else that is never taken', `function f(a) {\n  if (a) a += 1;\n  return a;\n}\nconsole.log(f(1));`, [2]],
  ['conditional branches', `const f = (x) =>\n  x\n    ? 'a'\n    : 'b';\nconsole.log(f(true));`, [4]],
  ['short circuits', `const f = (x) => x && x.y;\nconsole.log(f({ y: 2 }), f(null) ?? 'none');`, []],
  ['loops without braces', `let s = 0;\nfor (const x of [1, 2]) s += x;\nwhile (s < 5) s++;\ndo s++; while (s < 8);\nconsole.log(s);`, []],
  ['switch and labels', `outer: for (const x of [1, 2, 3]) {\n  switch (x) {\n    case 1:\n      continue outer;\n    case 9:\n      console.log('never');\n    default:\n      console.log(x);\n  }\n}`, [6]],
  ['strict directive and hashbang', `#!/usr/bin/env node\n'use strict';\nconsole.log((function () { return this === undefined; })());`, []],
  ['objects returned by arrows', `const f = () => ({ a: 1 });\nconsole.log(f().a);`, []],
  ['generators and async', `async function* g() {\n  yield await Promise.resolve(1);\n}\n(async () => {\n  for await (const x of g()) console.log(x);\n})();`, []],
  ['classes', `class A {\n  x = 1;\n  #y = this.x + 1;\n  get z() { return this.#y; }\n  static { A.k = 3; }\n  constructor() { this.w = 4; }\n}\nconst a = new A();\nconsole.log(a.z, A.k, a.w);`, []],
  ['try and catch', `try {\n  JSON.parse('{');\n} catch {\n  console.log('caught');\n} finally {\n  console.log('end');\n}`, []],
  ['nested conditionals at one place', `const f = (a, b) => a ? b ? 1 : 2 : 3;\nconsole.log(f(1, 1), f(1, 0), f(0, 0));`, []],
  ['functions called before their place', `console.log(f());\nfunction f() {\n  return 1;\n}`, []],
];

describe('instrument', () => {
  it.each(programs)('keeps the meaning of %s and finds what did not run', (_name, text, missed) => {
    const result = compare(text);
    expect(result.outputs[1]).toBe(result.outputs[0]);
    expect(result.missed).toEqual(missed);
  });

  it('leaves every line where it was', () => {
    for (const [, text] of programs) {
      const lines = compare(text).watched.split('\n');
      expect(lines.length).toBeGreaterThan(text.split('\n').length);
      for (const [index, line] of text.split('\n').entries()) {
        const word = /[A-Za-z]\w{3,}/.exec(line)?.[0] ?? '';
        expect(lines[index]).toContain(word);
      }
    }
  });

  it('writes TypeScript that still type-checks strictly', () => {
    const text = `export function pick(xs: readonly string[] | null, k?: number): string | undefined {\n  if (!xs) return undefined;\n  const i = k ?? xs.length - 1;\n  return xs.length > 3 ? xs[i] : xs.find((x) => x && x !== 'a');\n}\n`;
    const { text: watched } = instrument('a.ts', text, new Set([1, 2, 3, 4]), 0, '/out/x');
    const file = join(place, 'strict.ts');
    writeFileSync(file, watched);
    const program = ts.createProgram([file], { strict: true, noEmit: true, noUnusedLocals: true, noImplicitReturns: true, types: [], target: ts.ScriptTarget.ES2022 });
    expect(ts.getPreEmitDiagnostics(program).map((one) => one.messageText)).toEqual([]);
  });

  it('asks nothing of comments, types and closing brackets', () => {
    const text = `interface A {\n  b: number;\n}\n// words\nexport const f = (): number => {\n  /* words */\n  return 1;\n};\n`;
    const { points } = instrument('a.ts', text, new Set([1, 2, 3, 4, 6, 8]), 0, '/out/x');
    expect(points).toEqual([]);
  });
});
