/** What bench:analysis measured → table, figures, bars. */
import { readFileSync, writeFileSync } from 'node:fs';
import prettier from 'prettier';
import { median } from './figures.js';

export interface Row {
  readonly wall: readonly number[];
  readonly cpu: readonly number[];
  /** Megabytes of the largest process. */
  readonly rss: readonly number[];
  /** False when the time limit ended it. */
  readonly ended: boolean;
  /** Load average of the machine at the end. */
  readonly load: number;
}
export interface Measured {
  readonly rows: Record<string, Record<string, Row>>;
  /** By lines of the tree. */
  readonly growth: Record<string, Omit<Row, 'ended' | 'load'>>;
  readonly lines: Record<string, number>;
}

const own: Readonly<Record<string, string>> = {
  cold: '`ratchet analyze`, cold',
  warm: 'unchanged',
  edited: 'one file edited',
  'edited-hub': 'the most imported file edited',
};
const start = '<!-- bench:analysis, written by the command with --write -->';
const end = '<!-- end of bench:analysis -->';

export function tableOf(measured: Measured, labels: Readonly<Record<string, string>>): string {
  const parts: string[] = [];
  for (const [tree, rows] of Object.entries(measured.rows)) {
    const lines = measured.lines[tree] ?? 0;
    const cold = rows['cold'];
    parts.push(`${tree}, ${lines.toLocaleString('en')} lines:`, '');
    parts.push(
      '| run | wall s | CPU s | CPU s / 100,000 lines | peak MB | wall / cold | CPU / cold | rounds | load |',
    );
    parts.push('|---|--:|--:|--:|--:|--:|--:|--:|--:|');
    for (const [name, row] of inOrder(rows, labels)) {
      const wall = median(row.wall);
      const cpu = median(row.cpu);
      const ratio = (value: number, of: readonly number[] | undefined): string =>
        of === undefined || name in own ? '' : `${(value / median(of)).toFixed(1)}×`;
      const label = `${own[name] ?? labels[name] ?? name}${row.ended ? '' : ' (stopped at the limit)'}`;
      parts.push(
        `| ${label} | ${wall.toFixed(2)} | ${cpu.toFixed(2)} | ${((cpu / lines) * 100_000).toFixed(2)} | ${median(row.rss).toFixed(0)} | ${ratio(wall, cold?.wall)} | ${ratio(cpu, cold?.cpu)} | ${row.wall.length} | ${row.load} |`,
      );
    }
    parts.push('');
  }
  const growth = Object.entries(measured.growth);
  if (growth.length > 0) {
    parts.push(
      'Growth, cold, copies of mathjs side by side:',
      '',
      '| lines | wall s | CPU s | CPU s / 1,000 lines | peak MB |',
      '|--:|--:|--:|--:|--:|',
    );
    for (const [lines, { wall, cpu, rss }] of growth)
      parts.push(
        `| ${Number(lines).toLocaleString('en')} | ${median(wall).toFixed(2)} | ${median(cpu).toFixed(2)} | ${((median(cpu) / Number(lines)) * 1_000).toFixed(4)} | ${median(rss).toFixed(0)} |`,
      );
    parts.push('');
  }
  return parts.join('\n');
}

/** Our own rows first, then the peers as they are listed: parts are measured in any order. */
function inOrder(
  rows: Readonly<Record<string, Row>>,
  labels: Readonly<Record<string, string>>,
): (readonly [string, Row])[] {
  return [...Object.keys(own), ...Object.keys(labels)].flatMap((name) => {
    const row = rows[name];
    return row === undefined ? [] : [[name, row] as const];
  });
}

/** Puts the table between its marks; the rest of the page stays. */
export async function writeTable(path: string, table: string): Promise<void> {
  const page = readFileSync(path, 'utf8');
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from === -1 || to === -1) throw new Error(`${path} has no marks for the table`);
  const text = `${page.slice(0, from)}${start}\n\n${table}\n${page.slice(to)}`;
  const options = await prettier.resolveConfig(path);
  writeFileSync(path, await prettier.format(text, { ...options, parser: 'markdown' }));
}

/** Numbers by `tree.row.what`. */
export function figuresOf(measured: Measured): Readonly<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const [tree, rows] of Object.entries(measured.rows)) {
    figures[`${tree}.lines`] = measured.lines[tree] ?? 0;
    for (const [name, row] of Object.entries(rows)) {
      if (!row.ended) continue;
      figures[`${tree}.${name}.wall`] = round(median(row.wall));
      figures[`${tree}.${name}.cpu`] = round(median(row.cpu));
      figures[`${tree}.${name}.rss`] = Math.round(median(row.rss));
    }
  }
  for (const [lines, { cpu }] of Object.entries(measured.growth))
    figures[`growth.${lines}`] = round((median(cpu) / Number(lines)) * 1_000, 10_000);
  return figures;
}

/**
 * The bars of the issue, each over every tree that was measured. Ratios and cold are of CPU seconds, because wall
 * seconds on a shared machine measure the others; warm and edited are of wall seconds, and say what a person waits.
 */
export function barsOf(figures: Readonly<Record<string, number>>): Readonly<Record<string, boolean>> {
  const trees = Object.keys(figures)
    .filter((name) => name.endsWith('.lines'))
    .map((name) => name.slice(0, -6));
  const all = (names: string, holds: (tree: string) => boolean): boolean => {
    const measured = trees.filter((tree) =>
      names.split(' ').every((name) => figures[`${tree}.${name}`] !== undefined),
    );
    return measured.length > 0 && measured.every(holds);
  };
  const at = (tree: string, name: string): number => figures[`${tree}.${name}`] ?? Number.NaN;
  const growth = Object.entries(figures).filter(([name]) => name.startsWith('growth.'));
  const sizes = growth.map(([name, value]) => ({ lines: Number(name.slice(7)), value }));
  const [small, large] = [sizes.at(0), sizes.at(-1)];
  return {
    coldCpuAtMost5sPer100kLines: all(
      'cold.cpu',
      (tree) => (at(tree, 'cold.cpu') / at(tree, 'lines')) * 100_000 <= 5,
    ),
    rssAtMost450MBUpTo120kLines: all(
      'cold.rss',
      (tree) => at(tree, 'lines') > 120_000 || at(tree, 'cold.rss') <= 450,
    ),
    fourTimesFasterThanEslintUntyped: all(
      'cold.cpu eslint.cpu',
      (tree) => at(tree, 'eslint.cpu') / at(tree, 'cold.cpu') >= 4,
    ),
    eightTimesFasterThanEslintTyped: all(
      'cold.cpu eslint-typed.cpu',
      (tree) => at(tree, 'eslint-typed.cpu') / at(tree, 'cold.cpu') >= 8,
    ),
    warmAtMostHalfASecond: all('warm.wall', (tree) => at(tree, 'warm.wall') <= 0.5),
    editedAtMost1500ms: all('edited.wall', (tree) => at(tree, 'edited.wall') <= 1.5),
    growthAtMostLinear: small !== undefined && large !== undefined && large.value <= small.value * 1.1,
  };
}

function round(value: number, unit = 100): number {
  return Math.round(value * unit) / unit;
}
