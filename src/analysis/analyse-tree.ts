/** The analysis of one tree in the process it is called in: cache first, then one program per project. */
import { join } from 'node:path';
import { environmentOf } from './cache/environment.js';
import {
  cachedFilesMax,
  externalsAreSame,
  freshFiles,
  readManifest,
  writeManifest,
  type Manifest,
  type StoredFile,
} from './cache/manifest.js';
import { collectFiles } from './projects/collect-files.js';
import { readSource } from './projects/read-source.js';
import type { TreeJob, TreeOutcome, TreeSink } from './tree-job.js';
import type { Fixer } from './types.js';

export async function analyseTree(
  job: TreeJob,
  fixers: readonly Fixer[],
  sink: TreeSink,
): Promise<TreeOutcome> {
  const collected = collectFiles(job.root, job);
  const skipped = [...collected.skipped];
  const texts = new Map<string, string>();
  const hashes = new Map<string, string>();
  const stored: Record<string, StoredFile> = {};
  for (const file of collected.sources) {
    const read = readSource(join(job.root, file));
    if (read.kind === 'source') {
      texts.set(file, read.text);
      hashes.set(file, read.hash);
    } else {
      skipped.push({ file, reason: read.reason });
      stored[file] = unread(read.hash, read.reason);
    }
  }
  const cacheFile = collected.sources.length > cachedFilesMax ? null : job.cacheFile;
  const environment = cacheFile === null ? '' : environmentOf(job.root, collected, job.identity);
  const old = cacheFile === null ? null : usable(readManifest(cacheFile), environment);
  const fresh = await takeFresh(old, hashes, texts, stored);
  for (const file of fresh) {
    const known = old?.files[file];
    if (known?.result === null || known === undefined) continue;
    stored[file] = known;
    sink.onResult(known.result);
  }
  const missing = [...texts.keys()].filter((file) => stored[file] === undefined);
  if (missing.length === 0 && old !== null)
    return { skipped: [...skipped, ...old.problems], hashes, analysed: 0 };
  const { analyseProjects } = await import('./analyse-projects.js');
  const save = (manifest: Omit<Manifest, 'environment'>): void => {
    if (cacheFile !== null) writeManifest(cacheFile, { ...manifest, environment });
  };
  const problems = await analyseProjects(
    { ...job, collected, texts, hashes, stored, externals: { ...old?.externals }, missing, save },
    fixers,
    sink,
  );
  return { skipped: [...skipped, ...problems], hashes, analysed: missing.length };
}

function usable(manifest: Manifest | null, environment: string): Manifest | null {
  return manifest !== null && manifest.environment === environment && externalsAreSame(manifest)
    ? manifest
    : null;
}

async function takeFresh(
  old: Manifest | null,
  hashes: ReadonlyMap<string, string>,
  texts: ReadonlyMap<string, string>,
  unreadable: Readonly<Record<string, StoredFile>>,
): Promise<ReadonlySet<string>> {
  if (old === null) return new Set();
  // What is left out may still be compiled along: when it changes, anything may have.
  if (Object.entries(unreadable).some(([file, { hash }]) => old.files[file]?.hash !== hash)) return new Set();
  if ([...hashes].every(([file, hash]) => old.files[file]?.hash === hash)) return new Set(hashes.keys());
  // Only now is the compiler needed; loading it takes longer than all of the above.
  const [{ default: ts }, { shapeOf }] = await Promise.all([
    import('typescript'),
    import('./cache/shape.js'),
  ]);
  return freshFiles(old, hashes, (file) =>
    shapeOf(ts.createSourceFile(file, texts.get(file) ?? '', ts.ScriptTarget.ESNext)),
  );
}

function unread(hash: string, reason: string): StoredFile {
  return { hash, shape: '', global: false, imports: [], project: '', result: null, skipped: reason };
}
