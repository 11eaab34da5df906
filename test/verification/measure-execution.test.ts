/** Which lines a real suite executes, in files that it reaches and in one that it never loads. */
import { join } from 'node:path';
import { measureBaseline, measureExecution } from '../../src/verification/index.js';
import type { BaselineRequest } from '../../src/verification/index.js';
import { limits, realSandbox, removeAll, temporary, writeTree } from './support/sandbox.js';

const source = [
  'export function reached(list) {',
  '  let n = 0;',
  '  for (const x of list) if (x > 1) n += x;',
  '  return n;',
  '}',
  'export function idle(list) {',
  '  return list.filter((x) => x)[0];',
  '}',
  '',
].join('\n');
const suite = (assertion: string): string =>
  [
    "import { it } from 'node:test';",
    "import assert from 'node:assert';",
    "import { reached } from '../src/a.js';",
    `it('adds', () => ${assertion});`,
    '',
  ].join('\n');

describe('measuring what the suite executes', () => {
  const place = temporary();
  afterAll(() => removeAll(place));

  async function measured(name: string, assertion: string) {
    const tree = join(place, name);
    writeTree(tree, {
      'package.json': '{"type":"module"}',
      'src/a.js': source,
      'src/b.js': 'export const unloaded = () => 1;\n',
      'test/a.test.js': suite(assertion),
    });
    const request: BaselineRequest = {
      commit: 'a'.repeat(40),
      tree,
      plan: { runner: 'node:test', command: 'node --test', directory: '', origin: 'test' },
      dependencies: { path: null, manager: 'none', lockHash: '0', cached: true, elapsedMs: 0 },
      sandbox: await realSandbox(join(place, 'scratch')),
      limits,
      scratch: join(place, 'scratch'),
      signal: new AbortController().signal,
    };
    const { baseline } = await measureBaseline(request);
    const lines = new Map([
      ['src/a.js', new Set([3, 7])],
      ['src/b.js', new Set([1])],
    ]);
    return measureExecution({ ...request, baseline, lines });
  }

  it('gives the share of each line, without touching the tree', async () => {
    const shares = await measured('green', 'assert.equal(reached([1, 2]), 2)');
    expect(shares?.get('src/a.js')?.get(3)).toBe(1);
    expect(shares?.get('src/a.js')?.get(7)).toBe(0);
    expect(shares?.get('src/b.js')?.get(1)).toBe(0);
  });

  it('says nothing where no test passes', async () => {
    expect(await measured('red', 'assert.equal(reached([1, 2]), 3)')).toBeNull();
  });
});
