/**
 * Appended, as text, to instrumented copies of repository files (never required): it must work in CommonJS and ESM,
 * strict and sloppy, in any realm (jest runs tests in contexts of their own), and never change what the code does.
 * Writes one JSON line per sampled call to /out/calls; arguments are written before the function touches them.
 */
'use strict';

function __ratchetState() {
  const key = Symbol.for('ratchet.recorder');
  const known = globalThis[key];
  if (known !== undefined) return known;
  const fs = 'getBuiltinModule' in process ? process.getBuiltinModule('fs') : require('fs');
  fs.mkdirSync('/out/calls', { recursive: true });
  const file = `/out/calls/${process.pid}-${Math.abs((Math.random() * 1e9) | 0)}.jsonl`;
  const state = {
    fs,
    file,
    counts: {},
    bytes: 0,
    instances: new WeakMap(),
    next: 1,
    random: 12345,
    busy: false,
  };
  Object.defineProperty(globalThis, key, { value: state, enumerable: false, configurable: true });
  return state;
}

/** The first 60 calls of each function, later ones ever more rarely, so that long suites stay bounded. */
function __ratchetSample(state, id) {
  const n = (state.counts[id] = (state.counts[id] || 0) + 1);
  if (n <= 60) return true;
  state.random = (Math.imul(state.random, 1103515245) + 12345) & 0x7fffffff;
  return state.random / 0x7fffffff < 40 / n;
}

function __ratchetRecord(id, kind, bare, self, args) {
  let state;
  try {
    // What runs only for a comparison is not a call of the suite.
    const shadow = globalThis[Symbol.for('ratchet.shadow')];
    if (shadow !== undefined && shadow.inside()) return;
    state = __ratchetState();
    if (state.busy || state.bytes > 4e6) return;
    state.busy = true;
    let instance = null;
    if (self !== null && typeof self === 'object' && kind !== 'function') {
      instance = state.instances.get(self) ?? null;
      if (instance === null && (bare || kind === 'constructor'))
        state.instances.set(self, (instance = state.next++));
    }
    if (!__ratchetSample(state, instance === null ? id : `${id}/${instance}`)) return;
    if (instance !== null && instance > 400) return;
    const room = { nodes: 0, seen: new Map(), refs: new Set(), approximate: false };
    const a = Array.prototype.map.call(args, (value) => __ratchetEncode(value, room, 0));
    const s =
      instance === null && self !== null && self !== undefined ? __ratchetEncode(self, room, 0) : null;
    const line = `${JSON.stringify({ f: id, k: kind, b: bare, i: instance, s, a, refs: [...room.refs], q: room.approximate })}\n`;
    if (line.length > 40_000) return;
    state.bytes += line.length;
    state.fs.appendFileSync(state.file, line);
  } catch {
    // Not recordable (a proxy, a getter that throws, too large): the call is left out.
  } finally {
    if (state !== undefined) state.busy = false;
  }
}

function __ratchetEncode(value, room, depth) {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return { k: 'n', v: '-0' };
    return Number.isFinite(value) ? value : { k: 'n', v: String(value) };
  }
  if (value === undefined) return { k: 'u' };
  if (typeof value === 'bigint') return { k: 'big', v: String(value) };
  if (typeof value === 'symbol') return { k: 'sym', v: value.description ?? '' };
  if (++room.nodes > 1_500 || depth > 40) throw new Error('too large');
  const known = room.seen.get(value);
  if (known !== undefined) {
    room.refs.add(known);
    return { k: 'same', n: known };
  }
  const n = 1_000 + room.seen.size;
  room.seen.set(value, n);
  if (typeof value === 'function') {
    // The function itself cannot cross: a recording callback of the same arity stands for it.
    room.approximate = true;
    return { k: 'let', n, v: { k: 'cb', m: value.length === 2 ? 'compare' : 'first', r: [true], t: 0 } };
  }
  return { k: 'let', n, v: __ratchetEncodeObject(value, room, depth) };
}

function __ratchetEncodeObject(value, room, depth) {
  const inner = (item) => __ratchetEncode(item, room, depth + 1);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (Array.isArray(value)) {
    const items = [];
    for (let i = 0; i < value.length; i++) items.push(i in value ? inner(value[i]) : { k: 'hole' });
    return { k: 'a', i: items, f: Object.isFrozen(value) };
  }
  if (tag === 'Map' && value.constructor.name === 'Map') {
    return { k: 'm', e: Array.from(value, ([key, item]) => [inner(key), inner(item)]) };
  }
  if (tag === 'Set' && value.constructor.name === 'Set') return { k: 's', i: Array.from(value, inner) };
  if (tag === 'Date') return { k: 'd', v: Number.isNaN(value.getTime()) ? null : value.getTime() };
  if (tag === 'RegExp') return { k: 're', s: value.source, f: value.flags };
  if (tag === 'Error') return { k: 'er', n: value.name, m: String(value.message) };
  if (tag.endsWith('Array') && ArrayBuffer.isView(value)) {
    const t = typeof Buffer === 'function' && Buffer.isBuffer(value) ? 'Buffer' : tag;
    return { k: 'buf', t, i: Array.from(value, Number) };
  }
  if (tag !== 'Object' && tag !== 'Arguments') throw new Error(`a ${tag} cannot be recorded`);
  return __ratchetEncodePlain(value, inner);
}

function __ratchetEncodePlain(value, inner) {
  const proto = Object.getPrototypeOf(value);
  const p = [];
  for (const key of Object.getOwnPropertyNames(value)) {
    const field = Object.getOwnPropertyDescriptor(value, key);
    if (field === undefined || !('value' in field)) throw new Error('an accessor cannot be recorded');
    if (field.enumerable) p.push([key, inner(field.value)]);
  }
  const out = { k: 'o', p, f: Object.isFrozen(value) };
  if (proto === null) out.c = 'null';
  // Plain objects of any realm: their prototype has no prototype of its own.
  else if (Object.getPrototypeOf(proto) !== null || !Object.hasOwn(proto, 'hasOwnProperty')) {
    out.c = `?#${proto.constructor.name}`;
  }
  return out;
}

/** Is the new body of this function to be taken? Answered by shadow.cjs, which lies in the copy of the tree. */
function __ratchetAt(mark, self, args, fn, state) {
  const key = Symbol.for('ratchet.shadow');
  let shadow = globalThis[key];
  if (shadow === undefined) {
    try {
      const { createRequire } = globalThis.process.getBuiltinModule('module');
      shadow = createRequire('/work/.ratchet-shadow/shadow.cjs')('./shadow.cjs');
    } catch (error) {
      __ratchetState().fs.writeFileSync('/out/shadow-error', String(error).slice(0, 300));
      // Without the runtime the suite is the base's suite.
      shadow = { at: () => false, inside: () => false };
    }
    Object.defineProperty(globalThis, key, { value: shadow, enumerable: false, configurable: true });
  }
  return shadow.at(mark, self, args, fn, state);
}
