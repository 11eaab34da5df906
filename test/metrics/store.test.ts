/** One suite for both ways of keeping metrics: the same samples and the same questions have the same answers. */
import { DDSketch } from '@datadog/sketches-js';
import { createRecorder } from '../../src/metrics/recorder.js';
import type { Column, Resolution, Statistic } from '../../src/metrics/types.js';
import { useGrounds } from './both-redis.js';
import { ask, day, delta, hour, minute, noon, recorderOf, suite, untilWritten } from './samples.js';

const { same } = useGrounds();

it('adds samples up at three resolutions, whatever order they come in and whoever writes them', async () => {
  let seed = 11;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const samples = Array.from({ length: 400 }, () => ({
    at: noon - Math.floor(random() * 3 * day),
    value: Math.exp(random() * 9),
  }));
  const answers = await same(async (tried) => {
    const writers = [recorderOf(tried), recorderOf(tried), recorderOf(tried)];
    for (const [index, { at, value }] of samples.entries()) {
      writers[index % 3]?.record('suite.duration', suite, value, at);
      if (index % 37 === 0) await writers[index % 3]?.flush();
    }
    for (const writer of writers) await writer.close();
    const [series] = await tried.store.series();
    const columns: Record<string, Column> = {};
    const steps: Readonly<Record<Resolution, number>> = { minute, hour, day };
    for (const resolution of ['minute', 'hour', 'day'] as const)
      for (const statistic of ['mean', 'count', 'sum', 'min', 'max', 'p50', 'p95'] as const) {
        const slice = {
          resolution,
          from: noon - 4 * day,
          to: noon + minute,
          step: steps[resolution],
          statistic,
        };
        const { at, value, count } = await tried.store.read(series?.id ?? '', slice);
        // Sums of doubles depend on their order in the last bits.
        columns[`${resolution} ${statistic}`] = {
          at,
          count,
          value: value.map((one) => Number(one.toPrecision(12))),
        };
      }
    return columns;
  });

  for (const [resolution, step] of [
    ['minute', minute],
    ['hour', hour],
    ['day', day],
  ] as const) {
    const expected = new Map<number, number[]>();
    for (const { at, value } of samples) {
      const start = Math.floor(at / step) * step;
      expected.set(start, [...(expected.get(start) ?? []), value]);
    }
    const starts = [...expected.keys()].toSorted((a, b) => a - b);
    const of = (statistic: Statistic) => answers[`${resolution} ${statistic}`];
    expect(of('count')?.at).toEqual(starts);
    const sums = starts.map((start) => (expected.get(start) ?? []).reduce((sum, one) => sum + one, 0));
    expect(of('sum')?.value).toEqual(sums.map((sum) => Number(sum.toPrecision(12))));
    expect(of('max')?.value).toEqual(
      starts.map((start) => Number(Math.max(...(expected.get(start) ?? [])).toPrecision(12))),
    );
    const quantiles = starts.map((start) => {
      const sketch = new DDSketch({ relativeAccuracy: 0.01 });
      for (const value of expected.get(start) ?? []) sketch.accept(value);
      return Number(sketch.getValueAtQuantile(0.95).toPrecision(12));
    });
    expect(of('p95')?.value).toEqual(quantiles);
  }
});

it('counts a batch once, however often it is written, also across a restart of the server', async () => {
  const outcome = await same(async (tried) => {
    const batch = { id: 'cycle:c-1:baseline', deltas: [delta(noon - hour, 40), delta(noon - minute, 60)] };
    const first = await tried.store.write(batch);
    const again = await tried.store.write(batch);
    await tried.ground.restart();
    const after = await untilWritten(tried.store, batch);
    await tried.store.write({ id: 'cycle:c-2:baseline', deltas: [delta(noon - minute, 100)] });
    const days = await ask(tried, { step: day, from: noon - day });
    const minutes = await ask(tried);
    return { first, again, after, days: days.series, minutes: minutes.series };
  });
  expect(outcome.first).toEqual({ written: 2, repeated: false, refused: {} });
  expect(outcome.again).toEqual({ written: 0, repeated: true, refused: {} });
  expect(outcome.after.repeated).toBe(true);
  expect(outcome.days[0]?.points).toMatchObject([{ value: 200 / 3, count: 3 }]);
  expect(outcome.minutes[0]?.points).toEqual([
    { at: noon - hour, value: 40, count: 1 },
    { at: noon - minute, value: 80, count: 2 },
  ]);
}, 120_000);

it('refuses what is no measurement, and counts it', async () => {
  const { stats, refused, store } = await same(async (tried) => {
    const recorder = recorderOf(tried);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 5])
      recorder.record('suite.duration', suite, value);
    recorder.record('nobody.measures', {}, 1);
    recorder.record('suite.duration', suite, 1, noon + hour);
    recorder.record('suite.duration', suite, 1, noon - 31 * day);
    recorder.record('suite.duration', suite, 1, Number.NaN);
    await recorder.close();
    const bad = [
      delta(noon, 1, { count: Number.NaN }),
      delta(noon, 1, { min: 2, max: 1 }),
      delta(noon + 1, 1),
      delta(noon, -5),
      delta(noon, 1, { metric: 'x' }),
    ];
    const direct = await tried.store.write({ id: 'bad', deltas: bad });
    return { stats: recorder.stats(), refused: direct.refused, store: await tried.store.refused() };
  });
  expect(stats).toMatchObject({
    recorded: 3,
    refused: { 'not-a-number': 4, negative: 1, 'unknown-metric': 1, 'store-future': 1, 'store-too-old': 1 },
  });
  expect(refused).toEqual({ invalid: 5 });
  expect(store).toEqual({ invalid: 5, future: 1, 'too-old': 1 });
});

