/** V8 block coverage of the bundle + its source map → which changed lines of the candidate were executed. */
import { diffLines } from 'diff';
import type { BundleCoverage } from './run-side.js';

/** One place in the bundle that stands for a place in a source. */
interface Segment {
  readonly offset: number;
  readonly source: string;
  /** From 1. */
  readonly line: number;
}

export interface ExecutedLines {
  /** "file:line" of changed lines all of whose parts were executed. */
  readonly executed: readonly string[];
  /** Changed lines with a part (or all) never executed. */
  readonly unexecuted: readonly string[];
  /** At least one part of a changed line was executed. */
  readonly touched: boolean;
  /** Blocks of code that begin on changed lines, and how many of them ran. */
  readonly branches: number;
  readonly branchesExecuted: number;
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const digitOf = new Map(Array.from(digits, (digit, value) => [digit, value]));

/** Base64 VLQ numbers of one segment (source map specification, revision 3). */
function decodeNumbers(text: string): number[] {
  const out: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of text) {
    const bits = digitOf.get(digit) ?? 0;
    value += (bits & 31) << shift;
    if (bits & 32) shift += 5;
    else {
      out.push(value & 1 ? -(value >> 1) : value >> 1);
      value = 0;
      shift = 0;
    }
  }
  return out;
}

/** All mapped places of the bundle, as offsets into its text. */
function segmentsOf(code: string, map: string): Segment[] {
  const { mappings, sources } = JSON.parse(map) as { mappings: string; sources: string[] };
  const segments: Segment[] = [];
  let [source, line] = [0, 0];
  let lineStart = 0;
  for (const group of mappings.split(';')) {
    let column = 0;
    for (const part of group === '' ? [] : group.split(',')) {
      const [columnStep = 0, sourceStep, lineStep = 0] = decodeNumbers(part);
      column += columnStep;
      if (sourceStep === undefined) continue;
      source += sourceStep;
      line += lineStep;
      segments.push({ offset: lineStart + column, source: sources[source] ?? '', line: line + 1 });
    }
    const end = code.indexOf('\n', lineStart);
    if (end < 0) break;
    lineStart = end + 1;
  }
  return segments;
}

/** Line numbers (from 1) of the new text that the old one does not have. */
export function addedLines(before: string, after: string): Set<number> {
  const added = new Set<number>();
  let line = 1;
  for (const part of diffLines(before, after)) {
    const count = part.count;
    if (part.removed) continue;
    if (part.added) for (let i = 0; i < count; i++) added.add(line + i);
    line += count;
  }
  return added;
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/** Count of the innermost block around an offset; null outside of all. */
function countAt(ranges: readonly Range[], offset: number): number | null {
  let best: Range | null = null;
  for (const range of ranges) {
    if (range.start > offset) break;
    if (range.end <= offset) continue;
    if (best === null || range.end - range.start <= best.end - best.start) best = range;
  }
  return best?.count ?? null;
}

/**
 * @param changed per file (as in the source map) the changed lines
 */
export function executedLines(
  bundle: { readonly code: string; readonly map: string },
  coverage: BundleCoverage,
  changed: ReadonlyMap<string, ReadonlySet<number>>,
): ExecutedLines {
  const ranges = coverage.functions
    .flat()
    .map(([start, end, count]): Range => ({
      start: start - coverage.prefix,
      end: end - coverage.prefix,
      count,
    }))
    .sort((a, b) => a.start - b.start);
  const segments = segmentsOf(bundle.code, bundle.map).filter(
    (s) => changed.get(s.source)?.has(s.line) === true,
  );
  const lines = new Map<string, boolean>();
  let touched = false;
  for (const segment of segments) {
    const place = `${segment.source}:${segment.line}`;
    const ran = (countAt(ranges, segment.offset) ?? 0) > 0;
    lines.set(place, (lines.get(place) ?? true) && ran);
    touched ||= ran;
  }
  const blocks = blocksOn(ranges, segments);
  const places = [...lines];
  return {
    executed: places.filter(([, ran]) => ran).map(([place]) => place),
    unexecuted: places.filter(([, ran]) => !ran).map(([place]) => place),
    touched,
    branches: blocks.length,
    branchesExecuted: blocks.filter((block) => block.count > 0).length,
  };
}

/** Blocks that hold at least one changed segment directly (not only inside a smaller block). */
function blocksOn(ranges: readonly Range[], segments: readonly Segment[]): Range[] {
  const found = new Set<Range>();
  for (const { offset } of segments) {
    let best: Range | null = null;
    for (const range of ranges) {
      if (range.start > offset) break;
      if (range.end <= offset) continue;
      if (best === null || range.end - range.start <= best.end - best.start) best = range;
    }
    if (best !== null) found.add(best);
  }
  return [...found];
}

/** Two ways of executing the same changed lines: a line counts when either way ran all of it. */
export function mergeLines(a: ExecutedLines | null, b: ExecutedLines | null): ExecutedLines | null {
  if (a === null || b === null) return a ?? b;
  const executed = new Set([...a.executed, ...b.executed]);
  const unexecuted = new Set([...a.unexecuted, ...b.unexecuted].filter((place) => !executed.has(place)));
  const most = b.branchesExecuted > a.branchesExecuted ? b : a;
  return {
    executed: [...executed],
    unexecuted: [...unexecuted],
    touched: a.touched || b.touched,
    branches: most.branches,
    branchesExecuted: most.branchesExecuted,
  };
}
