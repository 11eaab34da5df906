/** Two sides' outcomes → mismatches; each is confirmed alone in fresh processes and made small. */
import type { PlannedCase } from './make-cases.js';
import type { Control, Side, SideRun } from './run-side.js';
import { runSide } from './run-side.js';
import type { Case, Outcome, Target } from './types.js';

export interface Pair {
  readonly base: Side;
  readonly candidate: Side;
}

export interface Counterexample {
  readonly one: Case;
  readonly base: Outcome;
  readonly candidate: Outcome;
  /** The base's answer here is random, or changes when asked again. */
  readonly unstable: boolean;
  /** Calls made before in the same process without which it does not show; 0 = alone. */
  readonly after: number;
}

const roundsMax = 12;
const batchMax = 200;
const confirmMax = 24;
/** Of suspects that never answered: each may cost its whole patience. */
const confirmSilentMax = 3;
/** A candidate that seems to hang gets this many times longer before it counts. */
const patience = 3;

/** Is the difference between two outcomes one that counts? */
export function differs(one: Case, base: Outcome, candidate: Outcome, targets: readonly Target[]): boolean {
  const silent = ['hang', 'crash', 'skipped', 'unbuildable'];
  if (silent.includes(base.kind) || candidate.kind === 'skipped') return false;
  if (base.exhausted) return false;
  if (candidate.kind !== 'ok') return true;
  if (base.text === candidate.text) return false;
  const isTyped = one.o === 'recorded' || one.s.every((step) => targets[step.t]?.typed ?? false);
  // Nonsense outside of the types: what V8 says about it is nobody's contract.
  return isTyped || !base.nonsense;
}

interface Settings {
  readonly control: Control;
  readonly caseMs: number;
  readonly signal: AbortSignal;
}

async function both(
  pair: Pair,
  cases: readonly Case[],
  settings: Settings,
): Promise<{ base: SideRun; candidate: SideRun }> {
  const options = { control: settings.control, coverage: false, full: true, caseMs: settings.caseMs };
  const [base, candidate] = await Promise.all([
    runSide(pair.base, cases, options, settings.signal),
    runSide(pair.candidate, cases, options, settings.signal),
  ]);
  return { base, candidate };
}

const dead: Outcome = {
  kind: 'crash',
  text: 'the module does not load',
  nonsense: false,
  exhausted: false,
  asked: 'nothing',
};

function at(run: SideRun, i: number): Outcome {
  return run.kind === 'ran' ? (run.outcomes[i] ?? dead) : dead;
}

/** Not left out because a smaller case of its ladder was slow. */
function withoutLadder(one: Case): Case {
  return Object.fromEntries(Object.entries(one).filter(([key]) => key !== 'ladder')) as Case & object;
}

function onItsOwn(one: Case): Case {
  return { ...withoutLadder(one), fresh: true };
}

/** Runs cases alone (fresh module state each) and returns those that still differ, in order. */
async function confirmed(
  pair: Pair,
  cases: readonly Case[],
  settings: Settings,
): Promise<{ index: number; base: Outcome; candidate: Outcome }[]> {
  const alone = cases.map((one) => onItsOwn(one));
  const runs = await both(pair, alone, { ...settings, caseMs: settings.caseMs * patience });
  return alone.flatMap((one, index) => {
    const [base, candidate] = [at(runs.base, index), at(runs.candidate, index)];
    return differs(one, base, candidate, pair.base.targets) ? [{ index, base, candidate }] : [];
  });
}

function weight(one: Case): number {
  // A ladder's recipe is short text for a long value.
  return JSON.stringify(one).length + (one.o === 'sizes' ? 200 : 0) + one.s.length * 20;
}

/** Is the base's answer not its own: drawn at random, or different when asked again in the same world? */
async function isUnstable(pair: Pair, one: Case, base: Outcome, settings: Settings): Promise<boolean> {
  if (base.asked === 'random') return true;
  const alone = [onItsOwn(one)];
  const options = {
    control: settings.control,
    coverage: false,
    full: true,
    caseMs: settings.caseMs * patience,
  };
  const run = await runSide(pair.base, alone, options, settings.signal);
  return at(run, 0).text !== base.text;
}

