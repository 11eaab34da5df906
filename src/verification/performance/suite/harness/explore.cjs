/**
 * Finds out, on the base alone, how a recorded call can be made again and enlarged: which copies it accepts, which of
 * its collections make it slower when they grow (together), and sizes over three decades.
 */
'use strict';

const { placesIn } = require('./grow.cjs');

const sampleUs = 4_000;
const callsMaximum = 2_000;
/** A size whose single call is slower than this is the last of the ladder. */
const ladderUs = 150_000;
/** A size that takes this long is not needed where there are smaller ones. */
const unaffordableUs = 400_000;
const togetherMaximum = 3;
/** Sizes at which collections are tried; the smaller one where the larger would take too long. */
const trySizes = [1_000, 100];
const placesMaximum = 8;
/** Growing something must cost at least this much more to count as the reason. */
const slowerMinimum = 1.5;
/** An enlarged call that is over sooner is at the mercy of the processor's caches. */
const leastUs = 10;
/** All exploring of one call, CPU microseconds. */
const exploreUs = 6_000_000;

function repeatable(call, how) {
  const one = call.answerOf(how, 1);
  const two = call.answerOf(how, 1);
  return { ...one, repeatable: one.print === two.print };
}

/** Deep copies where the code takes them; instances of classes with private state must be shared. */
function chooseMode(call) {
  let why = 'it gives other answers on copies of its arguments';
  for (const mode of ['deep', 'data']) {
    const how = { mode, places: [], size: null };
    const answer = repeatable(call, how);
    if (answer.threw) why = `it throws on copies of its arguments: ${answer.error}`;
    else if (answer.waits) why = 'it waits, and cannot be repeated inside a test';
    else if (!answer.repeatable) why = 'it does not answer the same twice';
    else return { mode, why: null };
  }
  return { mode: null, why: why.slice(0, 200) };
}

function createTimer(call, mode) {
  /** Microseconds at a size, or null when the code refuses the enlarged call. */
  function timeAt(places, size) {
    try {
      const how = { mode, places, size };
      const answer = call.answerOf(how, 1);
      if (answer.threw || answer.waits) return null;
      return answer.cpuUs > 50_000 ? answer.cpuUs : call.callTime(how, 10_000);
    } catch {
      // The collection cannot be enlarged (frozen by the code, an exotic object).
      return null;
    }
  }

  /** The same, but Infinity instead of a call that would be too slow: what grows on two axes does so quickly. */
  function timeWithin(places, size) {
    const small = timeAt(places, Math.ceil(size / 10));
    if (small === null) return null;
    return small * 100 ** places.length > unaffordableUs ? Infinity : timeAt(places, size);
  }

  return { timeAt, timeWithin };
}

function createSearch(clock, call, mode) {
  const read = clock.stopwatch();
  const left = () => exploreUs - read().cpuUs;
  const plain = { mode, places: [], size: null };
  const recordedUs = call.callTime(plain);

  const { timeAt, timeWithin } = createTimer(call, mode);
  const sizeOf = (place, trySize) => Math.max(trySize, place.size * 8);

  /** Seen again in two of three rounds: a busy machine makes anything look slow, or quick, once. */
  function slowerAgain(places, without, trySize) {
    let seen = 0;
    for (let round = 0; round < 3 && seen < 2; round += 1) {
      const before = without.length === 0 ? call.callTime(plain) : timeAt(without, trySize);
      const us = timeAt(places, sizeOf(places.at(-1), trySize));
      if (us === null || before === null) return false;
      if (us >= before * slowerMinimum) seen += 1;
    }
    return seen === 2;
  }

  /** The collection that slows the call most, beside those already chosen. */
  function slowest(chosen, candidates, trySize) {
    const tried = [];
    for (const place of candidates) {
      if (left() < 0) break;
      for (const style of ['distinct', 'same']) {
        const us = timeWithin([...chosen, { ...place, style }], sizeOf(place, trySize));
        if (us === null) continue;
        tried.push({ from: place, place: { ...place, style }, us });
        break;
      }
    }
    // Measured last: the compiler has learned meanwhile, and a slow first measurement would hide every growth.
    const before = chosen.length === 0 ? call.callTime(plain) : timeAt(chosen, trySize);
    let next = null;
    for (const one of before === null ? [] : tried) {
      if (one.us === Infinity || one.us <= before * slowerMinimum) continue;
      if (next === null || one.us > next.us * 1.1) next = one;
    }
    return { next, tooSlow: tried.some(({ us }) => us === Infinity) };
  }

  /** The collections that together make the call slowest, by adding one at a time. */
  function together(places) {
    let candidates = places;
    let chosen = [];
    let at = 0;
    for (let round = 0; round < placesMaximum && chosen.length < togetherMaximum; round += 1) {
      const { next, tooSlow } = slowest(chosen, candidates, trySizes[at]);
      if (next === null) {
        if (!tooSlow || at + 1 >= trySizes.length) break;
        at += 1;
        continue;
      }
      candidates = candidates.filter((place) => place !== next.from);
      if (slowerAgain([...chosen, next.place], chosen, trySizes[at])) chosen = [...chosen, next.place];
    }
    return chosen;
  }

  return { recordedUs, timeAt, together, left };
}

