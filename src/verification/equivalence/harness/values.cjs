/**
 * Recipe (plain JSON) → value, beside untrusted code. Built objects get a label in order of building, so that the
 * canonical dump can tell "the very object that was passed in" from an equal copy.
 */
'use strict';

const primordials = {
  create: Object.create,
  freeze: Object.freeze,
  define: Object.defineProperty,
  MapOf: Map,
  SetOf: Set,
  DateOf: Date,
  RegExpOf: RegExp,
  fromCharCode: String.fromCharCode,
};

class Unbuildable extends Error {}

/** @param {{ classes: Map<string, Function>, log: string[], dump: (value: unknown) => string }} room */
function createBuilder(room) {
  const labels = new Map();
  const shared = new Map();
  let callbacks = 0;
  /** Name under which the next container is shared: set before its content is built, so that cycles close. */
  let naming = null;
  const label = (value) => {
    labels.set(value, `@${labels.size}`);
    if (naming !== null) shared.set(naming, value);
    naming = null;
    return value;
  };

  function build(recipe) {
    if (recipe === null || typeof recipe !== 'object') return recipe;
    const make = makers[recipe.k];
    if (make === undefined) throw new Unbuildable(`unknown recipe ${String(recipe.k)}`);
    return make(recipe);
  }

  /** Element i of a long collection: primitives, and the first property of objects, are made different by i. */
  function vary(recipe, i) {
    if (typeof recipe === 'number') return recipe + i;
    if (typeof recipe === 'string') return `${recipe}${i}`;
    if (recipe === null || typeof recipe !== 'object') return build(recipe);
    if (recipe.k === 'n') return i;
    if (recipe.k === 'str') return `${build(recipe)}${i}`;
    if (recipe.k === 'big') return BigInt(recipe.v) + BigInt(i);
    if (recipe.k === 'd') return label(new primordials.DateOf((recipe.v ?? 0) + i));
    if (recipe.k === 'a') {
      return label(recipe.i.map((item, at) => (at === 0 ? vary(item, i) : build(item))));
    }
    if (recipe.k === 'o') {
      const p = recipe.p.map(([key, value]) => [
        key,
        isSimple(value) ? { k: 'vary', v: value, at: i } : value,
      ]);
      return build({ ...recipe, p });
    }
    return build(recipe);
  }
  const isSimple = (recipe) => typeof recipe === 'number' || typeof recipe === 'string';

  function items(recipe) {
    const out = [];
    for (let i = 0; i < recipe.n; i++) {
      const one = recipe.of[i % recipe.of.length];
      out.push(recipe.distinct ? vary(one, i) : build(one));
    }
    return out;
  }

  function iterator(list) {
    const id = callbacks++;
    let at = 0;
    const it = {
      [Symbol.iterator]() {
        return it;
      },
      next() {
        room.log.push(`it${id}.next`);
        return at < list.length ? { done: false, value: list[at++] } : { done: true, value: undefined };
      },
      return(value) {
        room.log.push(`it${id}.return`);
        at = list.length;
        return { done: true, value };
      },
    };
    return label(it);
  }

  function callback(recipe) {
    const id = callbacks++;
    let calls = 0;
    const answers = recipe.r.map(build);
    const fn = function (...args) {
      calls++;
      const seen = args.map((arg) => room.dump(arg, labels)).join(', ');
      if (room.log.length < 20_000) room.log.push(`cb${id}(${seen})`);
      if (recipe.t === calls) throw new Error(`callback ${id} throws at call ${calls}`);
      if (recipe.m === 'first') return args[0];
      if (recipe.m === 'count') return answers[(calls - 1) % answers.length];
      if (recipe.m === 'compare') return order(args[0], args[1]);
      return answers[hash(seen) % answers.length];
    };
    return label(fn);
  }

  /** A consistent order over anything, so that sorting callbacks make sense. */
  function order(a, b) {
    if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
    const x = room.dump(a, new Map());
    const y = room.dump(b, new Map());
    return x < y ? -1 : x > y ? 1 : 0;
  }

  function classOf(name) {
    const found = room.classes.get(name);
    if (typeof found !== 'function') throw new Unbuildable(`no class ${name}`);
    return found;
  }

  const makers = {
    u: () => undefined,
    hole: () => undefined,
    vary: (r) => vary(r.v, r.at),
    n: (r) => Number(r.v),
    big: (r) => BigInt(r.v),
    sym: (r) => Symbol.for(r.v),
    a: (r) => {
      const out = label([]);
      r.i.forEach((item, i) => {
        if (item !== null && typeof item === 'object' && item.k === 'hole') out.length = i + 1;
        else out[i] = build(item);
      });
      return r.f === true ? primordials.freeze(out) : out;
    },
    s: (r) => label(new primordials.SetOf(r.i.map(build))),
    it: (r) => iterator(r.i.map(build)),
    rep: (r) => {
      const list = items(r);
      if (r.as === 's') return label(new primordials.SetOf(list));
      return r.as === 'it' ? iterator(list) : label(list);
    },
    mrep: (r) => {
      const out = label(new primordials.MapOf());
      for (let i = 0; i < r.n; i++) out.set(vary(r.key, i), vary(r.value, i));
      return out;
    },
    orep: (r) => {
      const out = label({});
      for (let i = 0; i < r.n; i++) out[`k${i}`] = vary(r.value, i);
      return out;
    },
    str: (r) => r.of.repeat(Math.ceil(r.n / r.of.length)).slice(0, r.n),
    o: (r) => {
      const proto = r.c === undefined ? Object.prototype : r.c === 'null' ? null : classOf(r.c).prototype;
      const out = label(primordials.create(proto));
      for (const [key, value] of r.p) {
        primordials.define(out, key, {
          value: build(value),
          writable: true,
          enumerable: true,
          configurable: true,
        });
      }
      return r.f === true ? primordials.freeze(out) : out;
    },
    m: (r) => {
      const out = label(new primordials.MapOf());
      for (const [key, value] of r.e) out.set(build(key), build(value));
      return out;
    },
    d: (r) => label(new primordials.DateOf(r.v === null ? NaN : r.v)),
    re: (r) => label(new primordials.RegExpOf(r.s, r.f)),
    er: (r) => {
      const known = { TypeError, RangeError, SyntaxError, Error };
      const error = new (known[r.n] ?? Error)(r.m);
      if (known[r.n] === undefined) error.name = r.n;
      return label(error);
    },
    buf: (r) => {
      if (r.t === 'Buffer') return label(Buffer.from(r.i));
      if (r.t === 'ArrayBuffer') return label(Uint8Array.from(r.i).buffer);
      const type = globalThis[r.t];
      const big = r.t.startsWith('Big');
      return label(type.from(big ? r.i.map((v) => BigInt(Math.trunc(v))) : r.i));
    },
    cb: callback,
    new: (r) => {
      const type = classOf(r.c);
      const args = r.i.map(build);
      let made;
      try {
        made = new type(...args);
      } catch (error) {
        // The constructor refuses these arguments: what it says is part of the comparison.
        return { failed: true, error };
      }
      return label(made);
    },
    pr: (r) => {
      const value = build(r.v);
      const promise = r.reject === true ? Promise.reject(value) : Promise.resolve(value);
      promise.catch(() => undefined);
      return label(promise);
    },
    let: (r) => {
      naming = r.n;
      const value = build(r.v);
      naming = null;
      shared.set(r.n, value);
      return value;
    },
    same: (r) => shared.get(r.n),
    mut: (r) => {
      const value = shared.get(r.n);
      if (Object.isFrozen(value)) return value;
      if (Array.isArray(value)) {
        if (r.op === 'push') value.push(value.length > 0 ? value[0] : undefined);
        else if (r.op === 'pop') value.pop();
        else value.reverse();
      } else if (value instanceof primordials.MapOf || value instanceof primordials.SetOf) {
        const [first] = value.keys();
        if (r.op === 'pop') value.delete(first);
      } else if (value !== null && typeof value === 'object') {
        const [first] = Object.keys(value);
        const descriptor = first === undefined ? undefined : Object.getOwnPropertyDescriptor(value, first);
        if (descriptor?.writable === true)
          value[first] = typeof value[first] === 'number' ? value[first] + 1 : value[first];
      }
      return value;
    },
  };

  return { build, labels };
}

/** FNV-1a over UTF-16 units: small, fast, the same everywhere. */
function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    h ^= text.charCodeAt(i);
    h = Math.imul(h, 0x01000193);
  }
  return h >>> 0;
}

module.exports = { createBuilder, Unbuildable };