/** Follows fast-check's shrinks, a batch of neighbours per round, as long as the difference stays. */
async function shrink(
  pair: Pair,
  planned: PlannedCase,
  first: { base: Outcome; candidate: Outcome },
  settings: Settings,
): Promise<{ one: Case; base: Outcome; candidate: Outcome }> {
  let best = { one: planned.one, ...first };
  // Each hang costs its whole patience and a new process; the suspects came smallest first, so this one is small.
  if (planned.drawn === null || first.candidate.kind === 'hang') return best;
  const { arbitrary } = planned.drawn;
  let { value } = planned.drawn;
  for (let round = 0; round < roundsMax; round++) {
    const shrinks = [];
    for (const next of arbitrary.shrink(value.value, value.context)) {
      shrinks.push(next);
      if (shrinks.length >= batchMax) break;
    }
    if (shrinks.length === 0) break;
    const cases = shrinks.map((next) => next.value);
    const still = await confirmed(pair, cases, settings);
    const found = still[0];
    const next = found === undefined ? undefined : shrinks[found.index];
    if (found === undefined || next === undefined) break;
    value = next;
    best = { one: next.value, base: found.base, candidate: found.candidate };
  }
  return best;
}

/** The first of these cases that differs when alone, made small; one whose base is unstable when there is no other. */
async function firstConfirmed(
  pair: Pair,
  some: readonly PlannedCase[],
  settings: Settings,
): Promise<Counterexample | null> {
  const alone = await confirmed(
    pair,
    some.map((planned) => planned.one),
    settings,
  );
  let unstable: Counterexample | null = null;
  for (const { index, base, candidate } of alone) {
    const planned = some[index];
    if (planned === undefined) continue;
    if (await isUnstable(pair, planned.one, base, settings)) {
      unstable ??= { one: planned.one, base, candidate, unstable: true, after: 0 };
      continue;
    }
    const small = await shrink(pair, planned, { base, candidate }, settings);
    return { ...small, unstable: false, after: 0 };
  }
  return unstable;
}

/**
 * The smallest counterexample among the suspects, or null when none can be confirmed.
 * @param suspects indices into `cases` whose outcomes differ
 * @param answered those of them to which the candidate gave an answer at all
 */
export async function smallestCounterexample(
  pair: Pair,
  cases: readonly PlannedCase[],
  suspects: readonly number[],
  answered: ReadonlySet<number>,
  settings: Settings,
): Promise<Counterexample | null> {
  const ordered = suspects
    .map((i) => cases[i])
    .filter((planned) => planned !== undefined)
    .sort((a, b) => weight(a.one) - weight(b.one));
  // Silent ones one after the other: the first that is confirmed spares the patience that the rest would cost.
  const batches =
    answered.size === 0
      ? ordered.slice(0, confirmSilentMax).map((planned) => [planned])
      : [ordered.slice(0, confirmMax)];
  let unstable: Counterexample | null = null;
  for (const some of batches) {
    const found = await firstConfirmed(pair, some, settings);
    if (found !== null && !found.unstable) return found;
    unstable ??= found;
  }
  // A hang that was not confirmed is a slow machine; a different answer may need the calls before it.
  const first = suspects.find((i) => answered.has(i));
  if (unstable !== null || first === undefined) return unstable;
  return afterOthers(pair, cases, first, settings);
}

/** A difference that only shows after earlier calls in the same process: kept state. */
async function afterOthers(
  pair: Pair,
  cases: readonly PlannedCase[],
  first: number,
  settings: Settings,
): Promise<Counterexample | null> {
  const history = cases.slice(0, first + 1).map((planned) => withoutLadder(planned.one));
  for (let length = 2; ; length *= 2) {
    const part = history.slice(-length);
    const runs = await both(pair, part, settings);
    const last = part.length - 1;
    const one = part[last];
    const [base, candidate] = [at(runs.base, last), at(runs.candidate, last)];
    if (one !== undefined && differs(one, base, candidate, pair.base.targets)) {
      const again = await both(pair, part, settings);
      const isStable =
        at(again.base, last).text === base.text && at(again.candidate, last).text === candidate.text;
      return { one, base, candidate, unstable: !isStable, after: last };
    }
    if (length >= history.length) return null;
  }
}
