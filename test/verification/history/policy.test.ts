import { assessHistory, suiteId, type TestSeries } from '../../../src/verification/history/index.js';

type Point = TestSeries['points'][number];

const point = (change: Partial<Point> & { readonly at: number }): Point => ({
  status: 'passed',
  durationMs: 100,
  commit: 'c1',
  patch: '',
  step: 'baseline',
  run: `run-${change.at}`,
  ...change,
});

const series = (id: string, durations: readonly number[], commits: (at: number) => string = () => 'c1') => ({
  id,
  points: durations.map((durationMs, at) => point({ at, durationMs, commit: commits(at) })),
});

const steady = [100, 104, 97, 101, 99, 103, 98, 102, 100, 101, 99, 100];
const only = (all: readonly TestSeries[], id = all[0]?.id) => assessHistory(all).find((one) => one.id === id);

describe('the flaky score', () => {
  const runs = (...marks: readonly string[]) => [
    {
      id: 'a',
      points: marks.map((mark, at) =>
        point({
          at,
          status: mark.startsWith('f') ? 'failed' : mark.startsWith('s') ? 'skipped' : 'passed',
          commit: mark.slice(1, 3) || 'c1',
          patch: mark.slice(3),
        }),
      ),
    },
  ];

  it.each([
    ['always green', ['p', 'p', 'p'], 0],
    ['always red', ['f', 'f', 'f'], 0],
    ['broken by a commit and mended by the next', ['pc1', 'pc1', 'fc2', 'fc2', 'pc3', 'pc3'], 0],
    ['broken by a patch that never landed', ['pc1', 'fc1pp', 'pc1'], 0],
    ['half and half on the same code', ['p', 'f', 'p', 'f'], 1],
    ['one in four on the same code', ['p', 'p', 'f', 'p'], 0.5],
    ['seen once per code', ['pc1', 'fc2', 'pc3'], 0],
    ['skipped runs', ['s', 'p', 's', 'p'], 0],
  ])('%s', (_, marks, score) => {
    expect(only(runs(...marks))?.flakyScore).toBe(score);
  });

  it('forgets what is older than the newest fifty runs', () => {
    const marks = ['f', ...Array.from({ length: 50 }, () => 'p')];
    expect(only(runs(...marks))?.flakyScore).toBe(0);
  });
});

describe('slower than before', () => {
  it('is not said of one outlier, nor of two', () => {
    expect(only([series('a', [...steady, 900])])?.slower).toBeNull();
    expect(only([series('a', [...steady, 900, 101, 890])])?.slower).not.toBeNull();
    expect(only([series('a', [...steady, 900, 101, 100])])?.slower).toBeNull();
  });

  it('names the factor and the commit since when', () => {
    const alert = only([series('a', [...steady, 301, 299, 300], (at) => (at < 12 ? 'old' : 'new'))])?.slower;
    expect(alert).toMatchObject({ beforeMs: 100, nowMs: 300, factor: 3, commit: 'new' });
  });

  it('is not said of noise, of milliseconds, or of a short history', () => {
    const noisy = [100, 300, 80, 250, 120, 400, 90, 310, 150, 280, 330, 300, 320];
    expect(only([series('a', noisy)])?.slower).toBeNull();
    expect(only([series('a', [1, 1, 1, 1, 1, 1, 1, 1, 1, 9, 9, 9])])?.slower).toBeNull();
    expect(only([series('a', [100, 100, 100, 100, 900, 900, 900])])?.slower).toBeNull();
  });

  it('does not blame a test for a busy machine, and still sees the one that is slower than the rest', () => {
    const busy = (base: number) =>
      series(
        `t${base}`,
        [...steady, 400, 410, 390].map((ms) => (ms * base) / 100),
      );
    const all = [100, 110, 120, 130, 140, 150].map(busy);
    const slow = series('culprit', [...steady, 2_000, 2_050, 1_950]);
    const said = assessHistory([...all, slow]).filter((one) => one.slower !== null);
    expect(said.map((one) => one.id)).toEqual(['culprit']);
    expect(said[0]?.slower?.factor).toBeGreaterThan(4);
  });

  it('is said of the whole suite when everything is slower', () => {
    const all = [100, 110, 120, 130, 140].map((base) => series(`t${base}`, [...steady, 400, 410, 390]));
    const suite = series(suiteId, [...steady, 400, 410, 390]);
    const said = assessHistory([...all, suite]).filter((one) => one.slower !== null);
    expect(said.map((one) => one.id)).toEqual([suiteId]);
  });

  it('looks only at green runs of code without a patch', () => {
    const one = series('a', steady);
    const patched = [20, 21, 22].map((at) => point({ at, durationMs: 900, patch: 'p', step: 'trial' }));
    const red = [30, 31, 32].map((at) => point({ at, durationMs: 900, status: 'failed', commit: 'c9' }));
    expect(only([{ id: 'a', points: [...one.points, ...patched, ...red] }])?.slower).toBeNull();
  });
});

it('puts the worst first and leaves out what never ran', () => {
  const flaky = { id: 'z', points: [point({ at: 1 }), point({ at: 2, status: 'failed' as const })] };
  const all = assessHistory([series('b', steady), { id: 'none', points: [] }, flaky, series('a', steady)]);
  expect(all.map((one) => one.id)).toEqual(['z', 'a', 'b']);
  expect(all[0]).toMatchObject({ runs: 2, last: { status: 'failed' }, disagreeing: 1 });
});
