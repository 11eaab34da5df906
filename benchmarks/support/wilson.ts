/** Wilson's score interval of a share (Wilson 1927): honest for few trials and for shares near 0 and 1. */

/** Lower and upper bound at 95 %; [0, 1] of nothing. */
export function wilson(successes: number, total: number): readonly [number, number] {
  if (total === 0) return [0, 1];
  const z = 1.959964;
  const share = successes / total;
  const scale = 1 + z ** 2 / total;
  const centre = (share + z ** 2 / (2 * total)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
