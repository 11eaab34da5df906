/**
 * The ratchet of the house: limits on sizes and on what the tree may hold. What was above a limit when the limit
 * came is in tidy.baseline.json and may only shrink; whoever makes something smaller lowers it there too.
 */
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { measureSource, measureText, projectFiles, root } from './support/measure-tree.js';

const limits = { fileLines: 300, functionLines: 70, commentShareMin: 0.04, commentShareMax: 0.2 } as const;

type Baseline = Readonly<Record<'fileLines' | 'functionLines', Readonly<Record<string, number>>>>;

const baseline = JSON.parse(readFileSync(join(root, 'test/tidy.baseline.json'), 'utf8')) as Baseline;
const entryPoints = new Set(['src/worker.ts', 'src/api/server.ts', 'src/cli/main.ts']);

const files = projectFiles();
const sources = files
  .filter((file) => /^(src|web|test|scripts|benchmarks)\//.test(file))
  .filter((file) => ['.ts', '.tsx', '.mjs', '.cjs'].includes(extname(file)) && !file.includes('/fixtures/'))
  .map((file) => {
    // Tests and scripts are entry points; harness files (.mjs, .cjs) run in another process.
    const mayReadEnvironment = !file.startsWith('src/') || extname(file) !== '.ts' || entryPoints.has(file);
    return measureSource(file, mayReadEnvironment);
  });

/** Compares sizes with the limit and the baseline; both growth and a stale baseline are named. */
function aboveLimit(sizes: readonly { key: string; lines: number }[], kind: keyof Baseline): string[] {
  const largest = new Map<string, number>();
  for (const { key, lines } of sizes) largest.set(key, Math.max(lines, largest.get(key) ?? 0));
  const grown = [...largest]
    .filter(([key, lines]) => lines > Math.max(limits[kind], baseline[kind][key] ?? 0))
    .map(([key, lines]) => `${key} has ${lines} lines, allowed are ${baseline[kind][key] ?? limits[kind]}`);
  const stale = Object.entries(baseline[kind])
    .filter(([key, allowed]) => (largest.get(key) ?? 0) < allowed)
    .map(
      ([key]) => `${key} shrank to ${largest.get(key) ?? 0} lines: lower or remove it in tidy.baseline.json`,
    );
  return [...grown, ...stale];
}

/** Lines of text files that match a pattern, as "file:line". */
function linesThatHold(pattern: RegExp, among: readonly string[]): string[] {
  return among.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : [])),
  );
}

const texts = files.filter((file) => !/\.(png|ico|woff2?|gz|zst|wasm|pdf)$/.test(file));

describe('tidy', () => {
  it('keeps every file at 300 lines or fewer', () => {
    const sizes = sources.map(({ file, lines }) => ({ key: file, lines }));
    expect(aboveLimit(sizes, 'fileLines')).toEqual([]);
  });

  it('keeps every function at 70 lines or fewer', () => {
    const production = sources.filter(({ file }) => !file.startsWith('test/'));
    expect(
      aboveLimit(
        production.flatMap((source) => source.functions),
        'functionLines',
      ),
    ).toEqual([]);
  });

  it('holds no any, no assertion by force, no disabled check, no open end', () => {
    expect(sources.flatMap((source) => source.forbidden)).toEqual([]);
  });

  it('says why: comments are between 4 and 20 % of the source lines', () => {
    const production = sources.filter(({ file }) => file.startsWith('src/'));
    const lines = production.reduce((total, source) => total + source.lines, 0);
    const comments = production.reduce((total, source) => total + source.commentLines, 0);
    expect(comments / lines).toBeGreaterThan(limits.commentShareMin);
    expect(comments / lines).toBeLessThan(limits.commentShareMax);
  });

  it('names no package registry and no directory of the machine it was written on', () => {
    const host = String.raw`registry\.(npmjs|yarnpkg)|pypi\.org|pythonhosted|(deb|security)\.debian\.org`;
    const place = String.raw`/work/(main|shared|w-)|/root/\.(cache|config|local)|"resolved": "`;
    const own = ['test/tidy.test.ts'];
    const among = texts.filter((file) => !own.includes(file));
    expect(linesThatHold(new RegExp(`${host}|${place}`), among)).toEqual([]);
  });

  it('measures what it says it measures', () => {
    const text = [
      '// TODO later',
      'const a = "// TODO in a string";',
      'function long(x: any) {',
      '  return x!;',
      '}',
      'export const b = process.env.HOME as unknown as number;',
    ].join('\n');
    const measured = measureText('sample.ts', text, false);
    expect(measured.lines).toBe(6);
    expect(measured.commentLines).toBe(1);
    expect(measured.functions).toEqual([{ key: 'sample.ts#long', lines: 3 }]);
    expect(measured.forbidden.map((entry) => entry.slice('sample.ts:'.length))).toEqual([
      '3 any',
      '4 a non-null assertion',
      '6 a double assertion',
      '6 process.env outside an entry point',
      '1 TODO',
    ]);
  });
});
