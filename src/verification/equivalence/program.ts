/** A TypeScript program over a pristine tree whose node_modules live elsewhere (the dependency layer). */
import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';

export interface TypedTree {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  readonly tree: string;
  sourceFile(file: string): ts.SourceFile | undefined;
  /** Path inside the tree with `/`, or null for files elsewhere. */
  inTree(fileName: string): string | null;
}

const defaults: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  jsx: ts.JsxEmit.Preserve,
};

/** Paths below `tree` that go through node_modules are read from the dependency layer instead. */
function redirect(path: string, tree: string, dependencies: string | null): string {
  if (dependencies === null || !path.startsWith(tree) || !path.includes(`${sep}node_modules`)) return path;
  return join(dependencies, path.slice(tree.length));
}

/** The language's own declarations, parsed once per process: they are most of what a small program reads. */
const libraryFiles = new Map<string, ts.SourceFile>();
const libraryFilesMax = 200;

function overlayHost(
  options: ts.CompilerOptions,
  tree: string,
  dependencies: string | null,
): ts.CompilerHost {
  const host = ts.createCompilerHost(options, true);
  const at = (path: string): string => redirect(path, tree, dependencies);
  return {
    ...host,
    fileExists: (path) => ts.sys.fileExists(at(path)),
    readFile: (path) => ts.sys.readFile(at(path)),
    directoryExists: (path) => ts.sys.directoryExists(at(path)),
    getDirectories: (path) => ts.sys.getDirectories(at(path)),
    realpath: (path) => (at(path) === path && ts.sys.realpath !== undefined ? ts.sys.realpath(path) : path),
    getSourceFile: (path, language) => {
      const isLibrary = /[\\/]typescript[\\/]lib[\\/]lib\.[^\\/]*\.d\.ts$/.test(path);
      const known = isLibrary ? libraryFiles.get(path) : undefined;
      if (known !== undefined) return known;
      const text = ts.sys.readFile(at(path));
      if (text === undefined) return undefined;
      const file = ts.createSourceFile(path, text, language, true);
      if (isLibrary && libraryFiles.size < libraryFilesMax) libraryFiles.set(path, file);
      return file;
    },
    getCurrentDirectory: () => tree,
  };
}

/** Options of the nearest tsconfig.json above the file, made harmless: nothing is emitted, JavaScript is read too. */
function optionsFor(file: string, tree: string): ts.CompilerOptions {
  let directory = dirname(file);
  let configured: ts.CompilerOptions = {};
  for (;;) {
    const candidate = join(directory, 'tsconfig.json');
    if (existsSync(candidate)) {
      const { config } = ts.readConfigFile(candidate, (path) => ts.sys.readFile(path)) as {
        config?: unknown;
      };
      if (config !== undefined) {
        const host = { ...ts.sys, readDirectory: () => [file] };
        configured = ts.parseJsonConfigFileContent(config, host, directory).options;
      }
      break;
    }
    if (directory === tree || dirname(directory) === directory) break;
    directory = dirname(directory);
  }
  return {
    ...defaults,
    ...configured,
    strictNullChecks: true,
    noEmit: true,
    allowJs: true,
    checkJs: false,
    skipLibCheck: true,
    composite: false,
    incremental: false,
    declaration: false,
  };
}

/** Opens the files (relative to the tree) with the checker. Reading is lazy; no diagnostics are computed. */
export function openTree(tree: string, files: readonly string[], dependencies: string | null): TypedTree {
  const roots = files.map((file) => join(tree, file));
  const options = optionsFor(roots[0] ?? tree, tree);
  const program = ts.createProgram(roots, options, overlayHost(options, tree, dependencies));
  return {
    program,
    checker: program.getTypeChecker(),
    tree,
    sourceFile: (file) => program.getSourceFile(join(tree, file)),
    inTree: (fileName) => {
      const path = relative(tree, fileName);
      return path.startsWith('..') ? null : path.split(sep).join('/');
    },
  };
}
