import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTrial, type TrialProgress, type TrialRequest } from '../../../src/verification/run-trial.js';
import type { Gate, GateId, GateResult, Verdict } from '../../../src/verification/types.js';

const root = mkdtempSync(join(tmpdir(), 'ratchet-trial-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let serial = 0;

/** A request over two one-file trees; gates answer from a list. */
function request(
  texts: { base: string; candidate: string },
  answers: Partial<Record<GateId, GateResult>>,
  more: Partial<TrialRequest> = {},
): TrialRequest {
  const trees = { base: '', candidate: '' };
  for (const side of ['base', 'candidate'] as const) {
    trees[side] = mkdtempSync(join(root, `${side}-${serial++}-`));
    writeFileSync(join(trees[side], 'a.ts'), texts[side]);
  }
  const gates = Object.entries(answers).map(([id, answer]): Gate => ({
    id: id as GateId,
    version: 1,
    run(context) {
      context.onProgress('asked');
      const verdict: Verdict = {
        gate: id as GateId,
        verdict: answer,
        reason: `says ${answer} after ${Math.random().toFixed(9)} ms`,
        numbers: { inputs: 3, wallMs: Math.random(), ratio: Number.NaN },
        elapsedMs: 0,
      };
      return Promise.resolve(verdict);
    },
  }));
  return {
    context: {
      repositoryId: 'r',
      base: 'b'.repeat(40),
      baseTree: trees.base,
      candidateTree: trees.candidate,
      directory: '',
      patch: {
        digest: 'd'.repeat(64),
        diff: '',
        files: [{ path: 'a.ts', before: 'x', after: 'y', addedLines: 1, removedLines: 1 }],
      },
      baseline: {
        commit: 'b'.repeat(40),
        plan: { runner: 'jest', command: 'jest', directory: '', origin: 'test' },
        dependencies: { path: null, manager: 'none', lockHash: 'l'.repeat(64), cached: true, elapsedMs: 1 },
        tests: { t: 'passed' },
        durationsMs: {},
        flaky: [],
        red: [],
        suiteMs: 1,
        node: 'v20.20.2',
      },
      sandbox: { description: 'none', run: () => Promise.reject(new Error('not used')) },
      limits: {
        wallMs: 1,
        cpuSeconds: 1,
        memoryBytes: 1,
        processes: 1,
        outputBytes: 1,
        fileBytes: 1,
        scratchBytes: 1,
      },
      claimsGain: true,
      workload: null,
      seed: 7,
      scratch: root,
      coverageMinimum: 1,
    },
    proposalId: 'p',
    gates,
    signal: new AbortController().signal,
    version: '0.1.0',
    harness: 'h'.repeat(64),
    ...more,
  };
}

const passing = {
  policy: 'pass',
  parses: 'pass',
  types: 'pass',
  tests: 'pass',
  coverage: 'pass',
  equivalence: 'pass',
  complexity: 'pass',
  performance: 'pass',
} as const;
const changed = { base: 'export const a = 1;\n', candidate: 'export const a = 2;\n' };

describe('a trial', () => {
  it('asks the gates in order of cost and accepts when all pass', async () => {
    const seen: TrialProgress[] = [];
    const evidence = await runTrial(request(changed, passing, { onProgress: (event) => seen.push(event) }));
    expect(evidence.verdict).toBe('accepted');
    expect(evidence.gates.map((gate) => gate.gate)).toEqual([
      'policy',
      'parses',
      'types',
      'tests',
      'coverage',
      'equivalence',
      'complexity',
      'performance',
    ]);
    expect(seen.filter((event) => event.kind === 'answered')).toHaveLength(8);
    expect(seen.slice(0, 3).map((event) => event.kind)).toEqual(['started', 'message', 'answered']);
    expect(evidence.gates[0]?.numbers['ratio']).toBeNull();
  });

  it('stops at the first fail and says so for the rest', async () => {
    const evidence = await runTrial(request(changed, { ...passing, types: 'fail' }));
    expect(evidence.verdict).toBe('refused');
    expect(evidence.gates.map((gate) => gate.verdict)).toEqual([
      'pass',
      'pass',
      'fail',
      ...Array<string>(5).fill('notApplicable'),
    ]);
    expect(evidence.gates[4]?.reason).toBe('not reached: types failed');
  });

  it('gives the same deterministic digest again, whatever the times and the measured gate say', async () => {
    const first = await runTrial(request(changed, passing));
    const second = await runTrial(request(changed, { ...passing, performance: 'inconclusive' }));
    expect(second.deterministicDigest).toBe(first.deterministicDigest);
    const third = await runTrial(request(changed, { ...passing, tests: 'inconclusive' }));
    expect(third.deterministicDigest).not.toBe(first.deterministicDigest);
  });

  it.each([
    ['no change at all', 'export const a = 1;\n'],
    ['a comment', '// faster now\nexport const a = 1;\n'],
    ['white space', 'export const a\n  =  1;\n'],
    ['a type', 'export const a: number = 1;\n'],
  ])('refuses %s as nothing changed', async (_, candidate) => {
    const evidence = await runTrial(request({ base: changed.base, candidate }, passing));
    expect(evidence.verdict).toBe('refused');
    expect(evidence.reason).toContain('Nothing changed');
    expect(evidence.gates.find((gate) => gate.gate === 'performance')?.verdict).toBe('notApplicable');
  });

  it('ends as cancelled before the next gate when its signal is aborted', async () => {
    const controller = new AbortController();
    const trial = request(changed, passing, {
      signal: controller.signal,
      onProgress: (event) => {
        if (event.kind === 'answered' && event.gate === 'types') controller.abort();
      },
    });
    await expect(runTrial(trial)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
