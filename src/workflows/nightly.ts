/**
 * A night: the cycles of several repositories one after the other, within a window and a budget, and one summary. A
 * repository whose cycle fails does not keep the others from their turn.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import * as wf from '@temporalio/workflow';
import type { CycleInput } from '../activities/types.js';
import type { NightActivities, NightInput, NightStatus } from '../activities/night-types.js';
import type { Repository } from '../versioning/types.js';
import { faultNote } from './faults.js';
import { improvementCycle } from './improvement-cycle.js';
import { nightStatusQuery, searchKeys, stopSignal, workflowIds } from './messages.js';
import { NightState } from './night-state.js';
import { recordOptions } from './policy.js';

const { planNight, keepNight } = wf.proxyLocalActivities<NightActivities>(recordOptions);

/** Runs one night. Fails, after writing its summary, when cycles ran and none of them finished. */
export async function nightly(input: NightInput): Promise<NightStatus> {
  const night = new NightState(input, `n-${shortId()}`, wf.workflowInfo().startTime);
  const steps = new wf.CancellationScope();
  wf.setHandler(nightStatusQuery, () => night.status, { description: 'Where the night stands' });
  wf.setHandler(
    stopSignal,
    (request) => {
      night.stopRequested(request);
      steps.cancel();
    },
    { description: 'Stop the night; its running cycle ends within seconds' },
  );

  wf.upsertSearchAttributes([{ key: searchKeys.kind, value: 'night' }]);
  try {
    await steps.run(() => goThrough(input, night));
  } catch (error) {
    if (!wf.isCancellation(error)) throw error;
    night.stopRequested({ by: 'a person', reason: 'The night was cancelled.' });
  }
  await wf.CancellationScope.nonCancellable(() => finish(night));
  if (night.status.stage === 'failed') {
    const message = `No cycle of the night ${night.status.id} finished.`;
    throw wf.ApplicationFailure.nonRetryable(message, 'NIGHT_FAILED', night.status);
  }
  return night.status;
}

/** The repositories in turn; what may not start is named with the reason. */
async function goThrough(input: NightInput, night: NightState): Promise<void> {
  const plan = await planNight({ repositories: input.repositories });
  night.planned(plan);
  await keepNight({ night: night.status, audit: night.audit() });
  for (const repository of plan.repositories) {
    const closed = night.closed(Date.now());
    if (closed === null) await improveOne(input, night, repository);
    else night.skipped(repository, closed);
    wf.setCurrentDetails(night.details(null));
    await keepNight({ night: night.status, audit: [] });
  }
}

async function improveOne(input: NightInput, night: NightState, repository: Repository): Promise<void> {
  const started = Date.now();
  const cycleId = `c-${shortId()}`;
  wf.setCurrentDetails(night.details(repository.name));
  const order: CycleInput = {
    cycleId,
    repository,
    trigger: 'schedule',
    startedBy: `schedule ${input.schedule}`,
    parallelTrials: 1,
    maxProposals: night.proposalsLeft(),
    rules: [],
    seed: Math.floor(Math.random() * 2 ** 31),
  };
  try {
    const cycle = await wf.executeChild(improvementCycle, {
      workflowId: workflowIds.cycle(repository.id),
      args: [order],
      memo: { cycleId },
      // A night that is terminated does not tear a cycle out of its landing; stopping and cancelling do reach it.
      parentClosePolicy: 'ABANDON',
      staticSummary: `${repository.name} · nightly · up to ${order.maxProposals} proposals`,
      staticDetails: `Improvement cycle \`${cycleId}\` over \`${repository.source}\`, started by ${order.startedBy}.`,
      typedSearchAttributes: [
        { key: searchKeys.kind, value: 'cycle' },
        { key: searchKeys.repository, value: repository.id },
        { key: searchKeys.stage, value: 'preparing' },
      ],
    });
    night.ended(repository, cycle, Date.now() - started);
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) {
      return night.skipped(repository, 'a cycle of it was running already');
    }
    if (wf.isCancellation(error)) throw error;
    night.failed(repository, cycleId, faultNote(error), Date.now() - started);
  }
}

async function finish(night: NightState): Promise<void> {
  night.end(Date.now());
  wf.setCurrentDetails(night.details(null));
  wf.upsertSearchAttributes([{ key: searchKeys.stage, value: night.status.stage }]);
  await keepNight({ night: night.status, audit: night.audit() });
}

/** Ten hexadecimal digits, the same when the history is replayed. */
function shortId(): string {
  return wf.uuid4().replaceAll('-', '').slice(0, 10);
}
