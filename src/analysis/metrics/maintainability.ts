/** The maintainability index. Apart from halstead.ts, because a report from the cache needs no compiler. */

/**
 * The maintainability index in the form that Visual Studio uses: 0 (worst) to 100.
 * @param lines physical lines
 */
export function maintainabilityOf(volume: number, cyclomatic: number, lines: number): number {
  const raw =
    171 - 5.2 * Math.log(Math.max(1, volume)) - 0.23 * cyclomatic - 16.2 * Math.log(Math.max(1, lines));
  return round(Math.min(100, Math.max(0, (raw * 100) / 171)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
