/** One measurement session: the processes of one trial's performance gate, from describing to the last pair. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrialContext } from '../types.js';
import { Description, parseAnswer, Plan, Rows, Sample } from './harness-answers.js';
import { checkEntry, prepareDescription, prepareSide } from './prepare-inputs.js';
import { runHarness, type HarnessAnswer, type HarnessHost } from './run-harness.js';
import { HarnessStop } from './harness-stop.js';
import type { MeasurePlan, MeasureSession, ProcessSample, ResultRow, Side, Workload } from './types.js';

/** Wall milliseconds for one process of each kind. */
const wallMs = { describe: 10_000, probe: 45_000, compare: 30_000, measure: 30_000 } as const;

type Mode = keyof typeof wallMs;

interface Described {
  readonly entry: string;
  readonly sizes: readonly (number | null)[];
}

function readDescription(value: unknown): Described {
  const described = parseAnswer(Description, value, 'describing');
  if (described.setup !== 'function' || described.run !== 'function') {
    const message = 'it does not export the functions setup and run';
    throw new HarnessStop(null, { kind: 'threw', stage: 'import of the workload', message });
  }
  const sizes = described.sizes?.toSorted((a, b) => a - b) ?? [null];
  return { entry: checkEntry(described.entry), sizes };
}

let serial = 0;

/** Opens a session in a fresh directory of the trial's scratch. */
export async function openSession(
  context: TrialContext,
  workload: Workload,
  signal: AbortSignal,
): Promise<MeasureSession> {
  if (workload.open !== undefined) return workload.open(context, signal);
  const scratch = join(context.scratch, `performance-${(serial += 1)}`);
  await mkdir(scratch, { recursive: true });
  const host: HarnessHost = {
    sandbox: context.sandbox,
    dependencies: context.baseline.dependencies.path,
    directory: context.directory,
    limits: context.limits,
    scratch,
  };
  const outside: Record<Side, number[]> = { base: [], candidate: [] };
  const trees: Record<Side, string> = { base: context.baseTree, candidate: context.candidateTree };

  const call = (side: Side, mode: Mode, input: string, options: object): Promise<HarnessAnswer> =>
    runHarness(
      host,
      { tree: trees[side], input, options: { mode, ...options }, wallMs: wallMs[mode] },
      signal,
    );
  const result = async (side: Side, mode: Mode, options: object, input = join(scratch, side)) => {
    const answer = await call(side, mode, input, options);
    if (answer.kind === 'failed') throw new HarnessStop(mode === 'describe' ? null : side, answer.failure);
    return answer;
  };

  const describe = async (): Promise<Described> => {
    if (workload.room !== undefined) return { entry: workload.room.file, sizes: workload.room.sizes };
    const input = join(scratch, 'describe');
    await prepareDescription(input, workload, context.seed);
    return readDescription((await result('base', 'describe', {}, input)).value);
  };

  return {
    outside,

    /** Loads the workload alone, then writes both sides' inputs. Returns the entry. */
    async prepare(): Promise<string> {
      const { entry, sizes } = await describe();
      for (const side of ['base', 'candidate'] as const) {
        // Reachable targets are named from the repository's root, a person's entry from the package.
        const tree = workload.room === undefined ? join(trees[side], context.directory) : trees[side];
        const request = { workload, entry, sizes, seed: context.seed, dependencies: host.dependencies };
        await prepareSide({ side, tree, directory: join(scratch, side) }, request);
      }
      return entry;
    },

    async plan(): Promise<MeasurePlan> {
      const { value } = await result('base', 'probe', {});
      return parseAnswer(Plan, value, 'probing');
    },

    async compare(side: Side, plan: MeasurePlan): Promise<readonly ResultRow[]> {
      const { value } = await result(side, 'compare', { plan });
      return parseAnswer(Rows, value, 'comparing').rows;
    },

    async measure(side: Side, plan: MeasurePlan, variant: number): Promise<ProcessSample> {
      const { value, run } = await result(side, 'measure', { plan, variant });
      if (run.cpuMs !== null) outside[side].push(run.cpuMs);
      return parseAnswer(Sample, value, 'measuring');
    },
  };
}
