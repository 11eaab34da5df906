/** One project: program, oracle, and the result of each of its files. */
import { join } from 'node:path';
import ts from 'typescript';
import { analyseFile, type FileResult } from './analyse-file.js';
import type { Compat } from './metrics/cognitive.js';
import { createTypeOracle } from './oracle/index.js';
import { createProgram, type LibraryCache } from './projects/create-program.js';
import type { ProjectPlan } from './projects/plan-projects.js';
import type { Fixer, Rule } from './types.js';

export interface ProjectJob {
  readonly root: string;
  readonly plan: ProjectPlan;
  /** The files of the plan that are to be analysed (the others only give types), relative. */
  readonly files: readonly string[];
  /** Absolute path → text, as read for the content hash. */
  readonly texts: ReadonlyMap<string, string>;
  readonly rules: readonly Rule[];
  readonly fixers: ReadonlyMap<string, Fixer>;
  readonly compat: Compat;
  readonly libraries: LibraryCache;
  readonly onFile: (result: FileResult) => void;
}

/** Calls `onFile` for each file in order; answers which files each file's imports resolved to. */
export function analyseProject(job: ProjectJob): ReadonlyMap<string, readonly string[]> {
  const { program, imports } = createProgram(job.root, job.plan, job.files, job.texts, job.libraries);
  const oracle = createTypeOracle(program);
  for (const file of job.files) {
    const sourceFile = program.getSourceFile(join(job.root, file));
    if (sourceFile === undefined) {
      const syntaxError = 'the compiler did not load the file';
      job.onFile({ file, lines: 0, functions: [], findings: [], fixes: [], syntaxError });
      continue;
    }
    job.onFile(
      analyseFile({
        context: { ts, sourceFile, file, oracle },
        rules: job.rules,
        fixers: job.fixers,
        compat: job.compat,
        syntaxErrors: program.getSyntacticDiagnostics(sourceFile).filter(isRealError),
      }),
    );
  }
  return imports;
}

/** "Types can only be used in a .ts file" and the like (8xxx) leave a usable tree. */
function isRealError(diagnostic: ts.Diagnostic): boolean {
  return diagnostic.category === ts.DiagnosticCategory.Error && diagnostic.code < 8_000;
}
