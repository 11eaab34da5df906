/**
 * `npm run bench:gates`: power and error rate of the performance gate on pairs with a known ratio, by real runs and by
 * resampling the recorded process times; overhead of the sandbox; speed of the equivalence gate.
 * `-- --null 60 --each 20 --simulated 10000` are the defaults; `--kinds small,maps` narrows; `--load N` adds N busy
 * loops. Runs are kept in .cache/bench-gates.json: the next call goes on where this one ended. `--minutes N` starts no
 * run after that time and reports what is there.
 */
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { look, looks, type Series } from '../src/verification/performance/decide.js';
import { createRandom } from '../src/verification/performance/statistics.js';
import type * as stackRoom from '../src/stack/index.js';
import type * as verificationRoom from '../src/verification/index.js';
import type { Sandbox, Verdict } from '../src/verification/types.js';
import { median, quantile, table } from './support/figures.js';
import { kinds, moduleOf, type Kind } from './support/known-pairs.js';
import { limits, pairContext } from './support/pair-context.js';
import { openRunCache, type KeptRun } from './support/run-cache.js';

const { values: given } = parseArgs({
  options: {
    null: { type: 'string', default: '60' },
    each: { type: 'string', default: '20' },
    simulated: { type: 'string', default: '10000' },
    kinds: { type: 'string', default: kinds.join() },
    load: { type: 'string', default: '0' },
    minutes: { type: 'string', default: '600' },
  },
});
const chosen = kinds.filter((kind) => given.kinds.split(',').includes(kind));
const ratios = [1, 1.03, 1.1, 1.5, 10, 0.9] as const;
const bars = {
  falsePositives: 0.01,
  detection: 0.95,
  decisionSeconds: 30,
  overheadMs: 20,
  casesPerSecond: 2_000,
};
const root = process.cwd();
const scratch = mkdtempSync(join(tmpdir(), 'ratchet-gates-'));
type Rooms = typeof verificationRoom & Pick<typeof stackRoom, 'findPart'>;

/** The built rooms: the harness files lie beside the compiled code. */
async function openRooms(): Promise<Rooms> {
  const from = (room: string): string => pathToFileURL(join(root, 'dist', room, 'index.js')).href;
  const [verification, stack] = await Promise.all([import(from('verification')), import(from('stack'))]);
  return { ...(verification as object), ...(stack as object) } as Rooms;
}

async function openSandbox(rooms: Rooms): Promise<Sandbox> {
  const { readConfig } = await import('../src/config.js');
  const part = await rooms.findPart('sandbox', {
    config: readConfig({ ...process.env, RATCHET_HOME: join(scratch, 'home') }),
    environment: process.env,
  });
  return rooms.createSandbox({ bwrap: part.path ?? '', scratch: join(scratch, 'sandbox') });
}

const load = Number(given.load);

async function realRun(rooms: Rooms, sandbox: Sandbox, kind: Kind, ratio: number): Promise<KeptRun> {
  const sides = { base: moduleOf(kind, 1), candidate: moduleOf(kind, ratio) };
  const context = pairContext(scratch, sandbox, sides, 'src/work.js');
  const started = performance.now();
  const loadAverage = loadavg()[0] ?? 0;
  const gate = rooms.createPerformanceGate({ loadAverage: () => loadavg()[0] ?? 0 });
  const verdict = await gate.run(context, new AbortController().signal);
  const seconds = (performance.now() - started) / 1_000;
  console.error(`${kind} ${ratio}: ${verdict.verdict} ${verdict.reason} (${seconds.toFixed(1)} s)`);
  const quads = ratio === 1 ? quadsOf(verdict, kind) : [];
  return { kind, ratio, load, verdict: verdict.verdict, reason: verdict.reason, seconds, loadAverage, quads };
}

type Samples = readonly { readonly base: readonly Sample[]; readonly candidate: readonly Sample[] }[];
interface Sample {
  readonly sizes: readonly { readonly cpuUs: readonly number[]; readonly wallUs: readonly number[] }[];
}