/** Sizes by decades from the recorded one up, as far as a call stays affordable; at least four where there is room. */
function ladder(search, places) {
  const start = Math.max(10, ...places.map(({ size }) => size));
  const times = [];
  for (const factor of [1, 10, 100, 1_000]) {
    if (search.left() < 0) break;
    // The growth seen so far tells what the next decade would cost; quadratic work must not be tried to be found slow.
    const [before, latest] = times.slice(-2);
    // The first steps say little of the next one where several things grow at once.
    const bound = times.length === 2 ? 10 ** (2 * places.length - 1) : 0;
    if (latest !== undefined && latest.us * Math.max(latest.us / before.us, bound) > unaffordableUs) break;
    const us = search.timeAt(places, start * factor);
    if (us === null || us > (times.length < 2 ? 1_500_000 : unaffordableUs)) break;
    times.push({ size: start * factor, us });
    if (us > ladderUs) break;
  }
  const last = times.at(-1);
  for (let cut = 2; times.length >= 2 && times.length < 4 && cut <= 3; cut += 1) {
    const size = Math.round(start * (last.size / start) ** (cut === 2 ? 0.5 : 0.75));
    const us = search.timeAt(places, size);
    if (us !== null && !times.some((time) => time.size === size)) times.push({ size, us });
  }
  return times.sort((a, b) => a.size - b.size);
}

function planSize(clock, call, how) {
  const setup = clock.stopwatch();
  call.makeStates(how, 5_000, 1);
  const setupUs = setup().cpuUs;
  const callUs = call.callTime(how);
  const affordable = Math.max(1, Math.floor(120_000 / Math.max(setupUs, 1)));
  const calls = Math.min(Math.max(1, Math.ceil(sampleUs / callUs)), callsMaximum, affordable);
  const samples = Math.max(1, Math.min(5, Math.floor(150_000 / (calls * (callUs + setupUs)))));
  const warm = Math.min(
    Math.ceil(warmUpUs / (calls * callUs)),
    Math.floor(120_000 / (calls * (callUs + setupUs))),
  );
  return { size: how.size, calls, samples, warmUps: Math.max(0, Math.min(20, warm)), callUs };
}
const warmUpUs = 30_000;

/** The plan of one recorded call, or why there is none. */
function explore(clock, call) {
  const { mode, why } = chooseMode(call);
  if (mode === null) return { kind: 'unusable', why };
  const search = createSearch(clock, call, mode);
  const chosen = search.together(placesIn(call.recorded));
  const times = chosen.length === 0 ? [] : ladder(search, chosen);
  const grows = times.length >= 2 && times.at(-1).us > Math.max(times[0].us * 4, leastUs);
  const places = grows ? chosen : [];
  const recorded = planSize(clock, call, { mode, places: [], size: null });
  const enlarged = grows ? times.map(({ size }) => planSize(clock, call, { mode, places, size })) : [];
  const exponent = grows
    ? Math.log(times.at(-1).us / times[0].us) / Math.log(times.at(-1).size / times[0].size)
    : 0;
  const texts = places.some(({ kind }) => kind !== 'text');
  const grown = { exponent, recordedUs: search.recordedUs };
  const plan = {
    kind: mode,
    varied: texts ? 'by enlargement' : null,
    sizes: [recorded, ...enlarged],
    places,
  };
  return { kind: 'usable', plan, grown };
}

module.exports = { explore };
