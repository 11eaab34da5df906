/** A trial's context over a pair of one-file trees, as the gates see it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox, TrialContext } from '../../src/verification/types.js';
import { workload } from './known-pairs.js';

export const limits = {
  wallMs: 60_000,
  cpuSeconds: 60,
  memoryBytes: 1 << 30,
  processes: 64,
  outputBytes: 1 << 20,
  fileBytes: 1 << 24,
  scratchBytes: 1 << 26,
};

let serial = 0;

/** Everything that a gate may look at, over two trees of one file. */
export function pairContext(
  scratch: string,
  sandbox: Sandbox,
  sides: { base: string; candidate: string },
  file: string,
): TrialContext {
  const place = join(scratch, `pair-${(serial += 1)}`);
  const tree = (side: 'base' | 'candidate'): string => {
    mkdirSync(join(place, side, 'src'), { recursive: true });
    writeFileSync(join(place, side, 'package.json'), '{"name":"pair","type":"module"}');
    writeFileSync(join(place, side, file), sides[side]);
    return join(place, side);
  };
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'workload.mjs'), workload);
  return {
    repositoryId: 'pair',
    base: '0'.repeat(40),
    baseTree: tree('base'),
    candidateTree: tree('candidate'),
    directory: '',
    patch: {
      digest: '0'.repeat(64),
      diff: sides.candidate.replaceAll(/^/gm, '+'),
      files: [{ path: file, before: 'a', after: 'b', addedLines: 1, removedLines: 1 }],
    },
    baseline: {
      commit: '0'.repeat(40),
      plan: { runner: 'command', command: 'true', directory: '', origin: 'bench' },
      dependencies: { path: null, manager: 'none', lockHash: '0'.repeat(64), cached: true, elapsedMs: 0 },
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
    workload: join(place, 'workload.mjs'),
    seed: serial,
    scratch: join(place, 'scratch'),
    coverageMinimum: 1,
    earlier: [],
    onProgress: () => undefined,
  };
}
