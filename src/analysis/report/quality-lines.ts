/** Grade, hotspots, cycles and copies in a few lines, for the terminal and for Markdown. */
import { cyclesInWords, worstFiles } from '../quality/measure-tree.js';
import type { TreeMetrics } from '../types.js';

const shown = 3;
const stepsShown = 6;

/** Label and text of each line; what was not asked for, or is not there, has none. */
export function qualityLines(metrics: TreeMetrics): readonly (readonly [label: string, text: string])[] {
  const { quality, cycles, hotspots, duplicates } = metrics;
  const lines: [string, string][] = [['quality', `${quality.grade} (${quality.score} of 100)`]];
  const worst = worstFiles(metrics.files, shown);
  if (worst.length > 0)
    lines.push(['weakest', worst.map((one) => `${one.file} ${one.grade} (${one.score})`).join(', ')]);
  if (hotspots.length > 0)
    lines.push([
      'hotspots',
      hotspots
        .slice(0, shown)
        .map(
          (one) =>
            `${one.file} (cognitive ${one.cognitive} × ${one.commits} commit${one.commits === 1 ? '' : 's'})`,
        )
        .join(', '),
    ]);
  const [first] = cycles;
  if (first !== undefined) lines.push(['cycles', `${cyclesInWords(cycles)}: ${around(first.path)}`]);
  if (duplicates !== null) {
    const copied = metrics.files.reduce((sum, one) => sum + (one.duplicatedLines ?? 0), 0);
    const [longest] = duplicates.clones;
    const places = longest?.places.map((one) => `${one.file}:${one.startLine}`).join(' and ');
    const example = longest === undefined ? '' : `; longest ${longest.lines} lines: ${places}`;
    lines.push(['copies', `${copied} lines exist twice, in ${duplicates.count} pairs${example}`]);
  }
  return lines;
}

function around(path: readonly string[]): string {
  if (path.length <= stepsShown) return path.join(' → ');
  return [...path.slice(0, stepsShown - 2), '…', path.at(-1)].join(' → ');
}
