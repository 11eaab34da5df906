/** Rows of a unified diff laid side by side, and what changed inside a line that has a counterpart. Pure. */
import type { DiffRow } from '../../../src/verification/review/diff-rows';

export interface Pair {
  readonly left: DiffRow | null;
  readonly right: DiffRow | null;
  /** A line across both sides: the head of a hunk, or a note. */
  readonly across: DiffRow | null;
}

/** Removed lines beside the added ones that follow them. */
export function pairsOf(rows: readonly DiffRow[]): readonly Pair[] {
  const pairs: Pair[] = [];
  let [removed, added]: [DiffRow[], DiffRow[]] = [[], []];
  const flush = (): void => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1)
      pairs.push({ left: removed[index] ?? null, right: added[index] ?? null, across: null });
    [removed, added] = [[], []];
  };
  for (const row of rows) {
    if (row.kind === 'removed') {
      if (added.length > 0) flush();
      removed.push(row);
    } else if (row.kind === 'added') added.push(row);
    else {
      flush();
      const across = row.kind === 'context' ? null : row;
      pairs.push(across === null ? { left: row, right: row, across } : { left: null, right: null, across });
    }
  }
  flush();
  return pairs;
}

/** Where the changed middle of a line begins and ends. */
export type Middle = readonly [from: number, to: number];

/** The differing middle of two lines; null when too little is common for the mark to say anything. */
function middles(one: string, other: string): readonly [Middle, Middle] | null {
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) start += 1;
  let end = 0;
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  // Whole words: half a name says less than the name.
  const inWord = (text: string, at: number): boolean => /^\w\w$/.test(text.slice(at - 1, at + 1));
  while (start > 0 && (inWord(one, start) || inWord(other, start))) start -= 1;
  while (end > 0 && (inWord(one, one.length - end) || inWord(other, other.length - end))) end -= 1;
  const common = one.slice(0, start).trim().length + (end === 0 ? 0 : one.slice(-end).trim().length);
  if (common < 6 || common < shorter / 4) return null;
  return [
    [start, one.length - end],
    [start, other.length - end],
  ];
}

/** The changed middle of each row that has a counterpart. */
export function middlesOf(rows: readonly DiffRow[]): ReadonlyMap<DiffRow, Middle> {
  const found = new Map<DiffRow, Middle>();
  for (const { left, right, across } of pairsOf(rows)) {
    if (across !== null || left === null || right === null || left === right) continue;
    const both = middles(left.text, right.text);
    if (both === null) continue;
    found.set(left, both[0]);
    found.set(right, both[1]);
  }
  return found;
}