it('survives an explosion of labels: capped in the process and in the store, counted in both', async () => {
  const { recorded, series, tooMany } = await same(
    async (tried) => {
      const recorder = recorderOf(tried);
      for (let index = 0; index < 1_000; index += 1)
        recorder.record('suite.duration', { repository: `r-${index}`, more: 'ignored' }, 1);
      await recorder.close();
      const again = recorderOf(tried);
      again.record('cycle.duration', { repository: 'x'.repeat(5_000) }, 1);
      await again.close();
      return {
        recorded: recorder.stats(),
        series: await tried.store.series(),
        tooMany: (await tried.store.refused())['too-many-series'],
      };
    },
    { seriesMaximum: 150 },
  );
  expect(recorded.refused['folded-labels']).toBe(800);
  expect(series).toHaveLength(150);
  // Fifty series, and the one of all others with its eight hundred samples, and the last one.
  expect(tooMany).toBe(50 + 800 + 1);
});

it('keeps samples while the store is away, within a bound, and follows a clock that jumps', async () => {
  await same(async (tried) => {
    let steady = 0;
    let away = true;
    const recorder = createRecorder(
      {
        async write(batch) {
          if (away) throw new Error('away');
          return tried.store.write(batch);
        },
      },
      { now: () => tried.now, steady: () => steady, everyMs: 0 },
    );
    for (let round = 0; round < 130; round += 1) {
      recorder.record('suite.duration', suite, 1);
      await recorder.flush();
    }
    expect(recorder.stats()).toMatchObject({ recorded: 130, waiting: 100, refused: { 'store-away': 30 } });
    away = false;
    // A day back, as by a battery that was empty; then forward again.
    tried.now = noon - day;
    recorder.record('suite.duration', suite, 7);
    steady += 1_000;
    tried.now = noon;
    recorder.record('suite.duration', suite, 9);
    await recorder.close();
    expect(recorder.stats()).toMatchObject({ recorded: 132, waiting: 0, clockJumps: 2 });
    const { series } = await ask(tried, { statistic: 'sum', from: noon - 2 * day });
    expect(series[0]?.points).toEqual([
      { at: noon - day, value: 7, count: 1 },
      // One more went when the next came.
      { at: noon, value: 99 + 9, count: 100 },
    ]);
    return series;
  });
});

it('answers a question of a million points with as many as are of use, and says so', async () => {
  const answers = await same(async (tried) => {
    const deltas = Array.from({ length: 60 }, (_, index) => delta(noon - index * 6 * hour, index + 1));
    await tried.store.write({ id: 'many', deltas });
    const long = await ask(tried, { from: noon - 700 * day, step: minute, maxPoints: 50_000 });
    const chart = await ask(tried, { from: noon - 7 * day, step: null });
    const bare = await ask(tried, { from: noon - 3 * hour, step: minute });
    const quantiles = await ask(tried, {
      from: noon - 30 * day,
      step: minute,
      statistic: 'p95',
      maxPoints: 50_000,
    });
    return { long, chart, bare, quantiles };
  });
  const { long, chart, bare, quantiles } = answers;
  expect(long.step).toBe(day);
  expect(long.resolution).toBe('day');
  expect(long.notes).toEqual([
    'made coarser, 86400000 ms instead of 60000 ms: days are the finest kept for this range',
  ]);
  expect(long.series[0]?.points.reduce((sum, { count }) => sum + count, 0)).toBe(60);
  expect(chart).toMatchObject({ step: 10 * minute, notes: [] });
  expect(chart.series[0]?.points.length).toBe(28 + 1);
  expect(bare).toMatchObject({ step: minute, notes: [], series: [{ points: [{ at: noon, value: 1 }] }] });
  expect(quantiles.notes[0]).toContain('hours are the finest kept');
});

it('refuses impossible questions, and has nothing to say of a series nobody wrote', async () => {
  await same(async (tried) => {
    await expect(ask(tried, { metric: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(ask(tried, { from: 5, to: 5 })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(ask(tried, { from: Number.NaN })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(ask(tried, { from: noon + 3 * day, to: noon + 4 * day })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    expect((await ask(tried)).series).toEqual([]);
    const slice = { resolution: 'minute', from: 0, to: hour, step: minute, statistic: 'mean' } as const;
    expect(await tried.store.read('nobody', slice)).toEqual({ at: [], value: [], count: [] });
    return null;
  });
});

it('forgets series that nobody has written for years', async () => {
  await same(async (tried) => {
    await tried.store.write({ id: 'one', deltas: [delta(noon, 1)] });
    tried.now = noon + 1_199 * day;
    expect(await tried.store.prune()).toBe(0);
    tried.now = noon + 1_201 * day;
    expect(await tried.store.prune()).toBe(1);
    return tried.store.series();
  });
});
