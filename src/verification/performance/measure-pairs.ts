/** Measures quads (base, candidate, candidate, base) in fresh processes until the stopping rule says enough. */
import { median } from './statistics.js';
import { look, looks, type Look, type Series } from './decide.js';
import type { MeasurePlan, ProcessSample, Side } from './types.js';

/** Which clock decides. */
export type Clock = 'cpu' | 'wall';

/** One quad in the order it ran; the outer two are the base. */
export interface Quad {
  readonly base: readonly [ProcessSample, ProcessSample];
  readonly candidate: readonly [ProcessSample, ProcessSample];
}

/** Time of one process at one size: the median of its samples, microseconds per call. */
export function timeAt(sample: ProcessSample, index: number, clock: Clock): number {
  const at = sample.sizes[index];
  const values = clock === 'cpu' ? at?.cpuUs : at?.wallUs;
  // Clocks count whole microseconds: a time of zero would make the ratio infinite.
  return Math.max(median(values ?? []), 1e-3);
}

/** Two gains and two controls per quad; the control's direction alternates, so that drift cancels. */
export function seriesOf(quads: readonly Quad[], time: (sample: ProcessSample) => number): Series {
  const gain: number[] = [];
  const control: number[] = [];
  const base: number[] = [];
  const candidate: number[] = [];
  quads.forEach((quad, index) => {
    const [a1, a2] = quad.base.map(time) as [number, number];
    const [b1, b2] = quad.candidate.map(time) as [number, number];
    base.push(Math.log(a1), Math.log(a2));
    candidate.push(Math.log(b1), Math.log(b2));
    gain.push(Math.log(a1 / b1), Math.log(a2 / b2));
    const sign = index % 2 === 0 ? 1 : -1;
    control.push(sign * Math.log(a1 / a2), -sign * Math.log(b1 / b2));
  });
  return { gain, control, base, candidate };
}

export interface PairsRequest {
  readonly plan: MeasurePlan;
  readonly clock: Clock;
  readonly seed: number;
  /** No quad is started after this many milliseconds; the last completed look then stands. */
  readonly budgetMs: number;
  readonly measure: (side: Side, variant: number) => Promise<ProcessSample>;
  readonly onLook: (look: Look) => void;
}

export interface PairsResult {
  readonly quads: readonly Quad[];
  /** The last planned look; null when the time ran out before the first. */
  readonly look: Look | null;
  readonly outOfTime: boolean;
}

/**
 * Runs quads up to each planned look and judges only there. The largest size decides: it was chosen before the
 * first pair, so that no choice is made after seeing the data.
 */
export async function measurePairs(request: PairsRequest): Promise<PairsResult> {
  const started = Date.now();
  const quads: Quad[] = [];
  const deciding = request.plan.sizes.length - 1;
  let last: Look | null = null;
  for (const [index, { pairs }] of looks.entries()) {
    while (quads.length * 2 < pairs) {
      if (Date.now() - started > request.budgetMs) return { quads, look: last, outOfTime: true };
      // Inputs differ from quad to quad and are the same for all four processes of one.
      const variant = 1 + quads.length * 1_000_003;
      const a1 = await request.measure('base', variant);
      const b1 = await request.measure('candidate', variant);
      const b2 = await request.measure('candidate', variant);
      const a2 = await request.measure('base', variant);
      quads.push({ base: [a1, a2], candidate: [b1, b2] });
    }
    last = look(
      seriesOf(quads, (sample) => timeAt(sample, deciding, request.clock)),
      index,
      request.seed,
    );
    request.onLook(last);
    if (last.stop) break;
  }
  return { quads, look: last, outOfTime: false };
}
