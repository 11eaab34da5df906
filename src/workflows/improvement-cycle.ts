/**
 * The improvement cycle: prepare → baseline → analyse → propose → try each proposal. Proposals live on in their own
 * workflows (decision, landing, verification), so that the next cycle of the repository need not wait for a person.
 */
import * as wf from '@temporalio/workflow';
import type {
  CycleInput,
  CycleStage,
  CycleStatus,
  ExecActivities,
  LightActivities,
} from '../activities/types.js';
import type { ProposalSummary } from '../improvement/types.js';
import { CycleState } from './cycle-state.js';
import { faultNote, isStopped } from './faults.js';
import { cycleStatusQuery, proposalMovedSignal, searchKeys, stopSignal, workflowIds } from './messages.js';
import { execOptions, recordOptions } from './policy.js';
import { proposal } from './proposal.js';

const { record } = wf.proxyLocalActivities<LightActivities>(recordOptions);
const exec = wf.proxyActivities<ExecActivities>(execOptions);
const summary = (text: string) => ({ summary: text.slice(0, 190) });

/** Runs one cycle over one repository and returns where it ended. */
export async function improvementCycle(input: CycleInput): Promise<CycleStatus> {
  const cycle = new CycleState(input, wf.workflowInfo().startTime);
  const steps = new wf.CancellationScope();

  wf.setHandler(cycleStatusQuery, () => cycle.status, { description: 'Where the cycle stands' });
  wf.setHandler(proposalMovedSignal, (moved) => cycle.moved(moved), {
    description: 'A proposal changed its stage',
  });
  wf.setHandler(
    stopSignal,
    (request) => {
      cycle.stopRequested(request);
      steps.cancel();
    },
    { description: 'Stop this cycle; running steps end within seconds' },
  );

  try {
    await steps.run(() => improve(input, cycle));
  } catch (error) {
    await wf.CancellationScope.nonCancellable(() => endBadly(cycle, error));
  } finally {
    await wf.CancellationScope.nonCancellable(async () => {
      await exec.cleanUp({ owner: input.cycleId });
      await wf.condition(wf.allHandlersFinished);
    });
  }
  return cycle.status;
}

/** The business process, step by step. */
async function improve(input: CycleInput, cycle: CycleState): Promise<void> {
  const { repository, cycleId, maxProposals: limit, rules } = input;

  await enter(cycle, 'preparing');
  const prepared = await exec.prepare.executeWithOptions(summary(`refresh ${repository.name}`), [
    { repository, cycleId },
  ]);
  cycle.prepared(prepared);
  const { base } = prepared;

  await enter(cycle, 'baseline');
  const words = `baseline: the unchanged suite of ${repository.name}, twice`;
  cycle.measured(
    await exec.measureBaseline.executeWithOptions(summary(words), [{ repository, base, cycleId }]),
  );

  await enter(cycle, 'analysing');
  const analysis = await exec.analyse.executeWithOptions(summary(`analyse ${repository.name}`), [
    { repository, base, cycleId },
  ]);
  cycle.analysed(analysis);

  await enter(cycle, 'proposing');
  const proposals = await exec.propose.executeWithOptions(summary(`propose up to ${limit} changes`), [
    { repository, base, cycleId, report: analysis.report, limit, rules },
  ]);
  const written = await suggestMore(input, cycle, base, analysis.report, limit - proposals.length);
  const all = [...proposals, ...written];
  cycle.proposed(all);

  await enter(cycle, 'trialling');
  await tryEach(input, cycle, all, base);
  await enter(cycle, 'finished');
}

/** What no rule can do is asked of a language model, when one answers and there is room for more. */
async function suggestMore(
  { repository, cycleId, rules, seed }: CycleInput,
  cycle: CycleState,
  base: string,
  report: string,
  limit: number,
): Promise<readonly ProposalSummary[]> {
  if (!wf.patched('model-written') || limit <= 0) return [];
  const words = `ask a model for up to ${limit} changes that no rule makes`;
  const { proposals, note } = await exec.suggest.executeWithOptions(summary(words), [
    { repository, base, cycleId, report, limit, rules, seed },
  ]);
  if (note !== null) cycle.noted(note);
  return proposals;
}

/** Starts proposals in the order of their rank, so many at once, and writes down each move. */
async function tryEach(
  input: CycleInput,
  cycle: CycleState,
  proposals: readonly ProposalSummary[],
  base: string,
): Promise<void> {
  const waiting = [...proposals.entries()];
  for (;;) {
    while (waiting.length > 0 && cycle.trialsRunning() < input.parallelTrials) {
      const [index, next] = waiting.shift() ?? [];
      if (index === undefined || next === undefined) break;
      await startProposal(input, next, index + 1, base);
      cycle.started(next.id);
    }
    const seen = cycle.moves;
    wf.setCurrentDetails(cycle.details());
    await record({ cycle: cycle.status });
    if (waiting.length === 0 && cycle.trialsRunning() === 0) return;
    await wf.condition(() => cycle.moves > seen);
  }
}

async function enter(cycle: CycleState, stage: CycleStage): Promise<void> {
  cycle.enter(stage, Date.now());
  wf.setCurrentDetails(cycle.details());
  wf.upsertSearchAttributes([{ key: searchKeys.stage, value: stage }]);
  await record({ cycle: cycle.status, audit: cycle.auditFor(stage) });
}

async function endBadly(cycle: CycleState, error: unknown): Promise<void> {
  if (cycle.stopping || wf.isCancellation(error) || isStopped(error)) {
    await stopTrials(cycle.trialling(), cycle.stopReason());
    return enter(cycle, 'stopped');
  }
  cycle.failed(faultNote(error));
  await enter(cycle, 'failed');
  throw error;
}

/** One workflow per proposal; it outlives the cycle because a person may take days to decide. */
async function startProposal(
  input: CycleInput,
  summary: ProposalSummary,
  ordinal: number,
  base: string,
): Promise<void> {
  const { repository, cycleId, seed } = input;
  const start = (): Promise<unknown> =>
    wf.startChild(proposal, {
      workflowId: workflowIds.proposal(summary.id),
      args: [{ repository, cycleId, ordinal, proposal: summary, base, seed: seed + ordinal }],
      parentClosePolicy: 'ABANDON',
      cancellationType: 'ABANDON',
      staticSummary: `${repository.name} · #${ordinal} ${summary.title}`.slice(0, 190),
      staticDetails: `**${summary.title}**\n\n${summary.file}:${summary.line} · ${summary.rule} (${summary.tier}) · risk ${summary.risk}\n\n${summary.impact}`,
      typedSearchAttributes: [
        { key: searchKeys.kind, value: 'proposal' },
        { key: searchKeys.repository, value: repository.id },
        { key: searchKeys.stage, value: 'queued' },
        { key: searchKeys.decision, value: 'open' },
        { key: searchKeys.rule, value: summary.rule },
        { key: searchKeys.risk, value: summary.risk },
      ],
    });
  // A child that is given up between its start's command and its event never tells that it started: a stop waits for
  // the few milliseconds instead, and then reaches the child as it reaches every other.
  await wf.CancellationScope.nonCancellable(start);
}

/** Stopping a cycle stops the trials that it started; proposals that wait for a person go on waiting. */
async function stopTrials(ids: readonly string[], reason: { by: string; reason: string }): Promise<void> {
  for (const id of ids) {
    try {
      await wf.getExternalWorkflowHandle(workflowIds.proposal(id)).signal(stopSignal, reason);
    } catch (error) {
      wf.log.info('proposal had ended already', { id, error: String(error) });
    }
  }
}
