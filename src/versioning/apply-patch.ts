/** Applies a Patch to a directory: all files or none, no link followed, no byte changed beside. */
import { lstat, mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf, writeAtomically } from '../disk.js';
import { RatchetError } from '../errors.js';
import { expectedContent, type ExpectedFile } from './expected-content.js';
import type { Patch } from './types.js';

export type ApplyOutcome =
  { readonly kind: 'applied' } | { readonly kind: 'stale'; readonly path: string; readonly reason: string };

/** Applying twice is applying once. @throws RatchetError PATCH_REFUSED, DISK_FULL (then nothing is changed) */
export async function applyPatch(workspacePath: string, patch: Patch): Promise<ApplyOutcome> {
  const before = new Map<string, { bytes: Buffer; mode: number } | null>();
  const read = async (path: string): Promise<Buffer | null> => {
    const found = await readPlain(workspacePath, path);
    before.set(path, found);
    return found?.bytes ?? null;
  };
  const expectation = await expectedContent(patch, read, true);
  if (expectation.kind === 'stale') return expectation;
  const done: ExpectedFile[] = [];
  try {
    for (const file of expectation.files) {
      done.push(file);
      await writeFileAt(workspacePath, file, before.get(file.path)?.mode ?? 0o644);
    }
  } catch (error) {
    for (const { path } of done) {
      const old = before.get(path) ?? null;
      await writeFileAt(workspacePath, { path, content: old?.bytes ?? null }, old?.mode ?? 0o644);
    }
    throw error;
  }
  return { kind: 'applied' };
}

/** Reads a regular file below `root`; null when there is none. @throws PATCH_REFUSED when a link is in the way. */
async function readPlain(root: string, path: string): Promise<{ bytes: Buffer; mode: number } | null> {
  const parts = path.split('/');
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const place = join(root, ...parts.slice(0, depth));
    const info = await lstat(place).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null;
      throw error;
    });
    if (info === null) return null;
    const last = depth === parts.length;
    if (info.isSymbolicLink() || (last && !info.isFile()) || (!last && !info.isDirectory())) {
      throw new RatchetError(
        'PATCH_REFUSED',
        `The patch is refused: ${place} is no plain file or directory.`,
        {
          where: path,
        },
      );
    }
    if (last) return { bytes: await readFile(place), mode: info.mode & 0o777 };
  }
  return null;
}

async function writeFileAt(root: string, file: ExpectedFile, mode: number): Promise<void> {
  const place = join(root, file.path);
  if (file.content !== null) {
    await mkdir(dirname(place), { recursive: true });
    await writeAtomically(place, file.content, mode);
    return;
  }
  await rm(place, { force: true });
  // git keeps no empty directories
  for (let up = dirname(file.path); up !== '.'; up = dirname(up)) {
    const empty = await rmdir(join(root, up)).then(
      () => true,
      () => false,
    );
    if (!empty) return;
  }
}
