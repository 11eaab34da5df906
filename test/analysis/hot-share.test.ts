/** Self times of a CPU profile reach the findings, although V8 and the metrics name a function by different places. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyse } from '../../src/analysis/index.js';

const text = [
  'export function named(a: string[], b: string[]) {',
  '  return a.filter((x) => b.includes(x));',
  '}',
  'export class Box {',
  '  async method(a: string[], b: string[]) { return a.filter((x) => b.includes(x)); }',
  '}',
  'export const arrow = (a: string[], b: string[]) => a.filter((x) => b.includes(x));',
  '',
].join('\n');

describe('hot shares', () => {
  const root = mkdtempSync(join(tmpdir(), 'ratchet-hot-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('come from the place of the parameters to the function that begins before it', async () => {
    writeFileSync(join(root, 'a.ts'), text);
    const hotShares = { 'a.ts:1:22': 0.2, 'a.ts:2:19': 0.05, 'a.ts:5:15': 0.04, 'a.ts:7:22': 0.01 };
    const { findings } = await analyse({ root, fixers: [], isolate: false, hotShares });
    const shares = new Map(findings.map((one) => [one.span.start.line, one]));
    // The callback on line 2 is profiled itself, and is the innermost function around the search.
    expect(shares.get(2)?.hotShare).toBeCloseTo(0.05);
    expect(shares.get(5)?.hotShare).toBeCloseTo(0.04);
    expect(shares.get(7)?.hotShare).toBeCloseTo(0.01);
  });

  it('add what a callback inside the finding takes, and make a hot change of class critical', async () => {
    const reduce = 'export const f = (a: string[]) =>\n  a.reduce<string[]>((acc, x) => [...acc, x], []);\n';
    writeFileSync(join(root, 'a.ts'), reduce);
    const hotShares = { 'a.ts:1:18': 0.02, 'a.ts:2:22': 0.3 };
    const { findings } = await analyse({ root, fixers: [], isolate: false, hotShares });
    expect(findings[0]?.hotShare).toBeCloseTo(0.32);
    expect(findings[0]?.severity).toBe('critical');
  });
});