/** Process times, quad by quad: neighbours in time stay neighbours. */
function quadsOf(verdict: Verdict, kind: Kind): number[][] {
  const clock = kind === 'waiting' ? 'wallUs' : 'cpuUs';
  return ((verdict.numbers['samples'] ?? []) as Samples).map(({ base, candidate }) => {
    const [a1, a2] = base;
    const [b1, b2] = candidate;
    return [a1, b1, b2, a2].map((sample) => median(sample?.sizes.at(-1)?.[clock] ?? []));
  });
}

const recordedQuads = (runs: readonly KeptRun[], kind: Kind): (readonly number[])[] =>
  runs.filter((run) => run.kind === kind && run.ratio === 1).flatMap((run) => run.quads);

/** Only runs of the same harness and stopping rule may stand beside each other. */
function versionOf(): string {
  const rule = ['decide', 'measure-pairs', 'statistics', 'assess'].map((name) =>
    readFileSync(join(root, 'src/verification/performance', `${name}.ts`), 'utf8'),
  );
  const harness = readFileSync(join(root, 'src/verification/performance/harness/measure.mjs'), 'utf8');
  const hash = createHash('sha256');
  for (const text of [...rule, harness]) hash.update(text);
  return hash.digest('hex').slice(0, 16);
}

/** One decision by the same rule as the gate, over quads drawn from the recorded ones. */
function simulate(
  quads: readonly (readonly number[])[],
  ratio: number,
  random: () => number,
  seed: number,
): boolean {
  const series = {
    gain: [] as number[],
    control: [] as number[],
    base: [] as number[],
    candidate: [] as number[],
  };
  for (const [index, { pairs }] of looks.entries()) {
    while (series.gain.length < pairs) {
      const quad = quads[Math.floor(random() * quads.length)] ?? [];
      const [a1 = 1, b1 = 1, b2 = 1, a2 = 1] = quad;
      // Which of two identical processes is called base is a toss: the pool then has no side of its own.
      const [x, y] =
        random() < 0.5
          ? [
              [a1, a2],
              [b1, b2],
            ]
          : [
              [b1, b2],
              [a1, a2],
            ];
      series.gain.push(...[0, 1].map((at) => Math.log(((x?.[at] ?? 1) / (y?.[at] ?? 1)) * ratio)));
      series.base.push(...[0, 1].map((at) => Math.log((x?.[at] ?? 1) * ratio)));
      series.candidate.push(...[0, 1].map((at) => Math.log(y?.[at] ?? 1)));
      series.control.push(Math.log(a1 / a2), Math.log(b2 / b1));
    }
    const seen = look(series satisfies Series, index, seed);
    if (seen.stop) return seen.finding === 'faster';
  }
  return false;
}

function simulations(runs: readonly KeptRun[]): Record<string, Record<string, number>> {
  const rows: Record<string, Record<string, number>> = {};
  const total = Number(given.simulated);
  const cells = chosen.length * 3;
  for (const kind of chosen) {
    const quads = recordedQuads(runs, kind);
    if (quads.length < 5) continue;
    const random = createRandom(kind.length * 7_919);
    const row: Record<string, number> = { recordedProcesses: quads.length * 4 };
    for (const ratio of [1, 1.03, 1.1]) {
      const count = Math.ceil(total / cells);
      let passed = 0;
      for (let at = 0; at < count; at += 1) passed += simulate(quads, ratio, random, at) ? 1 : 0;
      row[`passedAt${ratio.toFixed(2)}`] = passed / count;
    }
    rows[kind] = row;
  }
  return rows;
}

function realRows(runs: readonly KeptRun[]): Record<string, Record<string, number>> {
  return Object.fromEntries(
    ratios.map((ratio) => {
      const of = runs.filter((run) => run.ratio === ratio);
      const share = (verdict: string): number =>
        of.filter((run) => run.verdict === verdict).length / Math.max(1, of.length);
      return [
        `at ${ratio.toFixed(2)}`,
        {
          runs: of.length,
          pass: share('pass'),
          fail: share('fail'),
          inconclusive: share('inconclusive'),
          medianSeconds: median(of.map((run) => run.seconds)),
        },
      ];
    }),
  );
}

