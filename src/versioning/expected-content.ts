/** From a Patch and the content of a base to the exact content after it. Checks every hash on both sides. */
import { sha256 } from '../canonical.js';
import { RatchetError } from '../errors.js';
import { applyHunks } from './apply-hunks.js';
import { patchDigest } from './make-patch.js';
import { objectionTo } from './path-rules.js';
import { parseDiff } from './policy.js';
import { decodeText } from './text.js';
import type { FileDiff, Patch, PatchFile } from './types.js';

/** One file as it must be after the patch; null = it is gone. */
export interface ExpectedFile {
  readonly path: string;
  readonly content: Buffer | null;
}

export type Expectation =
  | { readonly kind: 'expected'; readonly files: readonly ExpectedFile[] }
  | { readonly kind: 'stale'; readonly path: string; readonly reason: string };

/**
 * Computes all contents in memory. A file that already has the content after the patch counts as patched when
 * `repeatable` (a crash may have left some files done).
 * @throws RatchetError PATCH_REFUSED when text, file list and digest of the patch do not belong together.
 */
export async function expectedContent(
  patch: Patch,
  read: (path: string) => Promise<Buffer | null>,
  repeatable = false,
): Promise<Expectation> {
  const sections = sectionsOf(patch);
  const files: ExpectedFile[] = [];
  for (const file of patch.files) {
    const { path } = file;
    const bytes = await read(path);
    const hash = bytes === null ? null : sha256(bytes);
    if (repeatable && hash === file.after) {
      files.push({ path, content: bytes });
      continue;
    }
    if (hash !== file.before) return { kind: 'stale', path, reason: staleReason(hash, file) };
    const result = applyOne(bytes, sections.get(path), file);
    if (typeof result === 'string') return { kind: 'stale', path, reason: result };
    files.push(result);
  }
  return { kind: 'expected', files };
}

function staleReason(hash: string | null, file: PatchFile): string {
  if (hash === null) return 'the file does not exist';
  if (file.before === null) return 'the file exists already';
  return 'the file has other content than the patch was made for';
}

function applyOne(
  bytes: Buffer | null,
  section: FileDiff | undefined,
  file: PatchFile,
): ExpectedFile | string {
  const before = bytes === null ? null : decodeText(bytes);
  if (before === undefined) return 'the file is not UTF-8 text';
  const applied = applyHunks(before, section?.hunks ?? []);
  if (applied.kind === 'stale') return applied.reason;
  if (file.after === null) {
    return applied.text === '' ? { path: file.path, content: null } : 'lines would be left in a deleted file';
  }
  const content = Buffer.from(applied.text, 'utf8');
  if (sha256(content) !== file.after) return 'the diff does not lead to the content that the patch promises';
  return { path: file.path, content };
}

/** The sections by path; refuses a patch that says one thing in its text and another in its list. */
function sectionsOf(patch: Patch): Map<string, FileDiff> {
  const refuse = (why: string, path?: string): never => {
    throw new RatchetError(
      'PATCH_REFUSED',
      `The patch is refused: ${why}.`,
      path === undefined ? {} : { where: path },
    );
  };
  if (patchDigest(patch.files) !== patch.digest) refuse('its digest is not that of its files');
  if (patch.files.length === 0) refuse('it changes nothing');
  const sections = new Map<string, FileDiff>();
  for (const section of parseDiff(patch.diff)) {
    const path = section.newPath ?? section.oldPath ?? '';
    if (section.binary || section.renamed || sections.has(path))
      refuse('it does more than change text', path);
    const modes = [section.oldMode, section.newMode].filter((mode) => mode !== null);
    if (modes.some((mode) => !/^100(644|755)$/.test(mode)) || new Set(modes).size > 1) {
      refuse('it touches a mode, a link or a submodule', path);
    }
    sections.set(path, section);
  }
  for (const { path, before, after } of patch.files) {
    const objection = objectionTo(path);
    if (objection !== null) refuse(objection.message.replace(/\.$/, ''), path);
    const section = sections.get(path);
    if (section === undefined) return refuse('its text does not name all of its files', path);
    if ((section.oldPath === null) !== (before === null) || (section.newPath === null) !== (after === null)) {
      refuse('its text and its list disagree about what is new or deleted', path);
    }
  }
  if (sections.size !== patch.files.length) refuse('its text names other files than its list');
  return sections;
}
