/** The cache never changes a result; a stopped run goes on from what it stored. Real trees, real child processes. */
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { analyse } from '../../src/analysis/index.js';
import type { AnalysisReport } from '../../src/analysis/types.js';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'ratchet-cache-'));
});
afterEach(() => rmSync(base, { recursive: true }));

function write(files: Readonly<Record<string, string>>): string {
  const root = join(base, 'tree');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}
const comparable = (report: AnalysisReport) => ({
  ...report,
  summary: { ...report.summary, elapsedMs: 0 },
});
const here = { fixers: [], isolate: false } as const;
const warm = (root: string) => analyse({ ...here, root, cacheDirectory: join(base, 'cache') });
const cold = (root: string) => analyse({ ...here, root });

const tree = {
  'tsconfig.json': '{ "compilerOptions": { "strict": true, "target": "es2022" }, "include": ["src"] }',
  'src/list.ts': 'export const list = (): string[] => ["a"];\nexport const other: string[] = [];\n',
  'src/use.ts':
    "import { list } from './list.js';\nexport function f(a: string[]) { const b = list(); return a.filter((x) => b.includes(x)); }\n",
  'src/free.ts': 'export function g(n: number) { return n > 1 && n < 5 ? 1 : 2; }\n',
  'tool.js':
    'module.exports = function (a, b) { var out = []; a.forEach(function (x) { out = out.concat(b[x]); }); return out; };\n',
};

describe('the cache', () => {
  it('answers the same warm as cold', async () => {
    const root = write(tree);
    const first = await warm(root);
    expect(first.findings.map((one) => one.rule).toSorted()).toEqual([
      'accumulating-spread',
      'lookup-in-loop',
    ]);
    expect(comparable(await warm(root))).toEqual(comparable(first));
    expect(comparable(await cold(root))).toEqual(comparable(first));
    expect(comparable(await analyse({ root, fixers: [] }))).toEqual(comparable(first));
  });

  it.each([
    ['a body behind an unwritten type', { 'src/list.ts': 'export const list = () => "abc";\n' }],
    ['a written type', { 'src/list.ts': 'export const list = (): string => "abc";\n' }],
    [
      'a new import',
      { 'src/free.ts': "import { list } from './list.js';\nexport const n = list().length;\n" },
    ],
    ['a syntax error', { 'src/list.ts': 'export const list = (): string[] => [;\n' }],
    [
      'the configuration',
      { 'tsconfig.json': '{ "compilerOptions": { "strict": false }, "include": ["src"] }' },
    ],
    ['a new file', { 'src/more.ts': 'export const more = (a: string) => a || "b";\n' }],
    ['a global declaration', { 'src/types.d.ts': 'declare const extra: string[];\n' }],
    ['a file that became generated', { 'src/list.ts': '// @generated\nexport const list = () => ["a"];\n' }],
  ])('sees a change of %s', async (_, change) => {
    const root = write(tree);
    await warm(root);
    write(change);
    const again = await warm(root);
    expect(comparable(again)).toEqual(comparable(await cold(root)));
  });

  it.each([
    ['isolated', {}],
    ['in this process', { isolate: false }],
  ])(
    'sees a change of the same size whose time was set back, of files too old to be racy (%s)',
    async (_, how) => {
      const root = write(tree);
      const path = join(root, 'src/list.ts');
      await new Promise((done) => {
        setTimeout(done, 2_600);
      });
      const ask = () => analyse({ root, fixers: [], cacheDirectory: join(base, 'cache'), ...how });
      const first = await ask();
      expect(comparable(await ask())).toEqual(comparable(first));
      // The importer is analysed anew, its neighbours are not read before it asks for their types.
      write({ 'src/use.ts': tree['src/use.ts'].replace('n f(', 'n renamed(') });
      expect(comparable(await ask())).toEqual(comparable(await cold(root)));
      const { atime, mtime } = statSync(path);
      write({ 'src/list.ts': tree['src/list.ts'].replace('["a"]', '["b"]').replace('list ', 'lost ') });
      utimesSync(path, atime, mtime);
      const changed = await ask();
      expect(comparable(changed)).toEqual(comparable(await cold(root)));
      expect(changed.findings).not.toEqual(first.findings);
    },
  );

  it('goes on after a stop, with the result of an uninterrupted run', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [
        `src/m${n}.ts`,
        `import { m${(n + 1) % 60} as next } from './m${(n + 1) % 60}.js';\nexport const m${n} = (a: string[], b: string[]): number => a.filter((x) => b.includes(x)).length + (a.length > 3 ? next(a, b) : 0);\n`,
      ]),
    );
    const root = write({ ...tree, ...many });
    const controller = new AbortController();
    const stopped = analyse({
      root,
      fixers: [],
      cacheDirectory: join(base, 'cache'),
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done > 0) controller.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(comparable(await warm(root))).toEqual(comparable(await cold(root)));
  });

  it('gives a partial report when the memory does not suffice', async () => {
    const root = write({
      ...tree,
      'src/huge.ts': `export const t = [${Array.from({ length: 30_000 }, (_, n) => `{ k: ${n}, v: [${n}, "x${n}"] }`).join(',\n')}];\n`,
    });
    const report = await analyse({ root, fixers: [], memoryMegabytes: 24 });
    expect(report.summary.complete).toBe(false);
    expect(report.summary.skipped.map((one) => one.reason).join()).toContain('out of memory');
  });
});
