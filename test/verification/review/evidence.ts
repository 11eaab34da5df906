/** Evidence for the tests of the review, with figures of the form that the gates write. */
import type { ReviewProposal } from '../../../src/verification/review/types.js';
import type { Evidence, GateId, Verdict } from '../../../src/verification/types.js';

const digest = (letter: string): string => letter.repeat(64);

export const diffOf = (path: string, added: readonly string[]): string =>
  [
    `diff --git a/${path} b/${path}`,
    `--- a/${path}`,
    `+++ b/${path}`,
    `@@ -1,2 +1,${added.length + 1} @@`,
    ' export function pick(ids, id) {',
    '-  return old;',
    ...added.map((line) => `+${line}`),
    '',
  ].join('\n');

const size = (n: number, ratio: number) => ({
  size: n,
  baseUs: n * ratio,
  candidateUs: n,
  ratio,
  ratioLower: ratio * 0.9,
  ratioUpper: ratio * 1.1,
});

const answers: Readonly<Record<GateId, Verdict['numbers']>> = {
  policy: { files: 1, lines: 4, breaches: [] },
  parses: { files: 1, faults: [] },
  types: { typescript: '5.9.3', base: 0, candidate: 0, added: [], programs: 1 },
  tests: { tests: 52, worse: [], restored: ['test/a.test.ts'] },
  coverage: {
    share: 0.5,
    statements: { total: 3, executed: 2 },
    branches: { total: 1, executed: 0 },
    executed: ['src/a.ts:2', 'src/a.ts:3'],
    unexecuted: ['src/a.ts:3', 'src/a.ts:4', 'src/a.ts:5'],
  },
  equivalence: {
    inputs: 3_495,
    recorded: 4,
    generated: 3_000,
    sizes: 116,
    sequences: 375,
    functions: ['src/a.ts#pick'],
    executed: ['src/a.ts:2', 'src/a.ts:4'],
  },
  complexity: {
    cognitiveBefore: 3,
    cognitiveAfter: 2,
    cyclomaticBefore: 3,
    cyclomaticAfter: 2,
    linesAfter: 8,
  },
  performance: {
    headline: '60.5× [50.6, 78.0] at 10,000',
    clock: 'cpu',
    ratio: 60.5,
    pairs: 10,
    controlLower: 0.93,
    controlUpper: 1.16,
    growth: { base: 1.49, candidate: 0.87 },
    sizes: [size(10, 0.97), size(100, 1.5), size(1_000, 10), size(10_000, 60.5)],
    heap: { baseBytes: -9_528, candidateBytes: 2_048, worse: false },
    workload: { origin: 'generated', title: 'generated inputs of src/a.ts#pick', entry: 'src/a.ts' },
  },
};

/** Accepted evidence; `numbers` replaces figures of single gates. */
export function evidenceWith(
  change: Partial<Evidence> = {},
  numbers: Partial<Record<GateId, Verdict['numbers']>> = {},
): Evidence {
  const gates = (Object.keys(answers) as GateId[]).map((gate): Verdict => ({
    gate,
    verdict: 'pass',
    reason: `${gate} is content`,
    numbers: { ...answers[gate], ...numbers[gate] },
    elapsedMs: 12,
  }));
  const diff = diffOf('src/a.ts', ['  const a = 1;', '  const b = 2;', '  const c = 3;', '  return a;', '}']);
  return {
    schemaVersion: 1,
    repositoryId: 'shop-1',
    proposalId: 'p-1',
    base: digest('a').slice(0, 40),
    patch: { digest: digest('b'), diff, files: [] },
    verdict: 'accepted',
    reason: 'Every gate passed.',
    settle: null,
    gates,
    baseline: { tests: 52, flaky: [], red: [] },
    plan: { runner: 'jest', command: 'npx jest', directory: '', origin: 'package.json scripts.test' },
    lockHash: digest('c'),
    seed: 7,
    claimsGain: true,
    changesCode: true,
    attachments: {},
    environment: {
      ratchet: '0.1.0',
      node: '20.20.2',
      platform: 'linux x64',
      cpu: 'a processor',
      cores: 2,
      memoryBytes: 8 * 2 ** 30,
      sandbox: 'bubblewrap',
      gates: {},
      harness: digest('d'),
    },
    complexity: null,
    limits: {
      wallMs: 600_000,
      cpuSeconds: 1_200,
      memoryBytes: 2 ** 31,
      processes: 512,
      outputBytes: 2 ** 20,
      fileBytes: 2 ** 30,
      scratchBytes: 2 ** 30,
    },
    deterministicDigest: digest('e'),
    finishedAt: '2026-11-23T13:21:44.893Z',
    ...change,
  };
}

export const proposalWith = (change: Partial<ReviewProposal> = {}): ReviewProposal => ({
  id: 'p-1',
  title: 'Build the lookup once (pick)',
  reason: '`ids` does not change in the loop.',
  rule: 'lookup-in-loop',
  tier: 'T2',
  proposer: 'codemod',
  risk: 'low',
  impact: 'n·m → n+m',
  preconditions: ['`ids` is an array by its type'],
  assumptions: ['nobody replaces Set'],
  complexity: null,
  place: { file: 'src/a.ts', line: 2 },
  ...change,
});
