/** A trial's context over two small trees that differ in one file and share a suite run by `node --test`. */
import { join } from 'node:path';
import type { Sandbox, TrialContext } from '../../../src/verification/types.js';
import { limits, writeTree } from './sandbox.js';

export interface SmallTrial {
  /** Path → text; the same on both sides. */
  readonly files: Readonly<Record<string, string>>;
  /** The changed module. */
  readonly file: string;
  readonly base: string;
  readonly candidate: string;
  /** How the suite is run; "node --test" by default. */
  readonly command?: string;
}

let serial = 0;

/** Every test file of `files` counts as known to the baseline. */
export function smallTrial(place: string, sandbox: Sandbox, trial: SmallTrial): TrialContext {
  const root = join(place, `trial-${(serial += 1)}`);
  const { files, file } = trial;
  const tree = (side: 'base' | 'candidate') =>
    writeTree(join(root, side), { 'package.json': '{"name":"small"}', ...files, [file]: trial[side] });
  const tests = Object.keys(files).filter((path) => path.includes('.test.'));
  return {
    repositoryId: 'small',
    base: 'b'.repeat(40),
    baseTree: tree('base'),
    candidateTree: tree('candidate'),
    directory: '',
    patch: {
      digest: 'd'.repeat(64),
      diff: '',
      files: [{ path: file, before: 'x', after: 'y', addedLines: 1, removedLines: 1 }],
    },
    baseline: {
      commit: 'b'.repeat(40),
      plan: {
        runner: 'node:test',
        command: trial.command ?? 'node --test',
        directory: '',
        origin: 'test',
      },
      dependencies: { path: null, manager: 'none', lockHash: 'l'.repeat(64), cached: true, elapsedMs: 0 },
      tests: Object.fromEntries(tests.map((path) => [`${path} › works`, 'passed' as const])),
      durationsMs: {},
      flaky: [],
      red: [],
      suiteMs: 500,
      node: process.version,
    },
    sandbox,
    limits,
    claimsGain: true,
    workload: null,
    seed: 7,
    scratch: join(root, 'scratch'),
    coverageMinimum: 1,
    earlier: [],
    onProgress: () => undefined,
  };
}
