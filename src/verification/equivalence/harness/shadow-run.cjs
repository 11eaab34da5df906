/** One shadow run of one function on copies of its input: everything that can be observed, as canonical text. */
'use strict';

const vm = require('node:vm');
const { types } = require('node:util');
const { Copier } = require('./shadow-copy.cjs');
const { dump, dumpAll } = require('./dump.cjs');

const { getPrototypeOf, setPrototypeOf, getOwnPropertyDescriptor, defineProperty } = Object;
const { ownKeys, apply, construct, get } = Reflect;
const functionText = get(Function.prototype, 'toString');
// Kept before code under test can put another clock there.
const clock = performance.now.bind(performance);
const later = setTimeout;

const eventsMax = 2_000;
const itemsMax = 1_000;
const probeArguments = [[], [1], [1], ['a', 2]];
const engineErrors = new Set(['TypeError', 'RangeError', 'ReferenceError']);
/** V8's own words when code is given something that it does not expect. */
const engineWords =
  /^(Cannot (read|set|convert|destructure|mix|use|create|add|assign|delete|define|redefine|access)|.* is not (a function|iterable|a constructor|an object|defined|async iterable|callable|a valid|extensible|a symbol)|Right-hand side of|Invalid (array|string|time|count|Date|regular)|The "?.*"? argument must be|Class constructor|Reflect\.|Object prototype may only|undefined is not|object null is not|Spread syntax|Generator|.*called on (null|undefined|incompatible|non-object)|.*incompatible receiver|Method .* called|BigInt|The number .* cannot be converted|Reduce of empty|First argument to|Illegal|Receiver must be|Private (element|field|method)|Object must be an instance|Converting circular)/;

/** Names of errors are compared, not constructors: each realm has its own. */
function isNonsense(error) {
  return types.isNativeError(error) && engineErrors.has(error.name) && engineWords.test(error.message);
}

function isExhausted(error) {
  return (
    types.isNativeError(error) &&
    error.name === 'RangeError' &&
    /call stack|Invalid string length|Array buffer alloc/.test(error.message)
  );
}

const isClass = (value) => /^class\b/.test(apply(functionText, value, []));
const isObject = (value) => value !== null && typeof value === 'object';

const isThenable = (value) => isObject(value) && typeof value.then === 'function';

function isIterator(value) {
  return isObject(value) && types.isGeneratorObject(value) && typeof value[Symbol.iterator] === 'function';
}

/** What is known of a run while it goes on; dispatch in the instrumented code asks it. */
class Run {
  /** Changed functions whose new body was taken. */
  touched = new Set();
  /** Why this run is not what the candidate as a whole would do; null = it is. */
  tainted = null;
  nonsense = false;
  exhausted = false;
  /** Functions met in what came out that were not among the input. */
  fresh = [];
  events = [];
  text = '';
  ms = 0;
  hang = false;
  /** What it promised; null = it answered at once. */
  promise = null;
  pending = false;

  /** @param side 'base' or 'candidate' */
  constructor(side, hidden) {
    this.side = side;
    this.hidden = hidden;
  }
}

/** A function of the input that writes down how it is used; everything else about it stays. */
function recording(run, original, name, labels) {
  const wrapper = function (...args) {
    const isNew = new.target !== undefined;
    note(run, `${name}(${args.map((arg) => dump(arg, labels, run.hidden)).join(', ')})`);
    try {
      const result = isNew ? construct(original, args) : apply(original, this, args);
      note(run, `${name} → ${dump(result, labels, run.hidden)}`);
      return result;
    } catch (error) {
      note(run, `${name} ! ${dump(error, labels, run.hidden)}`);
      throw error;
    }
  };
  setPrototypeOf(wrapper, getPrototypeOf(original));
  for (const key of ownKeys(original)) {
    const own = getOwnPropertyDescriptor(wrapper, key);
    if (own === undefined || own.configurable)
      defineProperty(wrapper, key, getOwnPropertyDescriptor(original, key));
    else if (own.writable) wrapper[key] = original[key];
  }
  labels.set(wrapper, labels.get(original));
  return wrapper;
}

/** The same value, with functions that write down their use: itself, or directly in a plain object. */
function listening(run, value, name, labels) {
  if (typeof value === 'function') return isClass(value) ? value : recording(run, value, name, labels);
  const isPlain =
    isObject(value) && labels.has(value) && getPrototypeOf(getPrototypeOf(value) ?? {}) === null;
  for (const key of isPlain && !types.isProxy(value) ? ownKeys(value) : []) {
    const field = getOwnPropertyDescriptor(value, key);
    if (typeof field.value === 'function' && field.writable && !isClass(field.value))
      value[key] = recording(run, field.value, `${name}.${String(key)}`, labels);
  }
  return value;
}

function note(run, text) {
  if (run.events.length < eventsMax) run.events.push(text);
}

function takeEvents(run) {
  if (run.events.length === 0) return '';
  const text = `{${run.events.join('; ')}} `;
  run.events = [];
  return text;
}

/** Variables around a function that it writes: set to copies for the run, put back afterwards. */
function isolate(state, copies) {
  if (state === undefined) return () => undefined;
  const before = state.get();
  state.set(copies);
  const after = state.get();
  // What cannot be set (a constant) keeps its object: its content is put back.
  const undo = before.map((value, i) => (after[i] === value && isObject(value) ? contentOf(value) : null));
  return () => {
    state.set(before);
    for (const put of undo) put?.();
  };
}

