/**
 * Quantiles from counts of logarithmic bins: DDSketch (Masson, Rim, Lee 2019), whose sketches merge by adding counts,
 * in any order and by any process. The mapping is the library's; a quantile is within 1 % of a value of that rank.
 */
import { DDSketch } from '@datadog/sketches-js';

const relativeAccuracy = 0.01;
const { mapping } = new DDSketch({ relativeAccuracy });
/** Zero has no logarithm: it has a bin of its own, below all others. */
const zeroKey = -32_768;
/** Less than this (a picosecond, as ms) is zero; keys fit in two bytes. */
const least = 1e-9;
const most = 1e300;

/** The bin of a value ≥ 0. */
export const keyOf = (value: number): number =>
  value < least ? zeroKey : mapping.key(Math.min(value, most));

/** The value that stands for a bin. */
export const valueOf = (key: number): number => (key === zeroKey ? 0 : mapping.value(key));

/** @param rank 0…1 @returns NaN of nothing */
export function quantileOf(bins: ReadonlyMap<number, number>, rank: number): number {
  const keys = [...bins.keys()].toSorted((a, b) => a - b);
  let total = 0;
  for (const count of bins.values()) total += count;
  let below = 0;
  for (const key of keys) {
    below += bins.get(key) ?? 0;
    if (below > rank * (total - 1)) return valueOf(key);
  }
  return Number.NaN;
}

const entryBytes = 6;

/** Adds bins as the store packs them: int16 key, uint32 count, little-endian. */
export function addPacked(bins: Map<number, number>, packed: Buffer): void {
  for (let at = 0; at + entryBytes <= packed.length; at += entryBytes) {
    const key = packed.readInt16LE(at);
    bins.set(key, (bins.get(key) ?? 0) + packed.readUInt32LE(at + 2));
  }
}
