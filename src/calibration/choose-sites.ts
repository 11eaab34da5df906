/** Which functions of a tree are taken, and where slownesses are planted. */
import type { CodeFunction } from './functions.js';
import { applyEdits, functionsOf } from './functions.js';
import { isSource } from './policy.js';
import type { Random } from './random.js';
import { pureNames, slowDowns, type SlowDown } from './slow/index.js';
import { parsesCleanly } from './syntax.js';
import type { TreeView } from './traps/index.js';
import type { TextEdit } from './types.js';

/** Path → line → share (0…1) of its code that the suite executes. */
export type Executed = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** A function that was made slow; undoing it is a good change. */
export interface Site {
  readonly fn: CodeFunction;
  readonly slowDown: SlowDown;
  readonly edits: readonly TextEdit[];
}

const filesMax = 400;
const functionsMax = 1_500;
const fileLengthMax = 200_000;
const aside =
  /(^|\/)(node_modules|dist|build|coverage|vendor|examples?|benchmarks?|scripts|bin|docs|fixtures)\/|\.d\.[cm]?ts$|\.min\.js$|(^|\/)[^/]*\.config\.[cm]?[jt]s$/;

/** Functions of the source files, in an order by chance, bounded. */
export function findFunctions(tree: TreeView, random: Random): readonly CodeFunction[] {
  const files = random.shuffled(tree.files.filter((path) => isSource(path) && !aside.test(path)));
  const found: CodeFunction[] = [];
  for (const file of files.slice(0, filesMax)) {
    const text = tree.read(file);
    if (text !== null && text.length <= fileLengthMax) found.push(...functionsOf(file, text));
    if (found.length >= functionsMax) break;
  }
  return random.shuffled(found).slice(0, functionsMax);
}

/** All lines of these functions by file. */
export function linesOf(functions: readonly CodeFunction[]): Map<string, Set<number>> {
  const lines = new Map<string, Set<number>>();
  for (const { file, lines: own } of functions) {
    const known = lines.get(file) ?? new Set();
    for (let line = own.first; line <= own.last; line += 1) known.add(line);
    lines.set(file, known);
  }
  return lines;
}

/** Mean share of a function's lines that the suite executes; 0 when nothing is known. */
export function executedShare(fn: CodeFunction, executed: Executed): number {
  const shares: number[] = [];
  for (let line = fn.lines.first; line <= fn.lines.last; line += 1) {
    const share = executed.get(fn.file)?.get(line);
    if (share !== undefined) shares.push(share);
  }
  return shares.length === 0 ? 0 : shares.reduce((sum, one) => sum + one, 0) / shares.length;
}

/** Is every line that the edits touch executed as a whole? */
function areExecuted(fn: CodeFunction, edits: readonly TextEdit[], executed: Executed): boolean {
  return edits.every(({ start, end }) => {
    const [from, to] = [start, end].map((at) => fn.source.getLineAndCharacterOfPosition(at).line + 1);
    for (let line = from ?? 0; line <= (to ?? 0); line += 1) {
      if ((executed.get(fn.file)?.get(line) ?? 1) < 1) return false;
    }
    return true;
  });
}

/** One place per function at most; kinds take turns, so that a frequent one does not crowd out the others. */
export function findSites(functions: readonly CodeFunction[], executed: Executed): readonly Site[] {
  const known = pureNames(functions);
  const perKind = slowDowns.map((slowDown) =>
    functions.flatMap((fn): Site[] => {
      const edits = slowDown.plant(fn, known);
      if (edits === null || !areExecuted(fn, edits, executed)) return [];
      const isClean = parsesCleanly(fn.file, applyEdits(fn.source.text, edits));
      return isClean ? [{ fn, slowDown, edits }] : [];
    }),
  );
  const taken = new Set<CodeFunction>();
  const sites: Site[] = [];
  const longest = Math.max(0, ...perKind.map((all) => all.length));
  for (let round = 0; round < longest; round += 1) {
    for (const all of perKind) {
      const site = all[round];
      if (site === undefined || taken.has(site.fn)) continue;
      taken.add(site.fn);
      sites.push(site);
    }
  }
  return sites;
}

/** Text of each changed file with all these sites planted. */
export function plantedFiles(sites: readonly Site[]): Record<string, string> {
  const perFile = new Map<string, { text: string; edits: TextEdit[] }>();
  for (const { fn, edits } of sites) {
    const known = perFile.get(fn.file) ?? { text: fn.source.text, edits: [] };
    known.edits.push(...edits);
    perFile.set(fn.file, known);
  }
  return Object.fromEntries([...perFile].map(([file, { text, edits }]) => [file, applyEdits(text, edits)]));
}

/** Runs of the suite that looking for harmful sites may cost. */
const askedMax = 16;

/**
 * Sites that leave the suite as it is: all at once, else halves of them, again and again. Bounded: what could not be
 * asked is left out.
 */
export async function keepHarmless(
  sites: readonly Site[],
  isHarmless: (files: Readonly<Record<string, string>>) => Promise<boolean>,
): Promise<readonly Site[]> {
  let asked = 0;
  const kept: Site[] = [];
  const waiting: (readonly Site[])[] = [sites];
  for (let group = waiting.shift(); group !== undefined; group = waiting.shift()) {
    if (group.length === 0 || asked >= askedMax) continue;
    asked += 1;
    if (await isHarmless(plantedFiles(group))) kept.push(...group);
    else if (group.length > 1) {
      const half = group.length >> 1;
      waiting.push(group.slice(0, half), group.slice(half));
    }
  }
  return sites.filter((site) => kept.includes(site));
}
