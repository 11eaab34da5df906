/** Our own strict reader of unified diffs: git's and plain ones. What it does not understand it refuses. Pure. */
import { RatchetError } from '../errors.js';
import { readHeaderPath, readGitHeader, unquote, pairPaths } from './diff-paths.js';
import type { FileDiff, Hunk } from './types.js';

/** A diff larger than this is refused unread. */
const diffBytesMaximum = 8 * 1024 * 1024;
const sectionsMaximum = 2_000;

type Draft = { -readonly [K in keyof FileDiff]: FileDiff[K] } & {
  hunks: Hunk[];
  git: boolean;
  headerLine: number;
};

/**
 * Reads a unified diff.
 * @throws RatchetError PATCH_REFUSED with the number of the line that is wrong.
 */
export function parseDiff(text: string): FileDiff[] {
  if (text.length > diffBytesMaximum) throw refuse(1, 'the diff is larger than 8 MiB');
  const reader = new Reader(text);
  reader.readAll();
  return reader.sections.map(finish);
}

function refuse(line: number, why: string): RatchetError {
  return new RatchetError('PATCH_REFUSED', `The diff is refused at line ${line}: ${why}.`, {
    where: `line ${line}`,
    mend: 'Give a unified diff as `git diff` prints it.',
    data: { line },
  });
}

class Reader {
  readonly sections: Draft[] = [];
  private readonly lines: string[];
  private at = 0;

  constructor(text: string) {
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    // A diff whose every line ends in CR went through a CRLF conversion as a whole.
    const converted = lines.length > 0 && lines.every((line) => line.endsWith('\r'));
    this.lines = converted ? lines.map((line) => line.slice(0, -1)) : lines;
  }

  readAll(): void {
    this.skipPreamble();
    while (this.at < this.lines.length) {
      const line = this.line();
      if (line === '') this.at += 1;
      else if (line === '-- ' && this.lines.length - this.at <= 3) return;
      else if (line.startsWith('diff --git ')) this.readGit(line);
      else if (line.startsWith('--- ')) this.readPlain();
      else if (/^Index: |^={20,}$/.test(line)) this.at += 1;
      else throw refuse(this.at + 1, 'this is no part of a unified diff');
      if (this.sections.length > sectionsMaximum) throw refuse(this.at + 1, 'too many files');
    }
    if (this.sections.length === 0) throw refuse(1, 'it names no file');
  }

  private line(): string {
    return this.lines[this.at] ?? '';
  }

  /** Mail headers and a commit message may stand before the first section. */
  private skipPreamble(): void {
    const first = this.lines.findIndex(
      (line, index) =>
        line.startsWith('diff --git ') ||
        (line.startsWith('--- ') && (this.lines[index + 1] ?? '').startsWith('+++ ')),
    );
    const hunk = this.lines.findIndex((line) => /^@@ -\d/.test(line));
    if (first < 0) throw refuse(1, 'it names no file');
    if (hunk >= 0 && hunk < first) throw refuse(hunk + 1, 'a hunk stands before any file header');
    this.at = first;
  }

  private readGit(header: string): void {
    const draft = this.start(true);
    const paths = readGitHeader(header.slice('diff --git '.length));
    draft.oldPath = paths?.old ?? null;
    draft.newPath = paths?.new ?? null;
    this.at += 1;
    let exact = false;
    let added = false;
    let deleted = false;
    for (; this.at < this.lines.length; this.at += 1) {
      const line = this.line();
      const rest = (prefix: string): string | null =>
        line.startsWith(prefix) ? line.slice(prefix.length) : null;
      const mode = (prefix: string): string | null => {
        const value = rest(prefix);
        if (value !== null && !/^[0-7]{6}$/.test(value)) throw refuse(this.at + 1, 'this is no file mode');
        return value;
      };
      const oldMode = mode('old mode ') ?? mode('deleted file mode ');
      const newMode = mode('new mode ') ?? mode('new file mode ');
      const from = rest('rename from ') ?? rest('copy from ');
      const to = rest('rename to ') ?? rest('copy to ');
      if (oldMode !== null) draft.oldMode = oldMode;
      else if (newMode !== null) draft.newMode = newMode;
      else if (from !== null) draft.oldPath = this.pathOf(from);
      else if (to !== null) draft.newPath = this.pathOf(to);
      else if (/^index [0-9a-f]{4,64}\.\.[0-9a-f]{4,64}( [0-7]{6})?$/.test(line)) this.readIndex(line, draft);
      else if (!/^(dis)?similarity index \d{1,3}%$/.test(line)) break;
      if (from !== null || to !== null) draft.renamed = exact = true;
      added ||= line.startsWith('new file mode ');
      deleted ||= line.startsWith('deleted file mode ');
    }
    // Without a rename both names of the first line are one.
    if (paths === null && !exact) throw refuse(draft.headerLine, 'its headers name different files');
    if (/^Binary files .* differ$/.test(this.line())) {
      draft.binary = true;
      this.at += 1;
    } else if (this.line() === 'GIT binary patch') {
      draft.binary = true;
      this.skipBinary();
    } else if (this.line().startsWith('--- ')) {
      const before = { old: draft.oldPath, new: draft.newPath };
      this.readBody(draft, true);
      this.checkSame(draft, before, added, deleted);
    }
    if (added) draft.oldPath = null;
    if (deleted) draft.newPath = null;
    if (draft.oldPath === null && draft.newPath === null) {
      throw refuse(draft.headerLine, 'the file name cannot be read from the header');
    }
    this.sections.push(draft);
  }

