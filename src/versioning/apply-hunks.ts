/** Applies hunks to text, strictly: every context and removed line must be there, byte for byte. Pure. */
import type { Hunk } from './types.js';

export type ApplyResult =
  { readonly kind: 'applied'; readonly text: string } | { readonly kind: 'stale'; readonly reason: string };

/** How forgiving: `exact` = at the stated line; `unique` = else at the only other place where the lines are. */
export type Placement = 'exact' | 'unique';

/** Splits text into lines that keep their line feed, so that joining gives the same bytes back. */
export function splitLines(text: string): string[] {
  const lines = text.split('\n').map((line, index, all) => (index < all.length - 1 ? `${line}\n` : line));
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The old or the new side of a hunk as whole lines. */
export function hunkSide(hunk: Hunk, mark: '-' | '+'): string[] {
  const lines: string[] = [];
  let last = ' ';
  for (const line of hunk.lines) {
    const kind = line.charAt(0);
    if (kind === '\\') {
      const tail = lines.length - 1;
      const text = lines[tail];
      if ((last === ' ' || last === mark) && text !== undefined) lines[tail] = text.replace(/\n$/, '');
    } else if (kind === ' ' || kind === mark) {
      lines.push(`${line.slice(1)}\n`);
    }
    last = kind;
  }
  return lines;
}

/** Applies all hunks in order. `before` null = the file does not exist. */
export function applyHunks(
  before: string | null,
  hunks: readonly Hunk[],
  placement: Placement = 'exact',
): ApplyResult {
  const source = splitLines(before ?? '');
  const result: string[] = [];
  let position = 0;
  for (const [index, hunk] of hunks.entries()) {
    const old = hunkSide(hunk, '-');
    // A hunk without old lines names the line after which it adds.
    const stated = old.length === 0 ? hunk.oldStart : hunk.oldStart - 1;
    const at = placeOf(source, old, stated, position, placement);
    if (at === null) {
      return { kind: 'stale', reason: `hunk ${index + 1} does not match at line ${hunk.oldStart}` };
    }
    for (; position < at; position += 1) result.push(source[position] ?? '');
    result.push(...hunkSide(hunk, '+'));
    position = at + old.length;
  }
  for (; position < source.length; position += 1) result.push(source[position] ?? '');
  const unended = result.slice(0, -1).some((line) => !line.endsWith('\n'));
  if (unended) return { kind: 'stale', reason: 'a line without line feed would end up inside the file' };
  return { kind: 'applied', text: result.join('') };
}

function placeOf(
  source: readonly string[],
  old: readonly string[],
  stated: number,
  from: number,
  placement: Placement,
): number | null {
  if (stated >= from && matchesAt(source, old, stated)) return stated;
  if (placement === 'exact' || old.length === 0) return null;
  let found: number | null = null;
  for (let at = from; at + old.length <= source.length; at += 1) {
    if (!matchesAt(source, old, at)) continue;
    if (found !== null) return null; // two places: guessing is not our business
    found = at;
  }
  return found;
}

function matchesAt(source: readonly string[], old: readonly string[], at: number): boolean {
  if (at < 0 || at + old.length > source.length) return false;
  return old.every((line, offset) => source[at + offset] === line);
}
