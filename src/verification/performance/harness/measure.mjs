/**
 * Runs inside the sandbox, one short process per call: loads the workload and one side's entry module, and describes,
 * probes, compares or measures. It never knows which side it runs. What it needs of the platform is taken before any
 * foreign code is loaded.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint } from './fingerprint.mjs';
import { loadEntry, loadWorkload, seedRandom } from './load.mjs';
import { kinds, vary } from './vary.mjs';

const cpuUsage = process.cpuUsage.bind(process);
/** Nanoseconds. @type {() => bigint} */
const now = process.hrtime.bigint.bind(process.hrtime);
const memoryUsage = process.memoryUsage.bind(process);
const resourceUsage = process.resourceUsage.bind(process);
const exit = process.reallyExit.bind(process);
const stringify = JSON.stringify.bind(JSON);
const gc = globalThis.gc ?? (() => undefined);
// The code under test must not be able to tidy up before a reading.
Reflect.set(globalThis, 'gc', undefined);

const options = JSON.parse(process.argv[2]);
const request = JSON.parse(readFileSync(join(options.input, 'request.json'), 'utf8'));

const sampleUs = 4_000;
const warmUpUs = 30_000;
const callsMaximum = 2_000;
/** A size whose single call is slower than this is the last of the ladder. */
const ladderUs = 400_000;
/** A size that is foreseen to be slower than this is not tried. */
const unaffordableUs = 5_000_000;

let stage = 'start';

function finish(document) {
  writeFileSync(options.output, stringify(document));
  // Nothing that the code under test left behind may run after the result is written.
  exit(0);
}

function fail(error) {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error ? String(error.stack).split('\n').slice(1, 4).join('\n') : '';
  finish({ error: { stage, message: message.slice(0, 500), stack: stack.slice(0, 800) } });
}
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

/** CPU and wall microseconds since the last reading. */
function stopwatch() {
  const cpu = cpuUsage();
  const wall = now();
  return () => {
    const used = cpuUsage(cpu);
    return { cpuUs: used.user + used.system, wallUs: Number(now() - wall) / 1_000 };
  };
}

let workload;
let entry;

async function makeState(size, variant, kind) {
  stage = 'setup';
  seedRandom(variant, request.seed);
  const state = await workload.setup(entry, { size, variant });
  return vary(state, variant, kind);
}

/** One pass over fresh states; results are kept so that no work can be left out. */
async function pass(states) {
  stage = 'run';
  const { run } = workload;
  const results = Array.from({ length: states.length });
  const read = stopwatch();
  for (let index = 0; index < states.length; index += 1) {
    const result = run(states[index]);
    results[index] =
      result !== null && typeof result === 'object' && typeof result.then === 'function'
        ? await result
        : result;
  }
  return { ...read(), results };
}

async function makeStates(size, first, count, kind) {
  const states = [];
  for (let index = 0; index < count; index += 1) states.push(await makeState(size, first + index, kind));
  return states;
}

const middle = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Microseconds per call after warm-up, the median of a few passes; stops as soon as it is known to be slow. */
async function callTime(size, kind, first) {
  let spent = 0;
  let calls = 1;
  let variant = first;
  const times = [];
  for (let round = 0; round < 40 && (spent < warmUpUs * 2 || times.length < 3); round += 1) {
    const { cpuUs, wallUs } = await pass(await makeStates(size, variant, calls, kind));
    variant += calls;
    spent += Math.max(cpuUs, wallUs);
    times.push(Math.max(cpuUs, 1) / calls);
    if (Math.max(cpuUs, wallUs) > 100_000) break;
    if (cpuUs < 1_000) calls = Math.min(calls * 4, 500);
  }
  return middle(times.slice(-Math.max(1, times.length >> 1)));
}

/** The first way to vary inputs that neither throws nor changes the base's time: same form, new values. */
async function chooseKind(size, plainUs) {
  const plain = fingerprint(await makeState(size, 0, 'none'));
  if (fingerprint(await makeState(size, 1, 'none')) !== plain) return { kind: 'none', varied: 'by setup' };
  for (const kind of kinds) {
    try {
      if (fingerprint(await makeState(size, 1, kind)) === plain) continue;
      const us = await callTime(size, kind, 1);
      if (us > plainUs * 0.5 && us < plainUs * 2) return { kind, varied: `by ${kind}` };
    } catch {
      // This way makes inputs that the code does not take; the next one is gentler.
    }
  }
  return { kind: 'none', varied: null };
}

async function planSize(size, kind) {
  const setup = stopwatch();
  await makeState(size, 5_000, kind);
  const setupUs = setup().cpuUs;
  const callUs = await callTime(size, kind, 6_000);
  const affordable = Math.max(1, Math.floor(120_000 / Math.max(setupUs, 1)));
  const calls = Math.min(Math.max(1, Math.ceil(sampleUs / callUs)), callsMaximum, affordable);
  const samples = Math.max(1, Math.min(5, Math.floor(150_000 / (calls * (callUs + setupUs)))));
  const warmUps = Math.max(
    0,
    Math.min(20, Math.ceil(warmUpUs / (calls * callUs)), Math.floor(120_000 / (calls * (callUs + setupUs)))),
  );
  return { size, calls, samples, warmUps, callUs };
}

