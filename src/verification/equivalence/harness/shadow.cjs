/**
 * Shadow calls: beside the suite, in its process. Instrumented functions hold the old and the new body in the same
 * scope and ask here which one to take. A real call of a changed function is run three more times on deep copies of
 * its input: base, candidate, and base again as a control; then the real call goes on with the base.
 */
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { TooLarge, Copier } = require('./shadow-copy.cjs');
const { dumpAll } = require('./dump.cjs');
const { cachedFunctionOf } = require('./shadow-find.cjs');
const { compare, compareLater, nodesMax, activeRun } = require('./shadow-compare.cjs');
const { createLog } = require('./shadow-log.cjs');
const { derivations } = require('./shadow-derive.cjs');
const { printCall, difference } = require('./shadow-print.cjs');

const plan = JSON.parse(fs.readFileSync(path.join(__dirname, 'plan.json'), 'utf8'));
const now = performance.now.bind(performance);

const repeatsMax = 2;
const distinctMax = 150;
const derivedFromMax = 12;
const mismatchesMax = 4;
const fruitlessMax = 12;
const fruitlessMin = 3;
const inFlightMax = 4;
const log = createLog(plan.output);

let spentMs = 0;
/** What the suite's other processes spent: runners that take a process per test file share one budget. */
let othersMs = 0;
const entries = new Map();

function entryOf(id) {
  let entry = entries.get(id);
  if (entry === undefined) {
    const counts = {};
    entry = {
      id,
      seen: 0,
      tried: 0,
      kept: 0,
      derivedFrom: 0,
      spentMs: 0,
      digests: new Map(),
      counts,
      mismatches: 0,
      isAsync: false,
    };
    entries.set(id, entry);
  }
  return entry;
}

function count(entry, what, by = 1) {
  entry.counts[what] = (entry.counts[what] ?? 0) + by;
}

/** Answered calls per changed function whose new body ran in them. */
const answered = new Map();
function credit(run, what) {
  for (const id of run.touched) {
    const of = answered.get(id) ?? { own: 0, derived: 0, opaque: 0 };
    of[what]++;
    answered.set(id, of);
  }
}

/** FNV-1a over UTF-16 units. */
function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return `${h >>> 0}/${text.length}`;
}

function hiddenOf(id, self) {
  const names = plan.functions[id]?.hidden ?? [];
  const maker = self === null || typeof self !== 'object' ? undefined : self.constructor;
  return names.length === 0 || typeof maker !== 'function' ? new Map() : new Map([[maker, new Set(names)]]);
}

function noteMismatch(call, result, derived) {
  const { entry } = call;
  entry.mismatches++;
  const copier = new Copier(nodesMax);
  const shown = copier.copy({ self: call.self, args: call.args });
  derived?.apply(shown);
  const { name, file } = plan.functions[entry.id];
  log.report({
    mismatch: {
      entry: name,
      file,
      touched: [...result.b.touched].sort((x, y) => x - y),
      call: printCall(name, plan.functions[entry.id].usesThis ? shown.self : undefined, shown.args, 600),
      derived: derived?.name ?? null,
      // The shortest at the changed function itself is shown.
      weight:
        result.a.text.length +
        (derived === undefined ? 0 : 50) +
        (plan.functions[entry.id].dispatch ? 0 : 1e6),
      ...difference(result.a.text, result.b.hang ? 'no end within the time limit' : result.b.text),
      hang: result.b.hang,
    },
  });
}

/** Counts one comparison; true when it said something about equality. */
function take(call, result, derived) {
  const { entry } = call;
  const own = derived === undefined;
  if (result.kind === 'equal') {
    credit(result.b, result.opaque ? 'opaque' : own ? 'own' : 'derived');
    count(entry, result.opaque ? 'opaque' : own ? 'equal' : 'derived');
    return true;
  }
  if (result.kind === 'differs') {
    noteMismatch(call, result, derived);
    return true;
  }
  count(entry, own ? result.kind : `derived ${result.kind}`);
  if (result.why !== undefined) entry.why = result.why;
  return false;
}

function derive(call, deadline) {
  const { entry } = call;
  for (const derived of derivations(call, plan.functions[entry.id].typed)) {
    if (now() > deadline || entry.mismatches >= mismatchesMax) return;
    try {
      take(call, compare(call, { change: (copies) => derived.apply(copies) }), derived);
    } catch (error) {
      if (!(error instanceof TooLarge) && error?.name !== 'TypeError' && error?.name !== 'RangeError')
        throw error;
      count(entry, 'derived too large');
    }
  }
}

