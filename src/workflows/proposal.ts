/**
 * One proposal: trial → decision → apply → verify. The decision names the evidence it saw; landing happens on the tip
 * that the trial ran on, else the trial is run again on the new tip; a landed change that does not verify is undone.
 */
import * as wf from '@temporalio/workflow';
import type {
  ExecActivities,
  LightActivities,
  ProposalInput,
  ProposalStage,
  ProposalStatus,
} from '../activities/types.js';
import { faultNote, isStopped } from './faults.js';
import {
  decideUpdate,
  proposalMovedSignal,
  proposalStatusQuery,
  resumeSignal,
  searchKeys,
  stopSignal,
} from './messages.js';
import { execOptions, maxRetrials, recordOptions } from './policy.js';
import { ProposalState } from './proposal-state.js';

const { record } = wf.proxyLocalActivities<LightActivities>(recordOptions);
const exec = wf.proxyActivities<ExecActivities>(execOptions);

/** Runs one proposal to its end and returns its last status. */
export async function proposal(input: ProposalInput): Promise<ProposalStatus> {
  const state = new ProposalState(input, wf.workflowInfo().startTime);
  const steps = new wf.CancellationScope();
  const { repository, cycleId, seed } = input;
  const label = `#${input.ordinal} ${input.proposal.rule} in ${input.proposal.file}`;
  let resumed = 0;

  wf.setHandler(proposalStatusQuery, () => state.status, { description: 'Where the proposal stands' });
  wf.setHandler(resumeSignal, () => void (resumed += 1), { description: 'The emergency stop was lifted' });
  wf.setHandler(
    stopSignal,
    (request) => {
      // A proposal that waits for a person runs nothing; landing while stopped is refused by the apply step itself.
      if (state.stop(request)) steps.cancel();
    },
    { description: 'Stop the running trial' },
  );
  wf.setHandler(decideUpdate, (decision) => state.decide(decision), {
    description: 'Approve or reject exactly one evidence digest',
    validator: (decision) => state.validateDecision(decision),
  });

  const enter = async (stage: ProposalStage, outcome?: string): Promise<void> => {
    state.enter(stage, outcome ?? null, Date.now());
    wf.setCurrentDetails(state.details());
    wf.upsertSearchAttributes([
      { key: searchKeys.stage, value: stage },
      { key: searchKeys.decision, value: state.decisionWord() },
    ]);
    await record({ proposal: state.status, audit: state.auditFor(stage) });
    await tellCycle(state);
  };

  const summary = (text: string) => ({ summary: text.slice(0, 190) });

  /** Runs the gates on `base`; true when the patch is accepted there. */
  const tryOn = async (base: string, attempt: number): Promise<boolean> => {
    await enter('trialling');
    const result = await exec.trial.executeWithOptions(summary(`trial ${label}`), [
      { repository, cycleId, base, proposal: input.proposal, seed: seed + 1000 * attempt },
    ]);
    state.tried(base, result);
    return result.verdict === 'accepted';
  };

  const decideAndLand = async (): Promise<void> => {
    if (!(await tryOn(input.base, 0))) return enter(state.refusedStage(), state.status.outcome ?? undefined);

    state.waitUntil(Date.now() + repository.policy.decisionTimeoutMs);
    await enter('awaitingDecision');
    const decided = await wf.condition(() => state.decided, repository.policy.decisionTimeoutMs, {
      summary: `decision on ${label} until ${state.status.decideBefore ?? ''}`.slice(0, 190),
    });
    if (!decided) return enter('expired', 'Nobody decided in time; time-out means reject.');
    if (!state.approved) return enter('rejected', state.status.decision?.reason ?? 'Rejected.');
    await land(0);
  };

  const land = async (attempt: number): Promise<void> => {
    await enter('applying');
    const applied = await exec.apply.executeWithOptions(summary(`land ${label}`), [state.landing()]);
    if (applied.kind === 'refused') return enter('stale', applied.reason);
    if (applied.kind === 'moved') {
      if (attempt >= maxRetrials)
        return enter('stale', 'The target branch moved too often; try again in the next cycle.');
      if (!(await tryOn(applied.tip, attempt + 1)))
        return enter(state.refusedStage(), state.status.outcome ?? undefined);
      return land(attempt + 1);
    }
    state.landed(applied.changeId, applied.commit);
    await enter('verifying');
    await verify(applied.changeId);
  };

  const verify = async (changeId: string): Promise<void> => {
    // Counted before the attempt: a stop that is lifted while it still ends must not be missed.
    const seen = resumed;
    try {
      const base = state.status.base;
      const verified = await exec.verify.executeWithOptions(summary(`verify ${label}`), [
        { repository, changeId, base },
      ]);
      if (verified.kind === 'verified')
        return await enter('landed', `Landed and verified: ${verified.tests} tests.`);
      await undo(changeId, verified.reason);
    } catch (error) {
      if (!isStopped(error)) return undo(changeId, faultNote(error).message);
      // Nothing may be written while stopped: verification goes on when a person lifts the stop.
      state.enter('verifying', 'Landed; verification waits until the emergency stop is lifted.', Date.now());
      await record({ proposal: state.status });
      await wf.condition(() => resumed > seen);
      await verify(changeId);
    }
  };

  const undo = async (changeId: string, reason: string): Promise<void> => {
    const undone = await exec.rollBack.executeWithOptions(summary(`roll back ${label}`), [
      { repository, changeId, by: 'ratchet', reason },
    ]);
    if (undone.kind === 'rolledBack') return enter('rolledBack', `Rolled back by itself: ${reason}`);
    await enter(
      'failed',
      `${reason} Rolling back by itself conflicts in ${undone.paths.join(', ')}: undo by hand.`,
    );
  };

  try {
    await steps.run(decideAndLand);
  } catch (error) {
    await wf.CancellationScope.nonCancellable(async () => {
      if (state.stopped || wf.isCancellation(error) || isStopped(error))
        return enter('stopped', state.stopSentence());
      await enter('failed', faultNote(error).message);
      throw error;
    });
  } finally {
    await wf.CancellationScope.nonCancellable(async () => {
      await exec.cleanUp({ owner: input.proposal.id });
      await wf.condition(wf.allHandlersFinished);
    });
  }
  return state.status;
}

/** The cycle may have ended long ago; that is no fault. */
async function tellCycle(state: ProposalState): Promise<void> {
  const parent = wf.workflowInfo().parent;
  if (!parent || state.cycleGone) return;
  try {
    await wf
      .getExternalWorkflowHandle(parent.workflowId, parent.runId)
      .signal(proposalMovedSignal, state.summary());
  } catch (error) {
    state.cycleGone = true;
    wf.log.debug('the cycle has ended', { error: String(error) });
  }
}
