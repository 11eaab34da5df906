/** A performance trial over two small trees: base and candidate text of one module, and a workload. */
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createPerformanceGate } from '../../../src/verification/gates/performance.js';
import { generatedWorkloads } from '../../../src/verification/performance/generated-workloads.js';
import type { Sandbox, TrialContext, Verdict } from '../../../src/verification/types.js';
import { limits, writeTree } from './sandbox.js';

export interface PerformanceCase {
  readonly base: string;
  readonly candidate: string;
  readonly workload: string | null;
  /** Name of the module; default src/index.ts. */
  readonly file?: string;
  readonly more?: Partial<TrialContext>;
  readonly budgetMs?: number;
}

const manifest = JSON.stringify({ name: 'x', version: '1.0.0', type: 'module' });

let serial = 0;

/** Asks the performance gate alone. */
export async function tryPerformance(
  place: string,
  sandbox: Sandbox,
  one: PerformanceCase,
): Promise<Verdict> {
  const root = join(place, `case-${(serial += 1)}`);
  const file = one.file ?? 'src/index.ts';
  const tree = (side: 'base' | 'candidate') =>
    writeTree(join(root, side), { 'package.json': manifest, [file]: one[side] });
  if (one.workload !== null) writeTree(root, { 'workload.mjs': one.workload });
  const changed = (text: string, mark: string) => text.split('\n').map((line) => `${mark}${line}`);
  const context: TrialContext = {
    repositoryId: 'r',
    base: 'b'.repeat(40),
    baseTree: tree('base'),
    candidateTree: tree('candidate'),
    directory: '',
    patch: {
      digest: 'd'.repeat(64),
      diff: [...changed(one.base, '-'), ...changed(one.candidate, '+')].join('\n'),
      files: [{ path: file, before: 'x', after: 'y', addedLines: 1, removedLines: 1 }],
    },
    baseline: {
      commit: 'b'.repeat(40),
      plan: { runner: 'command', command: 'true', directory: '', origin: 'test' },
      dependencies: { path: null, manager: 'none', lockHash: 'l'.repeat(64), cached: true, elapsedMs: 0 },
      tests: {},
      durationsMs: {},
      flaky: [],
      red: [],
      suiteMs: 0,
      node: process.version,
    },
    sandbox,
    limits,
    claimsGain: true,
    workload: one.workload === null ? null : join(root, 'workload.mjs'),
    seed: 7,
    scratch: join(root, 'scratch'),
    coverageMinimum: 1,
    earlier: [],
    onProgress: () => undefined,
    ...one.more,
  };
  const gate = createPerformanceGate({
    loadAverage: () => loadavg()[0] ?? 0,
    sources: [generatedWorkloads],
    ...(one.budgetMs === undefined ? {} : { budgetMs: one.budgetMs }),
  });
  return gate.run(context, new AbortController().signal);
}
