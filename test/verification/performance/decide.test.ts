import { look, looks, type Series } from '../../../src/verification/performance/decide.js';

/** Times in µs of six processes a side → the series of three quads. */
function seriesOf(base: readonly number[], candidate: readonly number[]): Series {
  const [a, b] = [base.map(Math.log), candidate.map(Math.log)];
  const gain = a.map((value, index) => value - (b[index] ?? Number.NaN));
  return { gain, control: gain.map(() => 0), base: a, candidate: b };
}

describe('the first look of the stopping rule', () => {
  it('stops at six pairs when every process of one side beats all of the other by more than their spread', () => {
    const seen = look(seriesOf([900, 950, 1000, 920, 980, 940], [100, 105, 98, 102, 99, 101]), 0, 1);
    expect(seen).toMatchObject({ finding: 'faster', stop: true, pairs: 6 });
    expect(seen.ratio.lower).toBeCloseTo(900 / 105);
    expect(seen.ratio.upper).toBeCloseTo(1000 / 98);
  });

  it('says slower by the same measure', () => {
    const seen = look(seriesOf([100, 105, 98, 102, 99, 101], [900, 950, 1000, 920, 980, 940]), 0, 1);
    expect(seen).toMatchObject({ finding: 'slower', stop: true });
  });

  it('goes on when the gap is within the noise of a side, or below the gain that counts', () => {
    const noisy = look(seriesOf([200, 900, 300, 250, 400, 220], [150, 100, 190, 120, 180, 130]), 0, 1);
    expect(noisy).toMatchObject({ finding: 'undecided', stop: false });
    const small = look(seriesOf([104, 104, 104, 104, 104, 104], [100, 100, 100, 100, 100, 100]), 0, 1);
    expect(small).toMatchObject({ finding: 'undecided', stop: false });
  });

  it('spends less than four per cent of error over all looks', () => {
    expect(looks.reduce((sum, { alpha }) => sum + alpha, 0)).toBeLessThan(0.04);
  });
});
