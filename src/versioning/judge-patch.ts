/** Judges a parsed diff against the rules for everyone and the policy of the repository. Pure. */
import { foldPath, invisible, objectionTo } from './path-rules.js';
import { matchesAny, protectionOf } from './protected-paths.js';
import type { FileDiff, Hunk, PolicyBreach, RepositoryPolicy } from './types.js';

/** What is judged: the text as received, its parsed form, the policy, and the paths that exist in the base. */
export interface JudgeInput {
  readonly diff: string;
  readonly files: readonly FileDiff[];
  readonly policy: RepositoryPolicy;
  readonly existingPaths: readonly string[];
}

type Report = (rule: string, path: string | null, message: string) => void;
const lineLengthMaximum = 20_000;
const breachesMaximum = 200;
const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/;

/** All breaches, empty when the patch may be tried. Rule ids are stable. */
export function judgePatch(input: JudgeInput): PolicyBreach[] {
  const breaches: PolicyBreach[] = [];
  const report: Report = (rule, path, message) => {
    if (breaches.length < breachesMaximum) breaches.push({ rule, path, message });
  };
  if (input.files.length === 0) report('empty', null, 'The patch changes nothing.');
  for (const file of input.files) {
    judgeKind(file, report);
    judgePaths(file, input, report);
    judgeContent(file, report);
  }
  judgeCollisions(input, report);
  judgeSize(input, report);
  return breaches;
}

function pathsOf(file: FileDiff): string[] {
  return [...new Set([file.oldPath, file.newPath].filter((path) => path !== null))];
}

function nameOf(file: FileDiff): string | null {
  return file.newPath ?? file.oldPath;
}

function judgeKind(file: FileDiff, report: Report): void {
  const path = nameOf(file);
  const modes = [file.oldMode, file.newMode];
  if (modes.includes('120000')) report('symlink', path, 'The patch touches a symbolic link.');
  if (modes.includes('160000')) report('submodule', path, 'The patch touches a submodule.');
  if (modes.includes('040000')) report('mode-change', path, 'The patch names a directory as a file.');
  if (file.oldMode !== null && file.newMode !== null && file.oldMode !== file.newMode) {
    report('mode-change', path, `The file mode changes from ${file.oldMode} to ${file.newMode}.`);
  }
  const odd = modes.find((mode) => mode !== null && !/^(100644|100755|120000|160000|040000)$/.test(mode));
  if (odd !== undefined) report('mode-change', path, `The file mode ${odd ?? ''} is unknown.`);
  if (file.oldPath === null && file.newMode === '100755') {
    report('mode-change', path, 'The patch makes an executable file.');
  }
  if (file.binary) report('binary', path, 'The patch changes a binary file.');
  if (file.renamed)
    report('rename', path, 'The patch renames or copies a file; give a deletion and a new file.');
  if (!file.binary && file.hunks.length === 0 && file.oldMode === file.newMode && !file.renamed) {
    report('empty', path, 'The patch names a file and changes nothing in it.');
  }
}

function judgePaths(file: FileDiff, { policy }: JudgeInput, report: Report): void {
  for (const path of pathsOf(file)) {
    const objection = objectionTo(path);
    if (objection !== null) report(objection.rule, path, objection.message);
    const rule =
      protectionOf(path, policy.protectedPaths) ?? protectionOf(foldPath(path), policy.protectedPaths);
    if (rule !== null) report(rule, path, `${path} is protected: no patch may change it.`);
    if (policy.allowedPaths.length > 0 && !matchesAny(path, policy.allowedPaths)) {
      report('not-allowed', path, `${path} is outside the paths that the owner allows.`);
    }
  }
}

function judgeContent(file: FileDiff, report: Report): void {
  const path = nameOf(file);
  const carriage = carriageOf(file.hunks);
  for (const hunk of file.hunks) {
    const removed = new Set(hunk.lines.filter((line) => line.startsWith('-')).map((line) => line.slice(1)));
    let number = hunk.newStart;
    for (const line of hunk.lines) {
      const added = line.startsWith('+');
      const text = line.slice(1);
      if (added && !removed.has(text)) judgeLine(text, { path, number, carriage, report });
      if (added || line.startsWith(' ')) number += 1;
    }
  }
}

