/** Packages of our own whose changed functions only their suite can reach: what shadow calls are for. */
import type { Pair } from './judge-pair.js';

export interface ShadowPair extends Pair {
  readonly name: string;
  /** What the counterexample's sentence must hold; absent = the pair is equal. */
  readonly fails?: RegExp;
}

const manifest = '{"name":"pair","version":"1.0.0"}';

/** One changed CommonJS file and the body of one test, in which `m` is the module. */
export const common = (
  name: string,
  before: string,
  after: string,
  test: string,
  more: Partial<ShadowPair> & { readonly files?: Pair['files'] } = {},
): ShadowPair => ({
  name,
  suite: 'node --test',
  ...more,
  files: {
    'package.json': manifest,
    'src/a.js': [before, after],
    'test/a.test.js': `const test = require('node:test');\nconst assert = require('node:assert');\nconst m = require('../src/a.js');\ntest('it', async () => { ${test} });\n`,
    ...more.files,
  },
});

const tree = (body: string): string =>
  `class Node { constructor(name, parent) { this.name = name; this.parent = parent; this.children = []; if (parent) parent.children.push(this); } }
exports.Node = Node;
const topmost = function (nodes) {
  ${body}
};
exports.read = (nodes) => { if (!(nodes[0] instanceof Node)) throw new Error('nodes of ours, please'); return topmost(nodes); };
`;

const treeTest = `const root = new m.Node('root', null); const a = new m.Node('a', root); const b = new m.Node('b', a); const c = new m.Node('c', root);
assert.deepStrictEqual(m.read([b, a, c]).map((n) => n.name), ['a', 'c']);`;

const treeBase = tree(`let i = nodes.length;
  while (--i >= 0) { for (let up = nodes[i].parent; up; up = up.parent) { if (nodes.includes(up)) { nodes.splice(i, 1); break; } } }
  return nodes;`);

const closure = (body: string): string =>
  `exports.create = function (limit) {
  const seen = [];
  function keep(item) {
    ${body}
  }
  return { feed(items) { if (typeof limit !== 'symbol') throw new Error('a symbol, please'); return items.map((item) => keep(item)); } };
};
`;
const closureTest = `const box = m.create(Symbol('x')); box.feed([1, 2, 1]); box.feed([3, 1]);`;

/** A function that only the suite can reach: its key is a symbol that nobody can guess. */
const locked = (body: string, more = ''): string =>
  `${more}
const work = (input) => {
  ${body}
};
const key = Symbol('key');
exports.key = key;
exports.run = (given, input) => { if (given !== key) throw new Error('the key, please'); return work(input); };
`;

const call = (input: string): string => `m.run(m.key, ${input});`;

/** `this` of a class that a dependency brings. */
const ofBox = (body: string): string =>
  `const { Box } = require('box');
Box.prototype.widest = function (from) { if (!(this instanceof Box)) throw new Error('a box, please'); ${body} };
exports.Box = Box;
`;
const box = {
  files: {
    'node_modules/box/package.json': '{"name":"box","version":"1.0.0"}',
    'node_modules/box/index.js': `class Box { constructor(items) { this.items = items; this.owner = { box: this }; this.size = items.length; } }\nexports.Box = Box;\n`,
  },
};
const boxTest = `const b = new m.Box(['a', 'ccc', 'bb']); b.widest(0); b.widest(2);`;

const counter = (body: string): string =>
  `class Words {
  #least = 1;
  constructor(text) { this.text = text; }
  get list() { ${body} }
  static of(text) { if (!(text instanceof String)) throw new Error('a String, please'); return new Words(text).list; }
}
exports.of = (text) => Words.of(text);
`;

const waiting = (body: string): string =>
  locked(`return later(input);`, `async function later(list) { ${body} }`);

const steps = (body: string): string =>
  locked(`return [...walk(input)];`, `function* walk(list) { ${body} }`);

const table = (kind: string, test: string): string =>
  locked(
    `return input.filter((word) => known(word));`,
    `const words = ${kind};\nfunction known(word) { return ${test}; }`,
  );

