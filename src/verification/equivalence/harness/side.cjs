/**
 * Runs one side (base or candidate) over the cases of a plan, beside untrusted code and without any knowledge of
 * the other side. usage: node side.cjs <plan.json> <bundle> <output directory> <home directory>
 * Writes outcomes.jsonl, coverage.json and `at` (index of the case being run, for the case that kills the process).
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const inspector = require('node:inspector');
const { createHash } = require('node:crypto');
const { installControl } = require('./control.cjs');
const { Builder, Unbuildable } = require('./values.cjs');
const { dump, dumpAll } = require('./dump.cjs');
const { createLoader, locate } = require('./module-room.cjs');
const { isNonsense, callResult } = require('./judge.cjs');
const { TooBig } = require('./too-big.cjs');

const [planFile, bundleFile, outDirectory, home] = process.argv.slice(2);
const plan = JSON.parse(fs.readFileSync(planFile, 'utf8'));
const elapsed = process.hrtime.bigint.bind(process.hrtime);
const write = fs.writeSync;
const atFile = fs.openSync(path.join(outDirectory, 'at'), 'w');
const outFile = fs.openSync(path.join(outDirectory, 'outcomes.jsonl'), 'w');
const stringify = JSON.stringify;
const exit = process.reallyExit.bind(process);

let session = null;
if (plan.coverage) {
  session = new inspector.Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
}
const control = installControl(plan.control);
const events = [];
for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace']) {
  console[name] = (...args) => events.push(`console.${name}(${args.map((arg) => dumpOne(arg)).join(', ')})`);
}
process.exit = (code) => {
  throw Object.assign(new Error(`process.exit(${code})`), { name: 'Exit' });
};
// A rejection that nobody waits for belongs to the case that made it; the comparison goes on.
process.on('unhandledRejection', () => undefined);
process.on('uncaughtException', (error) => events.push(`uncaught ${error?.name}: ${error?.message}`));

const loader = createLoader(fs.readFileSync(bundleFile, 'utf8'), 'ratchet-bundle.js', home);
let room;
try {
  room = loader.load();
} catch (error) {
  fs.writeFileSync(path.join(outDirectory, 'load-error'), String(error?.stack ?? error).slice(0, 4_000));
  exit(3);
}
fs.writeFileSync(
  path.join(outDirectory, 'found.json'),
  stringify(plan.targets.map((target) => typeof locate(room, target).value)),
);

function hiddenFields() {
  const hidden = new Map();
  for (const [name, fields] of Object.entries(plan.hidden)) {
    const type = room.classes.get(name);
    if (type !== undefined) hidden.set(type, new Set(fields));
  }
  return hidden;
}
let hidden = hiddenFields();

function dumpOne(value, labels = new Map()) {
  return dump(value, labels, hidden);
}

/** Everything one case does. Returns text, or a promise of it when something must be awaited. */
function runCase(one, flags) {
  if (one.fresh === true) {
    room = loader.load();
    hidden = hiddenFields();
  }
  events.length = 0;
  const builder = new Builder({ classes: room.classes, log: events, dump: dumpOne });
  const self = one.self === undefined ? undefined : builder.build(one.self);
  // Arguments are built when their step comes: a recipe may change a value that an earlier step was given.
  const calls = [];
  const next = (i) => {
    const call = { step: one.s[i], args: one.s[i].a.map(builder.build) };
    calls.push(call);
    return invoke(call.step, call.args, self);
  };
  const parts = [];
  const finish = () => {
    const entries = calls.map((call) => [' args=', call.args]);
    if (one.self !== undefined) entries.unshift([' this=', self]);
    parts.push(dumpAll(entries, builder.labels, hidden));
    return parts.join('\n');
  };
  const context = { one, builder, parts, flags, events, hidden, control };
  if (self !== null && typeof self === 'object' && self.failed === true) {
    parts.push(`constructor ! ${dumpOne(self.error, builder.labels)}`);
    if (isNonsense(self.error)) flags.nonsense = true;
    return parts.join('\n');
  }
  for (let i = 0; i < one.s.length; i++) {
    const waiting = callResult(context, () => next(i));
    if (waiting !== null) return continueAsync(context, i, waiting, next, finish);
  }
  return finish();
}

async function continueAsync(context, at, waiting, next, finish) {
  await waiting;
  for (let i = at + 1; i < context.one.s.length; i++) {
    const more = callResult(context, () => next(i));
    if (more !== null) await more;
  }
  return finish();
}

const apply = Reflect.apply;
const constructWith = Reflect.construct;

function invoke(step, args, self) {
  const target = plan.targets[step.t];
  const [kind, member] = step.m ?? [target.kind, target.member];
  if (kind === 'method') return apply(self[member], self, args);
  if (kind === 'getter') return self[member];
  if (kind === 'setter') {
    self[member] = args[0];
    return undefined;
  }
  const { value, owner } = locate(room, target);
  if (kind === 'constructor') return constructWith(value, args);
  return apply(value, self ?? owner, args);
}

