/** What all results of a tree depend on, as one hash. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Collected } from '../projects/collect-files.js';
import { stampOf } from './manifest.js';

/** @param identity analyser and options, see `stampOfCode` */
export function environmentOf(root: string, collected: Collected, identity: string): string {
  const hash = createHash('sha256').update(identity);
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
  hash.update(stampOf(typescript));
  for (const list of [collected.sources, collected.declarations, collected.configs])
    hash.update(JSON.stringify(list));
  for (const file of [...collected.configs, ...collected.declarations])
    hash.update(contentOf(join(root, file)));
  const directories = new Set(['.', ...collected.configs.map((file) => dirname(file))]);
  for (const directory of [...directories].toSorted())
    for (const name of ['node_modules', 'node_modules/@types', 'node_modules/.package-lock.json'])
      hash.update(stampOf(join(root, directory, name)));
  return hash.digest('hex');
}

function contentOf(path: string): string | Buffer {
  try {
    return readFileSync(path);
  } catch {
    // It went away since the walk: as good as absent, and different from what it was.
    return 'absent';
  }
}
