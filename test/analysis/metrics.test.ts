/** What is measured besides complexity: tokens, lines, classes, the import graph, the grade, churn and copies. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import ts from 'typescript';
import { analyse, formatTable, metricsOf, toMarkdown } from '../../src/analysis/index.js';
import { fileScore, gradeOf, treeQuality } from '../../src/analysis/metrics/grade.js';
import { importCycles } from '../../src/analysis/metrics/graph.js';
import { measureFile } from '../../src/analysis/metrics/measure.js';
import type { AnalyseOptions, ImportEdge, ImportKind } from '../../src/analysis/types.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ratchet-metrics-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}
const run = (more: Partial<AnalyseOptions> = {}) => analyse({ root, fixers: [], isolate: false, ...more });
const measure = (text: string, name = 'a.ts') =>
  measureFile(ts.createSourceFile(name, text, ts.ScriptTarget.ESNext, true), name);

describe('Halstead', () => {
  it('counts by hand: three operators, four operands of which two are distinct', () => {
    expect(metricsOf('function f(a: number): number { return a + a * 2; }', 'a.ts')[0]?.halstead).toEqual({
      operators: 3,
      operands: 4,
      distinctOperators: 3,
      distinctOperands: 2,
      volume: 16.3,
      difficulty: 3,
      effort: 49,
    });
  });

  it('sees no types, and leaves an inner function to itself', () => {
    const plain = metricsOf('function f(a) { return a; }', 'a.js')[0]?.halstead;
    const typed = metricsOf('function f<T extends { b: string }>(a: T): T { return a as T; }', 'a.ts');
    expect(typed[0]?.halstead).toEqual(plain);
    const [outer, inner] = metricsOf('function f() { return (x) => x + 1; }', 'a.js');
    expect(outer?.halstead).toMatchObject({ operators: 2, operands: 0 });
    expect(inner?.halstead).toMatchObject({ operators: 1, operands: 3 });
  });

  it('falls with size and with branches', () => {
    const index = (body: string) => metricsOf(`function f(a) {\n${body}}`, 'a.js')[0]?.maintainability ?? NaN;
    expect(index('return a;\n')).toBeGreaterThan(index('if (a) return 1;\nreturn a;\n'));
    expect(index('a();\n'.repeat(5))).toBeGreaterThan(index('a();\n'.repeat(50)));
    expect(index('a(b[1], c.d);\n'.repeat(5_000))).toBe(0);
  });
});

describe('lines', () => {
  it.each([
    ['// one\n\nconst a = 1; // two\n', { code: 1, comments: 1, blank: 1 }],
    ['/* a\n\n b */ const c = 1;\n/** d */\n', { code: 1, comments: 3, blank: 0 }],
    ['const a = "/*";\nconst b = "*/";\n// c\n', { code: 2, comments: 1, blank: 0 }],
    ['const a = `//\n//\n${b}/*`;\n', { code: 3, comments: 0, blank: 0 }],
    ["type A = 'image/*' | `https://${string}`;\nlet a: A;\n", { code: 2, comments: 0, blank: 0 }],
    ['const a = /\\/*/;\nconst b = 1;\n', { code: 2, comments: 0, blank: 0 }],
    ["class A { '/*'() {}\n\n}\n", { code: 2, comments: 0, blank: 1 }],
    ['#!/usr/bin/env node\r\n\r\nlet a;\r\n// b\r\n', { code: 1, comments: 2, blank: 1 }],
    ['', { code: 0, comments: 0, blank: 0 }],
  ])('of %j', (text, counts) => expect(measure(text).size).toEqual(counts));

  it('adds up for every text', () => {
    const parts = fc.constantFrom(
      '// c\n',
      '\n',
      'a();\n',
      '/* x\n*/',
      '`//${a}\n`;',
      '"/*";\n',
      ' ',
      '/a\\/*/;\n',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), (list) => {
        const text = list.join('');
        const { code, comments, blank } = measure(text).size;
        const lines = text.split('\n').length - (text.endsWith('\n') || text === '' ? 1 : 0);
        expect(code + comments + blank).toBe(Math.max(lines, text === '' ? 0 : 1));
      }),
      { numRuns: 300 },
    );
  });
});

