/** A patch from outside (a person's, a coding agent's) through all gates: durable, cancellable, and nothing lands. */
import * as wf from '@temporalio/workflow';
import type {
  AuditNote,
  ExecActivities,
  LightActivities,
  PatchTrialInput,
  PatchTrialStatus,
  StopRequest,
} from '../activities/types.js';
import { faultNote, isStopped } from './faults.js';
import { searchKeys, stopSignal, trialStatusQuery } from './messages.js';
import { execOptions, recordOptions, trialWords } from './policy.js';

const { record } = wf.proxyLocalActivities<LightActivities>(recordOptions);
const exec = wf.proxyActivities<ExecActivities>(execOptions);

/** Runs the gates and returns how the trial ended; being cancelled is an end, a fault fails the workflow. */
export async function trial(input: PatchTrialInput): Promise<PatchTrialStatus> {
  const steps = new wf.CancellationScope();
  let status = queued(input);
  let stop: StopRequest | null = null;
  const enter = async (change: Partial<PatchTrialStatus>): Promise<void> => {
    status = { ...status, ...change };
    wf.setCurrentDetails(detailsOf(status, stop));
    wf.upsertSearchAttributes([{ key: searchKeys.stage, value: status.stage }]);
    await record({ patchTrial: status, audit: auditOf(status) });
  };
  const end = async (change: Partial<PatchTrialStatus>): Promise<void> =>
    enter({ ...change, finishedAt: new Date(Date.now()).toISOString() });

  wf.setHandler(trialStatusQuery, () => status, { description: 'Where the trial stands' });
  wf.setHandler(
    stopSignal,
    (request) => {
      stop ??= request;
      steps.cancel();
    },
    { description: 'Stop the running gates' },
  );

  try {
    await steps.run(async () => {
      await enter({ stage: 'trialling' });
      const summary = `trial of patch ${input.diff.slice(0, 8)} on ${input.repository.name}`;
      const result = await exec.tryPatch.executeWithOptions({ summary }, [input]);
      await end({ stage: 'finished', result, gates: result.gates });
    });
  } catch (error) {
    await wf.CancellationScope.nonCancellable(async () => {
      if (stop !== null || isStopped(error)) return end({ stage: 'stopped' });
      if (wf.isCancellation(error)) return end({ stage: 'cancelled' });
      await end({ stage: 'failed', fault: faultNote(error) });
      throw error;
    });
  } finally {
    await wf.CancellationScope.nonCancellable(() => exec.cleanUp({ owner: input.id }));
  }
  return status;
}

function queued({ id, order, repository }: PatchTrialInput): PatchTrialStatus {
  return {
    id,
    order,
    repositoryId: repository.id,
    repositoryName: repository.name,
    stage: 'queued',
    gates: [],
    result: null,
    fault: null,
    startedAt: wf.workflowInfo().startTime.toISOString(),
    finishedAt: null,
  };
}

/** Current details in Temporal's UI, Markdown. */
function detailsOf({ stage, gates, result, fault }: PatchTrialStatus, stop: StopRequest | null): string {
  const lines = [
    `**${result?.verdict ?? trialWords[stage]}**${result === null ? '' : ` · ${result.outcome}`}`,
  ];
  for (const { gate, verdict, reason } of gates) lines.push(`- ${gate}: ${verdict} · ${reason}`);
  if (result !== null) lines.push('', `Evidence \`${result.evidence.slice(0, 8)}\``);
  if (fault !== null) lines.push(`- fault ${fault.code}: ${fault.message}`);
  if (stop !== null) lines.push(`- stopped by ${stop.by}: ${stop.reason}`);
  return lines.join('\n');
}

/** The end of a trial is worth a line in the audit log; its steps are not. */
function auditOf({ id, stage, repositoryId, result, fault }: PatchTrialStatus): AuditNote[] {
  if (stage === 'queued' || stage === 'trialling') return [];
  const data = {
    repository: repositoryId,
    verdict: result?.verdict ?? null,
    evidence: result?.evidence ?? null,
  };
  const reason = result?.outcome ?? fault?.message ?? null;
  return [
    { key: `trial-ended/${id}`, actor: 'ratchet', action: `trial.${stage}`, subject: id, reason, data },
  ];
}
