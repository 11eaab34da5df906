/** Exact nearest neighbours by cosine over one flat array. */
import { bestOf } from './best-of.js';

export interface VectorIndex {
  readonly dimension: number;
  readonly size: number;
  /** Replaces what the entry had. The vector need not be of unit length. */
  set(entry: number, vector: Float32Array): void;
  get(entry: number): Float32Array | undefined;
  remove(entry: number): void;
  /** Best first, with the cosine. */
  search(
    vector: Float32Array,
    limit: number,
    wanted: (entry: number) => boolean,
    /** Who stands first of two with the same cosine. */
    tie?: (left: number, right: number) => number,
  ): readonly { readonly entry: number; readonly score: number }[];
}

/** The vector with length 1; nothing without a direction is changed. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length === 0 || !Number.isFinite(length) ? vector : vector.map((value) => value / length);
}

/**
 * The product with the vector that begins at `from`. Four sums, because one would wait for itself; every adapter adds
 * in this order, so that equal vectors have equal scores everywhere.
 */
export function dot(flat: Float32Array, from: number, asked: Float32Array): number {
  let [first, second, third, fourth] = [0, 0, 0, 0];
  const whole = asked.length - (asked.length % 4);
  for (let d = 0; d < whole; d += 4) {
    const at = from + d;
    first += (flat[at] ?? 0) * (asked[d] ?? 0);
    second += (flat[at + 1] ?? 0) * (asked[d + 1] ?? 0);
    third += (flat[at + 2] ?? 0) * (asked[d + 2] ?? 0);
    fourth += (flat[at + 3] ?? 0) * (asked[d + 3] ?? 0);
  }
  for (let d = whole; d < asked.length; d += 1) first += (flat[from + d] ?? 0) * (asked[d] ?? 0);
  return first + second + (third + fourth);
}

export function createVectorIndex(dimension: number): VectorIndex {
  let flat = new Float32Array(dimension * 256);
  const slots: number[] = [];
  const places = new Map<number, number>();
  return {
    dimension,
    get size() {
      return slots.length;
    },
    set(entry, vector) {
      let at = places.get(entry);
      if (at === undefined) {
        at = slots.length;
        slots.push(entry);
        places.set(entry, at);
        if ((at + 1) * dimension > flat.length) {
          const larger = new Float32Array(flat.length * 2);
          larger.set(flat);
          flat = larger;
        }
      }
      flat.set(unit(vector).subarray(0, dimension), at * dimension);
    },
    get(entry) {
      const at = places.get(entry);
      return at === undefined ? undefined : flat.subarray(at * dimension, (at + 1) * dimension);
    },
    remove(entry) {
      const at = places.get(entry);
      const last = slots.pop();
      if (at === undefined || last === undefined) {
        if (last !== undefined) slots.push(last);
        return;
      }
      places.delete(entry);
      if (last === entry) return;
      // The last one takes the free place.
      slots[at] = last;
      places.set(last, at);
      flat.copyWithin(at * dimension, slots.length * dimension, (slots.length + 1) * dimension);
    },
    search(vector, limit, wanted, tie = (left, right) => left - right) {
      const asked = unit(vector);
      const scores = new Float64Array(slots.length);
      for (let at = 0; at < slots.length; at += 1) scores[at] = dot(flat, at * dimension, asked);
      return bestOf({ scores, entries: slots, size: slots.length }, limit, wanted, tie);
    },
  };
}
