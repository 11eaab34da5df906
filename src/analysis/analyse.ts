/** The whole analysis of one tree, in this process. */
import { join, resolve } from 'node:path';
import { RatchetError } from '../errors.js';
import { analyseProject } from './analyse-project.js';
import type { FileResult } from './analyse-file.js';
import { collectFiles } from './projects/collect-files.js';
import { planProjects } from './projects/plan-projects.js';
import { readSource } from './projects/read-source.js';
import { assembleReport } from './assemble-report.js';
import { rules } from './rules/index.js';
import type { AnalyseOptions, AnalysisReport } from './types.js';

/**
 * Analyses the tree under `options.root`.
 * @throws RatchetError CANCELLED when the signal is aborted.
 */
export async function analyse(options: AnalyseOptions): Promise<AnalysisReport> {
  const started = performance.now();
  const root = resolve(options.root);
  const collected = collectFiles(root, options);
  const skipped = [...collected.skipped];
  const texts = new Map<string, string>();
  const hashes = new Map<string, string>();
  const sources = collected.sources.filter((file) => {
    const read = readSource(join(root, file));
    if (read.kind === 'source') {
      texts.set(join(root, file), read.text);
      hashes.set(file, read.hash);
    } else skipped.push({ file, reason: read.reason });
    return read.kind === 'source';
  });
  const plans = planProjects(root, { ...collected, sources });
  skipped.push(...plans.problems);
  const results: FileResult[] = [];
  const fixers = new Map(options.fixers.map((fixer) => [fixer.rule, fixer]));
  const total = sources.length;
  const libraries = new Map();
  for (const plan of plans.projects) {
    await breathe(options.signal);
    analyseProject({
      root,
      plan,
      files: plan.files,
      texts,
      rules,
      fixers,
      compat: options.compat ?? 'specification',
      libraries,
      onFile(result) {
        results.push(result);
        options.onProgress?.({ done: results.length, total, step: plan.id });
      },
    });
  }
  return assembleReport({
    results,
    skipped,
    hashes,
    hotShares: options.hotShares ?? {},
    elapsedMs: performance.now() - started,
  });
}

async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((done) => setImmediate(done));
  if (signal?.aborted === true) throw new RatchetError('CANCELLED', 'The analysis was cancelled.');
}
