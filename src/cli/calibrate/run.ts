/** One calibration from the path of a repository to the table; goes on with an unfinished one. */
import { randomInt } from 'node:crypto';
import type { CalibrationEntry, CalibrationPlan, Ledger } from '../../calibration/index.js';
import type { TrialTools } from '../trial/tools.js';
import { openTarget, plantedBase, preparePlan, type Target } from './prepare.js';

export interface CalibrationOptions {
  readonly path: string;
  readonly test: string | null;
  readonly traps: number;
  readonly positives: number;
  /** Null: that of the unfinished calibration, else by chance. */
  readonly seed: number | null;
  readonly minutes: number;
  readonly onStep: (text: string) => void;
  readonly onNote: (text: string) => void;
  readonly onEntry: (entry: CalibrationEntry, place: string, known: boolean) => void;
}

/** What a run left, so that the next one finds its plan. */
interface RunRecord {
  readonly schemaVersion: 1;
  readonly base: string;
  readonly seed: number;
  readonly traps: number;
  readonly positives: number;
  readonly test: string | null;
  /** Artifact. */
  readonly plan: string;
  readonly finished: boolean;
}

export interface CalibrationResult {
  readonly target: Target;
  readonly plan: CalibrationPlan;
  /** Of this plan. */
  readonly entries: readonly CalibrationEntry[];
  readonly left: number;
  readonly faults: number;
  readonly interrupted: boolean;
}

async function findPlan(
  tools: TrialTools,
  target: Target,
  options: CalibrationOptions,
): Promise<CalibrationPlan> {
  const { repository, base } = target;
  const { traps, positives, test, onNote } = options;
  const earlier = await tools.records.get<RunRecord>('calibrationRuns', repository.id);
  const isSame =
    earlier !== null &&
    earlier.base === base &&
    earlier.traps === traps &&
    earlier.positives === positives &&
    earlier.test === test &&
    (options.seed === null ? !earlier.finished : earlier.seed === options.seed);
  if (isSame && (await tools.artifacts.has(earlier.plan))) {
    onNote(`going on with the calibration of seed ${earlier.seed}`);
    return tools.artifacts.getJson<CalibrationPlan>(earlier.plan);
  }
  const seed = options.seed ?? randomInt(2 ** 31);
  const plan = await preparePlan(tools, target, { traps, positives, seed }, options.onStep);
  await remember(tools, repository.id, {
    ...{ schemaVersion: 1, base, seed, traps, positives, test, finished: false },
    plan: await tools.artifacts.putJson(plan),
  });
  return plan;
}

const remember = (tools: TrialTools, id: string, record: RunRecord): Promise<void> =>
  tools.records.put('calibrationRuns', id, record);

/**
 * Runs until all canaries are judged, the minutes are over, or somebody interrupts: what was judged is in the ledger
 * in every case.
 * @throws RatchetError for everything that keeps trials from being run at all.
 */
export async function calibrate(
  tools: TrialTools,
  ledger: Ledger,
  options: CalibrationOptions,
): Promise<CalibrationResult> {
  const { runPlan } = await import('../../calibration/index.js');
  const { tryPatch } = await import('../trial/try-patch.js');
  const { isRatchetError } = await import('../../errors.js');
  const until = performance.now() + options.minutes * 60_000;
  const target = await openTarget(tools, options.path, options.test);
  const { repository } = target;
  if (target.dirty) options.onNote('uncommitted changes are not part of the calibration');
  const plan = await findPlan(tools, target, options);
  for (const note of plan.notes) options.onNote(note);
  const commit = await plantedBase(tools, repository, plan);
  const entries: CalibrationEntry[] = [];
  const result = { target, plan, entries };
  try {
    const { left, faults } = await runPlan({
      plan,
      repositoryName: repository.name,
      ledger,
      // The pipeline of `ratchet trial`, told nothing but the diff; its own seed has nothing to do with the plan's.
      judge: (diff) =>
        tryPatch(tools, {
          path: options.path,
          diff,
          base: commit,
          workload: null,
          claimsGain: true,
          testCommand: options.test,
          seed: randomInt(2 ** 31),
          onStep: () => undefined,
          onGate: (event) =>
            options.onStep(`${entries.length + 1} of ${plan.canaries.length}  ${event.gate}`),
        }),
      isOver: () => performance.now() >= until,
      onBegin: (_, { index, count }) => options.onStep(`${index + 1} of ${count}`),
      onEnd(entry, known) {
        entries.push(entry);
        options.onEntry(entry, `${entries.length}/${plan.canaries.length}`, known);
      },
      onFault: (canary, reason) =>
        options.onNote(`no verdict on a ${canary.role} (${canary.kind}): ${reason}`),
      now: () => Date.now(),
    });
    const earlier = left === 0 ? await tools.records.get<RunRecord>('calibrationRuns', repository.id) : null;
    if (earlier !== null) await remember(tools, repository.id, { ...earlier, finished: true });
    return { ...result, left, faults, interrupted: false };
  } catch (error) {
    if (!isRatchetError(error) || !['CANCELLED', 'STOPPED'].includes(error.code)) throw error;
    return { ...result, left: plan.canaries.length - entries.length, faults: 0, interrupted: true };
  }
}
