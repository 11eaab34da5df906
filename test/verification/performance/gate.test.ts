import type { Sandbox } from '../../../src/verification/types.js';
import { settled } from '../support/again.js';
import { tryPerformance } from '../support/performance.js';
import { realSandbox, removeAll, temporary } from '../support/sandbox.js';

const place = temporary();
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await realSandbox(`${place}/sandbox`);
});
afterAll(() => removeAll(place));

const quadratic = `export function unique(ids: string[]): string[] {
  const out: string[] = [];
  for (const id of ids) if (!out.includes(id)) out.push(id);
  return out;
}
`;
const linear = `export function unique(ids: string[]): string[] {
  return [...new Set(ids)];
}
`;
const workload = `export const entry = 'src/index.ts';
export function setup(module) {
  return { module, ids: Array.from({ length: 2000 }, (_, i) => 'id' + (i % 1500)) };
}
export const run = (state) => state.module.unique(state.ids);
`;

describe('the performance gate', () => {
  it('passes a large gain with few pairs, and grows with size', async () => {
    const sized = workload
      .replace('setup(module)', 'setup(module, { size })')
      .replace('length: 2000', 'length: size');
    const verdict = await settled(() =>
      tryPerformance(place, sandbox, {
        base: quadratic,
        candidate: linear,
        workload: `export const sizes = [100, 300, 1000, 3000];\n${sized}`,
      }),
    );
    expect([verdict.verdict, verdict.reason]).toEqual(['pass', expect.any(String)]);
    // Six on a quiet machine; a look or two more where other programs run.
    expect(Number(verdict.numbers['pairs'])).toBeLessThanOrEqual(24);
    expect(Number(verdict.numbers['ratioLower'])).toBeGreaterThan(3);
    const growth = verdict.numbers['growth'] as { base: number; candidate: number };
    expect(growth.base).toBeGreaterThan(growth.candidate);
  }, 120_000);

  it('generates inputs at four sizes where no workload is given, also for a method of a class', async () => {
    const plain = await settled(() =>
      tryPerformance(place, sandbox, { base: quadratic, candidate: linear, workload: null }),
    );
    expect([plain.verdict, plain.reason]).toEqual(['pass', expect.any(String)]);
    expect(plain).toMatchObject({ numbers: { workload: { origin: 'generated' } } });
    expect(plain.numbers['growth']).not.toBeNull();
    const method = (body: string) =>
      `export class Ids {\n  constructor(readonly prefix: string) {}\n  unique(ids: string[]): string[] {\n    ${body}\n  }\n}\n`;
    const bound = await settled(() =>
      tryPerformance(place, sandbox, {
        base: method('return ids.filter((id, i) => ids.indexOf(id) === i);'),
        candidate: method('return [...new Set(ids)];'),
        workload: null,
      }),
    );
    expect([bound.verdict, bound.reason]).toEqual(['pass', expect.any(String)]);
  }, 180_000);

  it('calls identical code inconclusive, and does not need all pairs for it', async () => {
    const verdict = await tryPerformance(place, sandbox, { base: quadratic, candidate: quadratic, workload });
    expect(verdict.verdict).toBe('inconclusive');
    expect(verdict.settle).toContain('--workload');
  }, 120_000);

  it('fails what is slower', async () => {
    const verdict = await settled(() =>
      tryPerformance(place, sandbox, { base: linear, candidate: quadratic, workload }),
    );
    expect([verdict.verdict, verdict.reason]).toEqual(['fail', expect.any(String)]);
    expect(verdict.reason).toContain('slower');
  }, 120_000);

  it.each([
    ['by identity', 'const seen = new WeakMap<object, string[]>();', 'ids'],
    ['by value', 'const seen = new Map<string, string[]>();', 'ids.join()'],
  ])(
    'does not pass a cache of the benchmark’s input, keyed %s',
    async (_, declaration, key) => {
      const candidate = `${declaration}
export function unique(ids: string[]): string[] {
  const known = seen.get(${key});
  if (known !== undefined) return known.slice();
  const out: string[] = [];
  for (const id of ids) if (!out.includes(id)) out.push(id);
  seen.set(${key}, out.slice());
  return out;
}
`;
      const verdict = await tryPerformance(place, sandbox, { base: quadratic, candidate, workload });
      expect(verdict.verdict).not.toBe('pass');
    },
    120_000,
  );

  it('fails a win in time that keeps more memory alive', async () => {
    const candidate = `const table = new Map<string, number[]>();
export function unique(ids: string[]): string[] {
  table.set(String(table.size) + ids[0], Array.from({ length: 4000 }, (_, i) => i));
  return [...new Set(ids)];
}
`;
    const verdict = await settled(() =>
      tryPerformance(place, sandbox, { base: quadratic, candidate, workload }),
    );
    expect([verdict.verdict, verdict.reason]).toEqual(['fail', expect.stringContaining('memory')]);
  }, 120_000);

  it('fails another result', async () => {
    const candidate = linear.replace('[...new Set(ids)]', '[...new Set(ids)].reverse()');
    const verdict = await tryPerformance(place, sandbox, { base: quadratic, candidate, workload });
    expect(verdict).toMatchObject({ verdict: 'fail' });
    expect(verdict.reason).toContain('result differs');
  }, 120_000);

  it.each([
    [
      'throws',
      workload.replace('state.module.unique(state.ids)', '{ throw new Error("no luck") }'),
      'no luck',
    ],
    ['does not parse', 'export const entry = ;', 'import of the workload'],
    ['names no entry', workload.replace("'src/index.ts'", 'undefined'), 'entry'],
    ['names a missing entry', workload.replace('src/index.ts', 'src/nowhere.ts'), 'src/nowhere.ts'],
    ['leads outside', workload.replace('src/index.ts', '../../etc/passwd'), 'not inside'],
    ['has no run', workload.replace('export const run', 'const run'), 'setup and run'],
    [
      'gives another result each time',
      workload.replace('state.module', 'Date.now() + process.hrtime()[1] + state.module'),
      'run to run',
    ],
  ])('calls a workload that %s inconclusive and names it', async (_, source, named) => {
    const verdict = await tryPerformance(place, sandbox, {
      base: quadratic,
      candidate: linear,
      workload: source,
    });
    expect(verdict.verdict).toBe('inconclusive');
    expect(verdict.reason).toContain(named);
  });

  it.each([
    ['hangs', 'while (true);', 'hung'],
    ['allocates without end', 'const all = []; while (true) all.push(new Array(1e6).fill(1))', 'memory'],
  ])(
    'ends a workload that %s',
    async (_, body, named) => {
      const source = workload.replace('return { module', `${body}\n  return { module`);
      const more = {
        limits: {
          wallMs: 3_000,
          cpuSeconds: 60,
          memoryBytes: 300 << 20,
          processes: 64,
          outputBytes: 1 << 20,
          fileBytes: 1 << 20,
          scratchBytes: 1 << 24,
        },
      };
      const verdict = await tryPerformance(place, sandbox, {
        base: quadratic,
        candidate: linear,
        workload: source,
        more,
      });
      expect(verdict.verdict).toBe('inconclusive');
      expect(verdict.reason).toContain(named);
    },
    120_000,
  );
});
