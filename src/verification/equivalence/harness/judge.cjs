/** What came out of one call, as text: result or error, callbacks in order, promise settled, iterator asked. */
'use strict';

const dumps = require('./dump.cjs');
const { Unbuildable } = require('./values.cjs');
const { types } = require('node:util');

/** V8's own words when code is given something it does not expect. */
const engineWords =
  /^(Cannot (read|set|convert|destructure|mix|use)|.* is not (a function|iterable|a constructor|an object|defined|async iterable|callable|a valid|extensible)|Right-hand side of|Invalid (array|string|time|count|Date)|The "?.*"? argument must be|Class constructor|Reflect\.|Object prototype may only|undefined is not|object null is not|Spread syntax|Generator|.*called on (null|undefined|incompatible|non-object)|BigInt|The number .* cannot be converted|Reduce of empty|First argument to)/;

function isNonsense(error) {
  return (
    types.isNativeError(error) &&
    (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) &&
    engineWords.test(error.message)
  );
}

function isExhausted(error) {
  return (
    error instanceof RangeError && /call stack|Invalid string length|Array buffer alloc/.test(error.message)
  );
}

function isIterator(value) {
  if (value === null || typeof value !== 'object') return false;
  return typeof value.next === 'function' && typeof value[Symbol.iterator] === 'function';
}

function isAsyncIterator(value) {
  if (value === null || typeof value !== 'object') return false;
  return typeof value.next === 'function' && typeof value[Symbol.asyncIterator] === 'function';
}

const itemsMax = 20_000;

/**
 * Runs one call and writes down what can be observed.
 * @returns null when finished, or a promise of the rest
 */
function callResult(context, call) {
  const { parts, events, flags } = context;
  let result;
  try {
    result = call();
  } catch (error) {
    if (error instanceof Unbuildable) throw error;
    noteError(flags, error);
    parts.push(`${takeEvents(events)}! ${dump(context, error)}`);
    return null;
  }
  const before = takeEvents(events);
  if (
    types.isPromise(result) ||
    (result !== null && typeof result === 'object' && typeof result.then === 'function')
  ) {
    return finishAsync(context, before, result);
  }
  if (isAsyncIterator(result) && !context.builder.labels.has(result))
    return drainAsync(context, before, result);
  finishSync(context, before, result);
  return null;
}

function finishSync(context, before, result) {
  const { parts, events, flags } = context;
  if (isIterator(result) && !context.builder.labels.has(result)) {
    parts.push(`${before}→ iterator${drain(context, result)}`);
    return;
  }
  parts.push(`${before}→ ${dump(context, result)}`);
  if (typeof result === 'function' && !context.builder.labels.get(result)?.startsWith('@')) {
    if (/^class\b/.test(Function.prototype.toString.call(result))) return;
    for (const args of [[], [1], [1], ['a', 2]]) {
      try {
        const value = result(...args);
        parts.push(` (${args.join()}) ${takeEvents(events)}→ ${dump(context, value)}`);
      } catch (error) {
        noteError(flags, error);
        parts.push(
          ` (${args.join()}) ${takeEvents(events)}! ${isNonsense(error) ? 'TypeError' : dump(context, error)}`,
        );
      }
    }
  }
}

async function finishAsync(context, before, promise) {
  const { parts, events, flags } = context;
  const state = await context.control.settle(promise);
  const during = takeEvents(events);
  if (state.pending) parts.push(`${before}→ promise ${during}never settles`);
  else if (state.ok) parts.push(`${before}→ promise ${during}→ ${dump(context, state.value)}`);
  else {
    noteError(flags, state.error);
    parts.push(`${before}→ promise ${during}! ${dump(context, state.error)}`);
  }
}

/** Asks the iterator item by item; what it does between two items is part of the text (laziness). */
function drain(context, iterator) {
  const { events, flags, one } = context;
  const max = one.take ?? itemsMax;
  let text = '';
  for (let i = 0; i < max; i++) {
    let step;
    try {
      step = iterator.next();
    } catch (error) {
      noteError(flags, error);
      return `${text} ${takeEvents(events)}! ${dump(context, error)}`;
    }
    text += ` ${takeEvents(events)}${step.done ? 'end ' : ''}${dump(context, step.value)}`;
    if (step.done) return text;
  }
  if (typeof iterator.return === 'function') {
    iterator.return();
    text += ` returned ${takeEvents(events)}`;
  }
  return text;
}

async function drainAsync(context, before, iterator) {
  const { events, flags, one, parts, control } = context;
  const max = Math.min(one.take ?? itemsMax, 1_000);
  let text = `${before}→ async iterator`;
  for (let i = 0; i < max; i++) {
    const state = await control.settle(Promise.resolve().then(() => iterator.next()));
    if (state.pending) text += ' never settles';
    else if (!state.ok) {
      noteError(flags, state.error);
      text += ` ${takeEvents(events)}! ${dump(context, state.error)}`;
    } else
      text += ` ${takeEvents(events)}${state.value?.done ? 'end ' : ''}${dump(context, state.value?.value)}`;
    if (state.pending || !state.ok || state.value?.done) break;
  }
  parts.push(text);
}

function noteError(flags, error) {
  if (isNonsense(error)) flags.nonsense = true;
  if (isExhausted(error)) flags.exhausted = true;
}

function takeEvents(events) {
  if (events.length === 0) return '';
  const text = `{${events.join('; ')}} `;
  events.length = 0;
  return text;
}

function dump(context, value) {
  return dumps.dump(value, context.builder.labels, context.hidden);
}

module.exports = { isNonsense, callResult };
