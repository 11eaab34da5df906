/**
 * The edit engine: text edits with the old text stored, checked before they are applied, and invertible.
 * Offsets are UTF-16 code units into the original text. Nothing outside the edits changes by a byte.
 */
import type { Edit } from '../analysis/types.js';
import { RatchetError } from '../errors.js';

type Piece = Pick<Edit, 'start' | 'end' | 'oldText' | 'newText'>;

/**
 * Two edits that cannot both be applied: spans that share text, or two insertions at one offset (their order would
 * be a guess). Spans that only touch are fine: an insertion comes before a replacement that starts there.
 */
export function overlaps(left: Pick<Edit, 'start' | 'end'>, right: Pick<Edit, 'start' | 'end'>): boolean {
  if (left.start === left.end && right.start === right.end) return left.start === right.start;
  return left.start < right.end && right.start < left.end;
}

/** The first pair of overlapping edits of one file, in source order; null when they are all apart. */
export function findOverlap<T extends Pick<Edit, 'start' | 'end'>>(
  edits: readonly T[],
): readonly [T, T] | null {
  const sorted = edits.toSorted(bySpan);
  let widest: T | undefined;
  let previous: T | undefined;
  for (const edit of sorted) {
    for (const before of [widest, previous])
      if (before !== undefined && overlaps(before, edit)) return [before, edit];
    if (widest === undefined || edit.end > widest.end) widest = edit;
    previous = edit;
  }
  return null;
}

/**
 * Applies the edits of one file in one left-to-right pass; their order in the list is irrelevant.
 * @throws RatchetError CONFLICT when edits overlap, or when the text is not what an edit expects.
 */
export function applyEdits(text: string, edits: readonly Piece[]): string {
  const conflict = findOverlap(edits);
  if (conflict !== null) {
    const [left, right] = conflict;
    throw new RatchetError(
      'CONFLICT',
      `Two edits overlap: [${left.start}, ${left.end}) and [${right.start}, ${right.end}).`,
    );
  }
  const parts: string[] = [];
  let done = 0;
  for (const edit of edits.toSorted(bySpan)) {
    if (edit.start < 0 || edit.end < edit.start || edit.end > text.length || !matches(text, edit))
      throw new RatchetError(
        'CONFLICT',
        `The text at [${edit.start}, ${edit.end}) is not what the edit expects.`,
        {
          mend: 'Analyse the file again.',
        },
      );
    parts.push(text.slice(done, edit.start), edit.newText);
    done = edit.end;
  }
  parts.push(text.slice(done));
  return parts.join('');
}

/** The edits that turn the result back into the original text, byte by byte. */
export function invertEdits<T extends Piece>(edits: readonly T[]): readonly T[] {
  let shift = 0;
  return edits.toSorted(bySpan).map((edit) => {
    const start = edit.start + shift;
    shift += edit.newText.length - edit.oldText.length;
    return { ...edit, start, end: start + edit.newText.length, oldText: edit.newText, newText: edit.oldText };
  });
}

function matches(text: string, edit: Piece): boolean {
  return text.slice(edit.start, edit.end) === edit.oldText;
}

/** Source order; an insertion before the replacement that starts at the same offset. */
function bySpan(left: Pick<Edit, 'start' | 'end'>, right: Pick<Edit, 'start' | 'end'>): number {
  return left.start - right.start || left.end - right.end;
}
