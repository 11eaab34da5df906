/**
 * Clock, random numbers and timers under control, so that both sides see the same world. Installed before any
 * repository code is loaded. Time stands still within a case (a waiting loop still ends: after 1,000 readings each
 * reading is one millisecond later); timers fire in order as soon as nothing else is left to do.
 */
'use strict';

const nodeCrypto = require('node:crypto');
const { syncBuiltinESMExports } = require('node:module');

const turn = setImmediate;
const RealDate = Date;
const readingsMax = 1_000;
const idleTurnsMax = 200;

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

class Control {
  timers = [];
  order = 0;
  readings = 0;

  constructor({ clock, random }) {
    this.clock = clock;
    this.seed = random;
    this.reset(0);
  }

  /** What the case asked of the world: 0 nothing, 1 the time, 2 random numbers (and perhaps the time). */
  asked() {
    if (this.draws > 0) return 2;
    return this.readings > 0 ? 1 : 0;
  }

  /** Same clock and random numbers at the start of each case. */
  reset(at) {
    this.source = createRandom(this.seed + Math.imul(at + 1, 0x9e3779b1));
    this.draws = 0;
    this.now = this.clock;
    this.readings = 0;
    this.timers = [];
    this.order = 0;
  }

  random() {
    this.draws++;
    return this.source();
  }

  read() {
    this.readings++;
    if (this.readings > readingsMax) this.now += 1;
    return this.now;
  }

  bytes(size) {
    return Buffer.from(Array.from({ length: size }, () => Math.floor(this.random() * 256)));
  }

  schedule(run, delay, every) {
    const wait = Math.max(1, Number(delay) || 0);
    const id = ++this.order;
    const timer = { at: this.now + wait, id, run, every: every ? wait : 0 };
    for (const name of ['ref', 'unref', 'refresh']) timer[name] = () => timer;
    timer.hasRef = () => true;
    timer[Symbol.toPrimitive] = () => id;
    this.timers.push(timer);
    return timer;
  }

  clear(timer) {
    this.timers = this.timers.filter((other) => other !== timer && other.id !== timer);
  }

  /** Runs the earliest timer and moves the clock to it. False when there is none. */
  fire() {
    if (this.timers.length === 0) return false;
    const first = this.timers.reduce((a, b) => (b.at < a.at || (b.at === a.at && b.id < a.id) ? b : a));
    this.now = Math.max(this.now, first.at);
    if (first.every > 0) first.at += first.every;
    else this.clear(first);
    first.run();
    return true;
  }

  /**
   * Waits for a promise, firing timers while it is pending.
   * @returns `{ pending: true }` when nothing is left that could settle it
   */
  async settle(promise, stepsMax = 20_000) {
    const state = { done: false, pending: true };
    const set = (more) => Object.assign(state, { done: true, pending: false }, more);
    const settled = (value) => void set({ ok: true, value });
    const failed = (error) => void set({ ok: false, error });
    void promise.then(settled, failed);
    let idle = 0;
    for (let i = 0; i < stepsMax; i++) {
      // One turn of the real event loop lets microtasks and real input and output go on.
      await new Promise((resolve) => turn(resolve));
      if (state.done || idle > idleTurnsMax) break;
      idle = this.fire() ? 0 : idle + 1;
    }
    return state;
  }
}

function controlTime(control) {
  class ControlledDate extends RealDate {
    constructor(...args) {
      if (args.length === 0) super(control.read());
      else super(...args);
    }
    static now() {
      return control.read();
    }
  }
  Object.defineProperty(ControlledDate, 'name', { value: 'Date' });
  globalThis.Date = ControlledDate;
  const passed = () => control.read() - control.clock;
  Object.defineProperty(performance, 'now', { value: passed, configurable: true });
  const hrtime = () => [Math.trunc(control.read() / 1_000), (control.now % 1_000) * 1_000_000];
  hrtime.bigint = () => BigInt(control.read()) * 1_000_000n;
  process.hrtime = hrtime;
  process.uptime = () => passed() / 1_000;
}

function controlTimers(control) {
  const scheduler =
    (every) =>
    (run, delay, ...args) =>
      control.schedule(() => run(...args), delay, every);
  const clear = (timer) => control.clear(timer);
  const once = scheduler(false);
  globalThis.setTimeout = once;
  globalThis.setInterval = scheduler(true);
  globalThis.setImmediate = (run, ...args) => once(run, 0, ...args);
  for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) globalThis[name] = clear;
}

function controlRandom(control) {
  Math.random = () => control.random();
  nodeCrypto.randomBytes = (size, callback) => {
    const made = control.bytes(size);
    if (callback === undefined) return made;
    queueMicrotask(() => callback(null, made));
    return undefined;
  };
  nodeCrypto.randomInt = (low, high) => {
    const [from, to] = high === undefined ? [0, low] : [low, high];
    return Math.floor(from + control.random() * (to - from));
  };
  nodeCrypto.randomUUID = () => {
    const h = control.bytes(16).toString('hex');
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20)}`;
  };
  nodeCrypto.webcrypto.getRandomValues = (array) => {
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(control.bytes(array.byteLength));
    return array;
  };
  nodeCrypto.webcrypto.randomUUID = nodeCrypto.randomUUID;
  syncBuiltinESMExports();
}

function installControl(settings) {
  const control = new Control(settings);
  controlTime(control);
  controlTimers(control);
  controlRandom(control);
  return control;
}

module.exports = { installControl };
