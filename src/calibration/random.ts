/** Numbers by seed (mulberry32). The seed stays in the plan: no gate is ever told. */
export interface Random {
  /** 0 ≤ value < 1. */
  next(): number;
  /** A whole number, both ends inclusive. */
  between(from: number, to: number): number;
  shuffled<T>(items: readonly T[]): T[];
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    shuffled<T>(items: readonly T[]): T[] {
      const drawn = items.map((item) => [next(), item] as const);
      return drawn.sort(([a], [b]) => a - b).map(([, item]) => item);
    },
  };
}
