/** One project: program, oracle, and the result of each of its files. */
import { join, relative, sep } from 'node:path';
import ts from 'typescript';
import { analyseFile, type FileJob, type FileResult } from './analyse-file.js';
import type { Compat } from './metrics/cognitive.js';
import { createTypeOracle } from './oracle/index.js';
import { NeedsTypes, createScoutOracle } from './oracle/scout.js';
import { watchOracle } from './oracle/witnesses.js';
import {
  createProgram,
  type LibraryCache,
  type ParsedFiles,
  type ProgramResult,
} from './projects/create-program.js';
import type { AbsoluteTexts } from './projects/texts.js';
import type { ProjectPlan } from './projects/plan-projects.js';
import type { Fixer, Rule, TypeOracle } from './types.js';

/** What a result was made from. */
export interface Origin {
  readonly sourceFile: ts.SourceFile | null;
  /** Absolute paths of what the file imports. */
  readonly imported: readonly string[];
  /** From its own text alone: whatever other files say, the result is the same. */
  readonly alone: boolean;
}

export interface ProjectJob {
  readonly root: string;
  readonly plan: ProjectPlan;
  /** The files of the plan that are to be analysed (the others only give types), relative. */
  readonly files: readonly string[];
  /** Absolute path → text, as read for the content hash. */
  readonly texts: AbsoluteTexts;
  readonly rules: readonly Rule[];
  readonly fixers: ReadonlyMap<string, Fixer>;
  readonly compat: Compat;
  readonly libraries: LibraryCache;
  readonly breathe: () => Promise<void>;
  readonly onFile: (result: FileResult, from: Origin) => Promise<void>;
  /** Files outside the tree that types came from, the compiler's own libraries apart. */
  readonly onExternals: (paths: readonly string[]) => void;
}

/** Most files never ask for a type: they are done without the program of all that they import. */
export async function analyseProject(job: ProjectJob): Promise<void> {
  const parsed: ParsedFiles = new Map();
  const left = job.plan.resolves ? await scout(job, parsed) : job.files;
  if (left.length > 0) await analyseTyped({ ...job, files: left }, parsed);
}

/** Returns the files that have to be looked at with types. */
async function scout(job: ProjectJob, parsed: ParsedFiles): Promise<readonly string[]> {
  const options: ts.CompilerOptions = { ...job.plan.options, noResolve: true, noLib: true, types: [] };
  const plan = { ...job.plan, options, ambient: [] };
  const made = createProgram(job.root, plan, job.files, job.texts, job.libraries, parsed);
  const oracle = createScoutOracle(made.program);
  // What lies in the file itself is no dependency.
  const witness = () => ({ oracle, files: () => [] });
  const left: string[] = [];
  for (const file of job.files) {
    try {
      await analyseOne(job, file, made, { oracle, witness, alone: true });
    } catch (error) {
      if (!(error instanceof NeedsTypes)) throw error;
      left.push(file);
    }
    await job.breathe();
  }
  return left;
}

async function analyseTyped(job: ProjectJob, parsed: ParsedFiles): Promise<void> {
  const made = createProgram(job.root, job.plan, job.files, job.texts, job.libraries, parsed);
  const { program } = made;
  const oracle = createTypeOracle(program);
  /** Of the tree only: other files are no part of what a proposal can be stale against. */
  const witness = () => {
    const { oracle: watched, files } = watchOracle(oracle, program);
    const own = () =>
      files()
        .filter((path) => job.texts.has(path))
        .map((path) => relative(job.root, path).split(sep).join('/'));
    return { oracle: watched, files: own };
  };
  job.onExternals(
    program
      .getSourceFiles()
      .filter((file) => !program.isSourceFileDefaultLibrary(file) && !job.texts.has(file.fileName))
      .map((file) => file.fileName),
  );
  for (const file of job.files) {
    await analyseOne(job, file, made, { oracle, witness, alone: false });
    await job.breathe();
  }
}

interface Look {
  readonly oracle: TypeOracle;
  readonly witness: NonNullable<FileJob['witness']>;
  /** Nothing outside the file was asked. */
  readonly alone: boolean;
}

/** @throws NeedsTypes when a first look does not suffice; nothing is reported then */
async function analyseOne(
  job: ProjectJob,
  file: string,
  { program, imports }: ProgramResult,
  { oracle, witness, alone }: Look,
): Promise<void> {
  const path = join(job.root, file);
  const sourceFile = program.getSourceFile(path);
  if (sourceFile === undefined) {
    if (alone) throw new NeedsTypes();
    return job.onFile(unloaded(file), { sourceFile: null, imported: [], alone });
  }
  const imported = imports.get(path);
  const result = analyseFile({
    resolve(module) {
      const target = imported?.get(module);
      return target !== undefined && job.texts.has(target) ? job.texts.relative(target) : null;
    },
    context: { ts, sourceFile, file, oracle },
    rules: job.rules,
    fixers: job.fixers,
    compat: job.compat,
    witness,
    syntaxErrors: syntaxErrors(program, sourceFile).filter(isRealError),
  });
  await job.onFile(result, { sourceFile, imported: [...(imported?.values() ?? [])], alone });
}

const unloaded = (file: string): FileResult => ({
  file,
  lines: 0,
  functions: [],
  measures: null,
  findings: [],
  fixes: [],
  suppressions: [],
  syntaxError: 'the compiler did not load the file',
});

/** File by file, names resolved inside each file only: for projects whose program does not fit into memory. */
export async function analyseUntyped(job: ProjectJob): Promise<void> {
  const options: ts.CompilerOptions = {
    ...job.plan.options,
    noResolve: true,
    noLib: true,
    types: [],
    allowJs: true,
  };
  for (const file of job.files)
    await analyseProject({
      ...job,
      plan: { ...job.plan, options, ambient: [], resolves: false },
      files: [file],
      libraries: new Map(),
    });
}

/** For JavaScript the program walks the tree once more, to complain about types: that is not asked. */
function syntaxErrors(program: ts.Program, sourceFile: ts.SourceFile): readonly ts.Diagnostic[] {
  const script = /\.[cm]?jsx?$/.test(sourceFile.fileName);
  if (script && 'parseDiagnostics' in sourceFile && Array.isArray(sourceFile.parseDiagnostics))
    return sourceFile.parseDiagnostics as readonly ts.Diagnostic[];
  return program.getSyntacticDiagnostics(sourceFile);
}

/** "Types can only be used in a .ts file" and the like (8xxx) leave a usable tree. */
function isRealError(diagnostic: ts.Diagnostic): boolean {
  return diagnostic.category === ts.DiagnosticCategory.Error && diagnostic.code < 8_000;
}
