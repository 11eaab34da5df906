/** One comparison: base, candidate and base again on copies of the same input, and what the three say together. */
'use strict';

const { runOnce } = require('./shadow-run.cjs');

const nodesMax = 6_000;
const callMs = 2_000;
/** The candidate may take this many times as long as the base before it counts as one that does not end. */
const patience = 50;

let active = null;

const world = {
  enter(run) {
    active = run;
  },
  leave() {
    active = null;
  },
};

function once(side, call, settings) {
  call.log.heartbeat(`${side} ${call.entry.id} ${call.name}`);
  const run = runOnce(side, call, { nodesMax, ms: callMs, ...settings }, world);
  call.log.heartbeat('idle');
  if (run.promise !== null) {
    run.tainted = 'it returns a promise';
    void Promise.resolve(run.promise).catch(() => undefined);
  }
  return run;
}

/** Same functions at the same places in both, and none that came into being in the run itself. */
function isOpaque(a, b, c) {
  const { fresh } = a;
  return fresh.some((fn, i) => fn !== c.fresh[i] || fn !== b.fresh[i]);
}

/**
 * One comparison: base, candidate, base again.
 * @returns what it was: equal, differs, unstable, nonsense, incomplete, untouched, slow
 */
function compare(call, settings) {
  const a = once('base', call, settings);
  if (a.hang) return { kind: 'slow' };
  if (a.tainted !== null) return { kind: 'incomplete', why: a.tainted };
  if (a.exhausted) return { kind: 'exhausted' };
  if (a.nonsense) return { kind: 'nonsense', a };
  // The base's own time, many times over, is the candidate's.
  const b = once('candidate', call, { ...settings, ms: Math.max(callMs, Math.ceil(a.ms * patience)) });
  if (b.tainted !== null) return { kind: 'incomplete', why: b.tainted };
  if (b.touched.size === 0) return { kind: 'untouched' };
  if (b.exhausted) return { kind: 'exhausted' };
  const c = once('base', call, settings);
  if (c.text !== a.text) return { kind: 'unstable' };
  if (b.hang || a.text !== b.text) return confirm(call, settings, a, b);
  return { kind: 'equal', b, opaque: isOpaque(a, b, c), a };
}

/** Asked again in another order: a difference counts when the base never and the candidate repeatedly differs. */
function confirm(call, settings, a, b) {
  let differing = 1;
  let last = b;
  for (const side of ['candidate', 'base', 'base', 'candidate']) {
    const run = once(side, call, settings);
    if (side === 'base' && run.text !== a.text) return { kind: 'unstable' };
    if (side === 'candidate' && (run.hang || run.text !== a.text)) {
      differing++;
      last = run;
    }
  }
  return { kind: differing >= 2 ? 'differs' : 'suspect', a, b: b.hang ? b : last };
}

module.exports = { compare, nodesMax, activeRun: () => active };
