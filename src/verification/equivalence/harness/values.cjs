/**
 * Recipe (plain JSON) → value, beside untrusted code. Built objects get a label in order of building, so that the
 * canonical dump can tell "the very object that was passed in" from an equal copy.
 */
'use strict';

// Kept before repository code can change them.
const { create, freeze, defineProperty, isFrozen, keys, getOwnPropertyDescriptor } = Object;
const MapOf = Map;
const SetOf = Set;
const DateOf = Date;
const RegExpOf = RegExp;
const logMax = 20_000;

/** A recipe that cannot be made here, e.g. of a class that the module does not have. */
class Unbuildable extends Error {}

class Builder {
  /** Built object → label ('@0', '@1', …); what dumps meet for the first time is added by them. */
  labels = new Map();
  shared = new Map();
  callbacks = 0;
  /** Name under which the next container is shared: set before its content is built, so that cycles close. */
  naming = null;

  /** @param room `{ classes, log, dump }`: registered classes, the case's event log, canonical text of a value */
  constructor(room) {
    this.room = room;
    this.build = (recipe) => this.make(recipe);
  }

  label(value) {
    this.labels.set(value, `@${this.labels.size}`);
    if (this.naming !== null) this.shared.set(this.naming, value);
    this.naming = null;
    return value;
  }

  make(recipe) {
    if (recipe === null || typeof recipe !== 'object') return recipe;
    const make = makers[recipe.k];
    if (make === undefined) throw new Unbuildable(`unknown recipe ${String(recipe.k)}`);
    return make(recipe, this);
  }

  /** Element i of a long collection: primitives, and primitive properties of objects, are made different by i. */
  vary(recipe, i) {
    if (typeof recipe === 'number') return recipe + i;
    if (typeof recipe === 'string') return `${recipe}${i}`;
    if (recipe === null || typeof recipe !== 'object') return recipe;
    if (recipe.k === 'n') return i;
    if (recipe.k === 'str') return `${this.build(recipe)}${i}`;
    if (recipe.k === 'big') return BigInt(recipe.v) + BigInt(i);
    if (recipe.k === 'd') return this.label(new DateOf((recipe.v ?? 0) + i));
    if (recipe.k === 'a') {
      return this.label(recipe.i.map((item, at) => (at === 0 ? this.vary(item, i) : this.build(item))));
    }
    if (recipe.k !== 'o') return this.build(recipe);
    const p = recipe.p.map(([name, v]) => [name, isSimple(v) ? { k: 'vary', v, at: i } : v]);
    return this.build({ ...recipe, p });
  }

  items(recipe) {
    const out = [];
    for (let i = 0; i < recipe.n; i++) {
      const one = recipe.of[i % recipe.of.length];
      out.push(recipe.distinct ? this.vary(one, i % (recipe.period ?? recipe.n)) : this.build(one));
    }
    return out;
  }

  /** An iterator that writes down how it is used. */
  iterator(list) {
    const id = this.callbacks++;
    const { log } = this.room;
    let at = 0;
    const it = {
      [Symbol.iterator]: () => it,
      next() {
        log.push(`it${id}.next`);
        return at < list.length ? { done: false, value: list[at++] } : { done: true, value: undefined };
      },
      return(value) {
        log.push(`it${id}.return`);
        at = list.length;
        return { done: true, value };
      },
    };
    return this.label(it);
  }

  /** A function that writes down its calls and answers by its arguments. */
  callback(recipe) {
    const id = this.callbacks++;
    const answers = recipe.r.map(this.build);
    let calls = 0;
    const fn = (...args) => {
      calls++;
      const seen = args.map((arg) => this.room.dump(arg, this.labels)).join(', ');
      if (this.room.log.length < logMax) this.room.log.push(`cb${id}(${seen})`);
      if (recipe.t === calls) throw new Error(`callback ${id} throws at call ${calls}`);
      if (recipe.m === 'first') return args[0];
      if (recipe.m === 'count') return answers[(calls - 1) % answers.length];
      if (recipe.m === 'compare') return this.order(args[0], args[1]);
      return answers[hash(seen) % answers.length];
    };
    return this.label(fn);
  }

  /** A consistent order over anything, so that sorting callbacks make sense. */
  order(a, b) {
    if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0;
    const x = this.room.dump(a, new Map());
    const y = this.room.dump(b, new Map());
    return x < y ? -1 : x > y ? 1 : 0;
  }

  classOf(name) {
    const { classes } = this.room;
    // A recorded object knows the name of its class but not the file.
    const own = name.startsWith('?#') ? [...classes.keys()].find((key) => key.endsWith(name.slice(1))) : name;
    const found = classes.get(own);
    if (typeof found !== 'function') throw new Unbuildable(`no class ${name}`);
    return found;
  }
}

