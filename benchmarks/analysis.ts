/**
 * `npm run bench:analysis`: seconds and memory of the analysis beside ESLint with SonarJS (untyped and typed), tsc,
 * oxlint, Biome and fallow, on three practice repositories and on the two largest packages that ship their TypeScript.
 * Measures in parts (`--only mathjs`, `--only viem:eslint-typed,viem:tsc`, `--only growth`) that are kept in .cache
 * and put together; `--rounds N` (default 3), `--fresh` forgets what was measured, `--write` puts the table into
 * benchmarks/README.md.
 */
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { preparePeers } from './support/analysis-peers.js';
import { growTree, prepareTree, treeNames, type Tree } from './support/analysis-trees.js';
import { barsOf, figuresOf, tableOf, writeTable, type Measured, type Row } from './support/analysis-table.js';
import { timed } from './support/timed.js';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    fresh: { type: 'boolean' },
    write: { type: 'boolean' },
  },
});
/** The bundle runs elsewhere; the working directory is the root of the project. */
const root = process.cwd();
const cache = join(root, '.cache', 'bench');
const practice = join(root, '..', 'shared', 'practice', 'practice');
const cli = join(root, 'dist', 'cli', 'main.js');
const kept = join(cache, 'analysis.json');
const rounds = Math.max(1, Number(flags.rounds));
const only = flags.only?.split(',') ?? null;
const limitSeconds = 900;
const copies = [1, 2, 3, 4];

const wanted = (tree: string, row: string): boolean =>
  only === null || only.includes(tree) || only.includes(`${tree}:${row}`) || only.includes(row);

const nothing: Measured = { rows: {}, growth: {}, lines: {} };
if (flags.fresh === true) rmSync(kept, { force: true });
const recall = (): Measured =>
  existsSync(kept) ? (JSON.parse(readFileSync(kept, 'utf8')) as Measured) : nothing;
/** Another part may be measured at the same time: what it kept stays. */
const keep = (change: (measured: Measured) => void): void => {
  const measured = recall();
  change(measured);
  writeFileSync(kept, JSON.stringify(measured));
};

/** Medians of the rounds; nothing when the tool did not end in time. */
function measure(
  tree: string,
  name: string,
  command: readonly string[],
  cwd: string,
  before?: () => void,
): string {
  const runs = Array.from({ length: rounds }, () => {
    before?.();
    const run = timed(command, { cwd, limit: limitSeconds });
    console.error(
      `${tree} ${name}: ${run.wall.toFixed(2)} s wall, ${run.cpu.toFixed(2)} s CPU, ${run.rss.toFixed(0)} MB`,
    );
    return run;
  });
  const row: Row = {
    wall: runs.map((one) => one.wall),
    cpu: runs.map((one) => one.cpu),
    rss: runs.map((one) => one.rss),
    ended: runs.every((one) => one.code !== null),
    load: Math.round(loadavg()[0] ?? 0),
  };
  keep((measured) => {
    (measured.rows[tree] ??= {})[name] = row;
  });
  return runs.at(-1)?.out ?? '';
}

const ratchet = (path: string, ...more: readonly string[]): readonly string[] => [
  'env',
  `RATCHET_HOME=${join(cache, 'home')}`,
  process.execPath,
  cli,
  'analyze',
  path,
  '--json',
  ...more,
];

/** The most imported file: the edit that costs most. */
function measureOwn(tree: Tree): void {
  const asked = ['cold', 'warm', 'edited', 'edited-hub'].filter((row) => wanted(tree.name, row));
  if (asked.length === 0) return;
  const cwd = tree.directory;
  const copy = join(cache, 'edited', tree.name);
  const cold = asked.includes('cold') ? measure(tree.name, 'cold', ratchet(cwd, '--no-cache'), cwd) : null;
  const filled =
    asked.length === 1 && cold !== null ? cold : timed(ratchet(cwd), { cwd, limit: limitSeconds }).out;
  const report = JSON.parse(filled) as {
    summary: { lines: number };
    files: { file: string; fanIn: number; test: boolean; code: number }[];
  };
  keep((measured) => {
    measured.lines[tree.name] = report.summary.lines;
  });
  if (asked.includes('warm')) measure(tree.name, 'warm', ratchet(cwd), cwd);
  if (!asked.some((row) => row.startsWith('edited'))) return;
  const byFanIn = report.files
    .filter((one) => !one.test && one.code > 20)
    .toSorted((a, b) => a.fanIn - b.fanIn);
  const hub = byFanIn.at(-1)?.file;
  const usual = byFanIn[Math.floor(byFanIn.length / 2)]?.file;
  rmSync(copy, { recursive: true, force: true });
  cpSync(cwd, copy, { recursive: true, verbatimSymlinks: true });
  timed(ratchet(copy), { cwd: copy, limit: limitSeconds });
  for (const [name, file] of [
    ['edited', usual],
    ['edited-hub', hub],
  ] as const)
    if (file !== undefined && asked.includes(name))
      measure(tree.name, name, ratchet(copy), copy, () => {
        const id = `bench${process.hrtime.bigint()}`;
        const text = `\nfunction ${id}(list) { for (const one of list) if (one > 1) return one; return ${id}; }\n`;
        appendFileSync(
          join(copy, file),
          file.endsWith('ts') ? text.replace('(list)', '(list: number[]): unknown') : text,
        );
      });
}

function measureGrowth(tree: Tree): void {
  for (const count of copies) {
    const directory = growTree(tree, count, cache);
    const runs = Array.from({ length: rounds }, () =>
      timed(ratchet(directory, '--no-cache', '--no-history'), { cwd: directory, limit: limitSeconds }),
    );
    const { lines } = (JSON.parse(runs[0]?.out ?? '') as { summary: { lines: number } }).summary;
    keep((measured) => {
      measured.growth[lines] = {
        wall: runs.map((one) => one.wall),
        cpu: runs.map((one) => one.cpu),
        rss: runs.map((one) => one.rss),
      };
    });
    console.error(`growth, ${lines} lines: ${runs.map((one) => one.cpu.toFixed(2)).join(', ')} s CPU`);
  }
}

mkdirSync(cache, { recursive: true });
const peers = preparePeers(cache);
for (const name of treeNames) {
  const rows = ['cold', 'warm', 'edited', 'edited-hub', ...peers.map((one) => one.name)];
  const grown = name === 'mathjs' && (only === null || only.includes('growth'));
  if (!grown && !rows.some((row) => wanted(name, row))) continue;
  const tree = prepareTree(name, cache, practice);
  if (tree === null) continue;
  measureOwn(tree);
  for (const peer of peers) {
    const command = wanted(name, peer.name) ? peer.command(tree) : null;
    if (command !== null) measure(name, peer.name, command, tree.directory);
  }
  if (grown) measureGrowth(tree);
}
const measured = recall();
const labels = Object.fromEntries(peers.map((one) => [one.name, one.label]));
const table = tableOf(measured, labels);
console.log(table);
if (flags.write === true) await writeTable(join(root, 'benchmarks', 'README.md'), table);
const figures = figuresOf(measured);
process.stdout.write(`${JSON.stringify({ bench: 'analysis', figures, barsMet: barsOf(figures) })}\n`);
