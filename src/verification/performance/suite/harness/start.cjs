/**
 * The harness inside a test process: waits for a wanted call, then surveys, explores, compares or measures it, writes
 * one result and ends the run. It never knows which side it runs.
 */
'use strict';

const { openClock } = require('./clock.cjs');
const { explore } = require('./explore.cjs');
const { keepMade } = require('./keep.cjs');
const { createSurvey, describeCall } = require('./survey.cjs');
const { openCall } = require('./timing.cjs');

/** Exploring of one process, CPU microseconds; calls that come later are left out. */
const exploringUs = 12_000_000;

/** Inputs compared per size; long ones cost most of the time. */
const variantsAt = (size) => (size === null || size < 500 ? [0, 1, 2] : [0, 1]);

/** Kills this process and those that wait for it, up to the shell that started the run; the sandbox ends with it. */
function endRun(fs) {
  const top = Number(process.env.RATCHET_TOP ?? 0);
  const chain = [process.pid];
  let pid = top > 1 ? process.ppid : 0;
  while (pid > 1 && chain.length < 20) {
    chain.push(pid);
    if (pid === top) break;
    const fields = fs
      .readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    pid = Number(fields[1]);
  }
  const ours = chain.at(-1) === top ? chain.reverse() : [process.pid];
  for (const one of ours) process.kill(one, 'SIGKILL');
}

function compare(call, plan) {
  const rows = [];
  for (const { size } of plan.sizes) {
    for (const variant of variantsAt(size)) {
      const how = { mode: plan.kind, places: plan.places, size };
      const one = call.answerOf(how, variant);
      const two = variant === 0 ? call.answerOf(how, variant) : one;
      const result = one.print;
      rows.push({
        size,
        variant,
        result,
        repeatable: one.print === two.print,
        empty: one.empty,
        cpuUs: two.cpuUs,
      });
    }
  }
  return { rows };
}

function measure(clock, call, { plan, variant }) {
  const waiting = clock.contention();
  const sizes = [];
  let next = variant;
  let timedUs = 0;
  let coldUs = null;
  for (const { size, calls, samples, warmUps } of plan.sizes) {
    const how = { mode: plan.kind, places: plan.places, size };
    coldUs ??= call.pass(call.makeStates(how, 0, 1)).cpuUs;
    for (let round = 0; round < warmUps; round += 1) {
      call.pass(call.makeStates(how, next, calls));
      next += calls;
    }
    const row = { size, cpuUs: [], wallUs: [] };
    for (let round = 0; round < samples; round += 1) {
      const states = call.makeStates(how, next, calls);
      next += calls;
      clock.collectYoung();
      const { cpuUs, wallUs } = call.pass(states);
      timedUs += cpuUs;
      row.cpuUs.push(cpuUs / calls);
      row.wallUs.push(wallUs / calls);
    }
    sizes.push(row);
  }
  const last = plan.sizes.at(-1);
  const how = { mode: plan.kind, places: plan.places, size: last.size };
  const heapCalls = Math.min(last.calls, Math.max(4, Math.floor(20_000 / last.callUs)));
  const retainedBytes =
    last.callUs > 500_000 ? null : retained(clock, call, how, { first: next, calls: heapCalls });
  const aliveBytes = clock.alive();
  return {
    sizes,
    coldUs,
    contention: waiting,
    timedUs,
    retainedBytes,
    aliveBytes,
    peakRssBytes: clock.peakRssBytes(),
  };
}

/** Bytes that stay alive per call once its result is kept. */
function retained(clock, call, how, { first, calls }) {
  const states = call.makeStates(how, first, calls);
  const before = clock.alive();
  const { results } = call.pass(states);
  const after = clock.alive();
  // Read after the collection, so that states and results were alive during it.
  return results.length === states.length ? (after - before) / states.length : null;
}

module.exports = function start(load, options) {
  const fs = load('fs');
  const { isMainThread, threadId } = load('worker_threads');
  const own = isMainThread ? String(process.pid) : `${process.pid}-${threadId}`;
  const { append, ...rest } = { append: fs.appendFileSync, ...options };
  const write = (value) => {
    fs.mkdirSync('/out/calls', { recursive: true });
    append(`/out/calls/${own}.jsonl`, `${JSON.stringify(value)}\n`);
  };
  if (rest.mode === 'survey') return { seen: createSurvey({ options, write }) };
  const clock = openClock(load);
  const random = Math.random;
  const waiting = new Map(options.wanted.map((one, index) => [`${one.id} ${one.signature}`, index]));

  let exploredUs = 0;

  function answer(index, call) {
    if (options.mode === 'explore') return { index, ...explore(clock, call) };
    return options.mode === 'compare' ? compare(call, options.plan) : measure(clock, call, options);
  }

  function seen(id, self, args, call) {
    const key = `${id} ${describeCall(self, args).signature}`;
    const index = waiting.get(key);
    if (index === undefined) return;
    waiting.delete(key);
    const read = clock.stopwatch();
    try {
      write(answer(index, openCall(clock, { self, args, call, seed: options.seed })));
    } catch (error) {
      write({ index, error: { stage: 'call', message: `${error?.name}: ${error?.message}`.slice(0, 400) } });
    }
    Math.random = random;
    exploredUs += read().cpuUs;
    if (options.mode === 'explore' && exploredUs > exploringUs) waiting.clear();
    if (waiting.size > 0) return;
    if (options.keep) keepMade(fs, options.watched);
    endRun(fs);
  }
  return { seen };
};
