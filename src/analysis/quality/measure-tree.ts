/** Results of the files → what is known of each file, and of the tree: imports, cycles, hotspots, grade. Pure. */
import type { FileResult } from '../analyse-file.js';
import { isTestFile } from '../test-files.js';
import { fanIns, importCycles, type ImportGraph } from '../metrics/graph.js';
import { fileScore, gradeOf, treeQuality } from '../metrics/grade.js';
import { maintainabilityOf } from '../metrics/maintainability.js';
import type { Churn, Duplicates, FileMetrics, Hotspot, ImportCycle, TreeMetrics } from '../types.js';

/** What only some runs ask for. */
export interface TreeExtras {
  readonly churn: Churn | null;
  readonly duplicates: Duplicates | null;
}

const hotspotsMax = 20;

/** @param results in any order; files with syntax errors have no metrics */
export function measureTree(results: readonly FileResult[], extras: TreeExtras): TreeMetrics {
  const measured = results
    .filter((one) => one.measures !== null)
    .toSorted((a, b) => (a.file < b.file ? -1 : 1));
  const graph: ImportGraph = new Map(measured.map((one) => [one.file, one.measures?.imports ?? []]));
  const cycles = importCycles(graph);
  const inCycle = new Set(cycles.filter((one) => !one.typeOnly).flatMap((one) => one.files));
  const fanIn = fanIns(graph);
  const copied = duplicatedLines(extras.duplicates);
  const files = measured.map((one) =>
    fileMetrics(one, fanIn.get(one.file) ?? 0, inCycle, copied, extras.churn),
  );
  return {
    quality: treeQuality(files.filter((one) => !one.test)),
    files,
    classes: measured.flatMap((one) => one.measures?.classes ?? []),
    cycles,
    hotspots: hotspotsOf(files),
    churn: extras.churn,
    duplicates: extras.duplicates,
  };
}

function fileMetrics(
  { file, lines, functions, measures }: FileResult,
  fanIn: number,
  inCycle: ReadonlySet<string>,
  copied: ReadonlyMap<string, number> | null,
  churn: Churn | null,
): FileMetrics {
  const size = measures?.size ?? { code: 0, comments: 0, blank: 0 };
  const fanOut = measures?.imports.length ?? 0;
  const cognitive = sum(functions.map((one) => one.cognitive));
  const commits = churn === null ? null : (churn.commits[file] ?? 0);
  const cyclic = inCycle.has(file);
  const score = fileScore(functions, size.code, cyclic);
  const volume = measures?.halstead.volume ?? 0;
  return {
    file,
    test: isTestFile(file),
    lines,
    ...size,
    functions: functions.length,
    classes: measures?.classes.length ?? 0,
    cyclomatic: sum(functions.map((one) => one.cyclomatic)),
    cognitive,
    maxCognitive: functions.reduce((most, one) => Math.max(most, one.cognitive), 0),
    halstead: measures?.halstead ?? null,
    maintainability:
      functions.length === 0 ? maintainabilityOf(volume, 0, size.code) : meanMaintainability(functions),
    fanIn,
    fanOut,
    packages: measures?.packages ?? 0,
    instability: fanIn + fanOut === 0 ? null : round(fanOut / (fanIn + fanOut), 1_000),
    inCycle: cyclic,
    duplicatedLines: copied === null ? null : (copied.get(file) ?? 0),
    commits,
    hotspot: commits === null ? null : commits * cognitive,
    score,
    grade: gradeOf(score),
  };
}

/** By lines: a file is as maintainable as most of its code. */
function meanMaintainability(functions: FileResult['functions']): number {
  const lines = sum(functions.map((one) => one.lines));
  return round(sum(functions.map((one) => (one.maintainability ?? 0) * one.lines)) / Math.max(1, lines), 10);
}

function hotspotsOf(files: readonly FileMetrics[]): readonly Hotspot[] {
  return files
    .filter((one) => !one.test && (one.hotspot ?? 0) > 0)
    .toSorted((a, b) => (b.hotspot ?? 0) - (a.hotspot ?? 0) || (a.file < b.file ? -1 : 1))
    .slice(0, hotspotsMax)
    .map(({ file, cognitive, commits, hotspot }) => ({
      file,
      cognitive,
      commits: commits ?? 0,
      score: hotspot ?? 0,
    }));
}

/** Lines of each file that exist a second time somewhere; overlapping places count once. */
function duplicatedLines(duplicates: Duplicates | null): ReadonlyMap<string, number> | null {
  if (duplicates === null) return null;
  const lines = new Map<string, Set<number>>();
  for (const { places } of duplicates.clones)
    for (const { file, startLine, endLine } of places) {
      const set = lines.get(file) ?? new Set();
      lines.set(file, set);
      for (let line = startLine; line <= endLine; line += 1) set.add(line);
    }
  return new Map([...lines].map(([file, set]) => [file, set.size]));
}

/** The files that pull the grade down most: lost points times lines of code. */
export function worstFiles(files: readonly FileMetrics[], count: number): readonly FileMetrics[] {
  const lost = (one: FileMetrics): number => (100 - one.score) * one.code;
  return files
    .filter((one) => !one.test && one.grade !== 'A')
    .toSorted((a, b) => lost(b) - lost(a) || (a.file < b.file ? -1 : 1))
    .slice(0, count);
}

export function cyclesInWords(cycles: readonly ImportCycle[]): string {
  const runtime = cycles.filter((one) => !one.typeOnly).length;
  const types = cycles.length - runtime;
  const list = [
    ...(runtime > 0 ? [`${runtime} import cycle${runtime === 1 ? '' : 's'}`] : []),
    ...(types > 0 ? [`${types} through types alone`] : []),
  ];
  return list.length === 0 ? 'no import cycles' : list.join(', ');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function round(value: number, unit: number): number {
  return Math.round(value * unit) / unit;
}