  private readIndex(line: string, draft: Draft): void {
    const mode = / ([0-7]{6})$/.exec(line)?.[1];
    if (mode === undefined) return;
    draft.oldMode ??= mode;
    draft.newMode ??= mode;
  }

  /** The two headers of one section must speak of the same files, or a reader sees one name and git another. */
  private checkSame(
    draft: Draft,
    before: { old: string | null; new: string | null },
    added: boolean,
    deleted: boolean,
  ): void {
    const oldFits = draft.oldPath === null ? added : draft.oldPath === before.old;
    const newFits = draft.newPath === null ? deleted : draft.newPath === before.new;
    if (!oldFits || !newFits) throw refuse(draft.headerLine, 'its headers name different files');
  }

  private skipBinary(): void {
    this.at += 1;
    while (this.at < this.lines.length && /^(literal|delta) \d+$|^[A-Za-z].{0,80}$|^$/.test(this.line())) {
      if (this.line().startsWith('diff --git ')) return;
      this.at += 1;
    }
  }

  private readPlain(): void {
    const draft = this.start(false);
    this.readBody(draft, false);
    this.sections.push(draft);
  }

  private readBody(draft: Draft, git: boolean): void {
    const old = this.line();
    const next = this.lines[this.at + 1] ?? '';
    if (!next.startsWith('+++ ')) throw refuse(this.at + 2, '"+++" is missing after "---"');
    const pair = pairPaths(this.header(old, git), this.header(next, git));
    if (pair === null) throw refuse(this.at + 1, 'it names no file');
    draft.oldPath = pair.old;
    draft.newPath = pair.new;
    this.at += 2;
    while (this.line().startsWith('@@')) draft.hunks.push(this.readHunk());
    if (draft.hunks.length === 0) throw refuse(this.at + 1, 'a file header without a hunk');
    this.checkOrder(draft);
  }

  private checkOrder(draft: Draft): void {
    let oldEnd = 0;
    let newEnd = 0;
    for (const hunk of draft.hunks) {
      if (hunk.oldStart < oldEnd || hunk.newStart < newEnd) {
        throw refuse(draft.headerLine, 'its hunks overlap or are out of order');
      }
      oldEnd = hunk.oldStart + hunk.oldLines;
      newEnd = hunk.newStart + hunk.newLines;
    }
  }

  private header(line: string, git: boolean): string | null {
    const path = readHeaderPath(line.slice(4), git);
    if (path === undefined) throw refuse(this.at + 1, 'the quoted file name is malformed');
    return path;
  }

  private pathOf(text: string): string {
    const path = text.startsWith('"') ? unquote(text) : text;
    if (path === undefined || path === '') throw refuse(this.at + 1, 'the file name cannot be read');
    return path;
  }

  private readHunk(): Hunk {
    const match = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(?: .*|\r)?$/.exec(this.line());
    if (match === null) throw refuse(this.at + 1, 'the hunk header is malformed');
    const [oldStart = 0, oldLines = 1, newStart = 0, newLines = 1] = match
      .slice(1)
      .map((group: string | undefined) => (group === undefined ? undefined : Number(group)));
    const hunk = { oldStart, oldLines, newStart, newLines, lines: [] as string[] };
    this.at += 1;
    let old = 0;
    let fresh = 0;
    while (old < oldLines || fresh < newLines) {
      if (this.at >= this.lines.length) throw refuse(this.at, 'the hunk ends too early');
      // Some editors strip the blank of an empty context line.
      const line = this.line() === '' ? ' ' : this.line();
      const mark = line.charAt(0);
      if (mark === '\\' && hunk.lines.length > 0) this.noNewline(hunk.lines, line);
      else if (mark !== ' ' && mark !== '-' && mark !== '+') {
        throw refuse(this.at + 1, 'the hunk holds fewer lines than its header says');
      } else hunk.lines.push(line);
      if (mark === ' ' || mark === '-') old += 1;
      if (mark === ' ' || mark === '+') fresh += 1;
      this.at += 1;
    }
    if (old !== oldLines || fresh !== newLines) throw refuse(this.at, 'the hunk does not fit its header');
    if (this.line().startsWith('\\')) {
      this.noNewline(hunk.lines, this.line());
      this.at += 1;
    }
    if (/^[+ ]/.test(this.line()) || /^-(?!-- )/.test(this.line())) {
      if (this.line() !== '-- ') throw refuse(this.at + 1, 'the hunk holds more lines than its header says');
    }
    return hunk;
  }

  private noNewline(lines: string[], line: string): void {
    if (!/^\\ No newline at end of file\r?$/.test(line) && !/^\\ .{5,}/.test(line)) {
      throw refuse(this.at + 1, 'a line that begins with a backslash must say that no newline follows');
    }
    lines.push('\\ No newline at end of file');
  }

  private start(git: boolean): Draft {
    return {
      oldPath: null,
      newPath: null,
      oldMode: null,
      newMode: null,
      binary: false,
      renamed: false,
      hunks: [],
      git,
      headerLine: this.at + 1,
    };
  }
}

/** A plain diff has no rename lines: two names are a rename. */
function finish(draft: Draft): FileDiff {
  const { oldPath, newPath, oldMode, newMode, binary, hunks } = draft;
  const renamed = draft.renamed || (oldPath !== null && newPath !== null && oldPath !== newPath);
  return { oldPath, newPath, oldMode, newMode, binary, renamed, hunks };
}
