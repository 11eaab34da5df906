/**
 * `npm run bench:spine`: how long a newcomer waits, what the cycle costs over the bare suite, how fast stop is, and
 * how much memory all processes hold. Everything goes through `./ratchet`, in a fresh clone of the committed state
 * with its own caches. `-- --skip cold,stop` leaves parts out; `--stops 20` says how often to stop.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { driveCli, proposalsOf, type CliEvent, type CliRun } from '../scripts/support/drive-cli.js';
import { descendantsOf, residentBytes } from './support/processes.js';
import { median, quantile, table } from './support/figures.js';

const minutes = 60_000;
const bars = {
  coldSeconds: 120,
  warmSeconds: 15,
  overheadRatio: 1.15,
  overheadPerTrialMs: 1_000,
  stopMaxMs: 5_000,
  residentMb: 600,
};

const root = process.cwd();
const scratch = mkdtempSync(join(tmpdir(), 'ratchet-spine-'));
const clone = join(scratch, 'clone');
/** The person's registry and proxy settings stay; every cache and all state is new. */
const environment: Readonly<Record<string, string | undefined>> = {
  ...process.env,
  RATCHET_HOME: join(scratch, 'home'),
  RATCHET_MODEL_CHANGES: 'off',
  RATCHET_PARTS: undefined,
  XDG_CACHE_HOME: join(scratch, 'cache'),
  npm_config_cache: join(scratch, 'npm'),
  PIP_CACHE_DIR: join(scratch, 'pip'),
  TMPDIR: scratch,
};

/** A fresh repository with the example as its only commit. */
function shopRepository(name: string): string {
  const directory = join(scratch, name);
  const filter = (path: string): boolean => !path.includes('node_modules');
  cpSync(join(root, 'examples', 'shop'), directory, { recursive: true, filter });
  const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost'];
  for (const argv of [
    ['init', '-q', '-b', 'main'],
    ['add', '-A'],
    [...author, 'commit', '-qm', 'The shop'],
  ]) {
    execFileSync('git', argv, { cwd: directory, timeout: minutes });
  }
  return directory;
}

const ratchet = (argv: readonly string[], timeoutMs = 10 * minutes): Promise<CliRun> =>
  driveCli(argv, { clone, environment, timeoutMs });

