/** Reads what untrusted code left in the output directory: never through a link, never without a bound. */
import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Text of a regular file directly inside `directory` (or in a sub-directory that is no link), or null when it is
 * absent, a link, a device or larger than `maxBytes`.
 */
export async function readOutput(directory: string, name: string, maxBytes: number): Promise<string | null> {
  const parts = name.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return null;
  try {
    let at = directory;
    for (const part of parts.slice(0, -1)) {
      at = join(at, part);
      if (!(await lstat(at)).isDirectory()) return null;
    }
    const handle = await open(
      join(at, parts.at(-1) ?? ''),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    try {
      const found = await handle.stat();
      if (!found.isFile() || found.size > maxBytes) return null;
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch {
    // Absent, or a link where a file should be: there is nothing to trust.
    return null;
  }
}

/** Names of regular files directly inside a sub-directory of the output, sorted, at most `bound`. */
export async function listOutput(directory: string, sub: string, bound = 2_000): Promise<string[]> {
  const path = sub === '' ? directory : join(directory, sub);
  try {
    if (!(await lstat(path)).isDirectory()) return [];
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort()
      .slice(0, bound);
  } catch {
    // The run left nothing there.
    return [];
  }
}
