/** The ratio per size as one line for a terminal, beside the band of identical code against itself. Pure. */
import type { Verdict } from '../types.js';
import { lossBound, minimumGain } from '../performance/decide.js';
import { count, digits, microseconds, speedOf, type Speed, type SpeedRow } from './figures.js';

const bars = '▁▂▃▄▅▆▇█';
const asciiBars = '_.-=+*#@';

/** One bar per size on a log scale from "as fast as before" (lowest) to the largest ratio, at least 2×. */
export function sparkline({ rows }: Speed, unicode = true): string {
  const top = Math.max(Math.log(2), ...rows.map(({ ratio }) => Math.abs(Math.log(ratio))));
  const set = unicode ? bars : asciiBars;
  return rows
    .map(({ ratio }) => {
      const height = Math.max(0, Math.log(ratio) / top);
      return ratio < 0.95 ? (unicode ? '▿' : 'v') : (set[Math.round(height * (set.length - 1))] ?? '');
    })
    .join('');
}

/** The band is that of the largest size: what a row says of itself is its own interval, as in the gate's reason. */
function wordsOf({ lower, upper }: SpeedRow): string {
  if (upper < lossBound) return '  slower';
  return lower > minimumGain ? '' : '  within the noise';
}

/** Lines for a terminal: the sparkline with its band, then one line per size. [] when nothing was measured. */
export function speedLines(verdict: Verdict | null, unicode = true): readonly string[] {
  const speed = speedOf(verdict);
  if (speed === null) return [];
  const { rows, control, growth } = speed;
  const [first, last] = [rows[0]?.size ?? null, rows.at(-1)?.size ?? null];
  const span = first === null || last === null ? '' : `  n = ${count(first)} … ${count(last)}`;
  const band =
    control === null
      ? ''
      : `  same code against itself, at the largest ${digits(control.lower)}× … ${digits(control.upper)}×`;
  const power =
    growth === null ? '' : `  time ~ n^${growth.base.toFixed(2)} → n^${growth.candidate.toFixed(2)}`;
  const lines = [`${sparkline(speed, unicode)}${span}${power}`, ...(band === '' ? [] : [band.trim()])];
  for (const row of rows) {
    const size = row.size === null ? 'as given' : count(row.size);
    const times = `${microseconds(row.baseUs)} → ${microseconds(row.candidateUs)}`;
    lines.push(
      `${size.padStart(9)}  ${`${digits(row.ratio)}×`.padStart(7)} [${digits(row.lower)}, ${digits(row.upper)}]  ${times}${wordsOf(row)}`,
    );
  }
  return lines;
}