/** A function that gives an object the content back that it has now. */
function contentOf(value) {
  if (types.isMap(value)) {
    const entries = [...value];
    return () => {
      value.clear();
      for (const [key, item] of entries) value.set(key, item);
    };
  }
  if (types.isSet(value)) {
    const items = [...value];
    return () => {
      value.clear();
      for (const item of items) value.add(item);
    };
  }
  const fields = ownKeys(value).map((key) => [key, getOwnPropertyDescriptor(value, key)]);
  return () => {
    for (const key of ownKeys(value)) {
      const field = getOwnPropertyDescriptor(value, key);
      if (field.configurable && !fields.some(([name]) => name === key)) delete value[key];
    }
    if (Array.isArray(value)) value.length = fields.find(([key]) => key === 'length')[1].value;
    for (const [key, field] of fields) {
      const now = getOwnPropertyDescriptor(value, key);
      if (now === undefined || now.value !== field.value) defineProperty(value, key, field);
    }
  };
}

/** Asks an iterator item by item. */
function drain(run, iterator, show) {
  let text = 'iterator';
  for (let i = 0; i < itemsMax; i++) {
    const step = iterator.next();
    text += ` ${takeEvents(run)}${step.done ? 'end ' : ''}${show(step.value)}`;
    if (step.done) return text;
  }
  return `${text} …`;
}

/** A returned function is asked with a few arguments. */
function probe(run, result, show) {
  let text = '';
  for (const args of probeArguments) {
    try {
      text += ` (${args.join()}) ${show(result(...args))}`;
    } catch (error) {
      text += ` (${args.join()}) ! ${isNonsense(error) ? error.name : show(error)}`;
    }
    text += takeEvents(run);
  }
  return text;
}

function resultText(run, result, labels) {
  const show = (value) => dump(value, labels, run.hidden);
  if (isIterator(result) && !labels.has(result)) return `→ ${drain(run, result, show)}`;
  const isNew = typeof result === 'function' && !labels.has(result) && !isClass(result);
  const text = `→ ${show(result)}`;
  return isNew ? text + probe(run, result, show) : text;
}

const script = new vm.Script(`globalThis[Symbol.for('ratchet.call')]()`);
const callKey = Symbol.for('ratchet.call');

/** Runs synchronous code and ends it after `ms`; false when it did not end by itself. */
function bounded(ms, work) {
  const outer = globalThis[callKey];
  globalThis[callKey] = work;
  try {
    script.runInThisContext({ timeout: ms });
    return true;
  } catch (error) {
    if (error?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  } finally {
    globalThis[callKey] = outer;
  }
}

/**
 * @param side 'base' or 'candidate'
 * @param call `{ fn, self, args, state, hidden }`: what is called, on which originals
 * @param settings `{ nodesMax, ms, change }`: `change({ self, args })` makes a derived input of the copy
 * @param world `{ enter(run), leave() }`: switches the instrumented code to this run
 * @throws TooLarge when the input is
 */
function runOnce(side, call, settings, world) {
  const run = new Run(side, call.hidden);
  const copier = new Copier(settings.nodesMax);
  const input = copier.copy({ self: call.self, args: [...call.args], state: call.state?.get() ?? [] });
  settings.change?.(input);
  const { labels } = copier;
  labels.delete(input);
  const args = input.args.map((value, i) => listening(run, value, `callback ${i}`, labels));
  const restore = isolate(call.state, input.state);
  const began = clock();
  let outcome = null;
  world.enter(run);
  let ended = false;
  try {
    ended = bounded(settings.ms, () => {
      try {
        outcome = { value: apply(call.fn, input.self, args) };
        if (isThenable(outcome.value)) return;
        run.text = `${takeEvents(run)}${resultText(run, outcome.value, labels)}`;
      } catch (error) {
        outcome = { error };
        run.nonsense = isNonsense(error);
        run.exhausted = isExhausted(error);
        run.text = `${takeEvents(run)}! ${dump(error, labels, run.hidden)}`;
      }
    });
    const entries = [
      ['\nthis=', input.self],
      ['\narguments=', input.args],
      ...(call.state?.get() ?? []).map((value, i) => [`\nvariable ${call.state.names[i]}=`, value]),
    ];
    run.hang = !ended;
    run.finish = () => {
      run.text += dumpAll(entries, labels, run.hidden);
      for (const value of labels.keys())
        if (typeof value === 'function' && !copier.labels.get(value)?.startsWith('@')) run.fresh.push(value);
    };
    run.promise = isThenable(outcome?.value) ? outcome.value : null;
    if (ended && run.promise === null) run.finish();
  } finally {
    world.leave();
    restore();
  }
  run.ms = clock() - began;
  run.labels = labels;
  return run;
}

/** Waits for what a run promised, at most `ms`, and writes it down. */
async function settle(run, ms) {
  if (run.promise === null || run.text !== '') return;
  const late = new Promise((resolve) => {
    later(resolve, ms, 'late').unref();
  });
  const before = takeEvents(run);
  try {
    const value = await Promise.race([run.promise, late]);
    run.pending = value === 'late';
    const during = takeEvents(run);
    run.text = `${before}→ promise ${during}${run.pending ? 'never settles' : resultText(run, value, run.labels)}`;
  } catch (error) {
    run.nonsense = isNonsense(error);
    run.exhausted = isExhausted(error);
    run.text = `${before}→ promise ${takeEvents(run)}! ${dump(error, run.labels, run.hidden)}`;
  }
  run.finish();
}

module.exports = { runOnce, settle, isClass };
