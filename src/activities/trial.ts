/** One trial: base and candidate workspaces, all gates, evidence into the artifact store. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Proposal } from '../improvement/types.js';
import { canonicalJson, harnessDigest, runTrial } from '../verification/index.js';
import type { Evidence, Verdict } from '../verification/types.js';
import { baselineOf, suiteLimits } from './prepare.js';
import type { Step } from './run.js';
import type { Tools } from './tools.js';
import type { ExecActivities, GateNote, TrialResult } from './types.js';

export async function trialStep(
  tools: Tools,
  { repository, base, proposal, seed }: Parameters<ExecActivities['trial']>[0],
  step: Step,
): Promise<TrialResult> {
  const { versioning, artifacts } = tools;
  const { patch, claimsGain } = await artifacts.getJson<Proposal>(proposal.artifact);
  const baseTree = await versioning.openWorkspace(repository, base, `${proposal.id}-base`);
  const { baseline } = await baselineOf(tools, repository, baseTree, step);
  await versioning.closeWorkspace(`${proposal.id}-candidate`);
  const candidate = await versioning.openWorkspace(repository, base, `${proposal.id}-candidate`);
  const applied = await versioning.applyPatch(candidate.path, patch);
  if (applied.kind === 'stale') return staleResult(applied.path, applied.reason);
  const scratch = join(tools.paths.scratch, 'trials', proposal.id);
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  try {
    const evidence = await runTrial({
      context: {
        repositoryId: repository.id,
        base,
        baseTree: baseTree.path,
        candidateTree: candidate.path,
        directory: repository.directory,
        patch,
        baseline,
        sandbox: await tools.sandbox(),
        limits: suiteLimits(repository),
        claimsGain,
        workload: null,
        seed,
        scratch,
        coverageMinimum: repository.policy.coverageMinimum,
      },
      proposalId: proposal.id,
      gates: tools.gatesFor(repository.policy, await versioning.listFiles(baseTree)),
      signal: step.signal,
      onProgress: (event) =>
        step.progress(event.kind === 'message' ? `${event.gate}: ${event.message}` : event.gate),
      version: tools.version,
      harness: await harnessDigest(),
    });
    return resultOf(evidence, await artifacts.put(canonicalJson(evidence)));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function staleResult(path: string, reason: string): TrialResult {
  const outcome = `${path}: ${reason}`;
  return { verdict: 'refused', evidence: '', gates: [], outcome, measured: null, covered: null };
}

function resultOf(evidence: Evidence, digest: string): TrialResult {
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
