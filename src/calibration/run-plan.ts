/** Judges the canaries of a plan, one after the other; each answer is in the ledger before the next is asked for. */
import { isRatchetError } from '../errors.js';
import type { Evidence } from '../verification/types.js';
import type { Digest } from '../versioning/types.js';
import type { Ledger } from './ledger.js';
import type { CalibrationEntry, CalibrationPlan, Canary } from './types.js';

/** What the pipeline answers. It is told the diff and nothing else. */
export type Judge = (diff: string) => Promise<{ readonly evidence: Evidence; readonly digest: Digest }>;

export interface RunRequest {
  readonly plan: CalibrationPlan;
  readonly repositoryName: string;
  readonly ledger: Ledger;
  readonly judge: Judge;
  /** No canary is begun once this answers true. */
  readonly isOver: () => boolean;
  readonly onBegin: (canary: Canary, place: { readonly index: number; readonly count: number }) => void;
  readonly onEnd: (entry: CalibrationEntry, known: boolean) => void;
  readonly onFault: (canary: Canary, reason: string) => void;
  /** Now, in milliseconds. */
  readonly now: () => number;
}

export interface RunOutcome {
  readonly entries: readonly CalibrationEntry[];
  /** Canaries that were not judged: time was over, or the trial ended in a fault. */
  readonly left: number;
  readonly faults: number;
}

/** Faults one after the other after which the machine is to blame, not a canary. */
const faultsInARow = 3;

/** A reason begins with the gate that decided. */
const gateOf = (reason: string): string | null => /^([a-z]+):/.exec(reason)?.[1] ?? null;

function entryOf(
  { plan, repositoryName, now }: RunRequest,
  canary: Canary,
  { evidence, digest }: Awaited<ReturnType<Judge>>,
  began: number,
): CalibrationEntry {
  const { id, diff: _, ...known } = canary;
  const { verdict, reason } = evidence;
  return {
    schemaVersion: 1,
    ...known,
    canary: id,
    repositoryId: plan.repositoryId,
    repositoryName,
    base: plan.base,
    verdict,
    decidedBy: gateOf(reason),
    reason,
    evidence: digest,
    standing: plan.standing,
    seconds: Math.round((now() - began) / 100) / 10,
    finishedAt: new Date(now()).toISOString(),
  };
}

const isStopped = (error: unknown): boolean =>
  isRatchetError(error) && (error.code === 'STOPPED' || error.code === 'CANCELLED');

/**
 * Goes on where an earlier run ended: what the ledger knows under the same conditions is not asked again.
 * @throws RatchetError STOPPED or CANCELLED when interrupted (everything judged so far is in the ledger); the fault
 * itself when three trials in a row end in one.
 */
export async function runPlan(request: RunRequest): Promise<RunOutcome> {
  const { plan, ledger } = request;
  const entries: CalibrationEntry[] = [];
  let [left, faults, inARow] = [0, 0, 0];
  for (const [index, canary] of plan.canaries.entries()) {
    const known = await ledger.find(canary, plan.standing);
    if (known !== null) {
      entries.push(known);
      request.onEnd(known, true);
      continue;
    }
    if (request.isOver()) {
      left += 1;
      continue;
    }
    request.onBegin(canary, { index, count: plan.canaries.length });
    const began = request.now();
    try {
      const entry = entryOf(request, canary, await request.judge(canary.diff), began);
      await ledger.add(entry);
      entries.push(entry);
      request.onEnd(entry, false);
      inARow = 0;
    } catch (error) {
      [left, faults, inARow] = [left + 1, faults + 1, inARow + 1];
      if (isStopped(error) || inARow >= faultsInARow) throw error;
      request.onFault(canary, error instanceof Error ? error.message : String(error));
    }
  }
  return { entries, left, faults };
}
