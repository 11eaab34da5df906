/** Repeats one enlarged call on fresh copies: how long it takes, what it answers, what it keeps. Synchronous. */
'use strict';

const { copyCall } = require('./copy.cjs');
const { growCall } = require('./grow.cjs');
const { fingerprint } = require('./fingerprint.mjs');

const drainMaximum = 1_000_000;
const warmUpUs = 30_000;

/** An iterator is asked for all that it has: a generator does nothing before. */
function drained(result) {
  if (result === null || typeof result !== 'object' || typeof result.next !== 'function') return result;
  if (typeof result[Symbol.iterator] !== 'function') return result;
  const items = [];
  for (const item of result) {
    items.push(item);
    if (items.length >= drainMaximum) break;
  }
  return items;
}

/** Math.random seeded per variant: both sides draw the same, two variants differ. */
function seedRandom(variant, seed) {
  let state = (variant * 2654435761 + seed) >>> 0;
  Math.random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One state: `size` null means as recorded. */
function makeState(recorded, { mode, places, size, variant }) {
  const { value, frozen } = copyCall(recorded, mode);
  if (size !== null) growCall(value, places, size, variant);
  for (const object of frozen) Object.freeze(object);
  return value;
}

/**
 * @param clock of clock.cjs
 * @param given `{ self, args, call, seed }`: the recorded call, and how it is made again
 */
function openCall(clock, given) {
  const { self, args, call, seed } = given;
  const recorded = { self, args };

  function makeStates(how, first, count) {
    seedRandom(first, seed);
    const states = [];
    for (let index = 0; index < count; index += 1)
      states.push(makeState(recorded, { ...how, variant: first + index }));
    return states;
  }

  /** One pass over fresh states; results are kept so that no work can be left out. */
  function pass(states) {
    const results = Array.from({ length: states.length });
    const read = clock.stopwatch();
    for (let index = 0; index < states.length; index += 1) {
      const state = states[index];
      results[index] = drained(call(state.self, state.args));
    }
    return { ...read(), results };
  }

  /** Microseconds per call after warm-up, the median of a few passes; stops as soon as it is known to be slow. */
  function callTime(how, patienceUs = warmUpUs) {
    let spent = 0;
    let calls = 1;
    let variant = 1;
    const times = [];
    for (let round = 0; round < 40 && (spent < patienceUs || times.length < 3); round += 1) {
      const building = clock.stopwatch();
      const states = makeStates(how, variant, calls);
      spent += building().cpuUs;
      const { cpuUs, wallUs } = pass(states);
      variant += calls;
      spent += Math.max(cpuUs, wallUs);
      times.push(Math.max(cpuUs, 1) / calls);
      if (Math.max(cpuUs, wallUs) > 50_000) break;
      if (cpuUs < 1_000) calls = Math.min(calls * 4, 400);
    }
    const late = times.slice(-Math.max(1, times.length >> 1)).sort((a, b) => a - b);
    return late[late.length >> 1];
  }

  /** A short text of everything that one call did: its answer or error, and what it left of its arguments. */
  function answerOf(how, variant) {
    const [state] = makeStates(how, variant, 1);
    const read = clock.stopwatch();
    let said;
    let threw = false;
    try {
      said = drained(call(state.self, state.args));
    } catch (error) {
      threw = true;
      said = `${error?.name}: ${error?.message}`;
    }
    const { cpuUs } = read();
    const waits = said !== null && typeof said === 'object' && typeof said.then === 'function';
    const print = fingerprint([threw, said, state.args, state.self]);
    return { print, threw, waits, empty: said === undefined, error: threw ? said : null, cpuUs };
  }

  return { recorded, makeStates, pass, callTime, answerOf };
}

module.exports = { openCall };
