import { newQuestions } from '../../../src/verification/gates/surroundings.js';

const asked = (before: string | null, after: string | null, path = 'src/a.ts') =>
  newQuestions([{ path, before, after }]).map(({ what, place, harness }) => `${what} ${place} ${harness}`);

describe('what changed code newly asks about its surroundings', () => {
  it.each([
    ['the environment', 'export const a = process.env.HOME;', 'process.env src/a.ts:1 false'],
    ['a computed member of process', "export const a = process['c' + 'wd']();", 'process.… src/a.ts:1 false'],
    ['process under another name', 'const p = process; p.cwd();', 'process.… src/a.ts:1 false'],
    ['process of globalThis', 'globalThis.process.cwd();', 'globalThis.process src/a.ts:1 false'],
    [
      'a computed global',
      'globalThis["pro" + "cess"].cwd();',
      'a global whose name is computed src/a.ts:1 false',
    ],
    [
      'process declared from globalThis',
      'const process = global.process;',
      'global.process src/a.ts:1 false',
    ],
    ['an outward module', "import { existsSync } from 'node:fs';", 'import fs src/a.ts:1 false'],
    ['the same by require', "const os = require('os');", 'import os src/a.ts:1 false'],
    [
      'a computed module',
      'const os = require("o" + "s");',
      'a module whose name is computed src/a.ts:1 false',
    ],
    ['a module on demand', "export const net = () => import('net');", 'import net src/a.ts:1 false'],
    ['a path of the system', "open('/proc/self/cgroup');", 'the path /proc/self/cgroup src/a.ts:1 false'],
    ['the call stack', 'export const s = new Error().stack;', '.stack src/a.ts:1 false'],
    ['where the module lies', 'export const here = import.meta.url;', 'import.meta src/a.ts:1 false'],
    ['code made of text', 'export const f = new Function("return 1");', 'Function src/a.ts:1 false'],
  ])('names %s', (_, text, expected) => {
    const found = asked('', text);
    expect(found).toEqual([expected]);
  });

  it.each([
    ["existsSync('/harness/preload.cjs');", 'the harness (/harness/preload.cjs) src/a.ts:1 true'],
    ["export const a = env['RATCHET_SUITE'];", 'the harness (RATCHET_SUITE) src/a.ts:1 true'],
    ['export const a = env.RATCHET_ACTIVE;', 'the harness (RATCHET_ACTIVE) src/a.ts:1 true'],
    ["read('/out/executed');", 'the harness (/out/executed) src/a.ts:1 true'],
  ])('knows its own harness in %s', (text, expected) => {
    expect(asked('', text)).toEqual([expected]);
  });

  it('counts what was there before, wherever it moves', () => {
    const env = 'export const a = process.env.A;';
    expect(asked(env, `// moved\n${env}`)).toEqual([]);
    expect(asked(env, `${env}\n${env.replace('a =', 'b =')}`)).toEqual(['process.env src/a.ts:2 false']);
    const moved = newQuestions([
      { path: 'a.js', before: env, after: '' },
      { path: 'b.js', before: null, after: env },
    ]);
    expect(moved).toEqual([]);
  });

  it('leaves ordinary code alone', () => {
    const text = [
      'export function process(items: string[], evaluate: () => void): string[] {',
      "  const out = items.map((item) => item.trim() + '/out');",
      '  type Shape = { process: string; stackHeight: number };',
      '  queue.process = () => out;',
      "  const table: Shape = { process: 'x', stackHeight: 1 };",
      '  return table.stackHeight > 0 ? out : evaluate.call(null, out);',
      '}',
      'import { sum } from "./sum.js";',
      '/* process.env /harness/ */',
    ].join('\n');
    expect(asked('', text)).toEqual([]);
  });
});
