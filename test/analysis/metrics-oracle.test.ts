/**
 * The numbers of ESLint (`complexity`) and SonarJS (`cognitive-complexity`), function by function, from the real
 * tools in their own process. `npm run test:oracle` compares all practice repositories; here two of them and our own
 * corner cases.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyse } from '../../src/analysis/index.js';
import type { FunctionMetrics } from '../../src/analysis/types.js';

const root = join(import.meta.dirname, '..', '..');
const practice = join(root, '..', 'shared', 'practice', 'practice');
const all = process.env['RATCHET_ORACLE'] === 'all';
const repositories = all
  ? [
      'domutils',
      'css-select',
      'cheerio',
      'typebox',
      'regexpp',
      'chance',
      'fast-json-stringify',
      'waterline',
      'mathjs',
    ]
  : ['domutils', 'css-select'];

type Peer = Pick<FunctionMetrics, 'file' | 'line' | 'column' | 'cyclomatic' | 'cognitive'>;

function peersOf(directory: string, files: readonly string[]): readonly Peer[] {
  const text = execFileSync(process.execPath, [join(import.meta.dirname, 'oracle/peers.mjs')], {
    input: JSON.stringify({ root: directory, files }),
    maxBuffer: 256 * 1024 * 1024,
    timeout: 300_000,
  });
  return JSON.parse(text.toString()) as readonly Peer[];
}

/** One line per function: everything that must be equal. */
function rows(functions: readonly Peer[]): readonly string[] {
  return functions
    .map((one) => `${one.file}:${one.line}:${one.column} ${one.cyclomatic} ${one.cognitive}`)
    .toSorted();
}

async function compare(directory: string): Promise<{ ours: readonly string[]; theirs: readonly string[] }> {
  const report = await analyse({ root: directory, fixers: [], compat: 'sonarjs' });
  const files = [...new Set(report.functions.map((one) => one.file))];
  return { ours: rows(report.functions), theirs: rows(peersOf(directory, files)) };
}

const corners = `
class A { x = a && b; static { if (q) { r(); } } static y = (z = 1) => z?.w ?? 2; accessor k = m || n;
  constructor(private readonly p = 1, public o?: number) { for (;;) { if (p) break; } }
  get g() { return this.x?.y?.[0]?.(); } set g(v) { v ||= 1; v &&= 2; v ??= 3; }
  [computed ? 'a' : 'b'](@deco(u && w) arg = 3) { try { arg(); } catch { if (arg) return; } finally { while (0); } }
}
abstract class B { abstract none(a?: number): void; over(a: string): void; over(a: number): void; over(a: unknown) { return a; } }
function defaults({ a = 1, b: { c = 2 } = {} } = {}, [d = 3, ...e] = []) { return a ? b ? c : d : e; }
function assigned() { [x = 1, { y = 2, z: w = 3 }] = q; ({ a: [b = 4] } = q); for ([p = 1] of q); x = [r = 1]; }
const leak = (a: any) => { const g = a ? () => 1 : function () { return 2; }; if (a) { for (const x of a) { if (x) g(); } } };
const leakParenthesised = (a: any) => { const g = a ? (() => (a ? 1 : 2)) : a; if (a) g(); return a ? (a as () => void) : g; };
function chains(a: any, b: any, c: any) { if (a && b || c && (a && b)) return a || b || c; return a ?? b ?? (c && a); }
function labels(a: any) { outer: for (const x of a) { for (const y of x) { if (y) continue outer; else if (x) break outer; else break; } } }
function switching(a: any) { switch (a) { case 1: if (a) return 1; case 2: { return a ? 1 : 2; } default: return (() => { switch (a) { case 3: return 1; } })(); } }
const jsx = (a: any, b: any) => <div>{a && b && <i />}{a && (b || <i />)}{a ? b : a && b}{a && (b ? 1 : 2)}</div>;
function recursive(n: number): number { do { n--; } while (n > 3 && n < 9 || n === 5); return n ? recursive(n) : 0; }
namespace N { export function inside(a: any) { return a?.b!.c?.d; } enum E { X = 1 << 2, Y = X && 3 } }
export default async function* (a: any) { for await (const x of a) yield x ?? 1; if (a) { } else { if (a) { } } }
const object = { method(a = 1) { return a; }, get p() { return a || b; }, fn: function named() { return a && b; }, arrow: async () => { await a; } };
(function iife() { if (a) { function inner() { if (a) { } } } })();
`;

describe('metrics against ESLint and SonarJS', () => {
  it('agree on our own corner cases', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ratchet-metrics-'));
    try {
      writeFileSync(join(directory, 'corners.tsx'), corners);
      const { ours, theirs } = await compare(directory);
      expect(theirs.length).toBeGreaterThan(25);
      expect(ours).toEqual(theirs);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it.each(repositories)(
    'agree on every function of %s',
    async (name) => {
      if (!existsSync(practice)) {
        console.warn(`skipped: the practice repositories are not on this machine (${practice})`);
        return;
      }
      const directory = mkdtempSync(join(tmpdir(), 'ratchet-oracle-'));
      try {
        execFileSync(practice, ['get', name, join(directory, name)], { stdio: 'ignore', timeout: 120_000 });
        const { ours, theirs } = await compare(join(directory, name));
        expect(theirs.length).toBeGreaterThan(100);
        expect(ours).toEqual(theirs);
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
    300_000,
  );
});
