/** Pairs of functions whose true ratio is known: the same work, done a known number of rounds. */

export const kinds = ['small', 'allocating', 'strings', 'maps', 'waiting'] as const;
export type Kind = (typeof kinds)[number];

/** Rounds of the base; a ratio r gives the candidate rounds / r. */
const rounds = 6_000;

const bodies: Readonly<Record<Kind, string>> = {
  // A numeric loop that the optimising compiler decides about.
  small: 'for (let j = 0; j < 40; j += 1) sum = (Math.imul(sum, 31) + seed + i * j) | 0;',
  allocating:
    'const parts = [];\n    for (let j = 0; j < 6; j += 1) parts.push({ at: j, of: [i, seed] });\n    sum += parts.length;',
  strings: "sum += `${seed}-${i}-abc`.replace('abc', 'xyz').length;",
  maps: 'table.set((i * 7919 + seed) % 5003, i);\n    sum += table.size;',
  waiting: '',
};

/** Source of one side of a pair. */
export function moduleOf(kind: Kind, ratio: number): string {
  if (kind === 'waiting') {
    // Four waits one after the other; a faster side waits shorter.
    const pause = 8 / ratio;
    return `import { setTimeout as pause } from 'node:timers/promises';
export async function work(seed) {
  for (let i = 0; i < 2; i += 1) await pause(${pause.toFixed(3)});
  return seed;
}
`;
  }
  return `export function work(seed) {
  let sum = 0;
  const table = new Map();
  for (let i = 0; i < ${Math.round(rounds / ratio)}; i += 1) {
    ${bodies[kind]}
  }
  return sum === 0.5 || table.size < 0 ? 1 : seed;
}
`;
}

/** The workload over any pair; inputs differ by variant. */
export const workload = `export const entry = 'src/work.js';
export const setup = (module, { variant }) => ({ work: module.work, seed: variant });
export const run = ({ work, seed }) => work(seed);
`;
