/** The texts of a checked-out package, as far as they lie in it. */
import { readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { WriteParts } from './types.js';

const textMax = 400_000;
const codeFile = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const absent = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG']);

/** What leads out of the package, by a link or by dots, does not exist; nor does what is too long to be shown. */
export async function createTreeReader(root: string): Promise<WriteParts['readFile']> {
  const inside = `${await realpath(root)}${sep}`;
  return async (path) => {
    try {
      const place = await realpath(join(root, path));
      if (!place.startsWith(inside)) return null;
      const text = await readFile(place, 'utf8');
      return text.length > textMax ? null : text;
    } catch (error) {
      if (error instanceof Error && 'code' in error && absent.has(String(error.code))) return null;
      throw error;
    }
  };
}

/** Code files of a package, relative to it; `files` are those of the repository. */
export function codeFilesIn(files: readonly string[], directory: string): string[] {
  const prefix = directory === '' ? '' : `${directory}/`;
  return files
    .filter((file) => file.startsWith(prefix) && codeFile.test(file))
    .map((file) => file.slice(prefix.length));
}
