/** Runs an old trial again on another clone: deterministic verdicts must be the same bytes, measured ones are new. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evidence, GateResult } from '../../verification/types.js';
import type { TrialTools } from './tools.js';
import { tryPatch, type PatchTrialRequest } from './try-patch.js';

export interface ReplayedGate {
  readonly gate: string;
  readonly answer: 'same' | 'different' | 'measured again';
  readonly before: { readonly verdict: GateResult; readonly reason: string };
  readonly now: { readonly verdict: GateResult; readonly reason: string };
}

export interface Replay {
  readonly reproduced: boolean;
  /** The deterministic digest covers also what surrounds the gates: base, patch, seed, harness, gate versions. */
  readonly sameDigest: boolean;
  readonly gates: readonly ReplayedGate[];
  readonly verdict: Evidence['verdict'];
  readonly evidence: string;
}

export interface ReplayRequest extends Pick<PatchTrialRequest, 'onStep' | 'onGate'> {
  readonly evidence: Evidence;
  readonly attachments: ReadonlyMap<string, Uint8Array>;
  /** A clone that has the base commit. */
  readonly repository: string;
}

/** Gate by gate: equal, different, or measured again. */
export async function compareEvidence(then: Evidence, now: Evidence): Promise<ReplayedGate[]> {
  const { canonicalJson, deterministicVerdict, measuredGates } = await import('../../verification/index.js');
  return then.gates.map((old): ReplayedGate => {
    const fresh = now.gates.find((gate) => gate.gate === old.gate) ?? { ...old, reason: 'not asked' };
    const same = canonicalJson(deterministicVerdict(old)) === canonicalJson(deterministicVerdict(fresh));
    return {
      gate: old.gate,
      answer: measuredGates.has(old.gate) ? 'measured again' : same ? 'same' : 'different',
      before: { verdict: old.verdict, reason: old.reason },
      now: { verdict: fresh.verdict, reason: fresh.reason },
    };
  });
}

/** @throws RatchetError GIT_FAILED or NOT_FOUND when the clone does not have the base commit. */
export async function replayTrial(tools: TrialTools, request: ReplayRequest): Promise<Replay> {
  const { evidence, attachments } = request;
  const scratch = await mkdtemp(join(tmpdir(), 'ratchet-replay-'));
  try {
    const source = attachments.get('workload.mjs');
    const workload = source === undefined ? null : join(scratch, 'workload.mjs');
    if (source !== undefined && workload !== null) await writeFile(workload, source);
    const again = await tryPatch(tools, {
      path: join(request.repository, evidence.plan.directory),
      diff: evidence.patch.diff,
      base: evidence.base,
      workload,
      claimsGain: evidence.claimsGain,
      testCommand: evidence.plan.origin === 'policy.testCommand' ? evidence.plan.command : null,
      seed: evidence.seed,
      onStep: request.onStep,
      onGate: request.onGate,
    });
    const gates = await compareEvidence(evidence, again.evidence);
    return {
      reproduced: gates.every((gate) => gate.answer !== 'different'),
      sameDigest: again.evidence.deterministicDigest === evidence.deterministicDigest,
      gates,
      verdict: again.evidence.verdict,
      evidence: again.digest,
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
