/**
 * Lists the TypeScript diagnostics of the tree at /work, inside the sandbox. Takes one JSON argument
 * {files, directory}; writes /out/types.json: {programs, version, diagnostics: [{code, message, file, symbol, line}]}.
 * The repository's own TypeScript (≥ 4) is preferred: its options mean what they meant to its authors.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const { files, directory } = JSON.parse(process.argv[2]);
const root = '/work';
const ts = load();

function load() {
  const places = [path.join(root, directory, 'package.json'), '/ro/typescript/package.json'];
  for (const place of places) {
    try {
      const found = createRequire(place)(place.startsWith('/ro/') ? '/ro/typescript' : 'typescript');
      if (Number.parseInt(found.version, 10) >= 4 && typeof found.createProgram === 'function') return found;
    } catch {
      // Not installed there: ours serves.
    }
  }
  throw new Error('no TypeScript');
}

/** tsconfig.json files from the changed files upwards, with what they refer to. */
function configs() {
  const found = new Set();
  const add = (file, depth) => {
    if (found.has(file) || !existsSync(file) || depth > 3) return;
    found.add(file);
    const { config } = ts.readConfigFile(file, ts.sys.readFile);
    for (const reference of config?.references ?? []) {
      const target = path.resolve(path.dirname(file), String(reference.path));
      add(target.endsWith('.json') ? target : path.join(target, 'tsconfig.json'), depth + 1);
    }
  };
  for (const file of files) {
    let at = path.dirname(path.join(root, file));
    for (;;) {
      const before = found.size;
      add(path.join(at, 'tsconfig.json'), 0);
      if (found.size > before || at === root || !at.startsWith(root)) break;
      at = path.dirname(at);
    }
  }
  return [...found];
}

function programOf(config) {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} };
  const parsed = ts.getParsedCommandLineOfConfigFile(config, {}, host);
  if (!parsed || parsed.fileNames.length === 0) return null;
  return ts.createProgram({
    rootNames: parsed.fileNames,
    options: {
      ...parsed.options,
      noEmit: true,
      skipLibCheck: true,
      incremental: false,
      composite: false,
      tsBuildInfoFile: undefined,
    },
    projectReferences: undefined,
  });
}

/** TypeScript without any configuration: the changed files with tolerant options. */
function looseProgram(names) {
  return ts.createProgram({
    rootNames: names.map((file) => path.join(root, file)),
    options: {
      noEmit: true,
      skipLibCheck: true,
      strict: false,
      target: ts.ScriptTarget.ES2022 ?? ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler ?? ts.ModuleResolutionKind.NodeJs,
      jsx: ts.JsxEmit.Preserve,
      esModuleInterop: true,
    },
  });
}

function symbolAt(file, position) {
  const names = [];
  const visit = (node) => {
    if (position < node.getFullStart() || position > node.getEnd()) return;
    if (node.name && ts.isIdentifier(node.name) && !ts.isPropertyAccessExpression(node))
      names.push(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names.slice(0, 3).join('.');
}

const diagnostics = [];
const covered = new Set();
function collect(program) {
  const own = (name) => name.startsWith(`${root}/`) && !name.includes('/node_modules/');
  const sources = program.getSourceFiles().filter((file) => own(file.fileName));
  for (const file of sources) covered.add(path.relative(root, file.fileName));
  const all = [
    ...program.getSyntacticDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...sources.flatMap((file) => program.getSemanticDiagnostics(file)),
  ];
  for (const one of all) {
    if (one.category !== ts.DiagnosticCategory.Error) continue;
    const place = one.file && own(one.file.fileName) ? one.file : null;
    diagnostics.push({
      code: one.code,
      message: ts.flattenDiagnosticMessageText(one.messageText, ' ').slice(0, 600),
      file: place ? path.relative(root, place.fileName) : '',
      symbol: place ? symbolAt(place, one.start ?? 0) : '',
      line: place ? place.getLineAndCharacterOfPosition(one.start ?? 0).line + 1 : 0,
    });
  }
}

let programs = 0;
for (const config of configs()) {
  const program = programOf(config);
  if (program === null) continue;
  programs += 1;
  collect(program);
}
const others = () => files.filter((file) => !covered.has(file) && existsSync(path.join(root, file)));
// A file outside tsconfig.json may belong to a sibling (tsconfig.test.json, tsconfig.src.json).
if (others().length > 0) {
  const base = path.join(root, directory);
  const siblings = readdirSync(base).filter((name) => /^tsconfig\..+\.json$/.test(name));
  for (const name of siblings.slice(0, 6)) {
    if (others().length === 0) break;
    const program = programOf(path.join(base, name));
    if (program === null || !others().some((file) => program.getSourceFile(path.join(root, file)))) continue;
    programs += 1;
    collect(program);
  }
}
const loose = others().filter((file) => /\.(?:[cm]?ts|tsx)$/.test(file));
if (loose.length > 0) {
  programs += 1;
  collect(looseProgram(loose));
}
const checked = files.filter((file) => covered.has(file));
writeFileSync(
  '/out/types.json',
  JSON.stringify({ programs, checked, version: ts.version, diagnostics: diagnostics.slice(0, 20000) }),
);
