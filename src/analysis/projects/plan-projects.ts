/** Which compiler configuration each source file belongs to: one program per tsconfig, loose ones for the rest. */
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';
import type { Collected } from './collect-files.js';

export interface ProjectPlan {
  readonly id: string;
  /** Relative path of the tsconfig; null for files that belong to none. */
  readonly config: string | null;
  readonly files: readonly string[];
  /** Declaration files that are part of the program without being analysed. */
  readonly ambient: readonly string[];
  readonly options: ts.CompilerOptions;
  /** Are modules followed? Not for JavaScript without configuration: nothing there is believed. */
  readonly resolves: boolean;
}
export interface ProjectPlans {
  readonly projects: readonly ProjectPlan[];
  /** Every configuration file that was read (absolute), with what was wrong with it. */
  readonly problems: readonly { readonly file: string; readonly reason: string }[];
  readonly configFiles: readonly string[];
}

const script = /\.[cm]?jsx?$/;
const loose: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  jsx: ts.JsxEmit.Preserve,
  experimentalDecorators: true,
  strict: true,
};
const always: ts.CompilerOptions = {
  noEmit: true,
  skipLibCheck: true,
  incremental: false,
  composite: false,
  declaration: false,
  sourceMap: false,
};
const deleted = ['tsBuildInfoFile', 'outDir', 'outFile', 'declarationDir', 'emitDeclarationOnly'] as const;

export function planProjects(root: string, collected: Collected): ProjectPlans {
  const left = new Set(collected.sources);
  const declarations = new Set(collected.declarations);
  const projects: ProjectPlan[] = [];
  const problems: { file: string; reason: string }[] = [];
  const seen = new Set<string>();
  const read = new Set<string>();
  const names = new Set(['tsconfig.json', 'jsconfig.json']);
  const queue = collected.configs
    .filter((file) => names.has(file.slice(file.lastIndexOf('/') + 1)))
    .toSorted((a, b) => b.split('/').length - a.split('/').length || (a < b ? -1 : 1));
  const host = parseHost(read);
  const visit = (config: string): void => {
    if (seen.has(config)) return;
    seen.add(config);
    const path = join(root, config);
    const json = ts.readConfigFile(path, (name) => host.readFile(name));
    if (json.error !== undefined) problems.push({ file: config, reason: textOf(json.error) });
    if (json.config === undefined) return;
    const parsed = ts.parseJsonConfigFileContent(json.config, host, dirname(path), undefined, path);
    for (const error of parsed.errors)
      if (error.code !== noInputs && error.code !== emptyFiles)
        problems.push({ file: config, reason: textOf(error) });
    const inside = parsed.fileNames.map((name) => toRelative(root, name));
    const files = inside.filter((file) => left.delete(file));
    const ambient = inside.filter((file) => declarations.has(file));
    if (files.length > 0)
      projects.push({
        id: config,
        config,
        files,
        ambient,
        options: optionsOf(parsed.options),
        resolves: true,
      });
    for (const reference of parsed.projectReferences ?? []) {
      const target = toRelative(root, ts.resolveProjectReferencePath(reference));
      if (!target.startsWith('..')) visit(target);
    }
  };
  for (const config of queue) visit(config);
  projects.push(...looseProjects(root, [...left], projects, collected));
  return { projects: projects.filter(isNotEmpty), problems, configFiles: [...read].toSorted() };
}

const noInputs = 18_003;
const emptyFiles = 18_002;
const isNotEmpty = (project: ProjectPlan): boolean => project.files.length > 0;

/** Left-over TypeScript joins the configuration above it (tests excluded from the build); JavaScript stands alone. */
function looseProjects(
  root: string,
  left: readonly string[],
  projects: readonly ProjectPlan[],
  collected: Collected,
): readonly ProjectPlan[] {
  const groups = new Map<string, { base: ProjectPlan | null; files: string[]; js: boolean }>();
  for (const file of left) {
    const js = script.test(file);
    const base = js ? null : nearest(file, projects);
    const id = js ? 'javascript' : `${base?.id ?? 'typescript'} (not included)`;
    const group = groups.get(id) ?? { base, files: [], js };
    groups.set(id, group);
    group.files.push(file);
  }
  return [...groups].map(([id, { base, files, js }]) => ({
    id,
    config: base?.config ?? null,
    files,
    ambient: js ? [] : (base?.ambient ?? collected.declarations),
    options: js
      ? {
          ...loose,
          ...always,
          allowJs: true,
          noResolve: true,
          types: [],
          lib: ['lib.esnext.d.ts'],
          moduleDetection: ts.ModuleDetectionKind.Force,
        }
      : (base?.options ?? { ...loose, ...always, types: presentTypes(root) }),
    resolves: !js,
  }));
}

function presentTypes(root: string): string[] {
  return ts.sys.fileExists(join(root, 'node_modules/@types/node/package.json')) ? ['node'] : [];
}

function nearest(file: string, projects: readonly ProjectPlan[]): ProjectPlan | null {
  const above = projects.filter(
    ({ config }) => config !== null && `${dirname(file)}/`.startsWith(prefixOf(config)),
  );
  return above.toSorted((a, b) => (b.config?.length ?? 0) - (a.config?.length ?? 0))[0] ?? null;
}

function prefixOf(config: string): string {
  const directory = dirname(config);
  return directory === '.' ? '' : `${directory}/`;
}

function optionsOf(parsed: ts.CompilerOptions): ts.CompilerOptions {
  const options = { ...parsed, ...always };
  for (const name of deleted) delete options[name];
  return options;
}

function parseHost(read: Set<string>): ts.ParseConfigFileHost {
  return {
    ...ts.sys,
    useCaseSensitiveFileNames: ts.sys.useCaseSensitiveFileNames,
    readFile(path) {
      read.add(path);
      return ts.sys.readFile(path);
    },
    onUnRecoverableConfigFileDiagnostic() {
      // Problems are taken from the parse results; the rest of the tree is analysed all the same.
    },
  };
}

function toRelative(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}

function textOf(diagnostic: ts.Diagnostic): string {
  return ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ');
}
