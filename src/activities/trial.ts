/** One trial: base and candidate workspaces, all gates, evidence into the artifact store. */
import type { Proposal } from '../improvement/types.js';
import { canonicalJson, tryOnBase } from '../verification/index.js';
import type { Evidence, Verdict } from '../verification/types.js';
import { keepRuns } from './keep-runs.js';
import type { Step } from './run.js';
import type { Tools } from './tools.js';
import type { ExecActivities, GateNote, TrialResult } from './types.js';

export async function trialStep(
  tools: Tools,
  { repository, base, proposal, seed }: Parameters<ExecActivities['trial']>[0],
  step: Step,
): Promise<TrialResult> {
  const { artifacts } = tools;
  const { patch, claimsGain } = await artifacts.getJson<Proposal>(proposal.artifact);
  const evidence = await tryOnBase(tools, {
    repository,
    base,
    lease: proposal.id,
    patch,
    proposalId: proposal.id,
    claimsGain,
    workload: null,
    seed,
    signal: step.signal,
    onSuiteRun: keepRuns(tools, { repositoryId: repository.id, commit: base, patch: patch.digest }),
    onStep: step.progress,
    onGate: (event) =>
      step.progress(event.kind === 'message' ? `${event.gate}: ${event.message}` : event.gate),
  });
  return resultOf(evidence, await artifacts.put(canonicalJson(evidence)));
}

/** What the workflow is told of evidence. */
export function resultOf(evidence: Evidence, digest: string): TrialResult {
  const gates: GateNote[] = evidence.gates.map(({ gate, verdict, reason }) => ({ gate, verdict, reason }));
  return {
    verdict: evidence.verdict,
    evidence: digest,
    gates,
    outcome: evidence.reason,
    measured: headline(evidence.gates, 'performance'),
    covered: covered(evidence.gates),
  };
}

/** "12/12": executed of changed statements and branches. */
function covered(gates: readonly Verdict[]): string | null {
  const { statements, branches } = (gates.find(({ gate }) => gate === 'coverage')?.numbers ?? {}) as Partial<
    Record<string, { readonly total: number; readonly executed: number }>
  >;
  if (!statements || !branches) return null;
  return `${statements.executed + branches.executed}/${statements.total + branches.total}`;
}

/** Gates put their one short figure for tables into `numbers.headline`. */
function headline(gates: readonly Verdict[], id: Verdict['gate']): string | null {
  const text = gates.find((verdict) => verdict.gate === id)?.numbers['headline'];
  return typeof text === 'string' ? text : null;
}
