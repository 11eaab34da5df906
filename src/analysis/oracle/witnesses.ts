/**
 * Which files a proof rests on: every question to the oracle is answered from declarations, and a changed declaration
 * in another file may change the answer. The files are noted while a fixer asks.
 */
import ts from 'typescript';
import type { TypeOracle } from '../types.js';

export interface Witnesses {
  /** Answers as the oracle does, and notes. */
  readonly oracle: TypeOracle;
  /** Absolute paths of the files with declarations that were asked about, libraries included. */
  readonly files: () => readonly string[];
}

/** Variables can be chained, and types nested, without end. */
const depthMax = 6;
const typesMax = 200;

/** A wrapper for one proof. */
export function watchOracle(oracle: TypeOracle, program: ts.Program): Witnesses {
  const checker = program.getTypeChecker();
  const files = new Set<string>();
  const seen = new Set<ts.Node | ts.Type>();
  const addSymbol = (symbol: ts.Symbol | undefined, depth: number): void => {
    if (symbol === undefined) return;
    if (symbol.flags & ts.SymbolFlags.Alias) {
      for (const one of symbol.declarations ?? []) files.add(one.getSourceFile().fileName);
      addSymbol(checker.getAliasedSymbol(symbol), depth);
      return;
    }
    for (const one of symbol.declarations ?? []) {
      files.add(one.getSourceFile().fileName);
      followInitializer(one, depth);
    }
  };
  /** The type of `const x = f()` comes from what `f` is declared to give. */
  const followInitializer = (declaration: ts.Declaration, depth: number): void => {
    if (depth >= depthMax || seen.has(declaration)) return;
    seen.add(declaration);
    const value =
      ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration)
        ? declaration.initializer
        : undefined;
    if (value === undefined) return;
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node)) return;
      if (ts.isIdentifier(node)) addSymbol(checker.getSymbolAtLocation(node), depth + 1);
      ts.forEachChild(node, visit);
    };
    visit(value);
  };
  const addType = (type: ts.Type, depth: number): void => {
    if (depth >= depthMax || seen.has(type) || seen.size > typesMax) return;
    seen.add(type);
    for (const symbol of [type.getSymbol(), type.aliasSymbol])
      for (const one of symbol?.declarations ?? []) files.add(one.getSourceFile().fileName);
    if (type.isUnionOrIntersection()) for (const member of type.types) addType(member, depth + 1);
    for (const argument of type.aliasTypeArguments ?? []) addType(argument, depth + 1);
    if (type.flags & ts.TypeFlags.Object && (type as ts.ObjectType).objectFlags & ts.ObjectFlags.Reference)
      for (const argument of checker.getTypeArguments(type as ts.TypeReference)) addType(argument, depth + 1);
  };
  const note = (node: ts.Node): void => {
    const named = ts.isPropertyAccessExpression(node) ? node.name : node;
    addSymbol(checker.getSymbolAtLocation(named), 0);
    addType(checker.getTypeAtLocation(node), 0);
    ts.forEachChild(node, (child) => {
      if (ts.isExpression(child) && !ts.isFunctionLike(child)) note(child);
    });
  };
  const at = (node: ts.Node): TypeOracle => {
    note(node);
    return oracle;
  };
  return { oracle: wrap(oracle, at), files: () => [...files] };
}

/** `at` notes the node and gives the real oracle. */
function wrap(oracle: TypeOracle, at: (node: ts.Node) => TypeOracle): TypeOracle {
  return {
    typed: oracle.typed,
    isArray: (node) => at(node).isArray(node),
    isArrayOrNullish: (node) => at(node).isArrayOrNullish(node),
    isMap: (node) => at(node).isMap(node),
    isSet: (node) => at(node).isSet(node),
    isString: (node) => at(node).isString(node),
    isRegExp: (node) => at(node).isRegExp(node),
    isDate: (node) => at(node).isDate(node),
    isThenable: (node) => at(node).isThenable(node),
    valueKind: (node) => at(node).valueKind(node),
    possibleKinds: (node) => at(node).possibleKinds(node),
    elementKinds: (node) => at(node).elementKinds(node),
    elementKind: (node) => at(node).elementKind(node),
    tupleLength: (node) => at(node).tupleLength(node),
    isAccessor: (node) => at(node).isAccessor(node),
    declarationOf: (node) => at(node).declarationOf(node),
    isGlobal: (node) => at(node).isGlobal(node),
    neverNaN: (node, what) => at(node).neverNaN(node, what),
    referencesOf: (declaration) => oracle.referencesOf(declaration),
    libraryYear: () => oracle.libraryYear(),
    iteratesFreely: () => oracle.iteratesFreely(),
  };
}