/** Do the untouched and removed lines of the file end in CR (a CRLF file)? Null when there are none. */
function carriageOf(hunks: readonly Hunk[]): boolean | null {
  const old = hunks.flatMap((hunk) => hunk.lines.filter((line) => /^[ -]/.test(line)));
  return old.length === 0 ? null : old.every((line) => line.endsWith('\r') || line.length === 1);
}

interface LineContext {
  readonly path: string | null;
  readonly number: number;
  readonly carriage: boolean | null;
  readonly report: Report;
}

function judgeLine(text: string, { path, number, carriage, report }: LineContext): void {
  const body = text.replace(/\r$/, '');
  const at = `Added line ${number}`;
  if (body.includes('\u0000')) report('nul', path, `${at} holds a NUL.`);
  else if (control.test(body)) report('control', path, `${at} holds a control character.`);
  const stray = body.includes('\r') || (text.endsWith('\r') && carriage !== true);
  if (stray) report('carriage-return', path, `${at} holds a carriage return, and the file does not.`);
  // A byte order mark may stay where it always stood: at the very start of the file.
  const shown = number === 1 ? body.replace(/^\uFEFF/, '') : body;
  if (/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/.test(shown)) {
    report('bidi', path, `${at} holds a character that changes the direction of text.`);
  } else if (hasInvisible(shown)) {
    report('invisible', path, `${at} holds an invisible character.`);
  }
  if (/[\u2028\u2029]/.test(shown)) report('control', path, `${at} holds a Unicode line separator.`);
  if (body.length > lineLengthMaximum)
    report('long-line', path, `${at} is longer than ${lineLengthMaximum}.`);
}

/** Variation selectors and joiners are fine inside emoji and scripts that need them; alone they hide something. */
function hasInvisible(text: string): boolean {
  const withoutEmoji = text.replace(
    /\p{Extended_Pictographic}(?:\uFE0F|\u200D|\p{Extended_Pictographic}|\p{EMod})*/gu,
    '',
  );
  return invisible.test(withoutEmoji);
}

function judgeCollisions({ files, existingPaths }: JudgeInput, report: Report): void {
  const seen = new Map<string, string>();
  for (const file of files) {
    for (const path of pathsOf(file)) {
      const folded = foldPath(path);
      const other = seen.get(folded);
      if (other === path) report('duplicate', path, `The patch has two sections for ${path}.`);
      else if (other !== undefined)
        report('collision', path, `${path} and ${other} are one file on some systems.`);
      seen.set(folded, path);
    }
  }
  const created = files.flatMap((file) =>
    file.oldPath === null && file.newPath !== null ? [file.newPath] : [],
  );
  if (created.length === 0) return;
  const taken = takenPaths(existingPaths);
  for (const path of created) {
    if (existingPaths.includes(path)) {
      report('exists', path, `${path} is said to be new, and it exists.`);
      continue;
    }
    const parts = path.split('/');
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const part = parts.slice(0, depth).join('/');
      const other = taken.get(foldPath(part));
      const whole = depth === parts.length;
      if (other !== undefined && (other.path !== part || (other.file && !whole) || (!other.file && whole))) {
        report('collision', path, `${path} collides with ${other.path}.`);
        break;
      }
    }
  }
}

/** Every existing file and directory by its folded name. */
function takenPaths(paths: readonly string[]): Map<string, { path: string; file: boolean }> {
  const taken = new Map<string, { path: string; file: boolean }>();
  for (const path of paths) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const directory = parts.slice(0, depth).join('/');
      taken.set(foldPath(directory), { path: directory, file: false });
    }
    taken.set(foldPath(path), { path, file: true });
  }
  return taken;
}

function judgeSize({ files, policy }: JudgeInput, report: Report): void {
  const count = new Set(files.flatMap((file) => nameOf(file) ?? [])).size;
  if (count > policy.maxFiles) {
    report('too-many-files', null, `The patch changes ${count} files; ${policy.maxFiles} are allowed.`);
  }
  const lines = files
    .flatMap((file) => file.hunks)
    .reduce((sum, hunk) => sum + hunk.lines.filter((line) => /^[+-]/.test(line)).length, 0);
  if (lines > policy.maxLines) {
    report('too-many-lines', null, `The patch changes ${lines} lines; ${policy.maxLines} are allowed.`);
  }
}
