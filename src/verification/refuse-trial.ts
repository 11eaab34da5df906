/** Evidence of a patch that cannot even be tried: policy forbids it, or it does not fit the base. Nothing was run. */
import type { CommitId, Patch, PolicyBreach } from '../versioning/types.js';
import { deterministicDigest } from './evidence/deterministic.js';
import { decideVerdict, gateOrder } from './policy.js';
import { environmentOf } from './environment.js';
import type { Evidence, Limits, Verdict } from './types.js';

export interface RefusalRequest {
  readonly repositoryId: string;
  readonly proposalId: string;
  readonly base: CommitId;
  readonly patch: Patch;
  readonly breaches: readonly PolicyBreach[];
  readonly claimsGain: boolean;
  readonly seed: number;
  readonly limits: Limits;
  readonly version: string;
  readonly harness: string;
}

function verdictsOf(breaches: readonly PolicyBreach[]): Verdict[] {
  const [first] = breaches;
  const more = breaches.length > 1 ? ` (and ${breaches.length - 1} more)` : '';
  const policy: Verdict = {
    gate: 'policy',
    verdict: 'fail',
    reason: `${first?.message ?? 'The patch is refused.'}${more}`,
    numbers: { breaches: breaches.slice(0, 50) },
    elapsedMs: 0,
  };
  const rest = gateOrder.slice(1).map((gate): Verdict => {
    const reason = 'not reached: policy failed';
    return { gate, verdict: 'notApplicable', reason, numbers: {}, elapsedMs: 0 };
  });
  return [policy, ...rest];
}

/** Puts the refusal into the same form as any other trial. */
export function refuseTrial(request: RefusalRequest): Evidence {
  const gates = verdictsOf(request.breaches);
  const facts = { claimsGain: request.claimsGain, changesCode: true };
  const environment = environmentOf({ ...request, gateVersions: { policy: 1 }, sandbox: 'not used' });
  const fixed = {
    base: request.base,
    patch: request.patch,
    seed: request.seed,
    lockHash: '',
    gates,
    ...facts,
  };
  return {
    schemaVersion: 1,
    repositoryId: request.repositoryId,
    proposalId: request.proposalId,
    ...decideVerdict(gates, facts),
    baseline: { tests: 0, flaky: [], red: [] },
    plan: { runner: 'command', command: '', directory: '', origin: 'not run' },
    attachments: {},
    environment,
    complexity: null,
    limits: request.limits,
    deterministicDigest: deterministicDigest({
      ...fixed,
      harness: request.harness,
      gateVersions: environment.gates,
    }),
    finishedAt: new Date().toISOString(),
    ...fixed,
  };
}