/** Milliseconds that the sandbox adds to a process that does nothing. */
async function sandboxOverhead(sandbox: Sandbox): Promise<number> {
  const place = pairContext(scratch, sandbox, { base: '', candidate: '' }, 'src/work.js').baseTree;
  const inside: number[] = [];
  const outside: number[] = [];
  for (let at = 0; at < 40; at += 1) {
    let started = performance.now();
    await sandbox.run({
      workspace: place,
      dependencies: null,
      harness: null,
      output: join(scratch, 'overhead'),
      argv: ['/bin/true'],
      directory: '',
      environment: {},
      limits,
    });
    inside.push(performance.now() - started);
    started = performance.now();
    await new Promise((resolve) => spawn('/bin/true').once('close', resolve));
    outside.push(performance.now() - started);
  }
  return median(inside) - median(outside);
}

async function equivalenceSpeed(rooms: Rooms, sandbox: Sandbox): Promise<number> {
  const base =
    'export function unique(ids: string[]): string[] {\n  return ids.filter((id, i) => ids.indexOf(id) === i);\n}\n';
  const candidate = 'export function unique(ids: string[]): string[] {\n  return [...new Set(ids)];\n}\n';
  const gate = rooms
    .createGates({ judge: () => [], metricsOf: () => [], loadAverage: () => 0 })
    .find(({ id }) => id === 'equivalence');
  const started = performance.now();
  const verdict = await gate?.run(
    pairContext(scratch, sandbox, { base, candidate }, 'src/unique.ts'),
    new AbortController().signal,
  );
  return Number(verdict?.numbers['inputs'] ?? 0) / ((performance.now() - started) / 1_000);
}

/** Round after round over kinds and ratios, so that an early end leaves an even picture. */
async function fillCache(
  cache: ReturnType<typeof openRunCache>,
  run: (kind: Kind, ratio: number) => Promise<KeptRun>,
): Promise<void> {
  const until = Date.now() + Number(given.minutes) * 60_000;
  const each = (ratio: number): number =>
    Math.ceil(Number(ratio === 1 ? given.null : given.each) / chosen.length);
  const rounds = Math.max(...ratios.map(each));
  for (let round = 1; round <= rounds; round += 1) {
    for (const ratio of ratios.filter((one) => round <= each(one))) {
      for (const kind of chosen) {
        if (Date.now() > until || cache.count(kind, ratio, load) >= round) continue;
        cache.add(await run(kind, ratio));
      }
    }
    console.error(`round ${round} of ${rounds}: ${cache.runs.length} runs kept`);
  }
}

async function main(): Promise<void> {
  const rooms = await openRooms();
  const sandbox = await openSandbox(rooms);
  const busy = Array.from({ length: load }, () => spawn(process.execPath, ['-e', 'for (;;);']));
  try {
    const cache = openRunCache(join(root, '.cache', 'bench-gates.json'), versionOf());
    await fillCache(cache, (kind, ratio) => realRun(rooms, sandbox, kind, ratio));
    const runs = cache.runs.filter((run) => run.load === load && chosen.includes(run.kind));
    const real = realRows(runs);
    const simulated = simulations(runs);
    const overheadMs = await sandboxOverhead(sandbox);
    const casesPerSecond = await equivalenceSpeed(rooms, sandbox);
    const decisionSeconds = median(runs.map((run) => run.seconds));
    const worst = (key: string, start: number, choose: (a: number, b: number) => number): number =>
      Object.entries(simulated).reduce((now, [, row]) => choose(now, row[key] ?? now), start);
    const figures = {
      busyLoops: load,
      loadAverage: median(runs.map((run) => run.loadAverage)),
      real,
      simulated,
      decisionSeconds,
      decisionSecondsP95: quantile(
        runs.map((run) => run.seconds),
        0.95,
      ),
      overheadMs,
      casesPerSecond,
    };
    console.log(table(figures));
    const barsMet = {
      falsePositives:
        Math.max(real['at 1.00']?.['pass'] ?? 1, worst('passedAt1.00', 0, Math.max)) <= bars.falsePositives,
      detection: worst('passedAt1.10', 1, Math.min) >= bars.detection,
      decisionSeconds: decisionSeconds <= bars.decisionSeconds,
      overheadMs: overheadMs <= bars.overheadMs,
      casesPerSecond: casesPerSecond >= bars.casesPerSecond,
    };
    console.log(JSON.stringify({ bench: 'gates', figures, barsMet }));
  } finally {
    for (const child of busy) child.kill('SIGKILL');
    rmSync(scratch, { recursive: true, force: true });
  }
}

await main();
