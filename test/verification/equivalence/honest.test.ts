import { join } from 'node:path';
import type { Sandbox } from '../../../src/verification/types.js';
import { realSandbox, removeAll, temporary } from '../support/sandbox.js';
import { judgePair } from './support/judge-pair.js';
import { js, ts } from './support/pairs.js';
import type { NamedPair } from './support/pairs.js';

describe('equivalence gate, where it cannot be sure', () => {
  let place: string;
  let sandbox: Sandbox;
  let count = 0;
  const judge = (pair: NamedPair, seed?: number) =>
    judgePair(join(place, `case-${++count}`), pair, sandbox, seed);

  beforeAll(async () => {
    place = temporary();
    sandbox = await realSandbox(join(place, 'sandbox'));
  });
  afterAll(() => removeAll(place));

  it('never calls a function equal by luck: other random numbers drawn are inconclusive', async () => {
    const verdict = await judge(
      ts(
        'random',
        `export function pick(xs: string[]): string { return xs[Math.floor(Math.random() * xs.length)] ?? ''; }`,
        `export function pick(xs: string[]): string { return xs[xs.length - 1 - Math.floor(Math.random() * xs.length)] ?? ''; }`,
      ),
    );
    expect(verdict.verdict).toBe('inconclusive');
    expect(verdict.settle).toMatch(/random numbers fixed/);
  });

  it('says that time was fixed when the function depends on it', async () => {
    const verdict = await judge(
      ts(
        'clock',
        `export const stamp = (x: string): string => x + Date.now();`,
        `export const stamp = (x: string): string => \`\${x}\${Date.now()}\`;`,
      ),
    );
    expect([verdict.verdict, verdict.reason]).toEqual(['pass', expect.stringContaining('were the same')]);
  });

  it('lists changed lines that no input executes', async () => {
    const verdict = await judge(
      js(
        'unreached branch',
        `exports.f = function (x) {\n  if (typeof process.ratchetNever === 'string') {\n    return 1;\n  }\n  return String(x);\n};`,
        `exports.f = function (x) {\n  if (typeof process.ratchetNever === 'string') {\n    return 2;\n  }\n  return '' + String(x);\n};`,
      ),
    );
    expect(verdict.verdict).toBe('pass');
    expect(verdict.numbers).toMatchObject({ executed: ['src/a.js:5'], unexecuted: ['src/a.js:3'] });
  });

  it('is inconclusive when nothing executes the change', async () => {
    const verdict = await judge(
      js(
        'dead branch',
        `exports.f = function (x) {\n  if (process.ratchetNever) {\n    return 1;\n  }\n  return x;\n};`,
        `exports.f = function (x) {\n  if (process.ratchetNever) {\n    return 2;\n  }\n  return x;\n};`,
      ),
    );
    expect([verdict.verdict, verdict.reason]).toEqual(['inconclusive', expect.stringContaining('None of')]);
  });

  it('is inconclusive about a function whose inputs cannot be built', async () => {
    const verdict = await judge(
      ts(
        'opaque input',
        `export abstract class Node2 { abstract size(): number; }\nexport function total(n: Node2): number { return n.size() + 1; }`,
        `export abstract class Node2 { abstract size(): number; }\nexport function total(n: Node2): number { return 1 + n.size(); }`,
      ),
    );
    expect(verdict.verdict).toBe('inconclusive');
    expect(verdict.reason).toContain('abstract');
  });

  it('skips inputs on which both sides run for ever', async () => {
    const verdict = await judge(
      ts(
        'endless for negative numbers',
        `export function down(n: number): number { let i = 0; while (n !== 0 && i !== -1) { n = n - 1; i = i + 1; } return i; }`,
        `export function down(n: number): number { let i = 0; while (n !== 0 && i !== -1) { n--; i++; } return i; }`,
      ),
    );
    expect([verdict.verdict, verdict.reason]).toEqual(['pass', expect.any(String)]);
  });

  it('gives the same bytes for the same seed', async () => {
    const pair = ts(
      'wrong for duplicates',
      `export function pick(xs: string[]): string[] { return xs.filter((x) => x !== 'b'); }`,
      `export function pick(xs: string[]): string[] { return [...new Set(xs)].filter((x) => x !== 'b'); }`,
    );
    const [first, second] = [await judge(pair, 7), await judge(pair, 7)];
    expect({ ...second, elapsedMs: 0 }).toEqual({ ...first, elapsedMs: 0 });
    expect(first.verdict).toBe('fail');
  });
});
