import { addsUp } from '../../../src/verification/performance/assess.js';
import type { Quad } from '../../../src/verification/performance/measure-pairs.js';
import type { ProcessSample } from '../../../src/verification/performance/types.js';

const sample = (timedMs: number): ProcessSample => ({
  sizes: [],
  coldUs: 1,
  contention: 0,
  timedUs: timedMs * 1_000,
  retainedBytes: null,
  aliveBytes: 0,
  peakRssBytes: 0,
});

/** Six quads in which the harness timed 300 ms on the base and 100 ms on the candidate. */
const quads: readonly Quad[] = Array.from({ length: 6 }, () => ({
  base: [sample(300), sample(300)],
  candidate: [sample(100), sample(100)],
}));

/** Twelve processes' CPU time around a middle, alternately above and below it. */
const processes = (middle: number, swing: number): number[] =>
  Array.from({ length: 12 }, (_, index) => middle + (index % 2 === 0 ? swing : -swing) * (0.4 + index / 20));

describe('a saving that the whole process must show', () => {
  it('adds up when the processes save what was timed', () => {
    expect(addsUp(quads, { base: processes(900, 20), candidate: processes(700, 20) }, 1)).toBe(true);
  });

  it('does not when the processes save nothing, quiet or noisy', () => {
    expect(addsUp(quads, { base: processes(900, 5), candidate: processes(900, -5) }, 1)).toBe(false);
    expect(addsUp(quads, { base: processes(900, 200), candidate: processes(900, -200) }, 1)).toBe(false);
  });

  it('does not when the processes certainly save much less than was timed', () => {
    expect(addsUp(quads, { base: processes(900, 5), candidate: processes(870, -5) }, 1)).toBe(false);
  });

  it('gives a noisy start the benefit of the doubt only where a saving is certain', () => {
    // Saved: 70 ms in the middle, within a wide interval that is all above nothing and reaches over 80.
    const base = processes(900, 0).map((ms, index) => ms + (index % 3) * 30);
    expect(addsUp(quads, { base, candidate: processes(860, 0) }, 1)).toBe(true);
  });

  it('leaves out the runs before the first quad', () => {
    const base = [5, 5, 5, 5, ...processes(900, 5)];
    expect(addsUp(quads, { base, candidate: processes(700, 5) }, 1)).toBe(true);
  });
});
