/** From two versions of files to a Patch, and the identity of a Patch. */
import { structuredPatch } from 'diff';
import { canonicalJson, sha256 } from '../canonical.js';
import { RatchetError } from '../errors.js';
import { objectionTo } from './path-rules.js';
import type { Digest, Patch, PatchFile } from './types.js';

/** One file's content before and after; null = it does not exist on that side. */
export interface FileVersions {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Makes a git-style unified diff (3 lines of context) with content hashes; files sorted by path. */
export function makePatch(versions: readonly FileVersions[]): Patch {
  const changed = versions
    .filter(({ before, after }) => before !== after)
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const [index, { path }] of changed.entries()) {
    const objection = objectionTo(path);
    if (objection !== null) throw new RatchetError('PATCH_REFUSED', objection.message, { where: path });
    if (changed[index + 1]?.path === path) {
      throw new RatchetError('PATCH_REFUSED', `${path} is given twice.`, { where: path });
    }
  }
  const sections = changed.map(sectionOf);
  const files = sections.map(({ file }) => file);
  return { digest: patchDigest(files), diff: sections.map(({ diff }) => diff).join(''), files };
}

/**
 * The identity of a patch: sha256 of its paths and content hashes. The diff's text is not part of it, so that it can
 * be computed again from two trees; applying checks that the text leads from `before` to `after`.
 */
export function patchDigest(files: readonly PatchFile[]): Digest {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return sha256(canonicalJson(sorted.map(({ path, before, after }) => ({ path, before, after }))));
}

function sectionOf({ path, before, after }: FileVersions): { file: PatchFile; diff: string } {
  const old = before ?? '';
  const fresh = after ?? '';
  const { hunks } = structuredPatch(path, path, old, fresh, undefined, undefined, { context: 3 });
  const lines = hunks.flatMap((hunk) => hunk.lines);
  const name = (prefix: string): string => quote(`${prefix}/${path}`);
  const header = [`diff --git ${name('a')} ${name('b')}`];
  if (before === null) header.push('new file mode 100644');
  if (after === null) header.push('deleted file mode 100644');
  if (hunks.length > 0) {
    // git ends a name that holds a blank with a tab, so that other readers find its end
    const end = path.includes(' ') ? '\t' : '';
    header.push(`--- ${before === null ? '/dev/null' : name('a') + end}`);
    header.push(`+++ ${after === null ? '/dev/null' : name('b') + end}`);
  }
  const body = hunks.flatMap((hunk) => [
    `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`,
    ...hunk.lines,
  ]);
  return {
    diff: [...header, ...body, ''].join('\n'),
    file: {
      path,
      before: before === null ? null : sha256(before),
      after: after === null ? null : sha256(after),
      addedLines: lines.filter((line) => line.startsWith('+')).length,
      removedLines: lines.filter((line) => line.startsWith('-')).length,
    },
  };
}

/** jsdiff counts an empty side from 1; git names the line before it. */
function range(start: number, lines: number): string {
  return lines === 0 ? `${Math.max(start - 1, 0)},0` : `${start},${lines}`;
}

function quote(name: string): string {
  return /["\\]/.test(name) ? `"${name.replace(/["\\]/g, '\\$&')}"` : name;
}
