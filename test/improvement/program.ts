/** A real one-file TypeScript program with the real libraries, for oracle and codemod tests. */
import ts from 'typescript';
import { createTypeOracle } from '../../src/analysis/oracle/index.js';
import type { RuleContext } from '../../src/analysis/types.js';

const libraries = new Map<string, ts.SourceFile>();

export interface ProgramOptions {
  readonly fileName?: string;
  readonly compilerOptions?: ts.CompilerOptions;
}

const defaults: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.decorators.d.ts'],
  module: ts.ModuleKind.ESNext,
  strict: true,
  skipLibCheck: true,
  allowJs: true,
  types: [],
  noEmit: true,
};

/** Compiles `text` alone; library files are parsed once per test process. */
export function programOf(
  text: string,
  options: ProgramOptions = {},
): { program: ts.Program; context: RuleContext } {
  const fileName = options.fileName ?? 'sample.ts';
  const compilerOptions = { ...defaults, ...options.compilerOptions };
  const host = ts.createCompilerHost(compilerOptions, true);
  const own = ts.createSourceFile(fileName, text, compilerOptions.target ?? ts.ScriptTarget.ES2023, true);
  const readLibrary = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version) => {
    if (name === fileName) return own;
    const known = libraries.get(name);
    if (known !== undefined) return known;
    const file = readLibrary(name, version);
    if (file !== undefined) libraries.set(name, file);
    return file;
  };
  host.fileExists = (name) => name === fileName || ts.sys.fileExists(name);
  const program = ts.createProgram([fileName], compilerOptions, host);
  const sourceFile = program.getSourceFile(fileName);
  if (sourceFile === undefined) throw new Error('program without its own file');
  return { program, context: { ts, sourceFile, file: fileName, oracle: createTypeOracle(program) } };
}

/** Every node of the file for which `test` holds, in source order. */
export function nodesOf(context: RuleContext, test: (node: ts.Node) => boolean): readonly ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (test(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(context.sourceFile);
  return found;
}