function shadow(entry, fn, self, args, state) {
  const { name } = plan.functions[entry.id];
  const call = { entry, name, log, fn, self, args, state, hidden: hiddenOf(entry.id, self) };
  const copier = new Copier(nodesMax);
  const input = copier.copy({ self, args, state: state?.get() ?? [] });
  copier.labels.delete(input);
  const digest = hash(
    dumpAll(
      [
        ['', input.self],
        ['', input.args],
        ['', input.state],
      ],
      copier.labels,
      call.hidden,
    ),
  );
  const times = entry.digests.get(digest) ?? 0;
  if (times >= repeatsMax) return;
  entry.digests.set(digest, times + 1);
  entry.kept++;
  const began = now();
  const result = entry.isAsync ? { kind: 'promise' } : compare(call, {});
  if (result.kind === 'promise') {
    entry.isAsync = true;
    // A copy that the real call cannot change, for what is asked after it.
    void shadowLater({ ...call, self: input.self, args: input.args }, times === 0);
    return;
  }
  const isTelling = take(call, result, undefined);
  if (isTelling && times === 0 && entry.derivedFrom < derivedFromMax) {
    entry.derivedFrom++;
    derive(call, began + plan.callBudgetMs);
  }
}

/** A caller of a changed function is a way in only when the function itself has told nothing. */
function isNeeded(serves) {
  if (serves.length === 0) return true;
  return serves.some((id) => {
    if (answered.has(id)) return false;
    return !plan.functions[id].entry || (entries.get(id)?.tried ?? 0) >= fruitlessMin;
  });
}

let inFlight = 0;

/** The same for a function that answers by a promise, beside the real call. */
async function shadowLater(call, isFirst) {
  const { entry } = call;
  if (call.state !== undefined || inFlight >= inFlightMax) {
    count(entry, call.state === undefined ? 'busy' : 'promise over changing variables');
    return;
  }
  inFlight++;
  try {
    const isTelling = take(call, await compareLater(call, {}), undefined);
    if (isTelling && isFirst && entry.derivedFrom < derivedFromMax) {
      entry.derivedFrom++;
      const deadline = now() + plan.callBudgetMs;
      for (const derived of derivations(call, plan.functions[entry.id].typed)) {
        if (now() > deadline || entry.mismatches >= mismatchesMax) break;
        take(call, await compareLater(call, { change: (copies) => derived.apply(copies) }), derived);
      }
    }
  } catch (error) {
    // As in `at`: only the harness comes here.
    count(entry, error instanceof TooLarge ? 'too large' : 'not copyable');
    entry.why ??= String(error?.message).slice(0, 200);
  } finally {
    inFlight--;
    snapshot(false);
  }
}

function mayShadow(entry) {
  if (!isNeeded(plan.functions[entry.id].serves)) return false;
  if (entry.kept >= distinctMax || entry.mismatches >= mismatchesMax) return false;
  entry.seen++;
  // A function that never tells anything costs only its first calls; a busy one is looked at ever more rarely.
  const telling = (entry.counts.equal ?? 0) + (entry.counts.opaque ?? 0);
  if (entry.kept >= fruitlessMax && telling === 0 && entry.mismatches === 0) return false;
  if (entry.seen > 2_000 && entry.seen % 64 !== 0) return false;
  // A little is left for each process: the only call that tells may be in the last test file.
  const left = Math.max(plan.shareMs, plan.budgetMs - othersMs);
  return spentMs < left && entry.spentMs < Math.max(plan.shareMs, left / 2);
}

let reportedAt = 0;
function snapshot(isLast) {
  const at = now();
  if (!isLast && at - reportedAt < 40) return;
  reportedAt = at;
  const counted = [...entries.values()].map(({ id, seen, kept, counts, why }) => ({
    id,
    seen,
    kept,
    counts,
    why,
  }));
  log.report({ counted, answered: [...answered] });
}
process.on('exit', () => {
  if (entries.size > 0) snapshot(true);
});

/**
 * Asked at the start of every instrumented function: is the new body to be taken?
 * @param mark "ratchet#<id>#"
 * @param fn the running function, when its scope can name it
 * @param state `{ get, set }` of variables around it that it writes
 */
function at(mark, self, args, fn, state) {
  const id = Number(mark.split('#')[1]);
  const role = plan.functions[id];
  const active = activeRun();
  if (active !== null) {
    if (active.side !== 'candidate') return false;
    if (role.blocked !== null) active.tainted = `${role.name}: ${role.blocked}`;
    if (!role.dispatch) return false;
    active.touched.add(id);
    return true;
  }
  if (!role.entry) return false;
  const entry = entryOf(id);
  if (!mayShadow(entry)) return false;
  const began = now();
  entry.tried++;
  try {
    const found = cachedFunctionOf(id, typeof fn === 'function' ? fn() : undefined, self);
    if (found === null) count(entry, 'not callable again');
    else shadow(entry, found, role.usesThis ? self : undefined, [...args], state);
  } catch (error) {
    // Only the harness itself comes here (an input too large, a trap of a proxy): the call is left out.
    count(entry, error instanceof TooLarge ? 'too large' : 'not copyable');
    entry.why ??= String(error?.message).slice(0, 200);
  } finally {
    entry.spentMs += now() - began;
    spentMs += now() - began;
    othersMs = log.share(spentMs, now());
    snapshot(false);
  }
  return false;
}

module.exports = { at, inside: () => activeRun() !== null };
