/** Apply, verify, roll back: the only steps that write to a person's repository. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { revoked } from '../calibration/policy.js';
import type { Autonomy } from '../calibration/types.js';
import type { Proposal } from '../improvement/types.js';
import { compareTests, runSuite, suiteLimitsOf, worse } from '../verification/index.js';
import type { Change } from '../versioning/types.js';
import { baselineOf, keepBaseline } from './prepare.js';
import { keepRuns } from './keep-runs.js';
import type { Step } from './run.js';
import type { Tools } from './tools.js';
import type { ApplyResult, ExecActivities, RollBackResult, VerifyResult } from './types.js';

/** One change per proposal: landing twice is landing once. */
export const changeIdOf = (proposalId: string): string => proposalId.replace(/^p-/, 'ch-');

export async function applyStep(
  { versioning, artifacts, records, stop }: Tools,
  { repository, base, proposal, evidence, reviewedBy }: Parameters<ExecActivities['apply']>[0],
  { progress }: Step,
): Promise<ApplyResult> {
  const changeId = changeIdOf(proposal.id);
  // What landed before a crash (or a stop) has landed: say so before asking whether anything may be written.
  const earlier = (await versioning.changes(repository)).find((one) => one.id === changeId);
  if (earlier) return noted(records, earlier);
  await stop.check();
  progress('landing');
  const { patch, reason, rule, title } = await artifacts.getJson<Proposal>(proposal.artifact);
  const outcome = await versioning.land({
    repository,
    patch,
    expectedTip: base,
    changeId,
    proposalId: proposal.id,
    title,
    reason,
    rule,
    evidenceDigest: evidence,
    reviewedBy,
  });
  if (outcome.kind === 'landed') return noted(records, outcome.change);
  if (outcome.kind === 'moved') return { kind: 'moved', tip: outcome.tip };
  if (outcome.kind === 'stale') return { kind: 'refused', reason: `${outcome.path}: ${outcome.reason}` };
  return {
    kind: 'refused',
    reason: `${repository.targetBranch} is checked out in ${outcome.worktree}; switch to another branch there, then run the cycle again.`,
  };
}

async function noted(records: Tools['records'], change: Change): Promise<ApplyResult> {
  await records.put<Change>('changes', change.id, change);
  return { kind: 'landed', changeId: change.id, commit: change.commit };
}

export async function verifyStep(
  tools: Tools,
  { repository, changeId }: Parameters<ExecActivities['verify']>[0],
  step: Step,
): Promise<VerifyResult> {
  const { versioning, records } = tools;
  const change = (await versioning.changes(repository)).find((one) => one.id === changeId);
  if (!change) return { kind: 'broken', reason: `The ledger does not know ${changeId}.` };
  step.progress('comparing the landed tree');
  const landed = await versioning.verifyLanded(repository, change);
  if (landed.kind === 'broken') return landed;

  const owner = change.proposalId;
  const parent = await versioning.openWorkspace(repository, change.parent, `${owner}-base`);
  const { baseline } = await baselineOf(tools, repository, parent, step);
  const workspace = await versioning.openWorkspace(repository, change.commit, `${owner}-verify`);
  step.progress('running the whole suite at the landed commit');
  const scratch = join(tools.paths.scratch, 'verify', changeId);
  const run = await runSuite({
    tree: workspace.path,
    plan: baseline.plan,
    dependencies: baseline.dependencies,
    sandbox: await tools.sandbox(),
    limits: suiteLimitsOf(repository.policy),
    scratch,
    signal: step.signal,
  });
  await rm(scratch, { recursive: true, force: true });
  keepRuns(tools, { repositoryId: repository.id, commit: change.commit })(run, 'verify');
  const reasons = worse(compareTests(baseline, run));
  if (run.limit !== null) reasons.unshift(`the suite was ended by its ${run.limit} limit`);
  if (reasons.length > 0) return { kind: 'broken', reason: sentenceOf(reasons) };
  await keepBaseline(tools, repository, workspace, { parent: baseline, run });
  await versioning.markVerified(repository, changeId);
  await records.put<Change>('changes', changeId, { ...change, state: 'verified' });
  return { kind: 'verified', tests: run.tests.length };
}

function sentenceOf(reasons: readonly string[]): string {
  const more = reasons.length > 3 ? ` and ${reasons.length - 3} more` : '';
  return `${reasons.slice(0, 3).join('; ')}${more}.`;
}

export async function rollBackStep(
  { versioning, records, audit }: Tools,
  { repository, changeId, by, reason }: Parameters<ExecActivities['rollBack']>[0],
  { progress }: Step,
): Promise<RollBackResult> {
  progress('rolling back');
  const outcome = await versioning.rollback(repository, changeId, by, reason);
  const { change } = outcome;
  if (outcome.kind === 'conflict') {
    await records.put('changes', changeId, { ...change, rollbackConflict: outcome.paths });
    return { kind: 'conflict', paths: outcome.paths };
  }
  await records.put<Change>('changes', changeId, change);
  // Whatever was permitted here was permitted because the gates were believed: a person has to say so again.
  const revocation = { at: new Date().toISOString(), by, because: `${changeId} was rolled back: ${reason}` };
  await records.update<Autonomy>('autonomy', repository.id, (kept) => revoked(kept, 'all', revocation));
  await audit.append({
    key: `rolled-back/${changeId}`,
    actor: by,
    action: 'change.rolledBack',
    subject: changeId,
    reason,
    data: { commit: change.rolledBackBy, proposal: change.proposalId },
  });
  return {
    kind: 'rolledBack',
    by: outcome.kind === 'rolledBack' ? outcome.by : 'reset',
    commit: change.rolledBackBy,
  };
}
