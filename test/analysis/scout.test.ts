/**
 * The first look at a file, without types from outside: what it answers is what the whole program answers, and it gives
 * up where another file could have a say.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { analyse } from '../../src/analysis/index.js';
import { matchesOf } from '../../src/analysis/analyse-file.js';
import { createTypeOracle } from '../../src/analysis/oracle/index.js';
import { NeedsTypes, createScoutOracle } from '../../src/analysis/oracle/scout.js';
import { rules } from '../../src/analysis/rules/index.js';
import type { TypeOracle } from '../../src/analysis/types.js';

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Legacy,
  strict: true,
  types: [],
};
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ratchet-scout-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string>>): readonly string[] {
  for (const [name, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return Object.keys(files).map((name) => join(root, name));
}

/** What both oracles say to the same question about the last identifier `name` of the first file. */
function ask(
  files: Readonly<Record<string, string>>,
  name: string,
  question: (oracle: TypeOracle, node: ts.Identifier) => unknown,
): { readonly scout: unknown; readonly whole: unknown } {
  const [path = '', ...others] = write(files);
  const answer = (program: ts.Program, oracle: TypeOracle): unknown => {
    const found: ts.Identifier[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && node.text === name) found.push(node);
      ts.forEachChild(node, visit);
    };
    const file = program.getSourceFile(path);
    if (file !== undefined) visit(file);
    const node = found.at(-1);
    if (node === undefined) throw new Error(`no ${name} in ${path}`);
    try {
      return question(oracle, node);
    } catch (error) {
      if (error instanceof NeedsTypes) return 'needs types';
      throw error;
    }
  };
  const alone = ts.createProgram([path, ...others], { ...options, noResolve: true, noLib: true });
  const whole = ts.createProgram([path, ...others], options);
  return {
    scout: answer(alone, createScoutOracle(alone)),
    whole: answer(whole, createTypeOracle(whole)),
  };
}

const line = (oracle: TypeOracle, node: ts.Identifier): number | null =>
  oracle.declarationOf(node)?.getStart() ?? null;
const isGlobal = (oracle: TypeOracle, node: ts.Identifier): unknown => oracle.isGlobal(node);
const references = (oracle: TypeOracle, node: ts.Identifier): unknown => {
  const declaration = oracle.declarationOf(node);
  return declaration === null ? null : oracle.referencesOf(declaration).map((one) => one.pos);
};

describe('what lies in the file', () => {
  const text =
    'export function f(list: string[]) { const Map = 1; const seen = list; return [seen, seen, Map]; }';

  it.each([
    ['a variable', 'seen', line],
    ['a parameter', 'list', line],
    ['its references', 'seen', references],
    ['a local variable with the name of a global', 'Map', isGlobal],
  ] as const)('is answered as by the whole program: %s', (_, name, question) => {
    const { scout, whole } = ask({ 'a.ts': text }, name, question);
    expect(scout).not.toBe('needs types');
    expect(scout).not.toBeNull();
    expect(scout).toEqual(whole);
  });
});

describe('where another file has a say', () => {
  it.each([
    ['a global', { 'a.ts': 'export const x = new Map();' }, 'Map', isGlobal],
    [
      'an imported type that shares its name with a global value',
      {
        'a.ts': "import { Map } from './b.js';\nexport const x: Map = new Map();",
        'b.ts': 'export type Map = unknown;',
      },
      'Map',
      isGlobal,
    ],
    [
      'an imported value',
      { 'a.ts': "import { y } from './b.js';\nexport const x = y;", 'b.ts': 'export const y = 1;' },
      'y',
      line,
    ],
    [
      'a script, whose variables are everybody’s',
      { 'a.ts': 'var shared = 1; shared;', 'b.ts': 'var shared = 2;' },
      'shared',
      line,
    ],
    [
      'a module that adds to the global scope',
      {
        'a.ts': 'declare global { var both: number }\nexport const x = both;',
        'b.ts': 'declare global { var both: number }\nexport {};',
      },
      'both',
      line,
    ],
    ['a property', { 'a.ts': 'export const x = { length: 1 };\nexport const y = x.length;' }, 'length', line],
  ] as const)('it gives up: %s', (_, files, name, question) => {
    expect(ask(files, name, question).scout).toBe('needs types');
  });

  it('gives up at every question about a type', () => {
    const { scout } = ask({ 'a.ts': 'export const x = [1]; x;' }, 'x', (oracle, node) =>
      oracle.isArray(node),
    );
    expect(scout).toBe('needs types');
  });
});

describe('over our own sources', () => {
  it('finds what the whole program finds', () => {
    const base = join(import.meta.dirname, '../../src');
    const files = readdirSync(base, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && /^(?:analysis|storage|versioning|safety)\//.test(name))
      .map((name) => join(base, name));
    const alone = ts.createProgram(files, { ...options, noResolve: true, noLib: true });
    const whole = ts.createProgram(files, options);
    const scout = createScoutOracle(alone);
    const oracle = createTypeOracle(whole);
    const matches = (program: ts.Program, from: TypeOracle, file: string): unknown => {
      const sourceFile = program.getSourceFile(file);
      if (sourceFile === undefined) throw new Error(file);
      const found = matchesOf({ ts, sourceFile, file, oracle: from }, rules);
      return found.map(({ node, ...rest }) => ({ ...rest, at: node.getStart(sourceFile) }));
    };
    let answered = 0;
    for (const file of files) {
      let first: unknown;
      try {
        first = matches(alone, scout, file);
      } catch (error) {
        if (error instanceof NeedsTypes) continue;
        throw error;
      }
      answered += 1;
      expect({ file, found: first }).toEqual({ file, found: matches(whole, oracle, file) });
    }
    expect(files.length).toBeGreaterThan(80);
    expect(answered).toBeGreaterThan(files.length / 5);
  });
});

describe('after an edit', () => {
  const config = { 'tsconfig.json': '{"compilerOptions":{"strict":true,"target":"ES2022","types":[]}}' };
  const asks = (from: string): string =>
    `import { list } from './${from}.js';\nexport function f(a: string[]) { const all = list(); return a.filter((x) => all.includes(x)); }\n`;

  it('a file that asked nothing stays, one that asked through it is looked at again', async () => {
    const cacheDirectory = join(root, '.cache');
    const files = {
      ...config,
      'src/far.ts': 'export const list = () => ["a"];\n',
      'src/passes.ts': "export { list } from './far.js';\nexport const other = 1;\n",
      'src/asks.ts': asks('passes'),
      'src/quiet.ts': "import { list } from './far.js';\nexport const g = () => list;\n",
    };
    write(files);
    let looked = 0;
    const onProgress = ({ total }: { readonly total: number }): void => {
      looked = total;
    };
    const run = async () => analyse({ root, isolate: false, cacheDirectory, fixers: [], onProgress });
    const before = await run();
    expect(before.findings.map((one) => one.file)).toContain('src/asks.ts');
    write({ 'src/far.ts': 'export const list = () => "a";\n' });
    const after = await run();
    expect(looked).toBe(2);
    expect(after.findings.map((one) => one.file)).not.toContain('src/asks.ts');
  });
});
