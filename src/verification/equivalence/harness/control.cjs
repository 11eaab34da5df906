/**
 * Clock, random numbers and timers under control, so that both sides see the same world. Installed before any
 * repository code is loaded. Time stands still within a case (a waiting loop still ends: after 1,000 readings each
 * reading is one millisecond later); timers fire in order as soon as nothing else is left to do.
 */
/* oxlint-disable promise/always-return, eslint/no-unmodified-loop-condition -- a promise is watched from outside */
'use strict';

const nodeCrypto = require('node:crypto');
const { syncBuiltinESMExports } = require('node:module');

const realSetImmediate = setImmediate;
const RealDate = Date;

/** xorshift32, never zero. */
function createRandom(seed) {
  let x = seed >>> 0 || 0x9e3779b9;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 0x100000000;
  };
}

function installControl({ clock, random }) {
  let next = createRandom(random);
  let now = clock;
  let readings = 0;
  let timers = [];
  let sequence = 0;
  const read = () => (++readings > 1_000 ? (now += 1) : now);

  class ControlledDate extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(read());
      else super(...args);
    }
    static now() {
      return read();
    }
  }
  Object.defineProperty(ControlledDate, 'name', { value: 'Date' });
  globalThis.Date = ControlledDate;
  Math.random = () => next();
  Object.defineProperty(performance, 'now', { value: () => read() - clock, configurable: true });
  const hrtime = () => [Math.trunc(read() / 1_000), (now % 1_000) * 1_000_000];
  hrtime.bigint = () => BigInt(read()) * 1_000_000n;
  process.hrtime = hrtime;
  process.uptime = () => (read() - clock) / 1_000;
  const bytes = (size) => Buffer.from(Array.from({ length: size }, () => Math.floor(next() * 256)));
  nodeCrypto.randomBytes = (size, callback) => {
    const made = bytes(size);
    if (callback === undefined) return made;
    queueMicrotask(() => callback(null, made));
    return undefined;
  };
  nodeCrypto.randomInt = (low, high) =>
    Math.floor((high === undefined ? 0 : low) + next() * (high === undefined ? low : high - low));
  nodeCrypto.randomUUID = () => {
    const hex = bytes(16).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
  const fill = (array) => {
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(bytes(array.byteLength));
    return array;
  };
  nodeCrypto.webcrypto.getRandomValues = fill;
  nodeCrypto.webcrypto.randomUUID = nodeCrypto.randomUUID;
  syncBuiltinESMExports();

  const schedule =
    (repeat) =>
    (run, delay, ...args) => {
      const timer = {
        at: now + Math.max(1, Number(delay) || 0),
        order: sequence++,
        run: () => run(...args),
        every: repeat ? Math.max(1, Number(delay) || 0) : 0,
        ref: () => timer,
        unref: () => timer,
        hasRef: () => true,
        refresh: () => timer,
        [Symbol.toPrimitive]: () => timer.order + 1,
      };
      timers.push(timer);
      return timer;
    };
  const clear = (timer) => {
    timers = timers.filter((other) => other !== timer && other.order + 1 !== timer);
  };
  globalThis.setTimeout = schedule(false);
  globalThis.setInterval = schedule(true);
  const later = schedule(false);
  globalThis.setImmediate = (run, ...args) => later(run, 0, ...args);
  globalThis.clearTimeout = clear;
  globalThis.clearInterval = clear;
  globalThis.clearImmediate = clear;

  /** Runs the earliest timer and moves the clock to it. False when there is none. */
  function fire() {
    if (timers.length === 0) return false;
    const first = timers.reduce((a, b) => (b.at < a.at || (b.at === a.at && b.order < a.order) ? b : a));
    now = Math.max(now, first.at);
    if (first.every > 0) first.at += first.every;
    else timers = timers.filter((other) => other !== first);
    first.run();
    return true;
  }

  return {
    /** Same clock and random numbers at the start of each case. */
    reset(at) {
      next = createRandom(random + Math.imul(at + 1, 0x9e3779b1));
      now = clock;
      readings = 0;
      timers = [];
      sequence = 0;
    },
    /**
     * Waits for a promise, firing timers while it is pending.
     * @returns 'pending' when nothing is left that could settle it
     */
    async settle(promise, stepsMax = 20_000) {
      let state = null;
      promise.then(
        (value) => {
          state = { ok: true, value };
        },
        (error) => {
          state = { ok: false, error };
        },
      );
      let idle = 0;
      for (let i = 0; i < stepsMax && state === null; i++) {
        // One turn of the real event loop lets microtasks and real I/O (file reads) go on.
        await new Promise((resolve) => realSetImmediate(resolve));
        if (state !== null) break;
        if (fire()) idle = 0;
        else if (++idle > 200) break;
      }
      return state ?? { pending: true };
    },
  };
}

module.exports = { installControl };
