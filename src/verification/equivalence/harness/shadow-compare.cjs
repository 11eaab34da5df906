/** One comparison: base, candidate and base again on copies of the same input, and what the three say together. */
'use strict';

const { AsyncLocalStorage } = require('node:async_hooks');
const { runOnce, settle } = require('./shadow-run.cjs');

const nodesMax = 6_000;
const callMs = 2_000;
/** For inputs of our own making: a larger one that takes longer is left out. */
const derivedMs = 400;
/** The candidate may take this many times as long as the base before it counts as one that does not end. */
const patience = 50;
/** Base, candidate, base: the control is asked last. */
const three = ['base', 'candidate', 'base'];
/** Asked again in another order. */
const again = ['candidate', 'base', 'base', 'candidate'];
const againHanging = ['base', 'candidate'];

let active = null;
/** Made when the first promise is met: what goes on after an `await` still belongs to its run. */
let storage = null;

const world = {
  enter(run) {
    active = run;
  },
  leave() {
    active = null;
  },
};

function activeRun() {
  return active ?? storage?.getStore() ?? null;
}

function msOf(settings) {
  return settings.change === undefined ? callMs : derivedMs;
}

function once(side, call, settings) {
  call.log.heartbeat(`${side} ${call.entry.id} ${call.name}`);
  const run = runOnce(side, call, { nodesMax, ms: msOf(settings), ...settings }, world);
  call.log.heartbeat('idle');
  if (run.promise !== null) {
    // Whoever rejects here is answered in settle, or was a run that is thrown away.
    void Promise.resolve(run.promise).catch(() => undefined);
  }
  return run;
}

/** Same functions at the same places in both, and none that came into being in the run itself. */
function isOpaque(a, b, c) {
  const { fresh } = a;
  return fresh.some((fn, i) => fn !== c.fresh[i] || fn !== b.fresh[i]);
}

/** What the base alone says against a comparison; null = nothing. */
function refusal(a) {
  if (a.hang || a.pending) return { kind: 'slow' };
  if (a.tainted !== null) return { kind: 'incomplete', why: a.tainted };
  if (a.exhausted) return { kind: 'exhausted' };
  return a.nonsense ? { kind: 'nonsense' } : null;
}

/** What the candidate's run says against it; null = nothing. */
function obstacle(b) {
  if (b.tainted !== null) return { kind: 'incomplete', why: b.tainted };
  if (b.touched.size === 0) return { kind: 'untouched' };
  return b.exhausted ? { kind: 'exhausted' } : null;
}

const isOther = (run, a) => run.hang || run.text !== a.text;

/** A difference counts when the base never and the candidate repeatedly differs. */
function verdictOf(a, b, more) {
  if (more.some((run) => run.side === 'base' && isOther(run, a))) return { kind: 'unstable' };
  const others = more.filter((run) => run.side === 'candidate' && isOther(run, a));
  return { kind: others.length >= 1 ? 'differs' : 'suspect', a, b: b.hang ? b : (others.at(-1) ?? b) };
}

/**
 * Compares a function that answers at once.
 * @returns `{ kind }`: equal, differs, suspect, unstable, nonsense, incomplete, untouched, exhausted, slow, or
 * promise when it must be asked by `compareLater`
 */
function compare(call, settings) {
  const a = once('base', call, settings);
  if (a.promise !== null) return { kind: 'promise' };
  const refused = refusal(a);
  if (refused !== null) return refused;
  // The base's own time, many times over, is the candidate's.
  const ms = Math.max(msOf(settings) * 2, Math.ceil(a.ms * patience));
  const b = once('candidate', call, { ...settings, ms });
  const problem = obstacle(b);
  if (problem !== null) return problem;
  const c = once('base', call, settings);
  if (isOther(c, a)) return { kind: 'unstable' };
  if (!isOther(b, a)) return { kind: 'equal', a, b, opaque: isOpaque(a, b, c) };
  const sides = b.hang ? againHanging : again;
  return verdictOf(
    a,
    b,
    sides.map((side) => once(side, call, { ...settings, ms })),
  );
}

async function started(sides, call, settings) {
  storage ??= new AsyncLocalStorage();
  const runs = sides.map((side) => startIn(side, call, settings));
  for (const run of runs) await settle(run, callMs);
  return runs;
}

/** The run is known to everything that it starts. */
function startIn(side, call, settings) {
  const enter = (run) => {
    world.enter(run);
    storage.enterWith(run);
  };
  return storage.run(null, () => {
    call.log.heartbeat(`${side} ${call.entry.id} ${call.name}`);
    const run = runOnce(
      side,
      call,
      { nodesMax, ms: msOf(settings), ...settings },
      { enter, leave: () => world.leave() },
    );
    call.log.heartbeat('idle');
    if (run.promise !== null) void Promise.resolve(run.promise).catch(() => undefined);
    return run;
  });
}

/** As `compare`, for a function that answers by a promise: the three run at the same time. */
async function compareLater(call, settings) {
  const [a, b, c] = await started(three, call, settings);
  const problem = refusal(a) ?? obstacle(b);
  if (problem !== null) return problem;
  if (isOther(c, a)) return { kind: 'unstable' };
  if (!isOther(b, a)) return { kind: 'equal', a, b, opaque: isOpaque(a, b, c) };
  const more = [];
  for (const side of again) more.push(...(await started([side], call, settings)));
  return verdictOf(a, b, more);
}

module.exports = { compare, compareLater, nodesMax, activeRun };
