/** The trial of a patch from outside: the same gates as for a proposal, and nothing lands. */
import { canonicalJson, tryOnBase } from '../verification/index.js';
import type { RecordStore } from '../storage/types.js';
import { keepRuns } from './keep-runs.js';
import type { Step } from './run.js';
import type { Tools } from './tools.js';
import { resultOf } from './trial.js';
import type { ExecActivities, GateNote, PatchTrialStatus, TrialResult } from './types.js';

export async function patchTrialStep(
  tools: Tools,
  input: Parameters<ExecActivities['tryPatch']>[0],
  step: Step,
): Promise<TrialResult> {
  const { artifacts, records, versioning } = tools;
  const { id, repository, claimsGain, seed, workload } = input;
  const diff = new TextDecoder().decode(await artifacts.get(input.diff));
  const source = workload === null ? null : await artifacts.get(workload);
  step.progress('refreshing the mirror');
  const base = input.base ?? (await versioning.refresh(repository)).base;
  const gates = createGateLog(records, id);
  const evidence = await tryOnBase(tools, {
    repository,
    base,
    lease: id,
    patch: { diff },
    claimsGain,
    workload: source === null ? null : { name: 'workload.mjs', source },
    seed,
    signal: step.signal,
    onSuiteRun: keepRuns(tools, { repositoryId: repository.id, commit: base, patch: input.diff }),
    onStep: step.progress,
    onGate(event) {
      step.progress(event.kind === 'message' ? `${event.gate}: ${event.message}` : event.gate);
      if (event.kind !== 'answered') return;
      const { gate, verdict, reason } = event.verdict;
      gates.add({ gate, verdict, reason });
    },
  });
  await gates.written();
  const digest = await artifacts.put(canonicalJson(evidence));
  const { verdict, reason, finishedAt } = evidence;
  await records.put('trials', digest, { digest, verdict, reason, repository: repository.source, finishedAt });
  return resultOf(evidence, digest);
}

/** Shows the answers so far in the trial's record, one write after the other. */
function createGateLog(records: RecordStore, id: string) {
  let gates: readonly GateNote[] = [];
  let writing: Promise<unknown> = Promise.resolve();
  return {
    add(note: GateNote): void {
      gates = [...gates, note];
      const seen = gates;
      writing = writing
        .then(() =>
          records.update<PatchTrialStatus>('patchTrials', id, (current) =>
            current?.stage === 'trialling' ? { ...current, gates: seen } : null,
          ),
        )
        // What people watch is a courtesy: the workflow writes all gates at the end, and reports a full disk then.
        .catch(() => undefined);
    },
    written: () => writing,
  };
}
