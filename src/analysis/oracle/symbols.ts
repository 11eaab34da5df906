/** Names: which declaration an identifier means, who refers to it, and whether it is a global built-in. */
import ts from 'typescript';
import type { Tri } from '../types.js';

export interface Symbols {
  readonly declarationOf: (node: ts.Identifier) => ts.Declaration | null;
  readonly referencesOf: (declaration: ts.Declaration) => readonly ts.Identifier[];
  readonly isGlobal: (node: ts.Identifier) => Tri;
}

/** Answers are per program; the index of identifiers is built once per file, on first use. */
export function createSymbols(program: ts.Program): Symbols {
  const checker = program.getTypeChecker();
  const indexes = new WeakMap<ts.SourceFile, ReadonlyMap<string, readonly ts.Identifier[]>>();
  const identifiersOf = (file: ts.SourceFile, name: string): readonly ts.Identifier[] => {
    const index = indexes.get(file) ?? indexIdentifiers(file);
    indexes.set(file, index);
    return index.get(name) ?? [];
  };
  return {
    declarationOf: (node) => soleDeclaration(valueSymbol(checker, node)),
    referencesOf(declaration) {
      const name = ts.getNameOfDeclaration(declaration);
      if (name === undefined || !ts.isIdentifier(name)) return [];
      const symbol = valueSymbol(checker, name);
      if (symbol === undefined) return [];
      return identifiersOf(declaration.getSourceFile(), name.text).filter(
        (identifier) => identifier !== name && valueSymbol(checker, identifier) === symbol,
      );
    },
    isGlobal(node) {
      const symbol = checker.getSymbolAtLocation(node);
      const declarations = symbol?.declarations;
      if (symbol === undefined || declarations === undefined || declarations.length === 0) return 'unknown';
      return declarations.every((declaration) => isAmbientGlobal(program, declaration)) ? 'yes' : 'no';
    },
  };
}

/** In `{ ids }` the identifier is both a property and a variable; here it always means the variable. */
export function valueSymbol(checker: ts.TypeChecker, node: ts.Identifier): ts.Symbol | undefined {
  const parent = node.parent;
  if (ts.isShorthandPropertyAssignment(parent) && parent.name === node)
    return checker.getShorthandAssignmentValueSymbol(parent);
  if (ts.isExportSpecifier(parent) && parent.parent.parent.moduleSpecifier === undefined)
    return checker.getExportSpecifierLocalTargetSymbol(parent);
  if (ts.isBindingElement(parent) && parent.propertyName === node) return undefined;
  return checker.getSymbolAtLocation(node);
}

/** Redeclared variables (`var x; var x`) and merged values have no sole declaration. */
function soleDeclaration(symbol: ts.Symbol | undefined): ts.Declaration | null {
  const values = (symbol?.declarations ?? []).filter(
    (declaration) => !ts.isInterfaceDeclaration(declaration) && !ts.isTypeAliasDeclaration(declaration),
  );
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : null;
}

function indexIdentifiers(file: ts.SourceFile): ReadonlyMap<string, readonly ts.Identifier[]> {
  const index = new Map<string, ts.Identifier[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const list = index.get(node.text);
      if (list === undefined) index.set(node.text, [node]);
      else list.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return index;
}

/** Declared by the standard library, or ambient in the global scope of a declaration file (`Buffer`). */
function isAmbientGlobal(program: ts.Program, declaration: ts.Declaration): boolean {
  const file = declaration.getSourceFile();
  if (program.isSourceFileDefaultLibrary(file)) return true;
  if (!file.isDeclarationFile) return false;
  if (!ts.isExternalModule(file)) return !isInsideAmbientModule(declaration);
  return isInsideGlobalAugmentation(declaration);
}

function isInsideAmbientModule(node: ts.Node): boolean {
  for (let up: ts.Node = node; !ts.isSourceFile(up); up = up.parent) {
    if (ts.isModuleDeclaration(up)) return !ts.isIdentifier(up.name) || up.name.text !== 'global';
  }
  return false;
}

function isInsideGlobalAugmentation(node: ts.Node): boolean {
  for (let up: ts.Node = node; !ts.isSourceFile(up); up = up.parent) {
    if (ts.isModuleDeclaration(up) && ts.isIdentifier(up.name) && up.name.text === 'global') return true;
  }
  return false;
}