/** Progress for the person who waits, on stderr. */
function say(what: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${what}\n`);
}

const isReviewable = (event: CliEvent): boolean =>
  proposalsOf(event).some((proposal) => proposal.stage === 'awaitingDecision');

/** Runs a cycle until its first proposal can be reviewed, then stops it: the rest would only be waited for. */
async function untilReviewable(directory: string, timeoutMs: number): Promise<CliRun> {
  const stopping: Promise<CliRun>[] = [];
  const run = await driveCli(['improve', directory, '--json'], {
    clone,
    environment,
    timeoutMs,
    onEvent: ({ event }) => {
      if (stopping.length === 0 && isReviewable(event)) {
        stopping.push(ratchet(['stop', '--json', '--reason', 'benchmark'], minutes));
      }
    },
  });
  await Promise.all(stopping);
  await ratchet(['resume', '--json'], minutes);
  return run;
}

/** Milliseconds until the first proposal waits for a decision; throws with what was said when none does. */
function firstReviewable(run: CliRun): number {
  const first = run.events.find(({ event }) => isReviewable(event));
  if (first === undefined)
    throw new Error(`No proposal became reviewable (exit ${run.code}): ${run.stderrTail}`);
  return first.atMs;
}

/** Median wall time of the example's bare suite, dependencies installed. */
function bareSuiteMs(): number {
  const directory = shopRepository('bare');
  const options = { cwd: directory, env: environment as NodeJS.ProcessEnv, stdio: 'ignore' as const };
  execFileSync('npm', ['ci', '--ignore-scripts', '--prefer-offline'], { ...options, timeout: 2 * minutes });
  return median(
    [1, 2, 3, 4, 5].map(() => {
      const started = performance.now();
      execFileSync('npm', ['test'], { ...options, timeout: 2 * minutes });
      return performance.now() - started;
    }),
  );
}

interface Stack {
  readonly processes: readonly { readonly name: string; readonly pid: number | null }[];
}

async function stackProcesses(): Promise<Stack['processes']> {
  const { events, stderrTail } = await ratchet(['status', '--json'], minutes);
  const state = events.map(({ event }) => event).find((event) => Array.isArray(event['processes']));
  if (state === undefined) throw new Error(`ratchet status names no processes: ${stderrTail}`);
  return state['processes'] as Stack['processes'];
}

/** How long after `ratchet stop` was typed the last process under the worker is gone. */
async function stopOnce(ordinal: number, worker: number): Promise<number> {
  const directory = shopRepository(`stop-${ordinal}`);
  const running = ratchet(['improve', directory, '--json']);
  const seen = performance.now();
  while (descendantsOf(worker).length === 0 && performance.now() - seen < minutes) await sleep(20);
  await sleep((ordinal % 10) * 150); // not always at the same point of the run
  const started = performance.now();
  const stopping = ratchet(['stop', '--json', '--reason', 'benchmark'], minutes);
  while (descendantsOf(worker).length > 0 && performance.now() - started < minutes) await sleep(5);
  const latencyMs = performance.now() - started;
  await stopping;
  await running;
  await ratchet(['resume', '--json'], minutes);
  rmSync(directory, { recursive: true, force: true });
  return latencyMs;
}

interface CycleCost {
  readonly cycleMs: number;
  /** Of it: gates that measure (equivalence, performance); they are work asked for, not overhead. */
  readonly measuringMs: number;
  readonly suiteMs: number;
  readonly suiteRuns: number;
  readonly trials: number;
  readonly allowedMs: number;
}

const measuring = new Set(['equivalence', 'performance']);

/** Milliseconds that a trial spent in its measuring gates, from its evidence. */
async function measuringMs(evidence: string): Promise<number> {
  const { events, stderrTail } = await ratchet(['evidence', 'show', evidence, '--json'], minutes);
  const shown = events[0]?.event as
    { evidence?: { gates: { gate: string; elapsedMs: number }[] } } | undefined;
  if (shown?.evidence === undefined) throw new Error(`No evidence ${evidence}: ${stderrTail}`);
  const gates = shown.evidence.gates.filter(({ gate }) => measuring.has(gate));
  return gates.reduce((total, { elapsedMs }) => total + elapsedMs, 0);
}

/** The cycle's wall time against its suite runs bare: two for the baseline, two per trial (tests, coverage). */
async function cycleCost(run: CliRun, suiteMs: number): Promise<CycleCost> {
  const proposals = new Map(
    run.events.flatMap(({ event }) => proposalsOf(event)).map((proposal) => [proposal.id, proposal]),
  );
  let measured = 0;
  for (const { evidence } of proposals.values()) if (evidence) measured += await measuringMs(evidence);
  const suiteRuns = 2 + 2 * proposals.size;
  const allowedMs = bars.overheadRatio * suiteMs * suiteRuns + bars.overheadPerTrialMs * proposals.size;
  return {
    cycleMs: run.wallMs,
    measuringMs: measured,
    suiteMs,
    suiteRuns,
    trials: proposals.size,
    allowedMs,
  };
}

const { values } = parseArgs({
  options: { skip: { type: 'string', default: '' }, stops: { type: 'string', default: '20' } },
});
const skipped = new Set(values.skip.split(','));
const figures: Record<string, unknown> = {};
const barsMet: Record<string, boolean> = {};

async function measure(): Promise<void> {
  mkdirSync(scratch, { recursive: true });
  execFileSync('git', ['clone', '-q', root, clone], { timeout: 2 * minutes });

  say('cold: a clone without any cache …');
  const cold = await untilReviewable(shopRepository('cold'), 15 * minutes);
  figures['coldSeconds'] = firstReviewable(cold) / 1000;
  barsMet['cold'] = firstReviewable(cold) / 1000 <= bars.coldSeconds;

  say(`cold: first reviewable proposal after ${(firstReviewable(cold) / 1000).toFixed(0)} s; warm …`);

  // The same example in another place: a new repository to Ratchet, its dependencies already in the cache.
  await ratchet(['down'], minutes);
  const stopped = await untilReviewable(shopRepository('warm-stopped'), 10 * minutes);
  figures['warmServersStoppedSeconds'] = firstReviewable(stopped) / 1000;
  const warm = await ratchet(['improve', shopRepository('warm'), '--json'], 20 * minutes);
  figures['warmSeconds'] = firstReviewable(warm) / 1000;
  barsMet['warm'] = firstReviewable(warm) / 1000 <= bars.warmSeconds;

  say(`warm: ${(firstReviewable(warm) / 1000).toFixed(1)} s; the bare suite …`);
  const cost = await cycleCost(warm, bareSuiteMs());
  figures['cycle'] = cost;
  figures['overheadRatio'] = (cost.cycleMs - cost.measuringMs) / (cost.suiteMs * cost.suiteRuns);
  barsMet['overhead'] = cost.cycleMs - cost.measuringMs <= cost.allowedMs;

  const processes = await stackProcesses();
  const memory = Object.fromEntries(
    processes.flatMap(({ name, pid }) => (pid === null ? [] : [[name, residentBytes(pid) / 1e6]])),
  );
  const residentMb = Object.values(memory).reduce((total, one) => total + one, 0);
  Object.assign(figures, { memoryMb: memory, residentMb });
  barsMet['memory'] = residentMb <= bars.residentMb;

  const worker = processes.find(({ name }) => name === 'worker')?.pid;
  if (skipped.has('stop') || worker === undefined || worker === null) return;
  const latencies: number[] = [];
  for (let ordinal = 0; ordinal < Number(values.stops); ordinal += 1) {
    latencies.push(await stopOnce(ordinal, worker));
    say(`stop ${ordinal + 1}: ${latencies.at(-1)?.toFixed(0)} ms`);
  }
  figures['stops'] = latencies.length;
  figures['stopP50Ms'] = median(latencies);
  figures['stopP90Ms'] = quantile(latencies, 0.9);
  figures['stopMaxMs'] = Math.max(...latencies);
  barsMet['stop'] = Math.max(...latencies) <= bars.stopMaxMs;
}

try {
  await measure();
} finally {
  await ratchet(['down'], minutes);
  rmSync(scratch, { recursive: true, force: true });
}
console.log(table(figures));
console.log(JSON.stringify({ bench: 'spine', figures, barsMet }));