let current = 0;
const lines = [];
const laddersDone = new Set();
const skip = new Set(plan.skip);
const tooBig = new TooBig();
/** Ends of the process that one target may cause before the rest of its cases is left out. */
const deathsMax = 4;
const deathsOf = new Map();
for (const i of skip) tooBig.blame(plan.cases[i]);
/** A case that answered after more than this counts as one of those that take too long. */
const slowMicroseconds = 300_000;
/** CPU time, not wall time: on a busy machine the same sizes are tried. */
const cpuMicroseconds = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

function record(i, kind, text, flags) {
  const long = !plan.full && text.length > 120;
  const shown = long
    ? `#${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
    : text.slice(0, 60_000);
  lines.push(stringify([i, kind, shown, flags.nonsense ? 1 : 0, flags.exhausted ? 1 : 0, control.asked()]));
  if (lines.length >= 200) flush();
}

function flush() {
  if (lines.length > 0) write(outFile, `${lines.join('\n')}\n`);
  lines.length = 0;
}

function failed(i, error, flags) {
  if (error instanceof Unbuildable) record(i, 'unbuildable', error.message, flags);
  else record(i, 'crash', `harness: ${String(error?.message)}`, flags);
}

/**
 * Patience shrinks with each case that does not end, so that a function that loops for any large number costs
 * seconds and not hours; a target with too many of them is left alone. The host confirms each hang that counts.
 */
const patienceMin = 40;
const hangsMax = plan.full ? 6 : 40;
let patience = plan.caseMs;
const hangsOf = new Map();

function noteHang(one) {
  // When answers are confirmed every case gets the whole time.
  if (!plan.full) patience = Math.max(patienceMin, patience / 2);
  const t = one.s[0].t;
  hangsOf.set(t, (hangsOf.get(t) ?? 0) + 1);
  if (one.ladder !== undefined) laddersDone.add(one.ladder);
  tooBig.blame(one);
}

/** A case that ended the process before: longer values of the same target would do so too, and each costs a start. */
function noteDeath(one) {
  const t = one.s[0].t;
  deathsOf.set(t, (deathsOf.get(t) ?? 0) + 1);
  if (one.ladder === undefined) return;
  for (let style = 0; style < 4; style++) laddersDone.add(`${t}/${style}`);
}

const isLeftOut = (one, i) =>
  skip.has(i) ||
  (deathsOf.get(one.s[0]?.t) ?? 0) >= deathsMax ||
  laddersDone.has(one.ladder) ||
  (hangsOf.get(one.s[0]?.t) ?? 0) > hangsMax ||
  // When answers are confirmed nothing is left out for its size.
  (!plan.full && one.o !== 'recorded' && tooBig.has(one));

/** Synchronous stretch of cases; stops at one that must be awaited, and well before the watchdog would. */
let pending = null;
globalThis[Symbol.for('ratchet.slice')] = () => {
  const start = elapsed();
  pending = null;
  const sliceNs = BigInt(Math.trunc(patience / 4)) * 1_000_000n;
  while (current < plan.cases.length && elapsed() - start < sliceNs) {
    const i = current;
    const one = plan.cases[i];
    if (isLeftOut(one, i)) {
      if (skip.has(i)) noteDeath(one);
      record(i, 'skipped', '', {});
      current++;
      continue;
    }
    write(atFile, String(i).padEnd(12), 0);
    control.reset(i);
    const flags = { nonsense: false, exhausted: false };
    const began = cpuMicroseconds();
    try {
      const text = runCase(one, flags);
      if (typeof text !== 'string') {
        pending = { i, flags, text };
        return;
      }
      record(i, 'ok', text, flags);
    } catch (error) {
      failed(i, error, flags);
    }
    const spent = cpuMicroseconds() - began;
    if (one.ladder !== undefined && spent > plan.ladderMs * 1_000) laddersDone.add(one.ladder);
    if (spent > slowMicroseconds) tooBig.blame(one);
    current++;
  }
};
const slice = new vm.Script(`globalThis[Symbol.for('ratchet.slice')]()`);

async function main() {
  while (current < plan.cases.length) {
    try {
      slice.runInThisContext({ timeout: Math.trunc(patience) });
    } catch {
      // Only the watchdog's end comes here: cases catch what the code throws.
      record(current, 'hang', '', {});
      noteHang(plan.cases[current]);
      current++;
      continue;
    }
    if (pending !== null) {
      const { i, flags, text } = pending;
      try {
        record(i, 'ok', await text, flags);
      } catch (error) {
        failed(i, error, flags);
      }
      current++;
    }
  }
  flush();
  if (session !== null) {
    session.post('Profiler.takePreciseCoverage', (error, result) => {
      if (error !== null) return;
      const own = result.result.filter((script) => script.url === 'ratchet-bundle.js');
      const functions = own.flatMap((script) => script.functions.map((fn) => fn.ranges));
      const ranges = functions.map((list) => list.map((r) => [r.startOffset, r.endOffset, r.count]));
      fs.writeFileSync(
        path.join(outDirectory, 'coverage.json'),
        stringify({ prefix: loader.prefixLength, functions: ranges }),
      );
    });
  }
  fs.writeFileSync(path.join(outDirectory, 'done'), '1');
  exit(0);
}

main().catch((error) => {
  fs.writeFileSync(path.join(outDirectory, 'load-error'), `harness: ${String(error?.stack ?? error)}`);
  exit(4);
});
