/** Makes the plan of a calibration: functions that the suite executes, slownesses that it does not notice, canaries. */
import {
  executedShare,
  findFunctions,
  findSites,
  keepHarmless,
  linesOf,
  type Executed,
} from './choose-sites.js';
import { drawCanaries, slowedFiles, type DrawRequest } from './draw-canaries.js';
import { createRandom } from './random.js';
import type { TreeView } from './traps/index.js';
import type { CalibrationPlan } from './types.js';

export interface PlanRequest extends Pick<CalibrationPlan, 'repositoryId' | 'base' | 'seed' | 'standing'> {
  readonly traps: number;
  readonly positives: number;
  /** The base; all paths of a plan are from the package's directory. */
  readonly tree: TreeView;
  /** Which of these lines the suite executes; null when it cannot be known. */
  readonly executed: (lines: ReadonlyMap<string, ReadonlySet<number>>) => Promise<Executed | null>;
  /** Does the suite say the same with these files? */
  readonly isHarmless: (files: Readonly<Record<string, string>>) => Promise<boolean>;
  readonly diffOf: DrawRequest['diffOf'];
  readonly onStep: (text: string) => void;
}

/** Functions that hardly run are neither slowed nor broken: the coverage gate would answer before any other. */
const executedMin = 0.8;
/** Real gains that traps hide behind, when fewer positives are asked for. */
const sitesMin = 12;

function shortage(what: string, wanted: number, found: number): string[] {
  return found >= wanted ? [] : [`${found} of ${wanted} ${what} could be made here`];
}

/**
 * Everything random follows from the seed, which stays in the plan. Fewer canaries than asked for are no fault: the
 * notes say so.
 */
export async function makePlan(request: PlanRequest): Promise<CalibrationPlan> {
  const { tree, seed, onStep, repositoryId, base, standing } = request;
  const random = createRandom(seed);
  onStep('looking for functions');
  const functions = findFunctions(tree, random);
  onStep(`asking which of ${functions.length} functions the suite executes`);
  const executed = (await request.executed(linesOf(functions))) ?? new Map();
  const running = functions.filter((fn) => executedShare(fn, executed) >= executedMin);
  const wanted = Math.max(request.positives, Math.min(request.traps, sitesMin));
  // A few more than wanted: some will turn the suite red and are left out.
  const possible = findSites(running, executed).slice(0, wanted + Math.ceil(wanted / 4));
  onStep(`planting slowness in ${possible.length} functions`);
  const harmless = await keepHarmless(possible, request.isHarmless);
  const sites = harmless.slice(0, wanted);
  const canaries = drawCanaries({ ...request, sites, functions, executed, random });
  const count = (role: string): number => canaries.filter((canary) => canary.role === role).length;
  return {
    schemaVersion: 1,
    repositoryId,
    base,
    seed,
    standing,
    files: slowedFiles(sites),
    canaries,
    notes: [
      ...shortage('positives', request.positives, count('positive')),
      ...shortage('traps', request.traps, count('trap')),
      ...(running.length === 0 ? ['the suite executes none of the functions'] : []),
    ],
  };
}