const isSimple = (recipe) => typeof recipe === 'number' || typeof recipe === 'string';
const isHole = (recipe) => recipe !== null && typeof recipe === 'object' && recipe.k === 'hole';

const makers = {
  u: () => undefined,
  hole: () => undefined,
  vary: (r, b) => b.vary(r.v, r.at),
  n: (r) => Number(r.v),
  big: (r) => BigInt(r.v),
  sym: (r) => Symbol.for(r.v),
  a: (r, b) => {
    const out = b.label([]);
    r.i.forEach((item, i) => {
      if (isHole(item)) out.length = i + 1;
      else out[i] = b.build(item);
    });
    return r.f === true ? freeze(out) : out;
  },
  s: (r, b) => {
    const out = b.label(new SetOf());
    for (const item of r.i) out.add(b.build(item));
    return out;
  },
  it: (r, b) => b.iterator(r.i.map(b.build)),
  rep: (r, b) => {
    const list = b.items(r);
    if (r.as === 's') return b.label(new SetOf(list));
    return r.as === 'it' ? b.iterator(list) : b.label(list);
  },
  mrep: (r, b) => {
    const out = b.label(new MapOf());
    for (let i = 0; i < r.n; i++) out.set(b.vary(r.key, i), b.vary(r.value, i));
    return out;
  },
  orep: (r, b) => {
    const out = b.label({});
    for (let i = 0; i < r.n; i++) out[`k${i}`] = b.vary(r.value, i);
    return out;
  },
  str: (r) => r.of.repeat(Math.ceil(r.n / r.of.length)).slice(0, r.n),
  o: (r, b) => {
    const proto = r.c === undefined ? Object.prototype : r.c === 'null' ? null : b.classOf(r.c).prototype;
    const out = b.label(create(proto));
    for (const [name, value] of r.p) {
      const field = { value: b.build(value), writable: true, enumerable: true, configurable: true };
      defineProperty(out, name, field);
    }
    return r.f === true ? freeze(out) : out;
  },
  m: (r, b) => {
    const out = b.label(new MapOf());
    for (const [key, value] of r.e) out.set(b.build(key), b.build(value));
    return out;
  },
  d: (r, b) => b.label(new DateOf(r.v === null ? NaN : r.v)),
  re: (r, b) => b.label(new RegExpOf(r.s, r.f)),
  er: (r, b) => {
    const known = { TypeError, RangeError, SyntaxError, Error };
    const error = new (known[r.n] ?? Error)(r.m);
    if (known[r.n] === undefined) error.name = r.n;
    return b.label(error);
  },
  buf: (r, b) => {
    if (r.t === 'Buffer') return b.label(Buffer.from(r.i));
    if (r.t === 'ArrayBuffer') return b.label(Uint8Array.from(r.i).buffer);
    const values = r.t.startsWith('Big') ? r.i.map((v) => BigInt(Math.trunc(v))) : r.i;
    return b.label(globalThis[r.t].from(values));
  },
  cb: (r, b) => b.callback(r),
  new: (r, b) => {
    const type = b.classOf(r.c);
    const args = r.i.map(b.build);
    try {
      return b.label(new type(...args));
    } catch (error) {
      // The constructor refuses these arguments: what it says is part of the comparison.
      return { failed: true, error };
    }
  },
  pr: (r, b) => {
    const value = b.build(r.v);
    const promise = r.reject === true ? Promise.reject(value) : Promise.resolve(value);
    // Also a rejection that the code never looks at must not end the process.
    promise.catch(() => undefined);
    return b.label(promise);
  },
  let: (r, b) => {
    b.naming = r.n;
    const value = b.build(r.v);
    b.naming = null;
    b.shared.set(r.n, value);
    return value;
  },
  same: (r, b) => b.shared.get(r.n),
  mut: (r, b) => {
    const value = b.shared.get(r.n);
    if (!isFrozen(value)) change(value, r.op);
    return value;
  },
};

/** A change from outside between two calls. */
function change(value, op) {
  if (Array.isArray(value)) {
    if (op === 'push') value.push(value.length > 0 ? value[0] : undefined);
    else if (op === 'pop') value.pop();
    else value.reverse();
  } else if (value instanceof MapOf || value instanceof SetOf) {
    const [first] = value.keys();
    if (op === 'pop') value.delete(first);
  } else if (value !== null && typeof value === 'object') {
    const [first] = keys(value);
    const field = first === undefined ? undefined : getOwnPropertyDescriptor(value, first);
    if (field?.writable === true && typeof field.value === 'number') value[first] = field.value + 1;
    if (field?.writable === true && typeof field.value === 'string') value[first] = `${field.value}!`;
  }
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

module.exports = { Builder, Unbuildable };
