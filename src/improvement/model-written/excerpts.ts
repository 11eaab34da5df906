/** What a model is shown beside the function: the types that it names, and how it is called. Read by syntax alone. */
import { posix } from 'node:path';
import ts from 'typescript';
import { callableOf, parseFile, type DeclarationPlace } from './find-declaration.js';
import { tokensOf, usedNames } from './names.js';

export interface Excerpts {
  readonly types: readonly string[];
  readonly calls: readonly string[];
}

const typesMax = 4;
const typeCharacters = 500;
const callsMax = 4;
const callCharacters = 200;
const filesMax = 300;
const fileCharacters = 200_000;
const codeFile = /\.(?:[cm]?[jt]s|[jt]sx)$/;

type ReadFile = (path: string) => Promise<string | null>;

/** Types that the function names, from its file or a file that it imports by a relative path. */
async function typesOf(place: DeclarationPlace, path: string, readFile: ReadFile): Promise<string[]> {
  const callable = callableOf(place.holder);
  const wanted = [...usedNames(callable ?? place.holder)].filter((name) => /^[A-Z]/.test(name));
  const file = place.holder.getSourceFile();
  const found: string[] = [];
  for (const name of wanted) {
    if (found.length >= typesMax) break;
    const here = typeIn(file, name);
    const text = here ?? (await importedType(file, name, path, readFile));
    if (text !== null) found.push(text.slice(0, typeCharacters));
  }
  return found;
}

function typeIn(file: ts.SourceFile, name: string): string | null {
  for (const one of file.statements) {
    const isType =
      ts.isInterfaceDeclaration(one) || ts.isTypeAliasDeclaration(one) || ts.isEnumDeclaration(one);
    if (isType && one.name.text === name) return one.getText(file);
  }
  return null;
}

async function importedType(
  file: ts.SourceFile,
  name: string,
  path: string,
  readFile: ReadFile,
): Promise<string | null> {
  for (const one of file.statements) {
    if (!ts.isImportDeclaration(one) || !ts.isStringLiteral(one.moduleSpecifier)) continue;
    const bindings = one.importClause?.namedBindings;
    const names = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : [];
    if (!names.some((element) => element.name.text === name)) continue;
    const from = one.moduleSpecifier.text;
    if (!from.startsWith('.')) return null;
    const bare = posix.join(posix.dirname(path), from).replace(/\.[cm]?js$/, '');
    // Nothing outside of the tree is read, whatever a specifier says.
    if (bare.startsWith('..') || posix.isAbsolute(bare)) return null;
    for (const ending of ['.ts', '.tsx', '.mts', '/index.ts', '.d.ts']) {
      const text = await readFile(`${bare}${ending}`);
      if (text !== null) return typeIn(parseFile(`${bare}${ending}`, text.slice(0, fileCharacters)), name);
    }
  }
  return null;
}

/** Statements that call the function; those of tests come first, because they show values. */
async function callsOf(name: string, files: readonly string[], readFile: ReadFile): Promise<string[]> {
  const short = name.split('.').at(-1) ?? name;
  if (!/^[\w$#]{2,80}$/.test(short)) return [];
  const isTest = (path: string): boolean => /(^|[/._-])(tests?|spec)([/._-]|$)/i.test(path);
  const ordered = files
    .filter((path) => codeFile.test(path))
    .toSorted((a, b) => Number(isTest(b)) - Number(isTest(a)) || (a < b ? -1 : 1));
  const calls: string[] = [];
  for (const path of ordered.slice(0, filesMax)) {
    if (calls.length >= callsMax) break;
    const text = await readFile(path);
    if (text === null || text.length > fileCharacters || !text.includes(`${short}(`)) continue;
    for (const call of callsIn(parseFile(path, text), short)) {
      if (calls.length >= callsMax) break;
      if (!calls.includes(call)) calls.push(call);
    }
  }
  return calls;
}

function callsIn(file: ts.SourceFile, name: string): string[] {
  const found: string[] = [];
  for (const token of tokensOf(file)) {
    if (found.length >= callsMax || !ts.isIdentifier(token) || token.text !== name) continue;
    const callee = ts.isPropertyAccessExpression(token.parent) ? token.parent : token;
    if (!ts.isCallExpression(callee.parent) || callee.parent.expression !== callee) continue;
    let statement: ts.Node = callee.parent;
    while (!ts.isSourceFile(statement.parent) && !ts.isStatement(statement)) statement = statement.parent;
    found.push(statement.getText(file).replaceAll(/\s+/g, ' ').slice(0, callCharacters));
  }
  return found;
}

/** Both, with nothing where nothing was found. */
export async function excerptsFor(
  place: DeclarationPlace,
  path: string,
  files: readonly string[],
  readFile: ReadFile,
): Promise<Excerpts> {
  return {
    types: await typesOf(place, path, readFile),
    calls: await callsOf(place.name, files, readFile),
  };
}
