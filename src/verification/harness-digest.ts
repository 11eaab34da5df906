/** sha256 over all files of ours that run beside untrusted code: part of every trial's environment. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Digest } from '../versioning/types.js';
import { canonicalJson, sha256 } from '../canonical.js';

/** Hashes names and contents of every `.cjs` and `.mjs` file below this room. The same in source and build. */
export async function harnessDigest(): Promise<Digest> {
  const root = import.meta.dirname;
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.[cm]js$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const hashes = await Promise.all(
    paths.map(
      async (path) => [relative(root, path).split(sep).join('/'), sha256(await readFile(path))] as const,
    ),
  );
  return sha256(canonicalJson(Object.fromEntries(hashes)));
}
