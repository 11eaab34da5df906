/** The diff as rows for a page or a terminal, each changed line with who executed it. Pure. */
import { parseDiff } from '../../versioning/policy.js';
import type { Evidence } from '../types.js';
import { gateOf, stringsOf } from './figures.js';

/**
 * Who executed a changed line: the suite; the suite, but not each of its branches; only the equivalence run; nobody;
 * or null where nothing runs (a brace, a comment, a type) or nobody counted.
 */
export type CoverageMark = 'suite' | 'partly' | 'equivalence' | 'nobody' | null;

export interface DiffRow {
  readonly kind: 'hunk' | 'context' | 'added' | 'removed' | 'note';
  readonly oldLine: number | null;
  readonly newLine: number | null;
  readonly text: string;
  readonly mark: CoverageMark;
}

export interface DiffFile {
  readonly path: string;
  readonly change: 'changed' | 'added' | 'removed';
  readonly added: number;
  readonly removed: number;
  readonly rows: readonly DiffRow[];
}

/** A function from "file:line" of the candidate to its mark. */
export function marksOf(evidence: Pick<Evidence, 'gates'>): (place: string) => CoverageMark {
  const coverage = gateOf(evidence, 'coverage');
  const missed = new Set(stringsOf(coverage?.numbers['unexecuted']));
  const bySuite = new Set(stringsOf(coverage?.numbers['executed']));
  const byEquivalence = new Set(stringsOf(gateOf(evidence, 'equivalence')?.numbers['executed']));
  // Evidence that only lists what was missed: with nothing missed, what runs at all was run by the suite.
  const complete = coverage?.numbers['executed'] === undefined && coverage?.numbers['share'] === 1;
  return (place) => {
    if (complete && byEquivalence.has(place)) return 'suite';
    if (bySuite.has(place)) return missed.has(place) ? 'partly' : 'suite';
    if (byEquivalence.has(place)) return 'equivalence';
    return missed.has(place) ? 'nobody' : null;
  };
}

function rowsOf(file: ReturnType<typeof parseDiff>[number], mark: (line: number) => CoverageMark): DiffRow[] {
  const rows: DiffRow[] = [];
  for (const { oldStart, oldLines, newStart, newLines, lines } of file.hunks) {
    const range = `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`;
    rows.push({ kind: 'hunk', oldLine: null, newLine: null, text: range, mark: null });
    let [before, after] = [oldStart, newStart];
    for (const line of lines) {
      const text = line.slice(1);
      if (line.startsWith('+')) {
        rows.push({ kind: 'added', oldLine: null, newLine: after, text, mark: mark(after) });
        after += 1;
      } else if (line.startsWith('-')) {
        rows.push({ kind: 'removed', oldLine: before, newLine: null, text, mark: null });
        before += 1;
      } else if (line.startsWith('\\')) {
        rows.push({ kind: 'note', oldLine: null, newLine: null, text: text.trim(), mark: null });
      } else {
        rows.push({ kind: 'context', oldLine: before, newLine: after, text, mark: null });
        before += 1;
        after += 1;
      }
    }
  }
  return rows;
}

/** All files of the evidence's patch; a diff that cannot be read is shown as it is, line by line. */
export function diffFiles(evidence: Pick<Evidence, 'gates' | 'patch'>): readonly DiffFile[] {
  const { diff } = evidence.patch;
  const mark = marksOf(evidence);
  let files: ReturnType<typeof parseDiff>;
  try {
    files = parseDiff(diff);
  } catch {
    // Refused patches are reviewed too: their text is all there is.
    return [{ path: '(unreadable diff)', change: 'changed', added: 0, removed: 0, rows: raw(diff) }];
  }
  return files.map((file) => {
    const path = file.newPath ?? file.oldPath ?? '';
    const rows = rowsOf(file, (line) => mark(`${path}:${line}`));
    const all = (kind: DiffRow['kind']): number => rows.filter((row) => row.kind === kind).length;
    const change = file.oldPath === null ? 'added' : file.newPath === null ? 'removed' : 'changed';
    return { path, change, added: all('added'), removed: all('removed'), rows };
  });
}

const raw = (diff: string): DiffRow[] =>
  diff
    .split('\n')
    .map((text): DiffRow => ({ kind: 'context', oldLine: null, newLine: null, text, mark: null }));
