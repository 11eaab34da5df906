/** Judges a pair of file versions with the real gate in the real sandbox. */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createEquivalenceGate } from '../../../../src/verification/gates/equivalence.js';
import type { Sandbox, TrialContext, Verdict } from '../../../../src/verification/types.js';
import { limits, writeTree } from '../../support/sandbox.js';

/** Two versions of one tree: the first file is the changed one unless both sides differ elsewhere too. */
export interface Pair {
  readonly files: Readonly<Record<string, readonly [before: string, after: string] | string>>;
  /** Shell command of a suite that records real calls. */
  readonly suite?: string;
}

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A trial context over two fresh trees below `place`. */
export function contextOf(place: string, pair: Pair, sandbox: Sandbox, seed = 42): TrialContext {
  const side = (at: 0 | 1): Record<string, string> =>
    Object.fromEntries(
      Object.entries(pair.files).map(([path, text]) => [path, typeof text === 'string' ? text : text[at]]),
    );
  const changed = Object.entries(pair.files).filter(([, text]) => typeof text !== 'string');
  const scratch = join(place, 'scratch');
  mkdirSync(scratch, { recursive: true });
  return {
    repositoryId: 'pair',
    base: '0'.repeat(40),
    baseTree: writeTree(join(place, 'base'), side(0)),
    candidateTree: writeTree(join(place, 'candidate'), side(1)),
    directory: '',
    patch: {
      digest: sha(JSON.stringify(pair.files)),
      diff: '',
      files: changed.map(([path, text]) => ({
        path,
        before: sha(text[0] ?? ''),
        after: sha(text[1] ?? ''),
        addedLines: 1,
        removedLines: 1,
      })),
    },
    baseline: {
      commit: '0'.repeat(40),
      plan: {
        runner: pair.suite === undefined ? 'command' : 'node:test',
        command: pair.suite ?? 'true',
        directory: '',
        origin: 'test',
      },
      dependencies: { path: null, manager: 'none', lockHash: sha(''), cached: false, elapsedMs: 0 },
      tests: {},
      durationsMs: {},
      flaky: [],
      red: [],
      suiteMs: 100,
      node: process.version,
    },
    sandbox,
    limits,
    claimsGain: false,
    workload: null,
    seed,
    scratch,
    coverageMinimum: 0.8,
    earlier: [],
    onProgress: () => undefined,
  };
}

export function judgePair(place: string, pair: Pair, sandbox: Sandbox, seed?: number): Promise<Verdict> {
  return createEquivalenceGate({ cases: 600 }).run(
    contextOf(place, pair, sandbox, seed),
    new AbortController().signal,
  );
}
