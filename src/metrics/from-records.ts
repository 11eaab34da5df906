/** What the records of cycles, trials and changes say as samples; each record once, by the batch's id. Pure. */
import { sha256 } from '../canonical.js';
import { seriesName } from './catalogue.js';
import { keyOf } from './sketch.js';
import type { Batch, Delta, Labels } from './types.js';

const minuteMs = 60_000;

interface Measured {
  readonly metric: string;
  readonly labels: Labels;
  readonly at: number;
  readonly value: number;
}

/** The parts of the records that are read. */
export interface CycleRecord {
  readonly cycleId: string;
  readonly repositoryId: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly baseline: { readonly suiteMs: number } | null;
}
export interface TrialRecord {
  /** Digest of its evidence. */
  readonly evidence: string;
  readonly repositoryId: string;
  readonly finishedAt: string;
  readonly gates: readonly { readonly gate: string; readonly elapsedMs: number }[];
}
export interface GainRecord {
  readonly changeId: string;
  readonly repositoryId: string;
  readonly rule: string;
  readonly landedAt: string;
  /** Old time by new time. */
  readonly gain: number;
}

function batchOf(id: string, samples: readonly Measured[]): Batch | null {
  const deltas = new Map<string, Delta>();
  for (const { metric, labels, at, value } of samples) {
    if (!Number.isFinite(value) || value < 0 || !Number.isFinite(at)) continue;
    const minute = Math.floor(at / minuteMs) * minuteMs;
    const key = `${minute}${seriesName(metric, labels)}`;
    const one = { metric, labels, at: minute, count: 1, sum: value, min: value, max: value };
    if (!deltas.has(key)) deltas.set(key, { ...one, bins: [[keyOf(value), 1]] });
  }
  return deltas.size === 0 ? null : { id: sha256(id).slice(0, 32), deltas: [...deltas.values()] };
}

export function batchOfCycle(cycle: CycleRecord): Batch | null {
  const { repositoryId: repository, startedAt, finishedAt, baseline, cycleId } = cycle;
  const at = Date.parse(startedAt);
  const samples: Measured[] = [];
  if (baseline !== null)
    samples.push({ metric: 'suite.duration', labels: { repository }, at, value: baseline.suiteMs });
  // Two batches: the suite is known long before the cycle ends.
  if (finishedAt === null) return batchOf(`baseline ${cycleId}`, samples);
  const value = Date.parse(finishedAt) - at;
  return batchOf(`cycle ${cycleId}`, [{ metric: 'cycle.duration', labels: { repository }, at, value }]);
}

/** The baseline of a cycle, also of one that has ended. */
export const batchOfBaseline = (cycle: CycleRecord): Batch | null =>
  batchOfCycle({ ...cycle, finishedAt: null });

export function batchOfTrial({ evidence, repositoryId, finishedAt, gates }: TrialRecord): Batch | null {
  const at = Date.parse(finishedAt);
  const measured = gates.map(({ gate, elapsedMs }) => ({
    ...{ metric: 'gate.duration', labels: { repository: repositoryId, gate } },
    ...{ at, value: elapsedMs },
  }));
  return batchOf(`trial ${evidence}`, measured);
}

export function batchOfGain({ changeId, repositoryId, rule, landedAt, gain }: GainRecord): Batch | null {
  const labels = { repository: repositoryId, rule };
  return batchOf(`gain ${changeId}`, [
    { metric: 'change.gain', labels, at: Date.parse(landedAt), value: gain },
  ]);
}
