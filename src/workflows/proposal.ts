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
import { policyName } from '../calibration/policy.js';
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

const { record, askPolicy } = wf.proxyLocalActivities<LightActivities>(recordOptions);
const exec = wf.proxyActivities<ExecActivities>(execOptions);
const summary = (text: string) => ({ summary: text.slice(0, 190) });

/** Runs one proposal to its end and returns its last status. */
export async function proposal(input: ProposalInput): Promise<ProposalStatus> {
  const state = new ProposalState(input, wf.workflowInfo().startTime);
  const steps = new wf.CancellationScope();
  const life = new Life(input, state);

  wf.setHandler(proposalStatusQuery, () => state.status, { description: 'Where the proposal stands' });
  wf.setHandler(resumeSignal, () => life.resume(), { description: 'The emergency stop was lifted' });
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

  try {
    await steps.run(() => life.decideAndLand());
  } catch (error) {
    await wf.CancellationScope.nonCancellable(() => life.endBadly(error));
  } finally {
    await wf.CancellationScope.nonCancellable(async () => {
      await exec.cleanUp({ owner: input.proposal.id });
      await wf.condition(wf.allHandlersFinished);
    });
  }
  return state.status;
}

/** The stages of one proposal, in the order in which they happen. */
class Life {
  readonly #input: ProposalInput;
  readonly #state: ProposalState;
  readonly #label: string;
  #resumed = 0;

  constructor(input: ProposalInput, state: ProposalState) {
    this.#input = input;
    this.#state = state;
    this.#label = `#${input.ordinal} ${input.proposal.rule} in ${input.proposal.file}`;
  }

  resume(): void {
    this.#resumed += 1;
  }

  async decideAndLand(): Promise<void> {
    const { policy } = this.#input.repository;
    if (!(await this.#tryOn(this.#input.base, 0))) return this.#endUnaccepted();

    this.#state.waitUntil(Date.now() + policy.decisionTimeoutMs);
    await this.#enter('awaitingDecision');
    // Histories from before this step go on without it.
    if (wf.patched('policy-decides')) await this.#askPolicy();
    const words = `decision on ${this.#label} until ${this.#state.status.decideBefore ?? ''}`;
    const decided = await wf.condition(() => this.#state.decided, policy.decisionTimeoutMs, summary(words));
    if (!decided) return this.#enter('expired', 'Nobody decided in time; time-out means reject.');
    if (!this.#state.approved)
      return this.#enter('rejected', this.#state.status.decision?.reason ?? 'Rejected.');
    await this.#land(0);
  }

  async endBadly(error: unknown): Promise<void> {
    if (this.#state.stopped || wf.isCancellation(error) || isStopped(error)) {
      return this.#enter('stopped', this.#state.stopSentence());
    }
    await this.#enter('failed', faultNote(error).message);
    throw error;
  }

  /** Earned autonomy; a person who decides in the meantime is first. */
  async #askPolicy(): Promise<void> {
    const { evidence } = this.#state.status;
    if (evidence === null) return;
    const { id } = this.#input.repository;
    const { kind, reason } = await askPolicy({ repositoryId: id, evidence });
    if (this.#state.decided) return;
    if (kind === 'approve') this.#state.decide({ approve: true, evidence, by: policyName, reason });
    else if (reason !== null) await this.#enter('awaitingDecision', reason);
  }

  /** Runs the gates on `base`; true when the patch is accepted there. */
  async #tryOn(base: string, attempt: number): Promise<boolean> {
    await this.#enter('trialling');
    const { repository, cycleId, proposal: tried, seed } = this.#input;
    const result = await exec.trial.executeWithOptions(summary(`trial ${this.#label}`), [
      { repository, cycleId, base, proposal: tried, seed: seed + 1000 * attempt },
    ]);
    this.#state.tried(base, result);
    return result.verdict === 'accepted';
  }

  async #endUnaccepted(): Promise<void> {
    await this.#enter(this.#state.refusedStage(), this.#state.status.outcome ?? undefined);
  }

  async #land(attempt: number): Promise<void> {
    await this.#enter('applying');
    const applied = await exec.apply.executeWithOptions(summary(`land ${this.#label}`), [
      this.#state.landing(),
    ]);
    if (applied.kind === 'refused') return this.#enter('stale', applied.reason);
    if (applied.kind === 'moved') {
      const often = 'The target branch moved too often; try again in the next cycle.';
      if (attempt >= maxRetrials) return this.#enter('stale', often);
      if (!(await this.#tryOn(applied.tip, attempt + 1))) return this.#endUnaccepted();
      return this.#land(attempt + 1);
    }
    this.#state.landed(applied.changeId, applied.commit);
    await this.#enter('verifying');
    await this.#verify(applied.changeId);
  }

  async #verify(changeId: string): Promise<void> {
    // Counted before the attempt: a stop that is lifted while it still ends must not be missed.
    const seen = this.#resumed;
    const { repository } = this.#input;
    try {
      const { base } = this.#state.status;
      const verified = await exec.verify.executeWithOptions(summary(`verify ${this.#label}`), [
        { repository, changeId, base },
      ]);
      if (verified.kind === 'broken') return await this.#undo(changeId, verified.reason);
      await this.#enter('landed', `Landed and verified: ${verified.tests} tests.`);
    } catch (error) {
      if (!isStopped(error)) return this.#undo(changeId, faultNote(error).message);
      // Nothing may be written while stopped: verification goes on when a person lifts the stop.
      this.#state.enter(
        'verifying',
        'Landed; verification waits until the emergency stop is lifted.',
        Date.now(),
      );
      await record({ proposal: this.#state.status });
      await wf.condition(() => this.#resumed > seen);
      await this.#verify(changeId);
    }
  }

  async #undo(changeId: string, reason: string): Promise<void> {
    const { repository } = this.#input;
    const undone = await exec.rollBack.executeWithOptions(summary(`roll back ${this.#label}`), [
      { repository, changeId, by: 'ratchet', reason },
    ]);
    if (undone.kind === 'rolledBack') return this.#enter('rolledBack', `Rolled back by itself: ${reason}`);
    const places = undone.paths.join(', ');
    await this.#enter('failed', `${reason} Rolling back by itself conflicts in ${places}: undo by hand.`);
  }

  async #enter(stage: ProposalStage, outcome?: string): Promise<void> {
    this.#state.enter(stage, outcome ?? null, Date.now());
    wf.setCurrentDetails(this.#state.details());
    wf.upsertSearchAttributes([
      { key: searchKeys.stage, value: stage },
      { key: searchKeys.decision, value: this.#state.decisionWord() },
    ]);
    await record({ proposal: this.#state.status, audit: this.#state.auditFor(stage) });
    await tellCycle(this.#state);
  }
}

/** The cycle may have ended long ago; that is no fault. */
async function tellCycle(state: ProposalState): Promise<void> {
  const parent = wf.workflowInfo().parent;
  if (!parent || state.cycleGone) return;
  try {
    const cycle = wf.getExternalWorkflowHandle(parent.workflowId, parent.runId);
    await cycle.signal(proposalMovedSignal, state.summary());
  } catch (error) {
    state.cycleGone = true;
    wf.log.debug('the cycle has ended', { error: String(error) });
  }
}
