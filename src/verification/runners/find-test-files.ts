/** Which files of a package look like tests: for plans without a script, and for runners that do not name files. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const filesMax = 20_000;

/** Files that look like tests, by name or place, relative to `root`, sorted. */
export async function findTestFiles(root: string): Promise<string[]> {
  const found: string[] = [];
  let seen = 0;
  const walk = async (at: string): Promise<void> => {
    const entries = await readdir(join(root, at), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      seen += 1;
      if (seen > filesMax) return;
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory() && !/^(node_modules|\.git|dist|build|coverage)$/.test(entry.name))
        await walk(path);
      if (entry.isFile() && /\.[cm]?[jt]sx?$/.test(path) && /(^|[/.])(tests?|__tests__|spec)[/.]/.test(path))
        found.push(path);
    }
  };
  await walk('');
  return found.sort();
}
