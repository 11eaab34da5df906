/** What the detector finds among series of which is known what happened; the whole set is in `npm run bench:metrics`. */
import { detectors, qualityOf } from '../../benchmarks/support/detection-quality.js';
import { labelledSeries } from '../../benchmarks/support/labelled-series.js';
import { detect } from '../../src/metrics/detection/detect.js';

const hour = 3_600_000;
const hours = (count: number): number[] => Array.from({ length: count }, (_, index) => index * hour);

it('finds steps and ramps, and cries far less often than the methods it is compared with', () => {
  const [own, threshold, published] = ['ratchet', 'fixed threshold', 'E-divisive, t-test'].map((name) => {
    const detector = detectors[name];
    if (detector === undefined) throw new Error(name);
    return qualityOf(detector, 3);
  });
  expect(own?.precision).toBeGreaterThan(0.9);
  expect(own?.recall).toBeGreaterThan(0.85);
  expect(own?.falseAlarms).toBeLessThan(0.1);
  expect(own?.rampsFound).toBe(own?.ramps);
  expect(own?.f1).toBeGreaterThan(Math.max(threshold?.f1 ?? 1, published?.f1 ?? 1));
});

it('says where, from what to what, and how sure', () => {
  const { at, values, changes: known } = labelledSeries('step', 5);
  const { changes, seasonal, noise } = detect(at, values);
  expect(changes).toHaveLength(1);
  expect(Math.abs((changes[0]?.index ?? 0) - (known[0] ?? 0))).toBeLessThanOrEqual(3);
  expect(changes[0]?.factor).toBeCloseTo((changes[0]?.after ?? 0) / (changes[0]?.before ?? 1), 1);
  expect(changes[0]?.score).toBeGreaterThan(5);
  expect(seasonal).toBe(false);
  expect(noise).toBeGreaterThan(0.05);
  expect(detect(at, values)).toEqual(detect(at, values));
});

it('takes the hours of the day out', () => {
  const { at, values } = labelledSeries('daily pattern', 2);
  expect(detect(at, values)).toMatchObject({ seasonal: true, changes: [], trends: [] });
});

it.each<[string, number[]]>([
  ['nothing', []],
  ['a few points', [1, 2, 3]],
  ['always the same', Array.from({ length: 100 }, () => 7)],
  ['always zero', Array.from({ length: 100 }, () => 0)],
  ['zero and one', Array.from({ length: 100 }, (_, index) => index % 2)],
  ['the largest numbers', Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 1e300 : 1e299))],
])('has nothing to say of %s', (_, values) => {
  expect(detect(hours(values.length), values).changes).toEqual([]);
});

it('sees a step in a series without noise', () => {
  const values = Array.from({ length: 60 }, (_, index) => (index < 30 ? 10 : 20));
  const { changes } = detect(hours(60), values);
  expect(changes).toMatchObject([{ index: 30, before: 10, after: 20 }]);
  expect(changes[0]?.factor).toBeCloseTo(2, 6);
});
