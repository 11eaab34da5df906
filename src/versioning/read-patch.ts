/** Turns somebody's diff into a Patch bound to the base by content hashes. */
import { RatchetError } from '../errors.js';
import { applyHunks } from './apply-hunks.js';
import { makePatch, type FileVersions } from './make-patch.js';
import { objectionTo } from './path-rules.js';
import { parseDiff } from './policy.js';
import { decodeText } from './text.js';
import type { FileDiff, Hunk, Patch } from './types.js';

export type ReadPatchResult =
  | { readonly kind: 'patch'; readonly patch: Patch }
  | { readonly kind: 'stale'; readonly path: string; readonly reason: string };

/**
 * Reads a foreign diff against a base. Context must match without fuzz; line numbers may be off when the lines are
 * found at one place only.
 * @throws RatchetError PATCH_REFUSED when it is no diff, or does what no Patch can say (binary, rename, modes, links).
 */
export async function readPatch(
  diffText: string,
  readBase: (path: string) => Promise<Buffer | null>,
): Promise<ReadPatchResult> {
  const versions = new Map<string, FileVersions>();
  for (const file of parseDiff(diffText)) {
    const path = sayable(file);
    const earlier = versions.get(path);
    if (earlier !== undefined)
      throw new RatchetError('PATCH_REFUSED', `${path} has two sections.`, { where: path });
    const bytes = await readBase(path);
    const before = bytes === null ? null : decodeText(bytes);
    if (before === undefined) return { kind: 'stale', path, reason: 'the file is not UTF-8 text' };
    if (file.oldPath === null && before !== null && before !== '') {
      return { kind: 'stale', path, reason: 'the diff makes it new, and it exists' };
    }
    if (file.oldPath !== null && before === null)
      return { kind: 'stale', path, reason: 'the file does not exist' };
    const applied = applyForeign(before, file.hunks);
    if (applied.kind === 'stale') return { kind: 'stale', path, reason: applied.reason };
    if (file.newPath === null && applied.text !== '') {
      return { kind: 'stale', path, reason: 'the diff deletes the file, and lines would be left' };
    }
    versions.set(path, { path, before, after: file.newPath === null ? null : applied.text });
  }
  return { kind: 'patch', patch: makePatch([...versions.values()]) };
}

/** The one path of a section that a Patch can express. */
function sayable(file: FileDiff): string {
  const path = file.newPath ?? file.oldPath ?? '';
  const refuse = (why: string): never => {
    throw new RatchetError('PATCH_REFUSED', `The diff is refused at ${path}: ${why}.`, { where: path });
  };
  const objection = objectionTo(path);
  if (objection !== null) refuse(objection.message.replace(/\.$/, ''));
  if (file.binary) refuse('it changes a binary file');
  if (file.renamed) refuse('it renames or copies a file');
  const modes = [file.oldMode, file.newMode].filter((mode) => mode !== null);
  if (modes.some((mode) => !/^100(644|755)$/.test(mode)))
    refuse('it touches a link, a submodule or a directory');
  if (file.oldMode !== null && file.newMode !== null && file.oldMode !== file.newMode)
    refuse('it changes a mode');
  if (file.oldPath === null && file.newMode === '100755') refuse('it makes an executable file');
  return path;
}

/** A diff that lost its carriage returns on the way is given them back when the file ends all its lines in CRLF. */
function applyForeign(before: string | null, hunks: readonly Hunk[]): ReturnType<typeof applyHunks> {
  const direct = applyHunks(before, hunks, 'unique');
  const wholeCrlf = before !== null && before.includes('\r\n') && !/(^|[^\r])\n/.test(before);
  const bare = hunks.every((hunk) => hunk.lines.every((line) => !line.endsWith('\r')));
  if (direct.kind === 'applied' && (!wholeCrlf || !bare)) return direct;
  if (!wholeCrlf || !bare) return direct;
  const restored = hunks.map((hunk) => ({
    ...hunk,
    lines: hunk.lines.map((line, index) => {
      const unended = hunk.lines[index + 1]?.startsWith('\\') === true;
      return line.startsWith('\\') || unended ? line : `${line}\r`;
    }),
  }));
  const again = applyHunks(before, restored, 'unique');
  return again.kind === 'applied' ? again : direct;
}
