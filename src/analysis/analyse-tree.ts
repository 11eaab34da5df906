/** The analysis of one tree in the process it is called in: cache first, then one program per project. */
import { freshFiles, writeManifest, type Manifest, type StoredFile } from './cache/manifest.js';
import { lookUp, type LookUp } from './look-up.js';
import type { TreeJob, TreeOutcome, TreeSink } from './tree-job.js';
import type { Fixer } from './types.js';

/** @param loadFixers called only when something has to be analysed */
export async function analyseTree(
  job: TreeJob,
  loadFixers: () => Promise<readonly Fixer[]>,
  sink: TreeSink,
): Promise<TreeOutcome> {
  const look = await lookUp(job, sink.breathe);
  const { old, texts, hashes, environment, cacheFile, skipped } = look;
  const stored: Record<string, StoredFile> = { ...look.unread };
  for (const file of await freshOf(look)) {
    const known = old?.files[file];
    if (known?.result === null || known === undefined) continue;
    stored[file] = known;
    sink.onKept(file, known.result, look.cacheStamp);
  }
  const missing = texts.keys().filter((file) => stored[file] === undefined);
  if (missing.length === 0 && old !== null)
    return { skipped: [...skipped, ...old.problems], hashes, analysed: 0 };
  const [{ analyseProjects }, fixers] = await Promise.all([import('./analyse-projects.js'), loadFixers()]);
  const save = (manifest: Omit<Manifest, 'environment'>): void => {
    if (cacheFile !== null) writeManifest(cacheFile, { ...manifest, environment });
  };
  const problems = await analyseProjects(
    { ...job, ...look, stored, externals: { ...old?.externals }, missing, save },
    fixers,
    sink,
  );
  return { skipped: [...skipped, ...problems], hashes, analysed: missing.length };
}

async function freshOf({ old, hashes, texts, unread, unchanged }: LookUp): Promise<ReadonlySet<string>> {
  if (old === null) return new Set();
  if (unchanged) return new Set(hashes.keys());
  // What is left out may still be compiled along: when it changes, anything may have.
  if (Object.entries(unread).some(([file, { hash }]) => old.files[file]?.hash !== hash)) return new Set();
  // Only now is the compiler needed; loading it takes longer than all of the above.
  const [{ default: ts }, { shapeOf }] = await Promise.all([
    import('typescript'),
    import('./cache/shape.js'),
  ]);
  return freshFiles(old, hashes, (file) =>
    shapeOf(ts.createSourceFile(file, texts.get(file) ?? '', ts.ScriptTarget.ESNext)),
  );
}
