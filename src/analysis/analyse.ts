/** The whole analysis of one tree: in a child process, with a cache, as one report. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RatchetError } from '../errors.js';
import { analyseTree } from './analyse-tree.js';
import type { TreeJob, TreeOutcome } from './tree-job.js';
import type { FileResult } from './analyse-file.js';
import { assembleReport } from './assemble-report.js';
import { readChurn, type ChurnOptions } from './git/churn.js';
import { isTestFile } from './test-files.js';
import { recall } from './look-up.js';
import { manifestPath, stampOfCode } from './cache/manifest.js';
import { childEntry, superviseTree } from './run/supervise.js';
import type { AnalyseOptions, AnalysisReport, Duplicates } from './types.js';

/**
 * Analyses the tree under `options.root`. Runs in a child process when it can load the fixers there: none given, or
 * `fixersModule` set; otherwise in this process.
 * @throws RatchetError CANCELLED, TIMEOUT, NOT_FOUND (no such directory)
 */
export async function analyse(options: AnalyseOptions): Promise<AnalysisReport> {
  const started = performance.now();
  const job = jobOf(options);
  const entry = options.isolate === false ? null : childEntry();
  const movable = options.fixers.length === 0 || options.fixersModule !== undefined;
  const [outcome, churn] = await Promise.all([
    entry !== null && movable ? apart(entry, job, options) : here(job, options),
    options.history === true ? readChurn(churnOptions(job, options)) : null,
  ]);
  const duplicates = options.duplicates === true ? await duplicatesIn(job.root, outcome, options) : null;
  return assembleReport({
    ...outcome,
    extras: { churn, duplicates },
    hotShares: options.hotShares ?? {},
    severities: options.severities ?? {},
    only: options.only === undefined ? null : new Set(options.only),
    elapsedMs: performance.now() - started,
  });
}

function churnOptions(job: TreeJob, { cacheDirectory, signal }: AnalyseOptions): ChurnOptions {
  const name = createHash('sha256').update(job.root).digest('hex').slice(0, 32);
  return {
    root: job.root,
    cacheFile: cacheDirectory === undefined ? null : join(cacheDirectory, 'churn', `${name}.json`),
    signal: signal ?? null,
  };
}

/** The library is loaded only here: nobody else waits for it. */
async function duplicatesIn(
  root: string,
  { results }: Outcome,
  options: AnalyseOptions,
): Promise<Duplicates> {
  const { findDuplicates } = await import('./duplicates/find-duplicates.js');
  const files = results.filter((one) => one.syntaxError === null && !isTestFile(one.file));
  return findDuplicates(
    root,
    files.map((one) => one.file),
    breather(options.signal),
  );
}

type Outcome = TreeOutcome & { readonly results: readonly FileResult[] };

function jobOf(options: AnalyseOptions): TreeJob {
  let root: string;
  try {
    root = realpathSync(options.root);
  } catch (error) {
    throw new RatchetError('NOT_FOUND', 'There is no such directory.', { where: options.root, cause: error });
  }
  const compat = options.compat ?? 'specification';
  const alone =
    options.only !== undefined && options.only.length <= aloneMax && (options.include ?? []).length === 0;
  const include = alone ? literalGlobs(options.only ?? []) : (options.include ?? []);
  const exclude = options.exclude ?? [];
  const rules = options.rules ?? null;
  const scope = [options.cacheScope ?? root, compat, include, exclude, rules];
  const directory = alone ? undefined : options.cacheDirectory;
  const cached = directory !== undefined;
  const versions = options.fixers.map((fixer) => `${fixer.rule}@${fixer.version}`);
  const stamps = cached ? [stampOfCode(import.meta.dirname), fixersStamp(options.fixersModule)] : [];
  return {
    root,
    compat,
    include,
    exclude,
    rules,
    cacheFile: directory === undefined ? null : manifestPath(directory, JSON.stringify(scope)),
    identity: JSON.stringify([scope, versions, stamps]),
    modes: {},
  };
}

/** More changed files than these are as well found in the analysis of everything, which has a cache. */
const aloneMax = 500;

/** Globs that match exactly these paths; never an empty list, which would mean everything. */
function literalGlobs(files: readonly string[]): readonly string[] {
  return files.length === 0 ? ['\\0'] : files.map((file) => file.replace(/[^\w./-]/g, '\\$&'));
}

function fixersStamp(module: string | undefined): string {
  return module === undefined ? '' : stampOfCode(dirname(fileURLToPath(module)));
}

async function apart(entry: string, job: TreeJob, options: AnalyseOptions): Promise<Outcome> {
  const known = await recall(job, breather(options.signal));
  if (known.kind === 'unchanged') return { ...known.outcome, results: known.results };
  return superviseTree(entry, {
    job,
    fixersModule: options.fixersModule ?? null,
    memoryMegabytes: options.memoryMegabytes ?? Math.min(4_096, Math.floor((totalmem() / 2 ** 20) * 0.6)),
    known,
    cacheDirectory: options.cacheDirectory ?? '',
    signal: options.signal ?? null,
    onProgress: (done, total, step) => options.onProgress?.({ done, total, step }),
  });
}

async function here(job: TreeJob, options: AnalyseOptions): Promise<Outcome> {
  const results: FileResult[] = [];
  const outcome = await analyseTree(job, async () => options.fixers, {
    onProject: () => undefined,
    onProjectDone: () => undefined,
    onResult: (result) => results.push(result),
    onKept: (_file, result) => results.push(result.value),
    onProgress: (done, total, step) => options.onProgress?.({ done, total, step }),
    breathe: breather(options.signal),
  });
  return { ...outcome, results };
}

/** Lets other work of this process go on every 50 ms; throws when the run is cancelled. */
function breather(signal: AbortSignal | undefined): () => Promise<void> {
  let rested = performance.now();
  return async () => {
    if (performance.now() - rested < 50) return;
    await new Promise((done) => {
      setImmediate(done);
    });
    rested = performance.now();
    if (signal?.aborted === true) throw new RatchetError('CANCELLED', 'The analysis was cancelled.');
  };
}
