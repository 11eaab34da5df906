/** A TypeScript program over one project that reads each source file once, from the snapshot given. */
import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { AbsoluteTexts } from './texts.js';
import type { ProjectPlan } from './plan-projects.js';

export interface ProgramResult {
  readonly program: ts.Program;
  /** Absolute path of an importing file → its module names → absolute paths of what they resolved to. */
  readonly imports: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** Library and dependency files that several programs of one run share, by options that affect parsing. */
export type LibraryCache = Map<string, ts.SourceFile>;

/** Files of the tree that an earlier program over them parsed, by the same options. */
export type ParsedFiles = Map<string, ts.SourceFile>;

/**
 * @param texts absolute path → text of the files of the analysed tree that were read already
 * @param parsed filled; programs of one project share it
 */
export function createProgram(
  root: string,
  plan: ProjectPlan,
  roots: readonly string[],
  texts: AbsoluteTexts,
  libraries: LibraryCache,
  parsed: ParsedFiles = new Map(),
): ProgramResult {
  const options = plan.options;
  const host = ts.createCompilerHost(options, false);
  host.jsDocParsingMode = plan.resolves
    ? ts.JSDocParsingMode.ParseForTypeErrors
    : ts.JSDocParsingMode.ParseNone;
  host.getCurrentDirectory = () => (plan.config === null ? root : dirname(join(root, plan.config)));
  const readFile = host.readFile.bind(host);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  const parse = host.getSourceFile.bind(host);
  const prefix = root.endsWith('/') ? root : `${root}/`;
  host.getSourceFile = (name, version, onError, create) => {
    const own = name.startsWith(prefix) && !name.includes('/node_modules/');
    const shared = own ? parsed : libraries;
    const key = `${name}\n${keyOf(version)}`;
    const known = shared.get(key);
    if (known !== undefined) return known;
    const file = parse(name, version, onError, create);
    if (file !== undefined) shared.set(key, file);
    return file;
  };
  const imports = new Map<string, ReadonlyMap<string, string>>();
  const cache = ts.createModuleResolutionCache(host.getCurrentDirectory(), (name) => name, options);
  host.getModuleResolutionCache = () => cache;
  host.resolveModuleNameLiterals = (literals, containingFile, redirected, _options, containing) => {
    const found = literals.map(
      (literal) =>
        (plan.resolves ? null : besideIt(literal.text, containingFile, texts)) ??
        ts.resolveModuleName(
          literal.text,
          containingFile,
          redirected?.commandLine.options ?? options,
          host,
          cache,
          redirected,
          ts.getModeForUsageLocation(containing, literal, options),
        ),
    );
    imports.set(
      containingFile,
      new Map(
        found.flatMap(({ resolvedModule }, at) => {
          const name = literals[at]?.text;
          return resolvedModule === undefined || name === undefined
            ? []
            : [[name, resolvedModule.resolvedFileName] as const];
        }),
      ),
    );
    return found;
  };
  const program = ts.createProgram({
    rootNames: [...new Set([...roots, ...plan.ambient])].map((file) => join(root, file)),
    options,
    host,
  });
  return { program, imports };
}

/**
 * `./name` in JavaScript that is not resolved for its types, when it can only mean a script of the snapshot: no file
 * system is asked. Null where the compiler has to decide.
 */
function besideIt(
  name: string,
  containingFile: string,
  texts: AbsoluteTexts,
): ts.ResolvedModuleWithFailedLookupLocations | null {
  if (!/^\.\.?\//.test(name)) return null;
  const path = join(dirname(containingFile), name);
  const [, stem = path, extension = '.js'] = /^(.*)(\.[cm]?jsx?)$/.exec(path) ?? [];
  const script = `${stem}${extension}`;
  if (!texts.has(script) || typed.some((one) => texts.has(`${stem}${one}`))) return null;
  return { resolvedModule: { resolvedFileName: script, extension, isExternalLibraryImport: false } };
}

const typed = ['.ts', '.tsx', '.mts', '.cts'];

function keyOf(version: ts.ScriptTarget | ts.CreateSourceFileOptions): string {
  return typeof version === 'object'
    ? `${version.languageVersion} ${version.impliedNodeFormat ?? ''} ${version.jsDocParsingMode ?? ''}`
    : `${version}`;
}