export const shadowPairs: readonly ShadowPair[] = [
  common(
    'an accumulator that only the function around it sees',
    locked('return input.reduce((all, item) => [...all, item * 2], []);'),
    locked('return input.reduce((all, item) => { all.push(item * 2); return all; }, []);'),
    `${call('[1, 2, 3]')} ${call('[]')}`,
  ),
  common(
    'an accumulator that was handed in',
    locked('return input.list.reduce((all, item) => [...all, item], input.start);'),
    locked('return input.list.reduce((all, item) => { all.push(item); return all; }, input.start);'),
    call('{ list: [1, 2], start: [0] }'),
    { fails: /start|arguments/ },
  ),
  common(
    'nodes with cycles, private function, argument changed in place',
    treeBase,
    tree(`const all = new Set(nodes);
  const rest = nodes.filter((node) => { for (let up = node.parent; up; up = up.parent) if (all.has(up)) return false; return true; });
  nodes.length = 0; for (const node of rest) nodes.push(node);
  return nodes;`),
    treeTest,
  ),
  common(
    'an argument that is no longer changed in place',
    treeBase,
    tree(`const all = new Set(nodes);
  return nodes.filter((node) => { for (let up = node.parent; up; up = up.parent) if (all.has(up)) return false; return true; });`),
    treeTest,
    { fails: /topmost/ },
  ),
  common(
    'a closure over state that it changes',
    closure(`if (seen.indexOf(item) === -1) { seen.push(item); return true; } return false;`),
    closure(`if (!seen.includes(item)) { seen.push(item); return true; } return false;`),
    closureTest,
  ),
  common(
    'a closure that forgets to change its state',
    closure(`if (seen.indexOf(item) === -1) { seen.push(item); return true; } return false;`),
    closure(`if (seen.indexOf(item) === -1) { if (item !== 3) seen.push(item); return true; } return false;`),
    closureTest,
    { fails: /keep/ },
  ),
  common(
    'this of a class from a dependency',
    ofBox(`return this.items.reduce((a, b, i) => (i >= from && b.length > a.length ? b : a), '');`),
    ofBox(
      `let best = ''; this.items.forEach((item, i) => { if (i >= from && item.length > best.length) best = item; }); return best;`,
    ),
    boxTest,
    box,
  ),
  common(
    'this of a class from a dependency, changed besides',
    ofBox(`return this.items.reduce((a, b, i) => (i >= from && b.length > a.length ? b : a), '');`),
    ofBox(`return this.items.sort().reduce((a, b, i) => (i >= from && b.length > a.length ? b : a), '');`),
    boxTest,
    { ...box, fails: /Box/ },
  ),
  common(
    'right below 257 elements',
    locked(`return input.map((x) => x.id);`),
    locked(`return input.map((x, i) => (i < 256 ? x.id : x));`),
    call(`[{ id: 3 }, { id: 1 }]`),
    { fails: /257 elements/ },
  ),
  common(
    'duplicates without NaN',
    locked(`return input.filter((x, i) => input.indexOf(x) === i);`),
    locked(`return [...new Set(input)];`),
    call(`[3, 1, 3]`),
    { fails: /NaN/ },
  ),
  common(
    'a cache that answers the second call wrongly',
    locked(`return input.map((x) => x * 2);`),
    locked(
      `const known = cache.get(input.length); if (known) return known; const out = input.map((x) => x * 2); cache.set(input.length, out); out.push(0); out.pop(); return cache.size > 1 ? out : [...out];`,
      `const cache = new Map();`,
    ),
    `${call(`[1, 2]`)} ${call(`[5, 6]`)} ${call(`[7]`)} ${call(`[8]`)}`,
    { fails: /work/ },
  ),
  common(
    'a constant list becomes a Set',
    table(`['a', 'b', 'c']`, `words.includes(word)`),
    table(`new Set(['a', 'b', 'c'])`, `words.has(word)`),
    call(`['a', 'x', 'c']`),
  ),
  common(
    'a constant list becomes a Set that lacks one',
    table(`['a', 'b', 'c']`, `words.includes(word)`),
    table(`new Set(['a', 'b'])`, `words.has(word)`),
    call(`['a', 'x', 'c']`),
    { fails: /known/ },
  ),
  common(
    'an accessor of a class with private fields',
    counter(`return this.text.split(' ').filter((word) => word.length >= this.#least);`),
    counter(
      `const out = []; for (const word of this.text.split(' ')) if (this.#keeps(word)) out.push(word); return out; } #keeps(word) { return word.length >= this.#least;`,
    ),
    `m.of(new String('a bc  d'));`,
  ),
  common(
    'an accessor of a class with private fields, wrong',
    counter(`return this.text.split(' ').filter((word) => word.length >= this.#least);`),
    counter(`return this.text.split(' ').filter((word) => word.length > this.#least);`),
    `m.of(new String('a bc  d'));`,
    { fails: /Words/ },
  ),
  common(
    'an asynchronous function',
    waiting(`const out = []; for (const x of list) { await null; out.push(x + 1); } return out;`),
    waiting(`const out = []; for (const x of list) { await null; out.push(1 + x); } await null; return out;`),
    `await ${call(`[1, 2]`)}`,
  ),
  common(
    'an asynchronous function that rejects with another error',
    waiting(`await null; if (list.length > 1) throw new Error('too many'); return list;`),
    waiting(`await null; if (list.length > 1) throw new RangeError('too many'); return list;`),
    `await assert.rejects(${call(`[1, 2]`).slice(0, -1)});`,
    { fails: /later/ },
  ),
  common(
    'a generator',
    steps(`for (const x of list) { yield x; yield x * 2; }`),
    steps(`for (let i = 0; i < list.length; i++) { yield list[i]; yield list[i] + list[i]; }`),
    call(`[1, 2]`),
  ),
  common(
    'a generator in another order',
    steps(`for (const x of list) { yield x; yield x * 2; }`),
    steps(`for (const x of list) { yield x; } for (const x of list) yield x * 2;`),
    call(`[1, 2]`),
    { fails: /walk/ },
  ),
  common(
    'a candidate that never ends',
    locked(`let n = 0; for (const x of input) n += x; return n;`),
    locked(`let n = 0; for (let i = 0; i !== input.length; i += 2) n += input[i]; return n;`),
    call(`[1, 2, 3]`),
    { fails: /does not end/ },
  ),
  common(
    'a callback that hears another order',
    locked(`const out = []; for (const x of input.items) out.push(input.tell(x)); return out;`),
    locked(
      `const out = []; for (const x of [...input.items].reverse()) out.unshift(input.tell(x)); return out;`,
    ),
    call(`{ items: [1, 2], tell: (x) => x }`),
    { fails: /callback 0.tell/ },
  ),
];
