import { mkdirSync } from 'node:fs';
import { createPerformanceGate } from '../../../src/verification/gates/performance.js';
import { suiteWorkloads } from '../../../src/verification/performance/suite/suite-workloads.js';
import type { MeasurePlan } from '../../../src/verification/performance/types.js';
import type { Sandbox } from '../../../src/verification/types.js';
import { settled } from '../support/again.js';
import { realSandbox, removeAll, temporary } from '../support/sandbox.js';
import { smallTrial, type SmallTrial } from '../support/trial-context.js';

const place = temporary();
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await realSandbox(`${place}/sandbox`);
});
afterAll(() => removeAll(place));

const test = (body: string): string =>
  `const { test } = require('node:test');\nconst assert = require('node:assert');\n${body}\n`;
const never = new AbortController().signal;

interface Made {
  readonly title: string;
  readonly plan: MeasurePlan;
}

/** What the suite's calls of a changed module give as workloads. */
async function workloadsOf(trial: SmallTrial): Promise<Made[]> {
  const context = smallTrial(place, sandbox, trial);
  mkdirSync(context.scratch, { recursive: true });
  const made: Made[] = [];
  for (const { title, open } of await suiteWorkloads(context, never)) {
    if (open !== undefined) made.push({ title, plan: await open(context, never).plan() });
  }
  return made;
}

const missing = `'use strict';
function missing(order, stock) {
  return order.lines.filter((line) => !stock.names.includes(line.name)).map((line) => line.name);
}
module.exports = { missing };
`;
const missingFaster = missing
  .replace('  return', '  const names = new Set(stock.names);\n  return')
  .replace('stock.names.includes', 'names.has');
const missingTest = test(`const { missing } = require('../lib/missing.js');
test('works', () => {
  const order = { lines: [{ name: 'a', count: 1 }, { name: 'b', count: 2 }] };
  assert.deepStrictEqual(missing(order, { names: ['b', 'c'] }), ['a']);
});`);