describe('classes', () => {
  it('tell their size, what they answer to, and whether they hold together', () => {
    const text = `class A extends Base {
  n = 1;
  constructor(private readonly m: number) { super(); this.n = 2; }
  a() { return this.n + this.b(); }
  b() { return this.n > 1 ? 1 : 2; }
  c() { return [1].map((x) => x + this.m); }
  static d() { return 1; }
}`;
    expect(measure(text).classes).toMatchObject([
      {
        name: 'A',
        extends: 'Base',
        methods: 5,
        fields: 2,
        weightedMethods: 6,
        response: 7,
        lackOfCohesion: 2,
        lines: 8,
      },
    ]);
  });

  it('are told apart when one is inside another', () => {
    const [outer, inner] = measure('class A { a() { return class B { b() {} c() {} }; } }').classes;
    expect(outer).toMatchObject({ name: 'A', methods: 1 });
    expect(inner).toMatchObject({ name: 'B', methods: 2, lackOfCohesion: 2 });
  });
});

describe('the import graph', () => {
  it('knows who imports whom, and which cycles exist at run time', async () => {
    write({
      'tsconfig.json': '{ "compilerOptions": { "module": "nodenext", "target": "es2022", "types": [] } }',
      'a.ts': "import { b } from './b.js';\nimport 'node:fs';\nexport const a = (): number => b();\n",
      'b.ts': "import { a } from './a.js';\nexport const b = (): number => a();\n",
      'c.ts': "import type { D } from './d.js';\nexport interface C { d: D }\n",
      'd.ts':
        "import type { C } from './c.js';\nimport { a } from './a.js';\nexport interface D { c: C }\na();\n",
      'e.ts': "export const e = async () => (await import('./f.js')).f;\n",
      'f.ts': "import { e } from './e.js';\nexport const f = e;\n",
      'g.js': "const h = require('./h');\nmodule.exports = () => h;\n",
      'h.js': "module.exports = () => require('./g');\n",
    });
    const { cycles, files } = await run();
    expect(cycles).toEqual([
      { files: ['a.ts', 'b.ts'], path: ['a.ts', 'b.ts', 'a.ts'], typeOnly: false },
      { files: ['c.ts', 'd.ts'], path: ['c.ts', 'd.ts', 'c.ts'], typeOnly: true },
    ]);
    expect(files.find((one) => one.file === 'a.ts')).toMatchObject({
      fanIn: 2,
      fanOut: 1,
      packages: 1,
      instability: 0.333,
      inCycle: true,
    });
    expect(files.find((one) => one.file === 'h.js')).toMatchObject({ fanIn: 1, fanOut: 1, inCycle: false });
  });

  it('finds the files that reach themselves, and no others, in every graph', () => {
    const edge = fc.tuple(fc.nat(7), fc.nat(7), fc.constantFrom<ImportKind>('value', 'type', 'lazy'));
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 24 }), (edges) => {
        const graph = new Map<string, ImportEdge[]>(Array.from({ length: 8 }, (_, n) => [`${n}`, []]));
        for (const [from, to, kind] of edges) graph.get(`${from}`)?.push({ to: `${to}`, kind });
        const cyclic = new Set(
          importCycles(graph)
            .filter((one) => !one.typeOnly)
            .flatMap((one) => one.files),
        );
        for (const file of graph.keys()) {
          const seen = new Set<string>();
          const open = [file];
          for (const at of open)
            for (const { to, kind } of graph.get(at) ?? [])
              if (kind === 'value' && !seen.has(to)) {
                seen.add(to);
                open.push(to);
              }
          expect(cyclic.has(file)).toBe(seen.has(file));
        }
        for (const { path } of importCycles(graph)) {
          expect(path[0]).toBe(path.at(-1));
          path
            .slice(1)
            .forEach((to, at) => expect(graph.get(path[at] ?? '')?.some((one) => one.to === to)).toBe(true));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the grade', () => {
  const fn = fc.record({
    cognitive: fc.nat(200),
    nesting: fc.nat(12),
    lines: fc.integer({ min: 1, max: 900 }),
  });

  it('stays in its range, does not look at the order, and never rises when something gets worse', () => {
    fc.assert(
      fc.property(fc.array(fn, { maxLength: 12 }), fc.nat(5_000), fc.boolean(), (functions, code, cyclic) => {
        const score = fileScore(functions, code, cyclic);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(100);
        expect(fileScore(functions.toReversed(), code, cyclic)).toBeCloseTo(score, 6);
        const worse = functions.map((one) => ({
          ...one,
          cognitive: one.cognitive + 5,
          nesting: one.nesting + 1,
        }));
        expect(fileScore(worse, code + 100, true)).toBeLessThanOrEqual(score);
      }),
    );
  });

  it('is the documented formula', () => {
    expect(fileScore([], 0, false)).toBe(100);
    expect(fileScore([{ cognitive: 30, nesting: 6, lines: 200 }], 2_000, true)).toBe(0);
    expect(fileScore([{ cognitive: 17.5, nesting: 2, lines: 50 }], 100, false)).toBe(77.5);
    expect([90, 89.9, 80, 65, 50, 49.9].map(gradeOf)).toEqual(['A', 'B', 'B', 'C', 'D', 'E']);
    expect(
      treeQuality([
        { score: 100, code: 300 },
        { score: 60, code: 100 },
      ]),
    ).toEqual({ formula: 1, score: 90, grade: 'A' });
  });
});

describe('history and copies', () => {
  const knot =
    'export function f(a: number) {\n  if (a) { for (;;) { if (a > 1) return 1; } }\n  return 2;\n}\n';

  it('puts what is complex and often changed first', async () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@localhost', ...args], {
        cwd: root,
        stdio: 'ignore',
      });
    git('init', '-q');
    for (let n = 0; n < 3; n += 1) {
      write({
        'src/ü b.ts': `${knot}// ${n}\n`,
        ...(n === 0 ? { 'src/c.ts': knot, 'd.ts': 'export const d = 1;\n' } : {}),
      });
      git('add', '.');
      git('commit', '-qm', `change ${n}`);
    }
    const cacheDirectory = join(root, '.git', 'cache');
    for (const report of [
      await run({ history: true, cacheDirectory }),
      await run({ history: true, cacheDirectory }),
    ]) {
      expect(report.churn).toMatchObject({
        total: 3,
        commits: { 'src/ü b.ts': 3, 'src/c.ts': 1, 'd.ts': 1 },
      });
      expect(report.hotspots.map(({ file, commits }) => [file, commits])).toEqual([
        ['src/ü b.ts', 3],
        ['src/c.ts', 1],
      ]);
      expect(report.files.find((one) => one.file === 'd.ts')).toMatchObject({ commits: 1, hotspot: 0 });
    }
    const below = await analyse({ root: join(root, 'src'), fixers: [], isolate: false, history: true });
    expect(below.churn?.commits).toEqual({ 'c.ts': 1, 'ü b.ts': 3 });
  });

  it('has no history where there is no repository', async () => {
    write({ 'a.ts': knot });
    expect((await run({ history: true })).churn).toBeNull();
  });

  it('finds copied code only when asked', async () => {
    const long = Array.from({ length: 12 }, (_, n) => `  const v${n} = a[${n}] + b(${n}, "x");\n`).join('');
    write({
      'a.ts': `export function a() {\n${long}}\n`,
      'b.ts': `// other\n\nexport function b() {\n${long}}\n`,
      'c.ts': knot,
    });
    expect((await run()).duplicates).toBeNull();
    const report = await run({ duplicates: true });
    expect(report.duplicates).toMatchObject({
      count: 1,
      clones: [{ places: [{ file: 'b.ts' }, { file: 'a.ts' }] }],
    });
    expect(report.files.find((one) => one.file === 'a.ts')?.duplicatedLines).toBeGreaterThanOrEqual(12);
    expect(report.files.find((one) => one.file === 'c.ts')?.duplicatedLines).toBe(0);
    const table = formatTable(report, { root, top: 3, color: false, columns: 100 });
    expect(table).toMatch(/^quality +A \(\d+(\.\d)? of 100\)$/m);
    expect(table).toMatch(/^copies +\d+ lines exist twice, in 1 pairs; longest \d+ lines/m);
    expect(toMarkdown(report, 3)).toContain('- **quality**: A');
  });
});
