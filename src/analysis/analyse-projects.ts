/** The part of the analysis that needs the compiler: projects one after another, results stored as they come. */
import { relative, sep } from 'node:path';
import { analyseProject, analyseUntyped, type Origin } from './analyse-project.js';
import { stampOf, type Manifest, type StoredFile } from './cache/manifest.js';
import { StoredResult } from './cache/stored-result.js';
import { isGlobalFile, shapeOf } from './cache/shape.js';
import type { FileResult } from './analyse-file.js';
import type { TreeJob, TreeSink } from './tree-job.js';
import type { Collected, Skipped } from './projects/collect-files.js';
import type { Texts } from './projects/texts.js';
import { planProjects, type ProjectPlan } from './projects/plan-projects.js';
import type { LibraryCache } from './projects/create-program.js';
import { rules } from './rules/index.js';
import type { Fixer } from './types.js';

interface ProjectsJob extends TreeJob {
  readonly collected: Collected;
  /** By relative path. */
  readonly texts: Texts;
  readonly hashes: ReadonlyMap<string, string>;
  readonly stamps: ReadonlyMap<string, string>;
  readonly moved: ReadonlySet<string>;
  /** Filled as results come. */
  readonly stored: Record<string, StoredFile>;
  readonly externals: Record<string, string>;
  readonly missing: readonly string[];
  readonly save: (manifest: Omit<Manifest, 'environment'>) => void;
}

/** How often a running analysis stores what it has, so that a killed one can go on from there … */
const saveEveryMs = 2_000;
/** … and at most this share of the time: storing a large tree takes long. */
const saveShare = 0.05;

export async function analyseProjects(
  job: ProjectsJob,
  fixers: readonly Fixer[],
  sink: TreeSink,
): Promise<readonly Skipped[]> {
  const plans = planProjects(job.root, { ...job.collected, sources: job.texts.keys() });
  const problems = [...plans.problems];
  const missing = new Set(job.missing);
  const libraries: LibraryCache = new Map();
  const wanted = job.rules === null ? rules : rules.filter((rule) => job.rules?.includes(rule.id));
  const total = job.missing.length;
  let done = 0;
  let saved = performance.now();
  let pause = saveEveryMs;
  const save = (): void => {
    const waiting = job.missing.filter((file) => job.stored[file] === undefined);
    const pending = Object.fromEntries(waiting.map((file) => [file, job.hashes.get(file) ?? '']));
    // What others were analysed with is not what is stored: nothing that depends on it counts the next time.
    for (const file of job.moved) {
      const stored = job.stored[file];
      if (stored !== undefined) job.stored[file] = { ...stored, hash: '', stamp: '', shape: '' };
    }
    job.save({ externals: job.externals, problems: plans.problems, files: job.stored, pending });
  };
  for (const plan of plans.projects) {
    const files = plan.files.filter((file) => missing.has(file));
    const mode = job.modes[plan.id];
    if (files.length === 0 || mode === 'done') continue;
    if (mode === 'giveUp') {
      problems.push(...files.map((file) => ({ file, reason: 'out of memory' })));
      continue;
    }
    sink.onProject(plan.id);
    sink.onProgress(done, total, plan.id);
    const typed = mode !== 'untyped';
    if (!typed) problems.push({ file: plan.id, reason: 'out of memory with types: analysed without them' });
    for (const part of partsOf(plan, files))
      await (typed ? analyseProject : analyseUntyped)({
        root: job.root,
        plan,
        files: part,
        texts: job.texts.under(job.root),
        rules: wanted,
        fixers: new Map(fixers.map((fixer) => [fixer.rule, fixer])),
        compat: job.compat,
        libraries,
        breathe: sink.breathe,
        async onFile(result, origin) {
          sink.onResult(result);
          done += 1;
          sink.onProgress(done, total, plan.id);
          if (typed) job.stored[result.file] = storedOf(result, origin, plan, job);
          const begun = performance.now();
          if (begun - saved < pause) return;
          save();
          saved = performance.now();
          pause = Math.max(saveEveryMs, (saved - begun) / saveShare);
        },
        onExternals(paths) {
          for (const path of paths) job.externals[path] = stampOf(path);
        },
      });
    sink.onProjectDone(plan.id);
  }
  save();
  return problems;
}

/** Files that give each other no types need not be in memory together. */
const unresolvedMax = 1_000;

function* partsOf(plan: ProjectPlan, files: readonly string[]): Generator<readonly string[]> {
  const size = plan.resolves ? files.length : unresolvedMax;
  for (let from = 0; from < files.length; from += size) yield files.slice(from, from + size);
}

function storedOf(
  result: FileResult,
  { sourceFile, imported, alone }: Origin,
  plan: ProjectPlan,
  job: ProjectsJob,
): StoredFile {
  // Where modules are not followed, no type comes from another file.
  const followed = plan.resolves ? imported : [];
  const imports = followed.map((path) => relative(job.root, path).split(sep).join('/'));
  const reads = result.fixes.flatMap(({ fix }) => fix.reads);
  return {
    hash: job.hashes.get(result.file) ?? '',
    stamp: job.stamps.get(result.file) ?? '',
    shape: sourceFile === null || result.syntaxError !== null ? '' : shapeOf(sourceFile),
    global: sourceFile !== null && plan.resolves && isGlobalFile(sourceFile),
    imports: [...new Set([...imports, ...reads])].filter((file) => job.hashes.has(file)),
    alone,
    project: plan.id,
    result: StoredResult.of(result),
    skipped: null,
  };
}
