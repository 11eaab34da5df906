/** Bad input is reported and the rest analysed; fingerprints survive moved lines; the printed forms agree. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { analyse, metricsOf, rules, toMarkdown, toSarif } from '../../src/analysis/index.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ratchet-report-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(name: string, text: string | Buffer): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}
const run = () => analyse({ root, fixers: [], isolate: false });
const slow = 'export function f(a: string[], b: string[]) {\n  return a.filter((x) => b.includes(x));\n}\n';

describe('the report', () => {
  it('analyses the rest when a file cannot be, and says which and why', async () => {
    write('good.ts', slow);
    write('broken.ts', 'export const a = [;\n');
    write('bytes.ts', Buffer.from([0xc3, 0x28, 0x0a]));
    write('bundle.js', `var a=1;${'a=a+1;'.repeat(5_000)}`);
    write('made.ts', '// @generated\nexport const x = 1;\n');
    write('vendor/x.js', 'var a = 1;\n');
    write('tsconfig.json', '{ "extends": "./missing.json" }');
    symlinkSync('.', join(root, 'loop'));
    const { summary, findings } = await run();
    expect(findings.map((one) => one.file)).toEqual(['good.ts']);
    expect(Object.fromEntries(summary.skipped.map((one) => [one.file, one.reason]))).toMatchObject({
      'broken.ts': expect.stringContaining('syntax error at 1:19') as string,
      'bytes.ts': 'not UTF-8',
      'bundle.js': 'minified',
      'made.ts': 'generated',
      'vendor/': 'vendored code',
      'tsconfig.json': expect.stringContaining('missing.json') as string,
    });
    expect(summary.complete).toBe(false);
  });

  it('keeps fingerprints when lines move, and counts columns without a byte order mark', async () => {
    write('a.ts', slow);
    const [before] = (await run()).findings;
    write('a.ts', `\uFEFF// one line more\r\n\r\n${slow.replaceAll('\n', '\r\n')}`);
    const [after] = (await run()).findings;
    expect(after?.fingerprint).toBe(before?.fingerprint);
    expect(after?.span.start).toEqual({ line: 4, column: 26 });
  });

  it('prints the same findings as SARIF and as Markdown', async () => {
    write('a b.ts', slow);
    const report = await run();
    expect(toSarif(report, rules)).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          results: [
            {
              ruleId: 'lookup-in-loop',
              level: 'error',
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'a%20b.ts' },
                    region: { startLine: 2, startColumn: 26 },
                  },
                },
              ],
            },
          ],
        },
      ],
    });
    expect(toMarkdown(report, 5)).toContain('| high | `a b.ts:2` | lookup-in-loop |');
  });

  it('measures one text alone', () => {
    expect(metricsOf('function f(a) { return a && b ? 1 : 2; }', 'x.js')).toMatchObject([
      { name: 'f', cyclomatic: 3, cognitive: 2, nesting: 0, lines: 1, parameters: 1 },
    ]);
  });
});
