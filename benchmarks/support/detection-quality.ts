/** How well detectors find what is known to have happened: precision, recall, false alarms. */
import { detect } from '../../src/metrics/detection/detect.js';
import { eDivisive } from './e-divisive.js';
import { fixedThreshold, labelledSeries, seriesKinds, type LabelledSeries } from './labelled-series.js';

/** Hours by which a found change may miss. */
const tolerance = 12;
const stationary = new Set([
  'white noise',
  'correlated noise',
  'heavy tails',
  'daily pattern',
  'spikes',
  'very correlated noise',
]);

export interface Quality {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly missed: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Per stationary series of thirty days. */
  readonly falseAlarms: number;
  readonly rampsFound: number;
  readonly ramps: number;
}

type Detector = (series: LabelledSeries) => { readonly changes: readonly number[]; readonly ramp: boolean };

export const detectors: Readonly<Record<string, Detector>> = {
  'fixed threshold': ({ values }) => ({ changes: fixedThreshold(values), ramp: false }),
  'E-divisive, t-test': ({ values }) => ({ changes: eDivisive(values), ramp: false }),
  ratchet({ at, values }) {
    const { changes, trends } = detect(at, values);
    return { changes: changes.map(({ index }) => index), ramp: trends.some(({ factor }) => factor > 1.2) };
  },
};

/** Series of all kinds, so many of each, from seed 1 on. On ramps any change found is wrong only when no ramp is said. */
export function qualityOf(detector: Detector, seedsPerKind: number): Quality & { readonly series: number } {
  let [hits, wrong, missed, alarms, quiet, ramps, rampsFound, series] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (const kind of seriesKinds)
    for (let seed = 1; seed <= seedsPerKind; seed += 1) {
      const one = labelledSeries(kind, seed);
      const { changes, ramp } = detector(one);
      series += 1;
      if (one.ramp) {
        ramps += 1;
        if (ramp) rampsFound += 1;
        // A ramp is no step: no method is blamed for stairs here, nor praised.
        continue;
      }
      const open = new Set(one.changes);
      for (const found of changes) {
        const hit = [...open].find((known) => Math.abs(known - found) <= tolerance);
        if (hit === undefined) wrong += 1;
        else {
          hits += 1;
          open.delete(hit);
        }
      }
      missed += open.size;
      if (stationary.has(kind)) {
        quiet += 1;
        alarms += changes.length;
      }
    }
  const precision = hits / Math.max(1, hits + wrong);
  const recall = hits / Math.max(1, hits + missed);
  return {
    ...{ series, truePositives: hits, falsePositives: wrong, missed, precision, recall },
    f1: (2 * precision * recall) / Math.max(1e-9, precision + recall),
    ...{ falseAlarms: alarms / Math.max(1, quiet), ramps, rampsFound },
  };
}
