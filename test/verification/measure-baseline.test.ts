/** The baseline over a real suite: what is measured, what is cached, what a verified run stands in for. */
import { join } from 'node:path';
import { adoptBaseline, measureBaseline, runSuite } from '../../src/verification/index.js';
import type { BaselineRequest } from '../../src/verification/index.js';
import type { Sandbox } from '../../src/verification/types.js';
import { limits, realSandbox, removeAll, temporary, writeTree } from './support/sandbox.js';

const suite = [
  "import { it } from 'node:test';",
  "import assert from 'node:assert';",
  "it('is green', () => {});",
  "it('is red', () => assert.fail());",
  '',
].join('\n');

describe('a baseline', () => {
  let place: string;
  let sandbox: Sandbox;
  let request: BaselineRequest;
  beforeAll(async () => {
    place = temporary();
    sandbox = await realSandbox(join(place, 'scratch'));
    writeTree(join(place, 'tree'), { 'package.json': '{"type":"module"}', 'test/a.test.js': suite });
    request = {
      commit: 'a'.repeat(40),
      tree: join(place, 'tree'),
      plan: { runner: 'node:test', command: 'node --test', directory: '', origin: 'test' },
      dependencies: { path: null, manager: 'none', lockHash: '0', cached: true, elapsedMs: 0 },
      sandbox,
      limits,
      scratch: join(place, 'scratch'),
      cache: join(place, 'cache'),
      signal: new AbortController().signal,
    };
  });
  afterAll(() => removeAll(place));

  it('is measured once per commit', async () => {
    const first = await measureBaseline(request);
    expect(first.cached).toBe(false);
    expect(first.baseline.red).toHaveLength(1);
    const again = await measureBaseline(request);
    expect(again).toEqual({ ...first, cached: true });
  });

  it('is the verified run of a landed commit for those who accept it, with the flaky tests of its parent', async () => {
    const parent = await measureBaseline(request);
    const green = Object.keys(parent.baseline.tests).find((id) => id.includes('green')) ?? '';
    const { tree, plan, dependencies, scratch, signal } = request;
    const run = await runSuite({ tree, plan, dependencies, sandbox, limits, scratch, signal });
    const landed = { ...request, commit: 'b'.repeat(40) };
    await adoptBaseline({ ...parent.baseline, flaky: [green] }, run, landed);

    const adopted = await measureBaseline({ ...landed, adopted: true });
    expect(adopted.cached).toBe(true);
    expect(adopted.baseline.commit).toBe(landed.commit);
    expect(adopted.baseline.flaky).toEqual([green]);
    expect(Object.keys(adopted.baseline.tests)).not.toContain(green);
    expect(adopted.baseline.red).toEqual(parent.baseline.red);
    const full = await measureBaseline(landed);
    expect(full.cached).toBe(false);
    expect(full.baseline.flaky).toEqual([]);
  });
});