describe('workloads from the calls that the suite makes', () => {
  it('measures an untyped CommonJS function with objects for arguments, enlarged together', async () => {
    const context = smallTrial(place, sandbox, {
      files: { 'test/missing.test.js': missingTest },
      file: 'lib/missing.js',
      base: missing,
      candidate: missingFaster,
    });
    mkdirSync(context.scratch, { recursive: true });
    const gate = createPerformanceGate({ loadAverage: () => 0, sources: [suiteWorkloads] });
    const verdict = await settled(() => gate.run(context, never));
    expect([verdict.verdict, verdict.reason]).toEqual(['pass', expect.any(String)]);
    expect(verdict).toMatchObject({ numbers: { workload: { origin: 'recorded' } } });
    expect(verdict.numbers['workload']).toMatchObject({
      title: expect.stringMatching(/lines of argument 1/) as string,
    });
    expect(Number(verdict.numbers['ratioLower'])).toBeGreaterThan(1.2);
    const sizes = verdict.numbers['sizes'] as { size: number | null }[];
    expect(sizes[0]?.size).toBeNull();
    expect(sizes.length).toBeGreaterThanOrEqual(4);
  }, 240_000);

  it('enlarges what a method keeps, of a class from another module', async () => {
    const bag = `'use strict';
class Bag {
  constructor(items) { this.items = items; }
  unique() { return this.items.filter((item, i) => this.items.indexOf(item) === i); }
}
module.exports = Bag;
`;
    const [first] = await workloadsOf({
      files: {
        'lib/make.js': `const Bag = require('./bag.js');\nexports.make = (...items) => new Bag(items);\n`,
        'test/bag.test.js': test(`const { make } = require('../lib/make.js');
test('works', () => assert.deepStrictEqual(make('x', 'y', 'x').unique(), ['x', 'y']));`),
      },
      file: 'lib/bag.js',
      base: bag,
      candidate: bag.replace(
        'this.items.filter((item, i) => this.items.indexOf(item) === i)',
        '[...new Set(this.items)]',
      ),
    });
    expect(first?.title).toContain('items of this');
    expect(first?.plan.sizes.length).toBeGreaterThanOrEqual(4);
  }, 120_000);

  it('takes cyclic trees as they are, and enlarges lists of their nodes', async () => {
    const roots = `'use strict';
function roots(nodes) {
  return nodes.filter((node) => { for (let at = node.parent; at; at = at.parent) if (nodes.includes(at)) return false; return true; });
}
exports.roots = roots;
`;
    const [first] = await workloadsOf({
      files: {
        'test/roots.test.js': test(`const { roots } = require('../lib/roots.js');
const child = (parent, name) => { const node = { name, parent, children: [] }; parent?.children.push(node); return node; };
test('works', () => {
  const top = child(null, 'top');
  const [a, b] = [child(top, 'a'), child(top, 'b')];
  assert.deepStrictEqual(roots([a, child(a, 'c'), b]), [a, b]);
});`),
      },
      file: 'lib/roots.js',
      base: roots,
      candidate: roots
        .replace('return nodes.filter', 'const all = new Set(nodes);\n  return nodes.filter')
        .replace('nodes.includes', 'all.has'),
    });
    expect(first?.title).toContain('enlarged in argument 1');
    expect(first?.plan.sizes.length).toBeGreaterThanOrEqual(4);
  }, 120_000);

  it('enlarges on two axes at once only as far as a call stays affordable', async () => {
    const joined = `'use strict';
function joined(groups, read) {
  let all = [];
  for (const group of groups) all = all.concat(read(group));
  return all.length;
}
module.exports = { joined };
`;
    const [first] = await workloadsOf({
      files: {
        'test/joined.test.js': test(`const { joined } = require('../lib/joined.js');
test('works', () => {
  assert.equal(joined([{ items: [1, 2, 3] }], (group) => group.items), 3);
});`),
      },
      file: 'lib/joined.js',
      base: joined,
      candidate: joined
        .replace('let all', 'const all')
        .replace('all = all.concat(read(group))', 'for (const item of read(group)) all.push(item)'),
    });
    expect(first?.title).toMatch(/enlarged in argument 1/);
    expect(first?.plan.sizes.length).toBeGreaterThanOrEqual(4);
    for (const { callUs } of first?.plan.sizes ?? []) expect(callUs).toBeLessThan(2_000_000);
  }, 240_000);

  it('takes the function around a callback, also where a thread of its own loads the modules', async () => {
    const doubled = `export function doubled(numbers) {
  return numbers.reduce((all, number) => [...all, number * 2], []);
}
`;
    const importing = (name: string): string =>
      `import { test } from 'node:test';
import assert from 'node:assert';
import { doubled } from '../lib/doubled.mjs';
test('${name}', () => assert.deepEqual(doubled([1, 2]), [2, 4]));
`;
    const [first] = await workloadsOf({
      files: {
        'hooks.mjs': 'export const resolve = (name, context, next) => next(name, context);',
        'register.mjs': `import { register } from 'node:module';\nregister('./hooks.mjs', import.meta.url);`,
        'test/doubled.test.mjs': importing('works'),
        'test/other.test.mjs': `import { test } from 'node:test';\ntest('works', () => undefined);`,
      },
      file: 'lib/doubled.mjs',
      base: doubled,
      candidate: doubled.replace('[...all, number * 2]', '(all.push(number * 2), all)'),
      command: 'node --import ./register.mjs --test',
    });
    expect(first?.title).toBe(
      'the call of lib/doubled.mjs#doubled in test/doubled.test.mjs, enlarged in argument 1',
    );
  }, 240_000);

  it('falls back to the call as it is where nothing that grows makes it slower', async () => {
    const head = `'use strict';\nexports.head = function head(list) { return [list[0], [1, 2, 3].indexOf(list[0])]; };\n`;
    const made = await workloadsOf({
      files: {
        'test/head.test.js': test(`const { head } = require('../lib/head.js');
test('works', () => assert.deepStrictEqual(head([2, 5]), [2, 1]));`),
      },
      file: 'lib/head.js',
      base: head,
      candidate: head.replace('[1, 2, 3].indexOf(list[0])', 'list[0] - 1'),
    });
    expect(made.map(({ title }) => title)).toEqual([expect.stringContaining('as it is')]);
    expect(made[0]?.plan.sizes.map(({ size }) => size)).toEqual([null]);
  }, 120_000);

  it('reaches a private function in a closure, called with callbacks, where the suite calls it', async () => {
    const index = `'use strict';
function createIndex(pick) {
  const collect = (list) => list.reduce((all, item) => [...all, pick(item)], []);
  return { of: (list) => collect(list) };
}
exports.createIndex = createIndex;
`;
    const [first] = await workloadsOf({
      files: {
        'test/index.test.js': test(`const { createIndex } = require('../lib/index.js');
test('works', () => assert.deepStrictEqual(createIndex((item) => item.id).of([{ id: 4 }, { id: 5 }]), [4, 5]));`),
      },
      file: 'lib/index.js',
      base: index,
      candidate: index.replace(
        'list.reduce((all, item) => [...all, pick(item)], [])',
        'list.map((item) => pick(item))',
      ),
    });
    expect(first?.title).toMatch(/createIndex>collect .*enlarged in argument 1/);
    expect(first?.plan.sizes.length).toBeGreaterThanOrEqual(4);
  }, 120_000);
});
