/**
 * The oracle of a first look at a file, without the types of anything outside it. It answers what the file's own text
 * settles and gives up at the first question that needs more: most files never ask one, and need no program then.
 */
import ts from 'typescript';
import type { TypeOracle } from '../types.js';
import { iteratesFreely, libraryYear } from './library.js';
import { createSymbols, valueSymbol } from './symbols.js';

/** The file has to be looked at again, with types. */
export class NeedsTypes extends Error {
  constructor() {
    super('this file asks for types');
    this.name = 'NeedsTypes';
  }
}

/** Declared in one place, found by its name alone. */
const named =
  ts.SymbolFlags.Variable | ts.SymbolFlags.Function | ts.SymbolFlags.Class | ts.SymbolFlags.RegularEnum;

/**
 * @param program over any files, without their imports and without the library: only names are looked up in it, and an
 *   answer counts only when it lies in the file of the question
 */
export function createScoutOracle(program: ts.Program): TypeOracle {
  const checker = program.getTypeChecker();
  const options = program.getCompilerOptions();
  const symbols = createSymbols(program);
  const giveUp = (): never => {
    throw new NeedsTypes();
  };
  /** Throws unless every program with this file in it would find the same declaration. */
  const settle = (node: ts.Identifier): void => {
    const file = node.getSourceFile();
    if (!isClosed(file)) giveUp();
    const { parent } = node;
    if (ts.isPropertyAccessExpression(parent) && parent.name === node) giveUp();
    const symbol = valueSymbol(checker, node);
    const flags = symbol?.flags ?? ts.SymbolFlags.None;
    const declarations = symbol?.declarations ?? [];
    if ((flags & named) === 0 || (flags & ts.SymbolFlags.Value & ~named) !== 0) giveUp();
    if (declarations.length === 0 || declarations.some((one) => one.getSourceFile() !== file)) giveUp();
  };
  return {
    typed: true,
    isArray: giveUp,
    isArrayOrNullish: giveUp,
    isMap: giveUp,
    isSet: giveUp,
    isString: giveUp,
    isRegExp: giveUp,
    isDate: giveUp,
    isThenable: giveUp,
    valueKind: giveUp,
    possibleKinds: giveUp,
    elementKinds: giveUp,
    elementKind: giveUp,
    tupleLength: giveUp,
    isAccessor: giveUp,
    neverNaN: giveUp,
    declarationOf(node) {
      settle(node);
      return symbols.declarationOf(node);
    },
    referencesOf(declaration) {
      const name = ts.getNameOfDeclaration(declaration);
      if (name !== undefined && ts.isIdentifier(name)) settle(name);
      return symbols.referencesOf(declaration);
    },
    isGlobal(node) {
      settle(node);
      return symbols.isGlobal(node);
    },
    libraryYear: () => libraryYear(options),
    iteratesFreely: () => iteratesFreely(options),
  };
}

const closed = new WeakMap<ts.SourceFile, boolean>();

/** A module that adds nothing to the global scope: no other file can merge with what it declares. */
function isClosed(file: ts.SourceFile): boolean {
  const known = closed.get(file) ?? (ts.isExternalModule(file) && !file.text.includes('declare global'));
  closed.set(file, known);
  return known;
}
