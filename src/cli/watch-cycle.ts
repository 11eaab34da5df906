/** Follows one cycle to its end: snapshots in, events out. Survives restarts of the API and of Temporal. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CycleStatus, ProposalStatus } from '../activities/types.js';
import { RatchetError } from '../errors.js';
import type { ApiClient } from './client.js';

const pollMs = 350;

/** A step's own words, as the API passes them on. */
export interface StepProgress {
  readonly activity: string;
  readonly text: string | null;
  readonly attempt: number;
  readonly lastFailure: string | null;
}

export interface CycleSnapshot extends CycleStatus {
  readonly progress: readonly StepProgress[] | null;
  readonly temporalUi: string | null;
}

/** What a script sees, one JSON document a line; the last is of kind `summary`. */
export interface CycleEvent {
  readonly time: string;
  readonly cycle: string;
  readonly stage: CycleStatus['stage'];
  readonly kind: 'stage' | 'baseline' | 'analysis' | 'proposals' | 'progress' | 'proposal' | 'summary';
  readonly [detail: string]: unknown;
}

/** The live text of the step that runs, or what delays it. */
export function progressText(snapshot: CycleSnapshot): string | null {
  if (snapshot.progress === null) return 'Temporal does not answer; the cycle goes on when it is back';
  const step = snapshot.progress.at(-1);
  if (step === undefined) return null;
  if (step.attempt > 1 && step.text === null)
    return `attempt ${step.attempt}: ${step.lastFailure ?? 'the worker was lost'}`;
  return step.text;
}

/** Turns two snapshots into the events between them. */
export function eventsBetween(before: CycleSnapshot | null, after: CycleSnapshot): CycleEvent[] {
  const event = (kind: CycleEvent['kind'], details: Record<string, unknown> = {}): CycleEvent => ({
    time: new Date().toISOString(),
    cycle: after.cycleId,
    stage: after.stage,
    kind,
    ...details,
  });
  const events: CycleEvent[] = [];
  if (before?.stage !== after.stage) events.push(event('stage', { base: after.base, branch: after.branch }));
  if (!before?.baseline && after.baseline) events.push(event('baseline', { ...after.baseline }));
  if (!before?.analysis && after.analysis) events.push(event('analysis', { ...after.analysis }));
  if ((before?.proposals.length ?? 0) === 0 && after.proposals.length > 0) {
    events.push(event('proposals', { count: after.proposals.length, proposals: after.proposals }));
  }
  for (const one of after.proposals) {
    const earlier = before?.proposals.find((other) => other.id === one.id);
    if (earlier && JSON.stringify(earlier) !== JSON.stringify(one))
      events.push(event('proposal', { proposal: one }));
  }
  const text = progressText(after);
  if (text !== null && (before === null || progressText(before) !== text))
    events.push(event('progress', { text }));
  return events;
}

const ended = new Set<CycleStatus['stage']>(['finished', 'failed', 'stopped']);

/**
 * Polls until the cycle ended.
 * @throws CANCELLED when the signal is aborted; the cycle itself goes on.
 */
export async function watchCycle(
  api: ApiClient,
  cycleId: string,
  signal: AbortSignal,
  onSnapshot: (snapshot: CycleSnapshot, before: CycleSnapshot | null) => void,
): Promise<CycleSnapshot> {
  let before: CycleSnapshot | null = null;
  for (;;) {
    const snapshot: CycleSnapshot = await api.get<CycleSnapshot>(`/api/cycles/${cycleId}`);
    onSnapshot(snapshot, before);
    if (ended.has(snapshot.stage)) return snapshot;
    before = snapshot;
    await pause(signal);
  }
}

const undecided = new Set<ProposalStatus['stage']>(['queued', 'trialling', 'applying', 'verifying']);

/** Polls a decided proposal until it landed, was undone or ended otherwise. */
export async function watchProposal(
  api: ApiClient,
  id: string,
  signal: AbortSignal,
  onStage: (status: ProposalStatus) => void,
): Promise<ProposalStatus> {
  let last = '';
  for (;;) {
    const status = await api.get<ProposalStatus>(`/api/proposals/${id}`);
    if (status.stage !== last) onStage(status);
    last = status.stage;
    const settled =
      !undecided.has(status.stage) && !(status.stage === 'awaitingDecision' && status.decision === null);
    if (settled && status.stage !== 'awaitingDecision') return status;
    await pause(signal);
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await sleep(pollMs, undefined, { signal });
  } catch (error) {
    throw new RatchetError('CANCELLED', 'Interrupted.', { cause: error });
  }
}
