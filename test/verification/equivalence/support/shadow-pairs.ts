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

export const shadowPairs: readonly ShadowPair[] = [
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
];
