/** What a repository can hold that an analysis must survive: reported, skipped or degraded, never an end and never wrong. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { analyse } from '../../src/analysis/index.js';
import type { AnalyseOptions } from '../../src/analysis/types.js';
import { fixers } from '../../src/improvement/index.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ratchet-bad-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}
const run = (more: Partial<AnalyseOptions> = {}) => analyse({ root, fixers: [], isolate: false, ...more });
const reasons = async () =>
  Object.fromEntries((await run()).summary.skipped.map((one) => [one.file, one.reason]));
const slow = 'export function f(a: string[], b: string[]) {\n  return a.filter((x) => b.includes(x));\n}\n';

describe('files', () => {
  it('of 5 MB in one line are left out unread, and by name', async () => {
    write({
      'good.ts': slow,
      'bundle.js': Buffer.alloc(5_000_000, 'a=1;'),
      'lines.js': 'a = 1;\n'.repeat(300_000),
    });
    expect(await reasons()).toEqual({ 'bundle.js': 'larger than 1.5 MB', 'lines.js': 'larger than 1.5 MB' });
  });

  it('with any line end and mark have the same findings and columns', async () => {
    const places = async (text: string | Buffer) => {
      write({ 'a.ts': text });
      return (await run()).findings.map(({ rule, span }) => ({ rule, span }));
    };
    const plain = await places(slow);
    expect(plain).toHaveLength(1);
    expect(await places(slow.replaceAll('\n', '\r\n'))).toEqual(plain);
    expect(await places(`\uFEFF${slow}`)).toEqual(plain);
  });

  it('whose names differ by case alone are two files', async () => {
    write({
      'src/Util.ts': slow,
      'src/util.ts': slow.replace('f(', 'g('),
      'src/x.ts': "import { f } from './Util.js';\nf([], []);\n",
    });
    write({ 'tsconfig.json': '{ "compilerOptions": { "types": [] }, "include": ["src"] }' });
    const report = await run();
    expect(report.findings.map((one) => one.file)).toEqual(['src/Util.ts', 'src/util.ts']);
    expect(report.files.map(({ file, fanIn }) => [file, fanIn])).toEqual([
      ['src/Util.ts', 1],
      ['src/util.ts', 0],
      ['src/x.ts', 0],
    ]);
  });

  it('behind symbolic links are seen once, also when the links go round', async () => {
    write({ 'src/a.ts': slow });
    symlinkSync('..', join(root, 'src', 'up'));
    symlinkSync('src', join(root, 'again'));
    symlinkSync('a.ts', join(root, 'src', 'b.ts'));
    symlinkSync('nowhere', join(root, 'src', 'dangling.ts'));
    const report = await run();
    expect(report.files.map((one) => one.file)).toEqual(['src/a.ts']);
  });

  it('that change while they are analysed are answered for as they were read', async () => {
    write({ 'a.ts': slow, ...Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`m${n}.ts`, slow])) });
    const before = await run();
    let changed = false;
    const during = await run({
      onProgress: () => {
        if (!changed) write({ 'm29.ts': 'export const broken = [;\n', 'm28.ts': '' });
        changed = true;
      },
    });
    expect(during.findings).toEqual(before.findings);
    expect(during.summary.complete).toBe(true);
    expect((await run()).summary.skipped).toMatchObject([{ file: 'm29.ts' }]);
  });
});

describe('configurations', () => {
  it('that extend each other in a circle are reported, and the files analysed', async () => {
    write({
      'a.ts': slow,
      'tsconfig.json': '{ "extends": "./tsconfig.b.json" }',
      'tsconfig.b.json': '{ "extends": "./tsconfig.json" }',
    });
    const report = await run();
    expect(report.summary.skipped[0]).toMatchObject({
      file: 'tsconfig.json',
      reason: expect.stringContaining('ircular') as string,
    });
    expect(report.findings).toHaveLength(1);
  });

  it.each([
    '{ "compilerOptions": ',
    '[]',
    '"text"',
    '{ "compilerOptions": { "target": "es1066", "lib": ["no"] } }',
    '{ "references": [{ "path": "." }, { "path": "./gone" }] }',
    '{ "include": 7 }',
  ])('of the form %s do not end the analysis', async (text) => {
    write({ 'a.ts': slow, 'tsconfig.json': text });
    expect((await run()).findings.map((one) => one.file)).toEqual(['a.ts']);
  });

  it('of packages that are not installed make types unknown: fewer proofs, no false one', async () => {
    const text =
      "import { list } from 'missing';\nexport const f = (a: string[]) => { const b = list(); return a.filter((x) => b.includes(x)); };\n";
    write({
      'a.ts': text,
      'tsconfig.json':
        '{ "extends": "@tsconfig/missing/tsconfig.json", "compilerOptions": { "types": ["node"] } }',
    });
    const report = await run({ fixers });
    expect(report.findings.map((one) => one.tier)).not.toContain('T1');
    expect(report.summary.files).toBe(1);
  });
});

describe('amounts', () => {
  it('of thousands of small files in one folder are walked and hashed', async () => {
    write({ 'tsconfig.json': '{ "include": ["none"] }' });
    mkdirSync(join(root, 'many'));
    for (let n = 0; n < 3_000; n += 1) writeFileSync(join(root, 'many', `f${n}.js`), `exports.a = ${n};\n`);
    const report = await run();
    expect(report.summary).toMatchObject({ files: 3_000, lines: 3_000, complete: true });
  });

  it('of imports in a row deeper than the call stack make one chain and no cycle', async () => {
    const length = 4_000;
    for (let n = 0; n < length; n += 1)
      writeFileSync(join(root, `c${n}.js`), `exports.n = require('./c${(n + 1) % length}.js');\n`);
    const report = await run();
    expect(report.cycles.map((one) => [one.files.length, one.path.length])).toEqual([[length, length + 1]]);
  });

  it('of memory that do not suffice for one package leave the others whole', async () => {
    const huge = `export const t = [${Array.from({ length: 30_000 }, (_, n) => `{ k: ${n}, v: [${n}, "x${n}"] }`).join(',\n')}];\n`;
    write({
      'packages/small/tsconfig.json': '{ "compilerOptions": { "types": [], "lib": ["es5"] } }',
      'packages/small/a.ts': slow,
      'packages/huge/tsconfig.json': '{ "compilerOptions": { "types": [], "lib": ["es5"] } }',
      'packages/huge/b.ts': huge,
    });
    const report = await analyse({ root, fixers: [], memoryMegabytes: 30 });
    expect(report.summary.complete).toBe(false);
    expect(report.summary.skipped.map((one) => one.file).join()).toContain('packages/huge');
  });
});
