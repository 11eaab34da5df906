/** Hours of the day: what a series does every day at the same hour is no news. Pure. */
import { median, noiseOf } from './robust.js';

const hour = 3_600_000;
const day = 24 * hour;
const daysMinimum = 4;
const likeness = 0.5;

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, one) => sum + one, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [index, one] of a.entries()) {
    const [da, db] = [one - ma, (b[index] ?? 0) - mb];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

/** Median by hour of what differs from the day's own median; null where an hour has no points. */
function profile(
  at: readonly number[],
  rest: Float64Array,
  isOwn: (day: number) => boolean,
): number[] | null {
  const hours: number[][] = Array.from({ length: 24 }, () => []);
  for (const [index, time] of at.entries())
    if (isOwn(Math.floor(time / day))) hours[Math.floor((time % day) / hour)]?.push(rest[index] ?? 0);
  if (hours.some((values) => values.length === 0)) return null;
  return hours.map((values) => median(values));
}

/**
 * The series without its hours of the day, when odd and even days agree on what these are; else as it was. A level that
 * changes within a day is no season: each point is first compared with its day's median.
 */
export function withoutSeason(
  at: readonly number[],
  values: Float64Array,
): { readonly values: Float64Array; readonly seasonal: boolean } {
  const same = { values, seasonal: false };
  const first = at[0] ?? 0;
  if ((at.at(-1) ?? 0) - first < daysMinimum * day) return same;
  const days = new Map<number, number[]>();
  for (const [index, time] of at.entries()) {
    const key = Math.floor(time / day);
    const list = days.get(key) ?? [];
    list.push(values[index] ?? 0);
    days.set(key, list);
  }
  const middles = new Map([...days].map(([key, list]) => [key, median(list)]));
  // Between the middles of days the level goes straight: what grows all day long is no season.
  const level = (time: number): number => {
    const key = Math.floor(time / day);
    const other = time % day < day / 2 ? key - 1 : key + 1;
    const own = middles.get(key) ?? 0;
    const across = key - (other - key);
    // At the edges the neighbour on the other side says how it goes on.
    const next = middles.get(other) ?? 2 * own - (middles.get(across) ?? own);
    return own + (next - own) * Math.abs((time % day) / day - 0.5);
  };
  const rest = values.map((value, index) => value - level(at[index] ?? 0));
  const odd = profile(at, rest, (key) => key % 2 === 1);
  const even = profile(at, rest, (key) => key % 2 === 0);
  if (odd === null || even === null || correlation(odd, even) < likeness) return same;
  const whole = profile(at, rest, () => true) ?? [];
  const height = Math.max(...whole) - Math.min(...whole);
  if (height < noiseOf(rest).deviation) return same;
  return {
    values: values.map((value, index) => value - (whole[Math.floor(((at[index] ?? 0) % day) / hour)] ?? 0)),
    seasonal: true,
  };
}
