/** Patches on domutils: functions over trees of nodes. */
import { body, first } from '../edit-source.js';
import type { Edit, PatchCase } from '../types.js';

type More = Partial<Pick<PatchCase, 'gates' | 'workload' | 'claimsGain'>>;

function on(
  name: string,
  kind: string,
  expect: PatchCase['expect'],
  why: string,
  edits: readonly Edit[],
  more: More = {},
): PatchCase {
  return { name: `domutils-${name}`, repository: 'domutils', kind, expect, why, edits, ...more };
}

const helpers = 'src/helpers.ts';
const wrong: More = { gates: ['tests', 'equivalence'], claimsGain: false };

/** A flat list of siblings below one parent, each given twice. */
const nodesWorkload = `
export const entry = 'src/helpers.ts';
export const sizes = [200, 3000];
export function setup(module, { size, variant }) {
  const parent = { type: 'tag', name: 'ul', attribs: {}, children: [], parent: null, prev: null, next: null };
  for (let index = 0; index < size; index += 1) {
    parent.children.push({ type: 'text', data: 'n' + index + variant, parent, prev: null, next: null });
  }
  return { module, nodes: [...parent.children, ...parent.children] };
}
export function run({ module, nodes }) {
  return module.removeSubsets([...nodes]).map((node) => node.data);
}
`;

export const onDomutils: readonly PatchCase[] = [
  on(
    'subsets-set',
    'good',
    'accepted',
    'a set of the nodes still in the list; the same array, changed in place',
    [
      body(
        helpers,
        'removeSubsets',
        `
const counts = new Map<AnyNode, number>();
for (let at = 0; at < nodes.length; at++) {
  counts.set(nodes[at], (counts.get(nodes[at]) || 0) + 1);
}
const kept: AnyNode[] = [];
for (let at = nodes.length - 1; at >= 0; at--) {
  const node = nodes[at];
  const left = counts.get(node) || 0;
  let drop = left > 1;
  for (let above = node.parent; above && !drop; above = above.parent) {
    drop = (counts.get(above) || 0) > 0;
  }
  if (drop) counts.set(node, left - 1);
  else kept.push(node);
}
nodes.length = 0;
while (kept.length > 0) nodes.push(kept.pop() as AnyNode);
return nodes;`,
      ),
    ],
    { workload: nodesWorkload },
  ),
  on(
    'siblings-reversed',
    'good',
    'accepted',
    'the same nodes in the same order, without a claim',
    [
      body(
        'src/traversal.ts',
        'getSiblings',
        `
const parent = getParent(elem);
if (parent !== null) return getChildren(parent);

const earlier: AnyNode[] = [];
for (let at = elem.prev; at != null; at = at.prev) earlier.push(at);
const all: AnyNode[] = earlier.reverse();
all.push(elem);
for (let at = elem.next; at != null; at = at.next) all.push(at);
return all;`,
      ),
    ],
    { claimsGain: false },
  ),
  on(
    'text-loop',
    'good',
    'accepted',
    'a loop in the place of map and join',
    [
      body(
        'src/stringify.ts',
        'textContent',
        `
if (Array.isArray(node)) {
  let text = "";
  for (let at = 0; at < node.length; at++) text += textContent(node[at]);
  return text;
}
if (hasChildren(node)) return isComment(node) ? "" : textContent(node.children);
return isText(node) ? node.data : "";`,
      ),
    ],
    { claimsGain: false },
  ),
  on(
    'subsets-copied',
    'identity',
    'refused',
    "the caller's array stays as it was",
    [first(helpers, 'removeSubsets', 'nodes = nodes.slice();')],
    wrong,
  ),
  on(
    'subsets-256',
    'size 256',
    'refused',
    'beyond 256 nodes nothing is removed',
    [first(helpers, 'removeSubsets', 'if (nodes.length > 256) return nodes;')],
    { gates: ['equivalence'], claimsGain: false },
  ),
  on(
    'attribute-inherited',
    'own __proto__',
    'refused',
    'every element would have the attribute toString',
    [body('src/traversal.ts', 'hasAttrib', 'return elem.attribs != null && elem.attribs[name] != null;')],
    wrong,
  ),
  on(
    'comments-are-text',
    'untested branch',
    'refused',
    'the text of comments was left out',
    [
      body(
        'src/stringify.ts',
        'innerText',
        'if (Array.isArray(node)) return node.map(innerText).join("");\nif (hasChildren(node)) return innerText(node.children);\nreturn isText(node) || isComment(node) ? node.data : "";',
      ),
    ],
    wrong,
  ),
  on(
    'find-limit-once',
    'untested branch',
    'refused',
    'what is found below a node was counted against the limit',
    [
      body(
        'src/querying.ts',
        'find',
        `
const result: AnyNode[] = [];
for (let at = 0; at < nodes.length && result.length < Math.max(limit, 1); at++) {
  const node = nodes[at];
  if (test(node)) result.push(node);
  if (recurse && hasChildren(node)) result.push(...find(test, node.children, recurse, limit));
}
return result;`,
      ),
    ],
    wrong,
  ),
  on('comment', 'comment only', 'refused', 'a comment is no gain', [
    first(helpers, 'uniqueSort', '// Sorted faster now.'),
  ]),
];
