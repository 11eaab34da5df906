/**
 * `npm run bench:equivalence`: cases per second that the equivalence gate compares on small functions: both sides in
 * the sandbox, process start and loading included. `-- --cases 9000` says how many per function.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type * as Gates from '../src/verification/gates/equivalence.js';
import type * as Verification from '../src/verification/index.js';
import type { TrialContext } from '../src/verification/types.js';
import { findBwrap } from '../test/verification/support/find-bwrap.js';
import { median, table } from './support/figures.js';

const bar = 2_000;

/** The built house: its harness files lie beside it, which a bundled copy of the source would not have. */
const dist = (path: string): string => pathToFileURL(join(process.cwd(), 'dist', path)).href;
const { createEquivalenceGate } = (await import(dist('verification/gates/equivalence.js'))) as typeof Gates;
const { createSandbox } = (await import(dist('verification/index.js'))) as typeof Verification;
const pairs: readonly (readonly [name: string, before: string, after: string])[] = [
  [
    'membership',
    'export function common(a: number[], b: number[]): number[] { return a.filter((x) => b.includes(x)); }',
    'export function common(a: number[], b: number[]): number[] { const s = new Set(b); return a.filter((x) => s.has(x)); }',
  ],
  [
    'text',
    'export function words(text: string): string[] { return text.split(" ").filter((w) => w !== ""); }',
    'export function words(text: string): string[] { const out: string[] = []; for (const w of text.split(" ")) if (w !== "") out.push(w); return out; }',
  ],
  [
    'records',
    'export function total(rows: { id: string; price: number; tags: string[] }[]): number { return rows.reduce((s, r) => s + r.price * r.tags.length, 0); }',
    'export function total(rows: { id: string; price: number; tags: string[] }[]): number { let s = 0; rows.forEach((r) => { s = s + r.price * r.tags.length; }); return s; }',
  ],
];

function contextOf(
  place: string,
  before: string,
  after: string,
  sandbox: TrialContext['sandbox'],
): TrialContext {
  const [baseTree, candidateTree, scratch] = [
    join(place, 'base'),
    join(place, 'candidate'),
    join(place, 'scratch'),
  ];
  for (const directory of [baseTree, candidateTree, scratch]) mkdirSync(directory, { recursive: true });
  writeFileSync(join(baseTree, 'a.ts'), before);
  writeFileSync(join(candidateTree, 'a.ts'), after);
  const file = { path: 'a.ts', before: '', after: '', addedLines: 1, removedLines: 1 };
  return {
    repositoryId: 'bench',
    base: '',
    baseTree,
    candidateTree,
    directory: '',
    patch: { digest: '', diff: '', files: [file] },
    baseline: {
      commit: '',
      plan: { runner: 'command', command: 'true', directory: '', origin: 'bench' },
      dependencies: { path: null, manager: 'none', lockHash: '', cached: true, elapsedMs: 0 },
      tests: {},
      durationsMs: {},
      flaky: [],
      red: [],
      suiteMs: 0,
      node: process.version,
    },
    sandbox,
    limits: {
      wallMs: 60_000,
      cpuSeconds: 60,
      memoryBytes: 1 << 30,
      processes: 64,
      outputBytes: 4 << 20,
      fileBytes: 256 << 20,
      scratchBytes: 256 << 20,
    },
    claimsGain: false,
    workload: null,
    seed: 1,
    scratch,
    coverageMinimum: 0.8,
    earlier: [],
    onProgress: () => undefined,
  };
}

const { values } = parseArgs({ options: { cases: { type: 'string', default: '9000' } } });
const place = mkdtempSync(join(tmpdir(), 'ratchet-equivalence-'));
try {
  const sandbox = await createSandbox({ bwrap: findBwrap(), scratch: join(place, 'sandbox') });
  const gate = createEquivalenceGate({ cases: Number(values.cases) });
  const rows: { name: string; inputs: number; ms: number; rate: number }[] = [];
  for (const [name, before, after] of pairs) {
    const context = contextOf(join(place, name), before, after, sandbox);
    const verdict = await gate.run(context, new AbortController().signal);
    if (verdict.verdict !== 'pass') throw new Error(`${name}: ${verdict.verdict}: ${verdict.reason}`);
    const inputs = Number(verdict.numbers['inputs']);
    rows.push({
      name,
      inputs,
      ms: verdict.elapsedMs,
      rate: Math.round((inputs / verdict.elapsedMs) * 1_000),
    });
  }

  console.log(table(Object.fromEntries(rows.map(({ name, ...row }) => [name, row]))));
  const casesPerSecond = median(rows.map((row) => row.rate));
  const figures = { casesPerSecond, slowest: Math.min(...rows.map((row) => row.rate)) };
  const barsMet = { casesPerSecond: casesPerSecond >= bar };
  console.log(JSON.stringify({ bench: 'equivalence', figures, barsMet }));
} finally {
  rmSync(place, { recursive: true, force: true });
}