/** What a call at `next` will take if it grows as from `before` to `now`, µs. */
function foresee(next, now, before) {
  if (before === null || !(now.size > before.size && before.size > 0)) return 0;
  const power = Math.log(now.us / before.us) / Math.log(now.size / before.size);
  return now.us * (next / now.size) ** Math.max(0, power);
}

async function probe() {
  const usable = [];
  let plainUs = 0;
  let before = null;
  for (const size of request.sizes) {
    const last = usable.length === 0 ? null : { size: usable.at(-1), us: plainUs };
    // A quadratic base at the next size would use up the time of the whole process.
    if (last !== null && foresee(size, last, before) > unaffordableUs) break;
    before = last;
    plainUs = await callTime(size, 'none', 0);
    usable.push(size);
    if (plainUs > ladderUs) break;
  }
  // The ladder may have one slow end; a size that took longer than two seconds is left out where there is another.
  if (usable.length > 1 && plainUs > 2_000_000) usable.pop();
  const last = usable.at(-1);
  const chosen = await chooseKind(last, await callTime(last, 'none', 0));
  const sizes = [];
  for (const size of usable) sizes.push(await planSize(size, chosen.kind));
  finish({ ...chosen, sizes });
}

/** Results of the same inputs, each tried twice on fresh states: equal on both sides, and repeatable. */
async function compare() {
  const rows = [];
  for (const { size } of options.plan.sizes) {
    for (const variant of [0, 1, 2]) {
      const prints = [];
      for (let round = 0; round < 2; round += 1) {
        const states = [await makeState(size, variant, options.plan.kind)];
        const { results, cpuUs } = await pass(states);
        stage = 'comparison';
        prints.push({ result: fingerprint(results[0]), state: fingerprint(states[0]), cpuUs });
      }
      const [one, two] = prints;
      rows.push({
        size,
        variant,
        result: one.result,
        repeatable: one.result === two.result,
        // A workload without a result compares nothing.
        empty: one.result === fingerprint(undefined),
        cpuUs: two.cpuUs,
      });
    }
  }
  finish({ rows });
}

/** Share of a short spin that this process had to wait for a core. */
function contention() {
  const read = stopwatch();
  const until = now() + 3_000_000n;
  while (now() < until);
  const { cpuUs, wallUs } = read();
  return Math.max(0, 1 - cpuUs / wallUs);
}

/** Bytes that stay alive per call once its result is kept: heap and buffers after two collections. */
async function retained(size, calls, kind, first) {
  const states = await makeStates(size, first, calls, kind);
  const before = alive();
  const { results } = await pass(states);
  const after = alive();
  // Read after the collection, so that states and results were alive during it.
  return results.length === states.length ? (after - before) / states.length : null;
}

/** Bytes alive once everything that the workload returned is dropped: tables and caches of the code itself. */
function alive() {
  gc();
  gc();
  const { heapUsed, external } = memoryUsage();
  return heapUsed + external;
}

async function measure() {
  const { plan, variant } = options;
  const waiting = contention();
  const sizes = [];
  let next = variant;
  let timedUs = 0;
  let cold = null;
  for (const { size, calls, samples, warmUps } of plan.sizes) {
    if (cold === null) {
      const first = await pass(await makeStates(size, 0, 1, plan.kind));
      cold = first.cpuUs;
    }
    for (let round = 0; round < warmUps; round += 1) {
      await pass(await makeStates(size, next, calls, plan.kind));
      next += calls;
    }
    const cpu = [];
    const wall = [];
    for (let round = 0; round < samples; round += 1) {
      const states = await makeStates(size, next, calls, plan.kind);
      next += calls;
      gc({ type: 'minor' });
      const { cpuUs, wallUs } = await pass(states);
      timedUs += cpuUs;
      cpu.push(cpuUs / calls);
      wall.push(wallUs / calls);
    }
    sizes.push({ size, cpuUs: cpu, wallUs: wall });
  }
  const last = plan.sizes.at(-1);
  const heapCalls = Math.min(last.calls, Math.max(4, Math.floor(20_000 / last.callUs)));
  const retainedBytes =
    last.callUs > 1_000_000 ? null : await retained(last.size, heapCalls, plan.kind, next);
  finish({
    sizes,
    coldUs: cold,
    contention: waiting,
    timedUs,
    retainedBytes,
    aliveBytes: alive(),
    peakRssBytes: resourceUsage().maxRSS * 1_024,
  });
}

async function main() {
  stage = 'import of the workload';
  workload = await loadWorkload(options);
  if (options.mode === 'describe') {
    finish({
      entry: workload.entry ?? null,
      sizes: workload.sizes ?? null,
      setup: typeof workload.setup,
      run: typeof workload.run,
    });
  }
  stage = 'import of the entry';
  entry = await loadEntry(options, request);
  if (options.mode === 'probe') await probe();
  else if (options.mode === 'compare') await compare();
  else await measure();
}

main().catch(fail);
