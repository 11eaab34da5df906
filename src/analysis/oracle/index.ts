/**
 * The type oracle on TypeScript 6: the few typed questions that rules and fixers ask, at candidate sites only.
 * Every answer is conservative: what the checker does not prove is `unknown`, null or false.
 */
import ts from 'typescript';
import type { Tri, TypeOracle, ValueKind } from '../types.js';
import { awaitedShape } from './declared-promise.js';
import { kindsOfType, typeExcludesNaN, unionOf } from './kinds.js';
import { iteratesFreely, libraryYear } from './library.js';
import { createProvenance, isUnchecked } from './provenance.js';
import { arrayShape, builtInShape, stringShape } from './shapes.js';
import { createSymbols } from './symbols.js';

export interface OracleOptions {
  /** False: names are resolved, but no type is believed (no usable configuration or libraries). */
  readonly typed?: boolean;
}

type Kinds = ReadonlySet<ValueKind>;

/**
 * Makes the oracle of one program. `typed` is false when asked so or when the standard library is missing.
 * Nodes passed in must belong to `program` and have parents set.
 */
export function createTypeOracle(program: ts.Program, options: OracleOptions = {}): TypeOracle {
  const checker = program.getTypeChecker();
  const compilerOptions = program.getCompilerOptions();
  const typed = options.typed !== false && hasLibrary(program);
  const strictNulls = compilerOptions.strictNullChecks ?? compilerOptions.strict ?? true;
  const symbols = createSymbols(program);
  const built = createProvenance(symbols);
  const unchecked = new WeakMap<ts.SourceFile, boolean>();
  const believes = (node: ts.Node): boolean => {
    if (!typed) return false;
    const file = node.getSourceFile();
    const known = unchecked.get(file) ?? isUnchecked(file, compilerOptions);
    unchecked.set(file, known);
    return !known;
  };
  const proved = (yes: boolean): Tri => (yes ? 'yes' : 'unknown');
  const shape = (node: ts.Node, name: string): Tri => {
    if (!believes(node)) return proved(built.isInstance(node, name));
    return builtInShape(program, checker.getTypeAtLocation(node), name);
  };
  const nullable = (kinds: Kinds | null, fresh: boolean): Kinds | null =>
    kinds === null || strictNulls || fresh ? kinds : new Set([...kinds, 'nullish' as const]);
  const kindsOf = (node: ts.Node): Kinds | null => {
    if (!believes(node)) return built.kinds(node);
    const kinds = kindsOfType(checker, checker.getTypeAtLocation(node));
    if (kinds !== null && mayMissElement(node, symbols.declarationOf, checker))
      return new Set([...kinds, 'nullish' as const]);
    return nullable(kinds, isFreshValue(node));
  };
  const elementKindsOf = (node: ts.Node): Kinds | null => {
    if (!believes(node)) return built.elementKinds(node);
    return nullable(elementKindsOfType(checker, checker.getTypeAtLocation(node)), false);
  };

  return {
    typed,
    isArray: (node) =>
      believes(node) ? arrayShape(checker, checker.getTypeAtLocation(node)) : proved(built.isArray(node)),
    isArrayOrNullish: (node) => (believes(node) ? presentIsArray(checker, node) : built.isArray(node)),
    isMap: (node) => shape(node, 'Map'),
    isSet: (node) => shape(node, 'Set'),
    isRegExp: (node) => shape(node, 'RegExp'),
    isDate: (node) => shape(node, 'Date'),
    isString: (node) =>
      believes(node) ? stringShape(checker, checker.getTypeAtLocation(node)) : proved(built.isString(node)),
    isThenable(node) {
      if (!believes(node)) {
        const kinds = built.kinds(node);
        return kinds !== null && !kinds.has('object') && !kinds.has('function') ? 'no' : 'unknown';
      }
      return awaitedShape(checker, node);
    },
    valueKind: (node) => oneKind(kindsOf(node)),
    elementKind: (node) => oneKind(elementKindsOf(node)),
    possibleKinds: (node) => listOf(kindsOf(node)),
    elementKinds: (node) => listOf(elementKindsOf(node)),
    neverNaN: (node, what) => {
      if (!believes(node)) {
        const kinds = what === 'value' ? built.kinds(node) : built.elementKinds(node);
        return kinds !== null && !kinds.has('number');
      }
      const type = checker.getTypeAtLocation(node);
      if (what === 'value') return typeExcludesNaN(checker, type);
      const elements = elementTypes(checker, type);
      return elements !== null && elements.every((element) => typeExcludesNaN(checker, element));
    },
    tupleLength: (node) =>
      believes(node) ? fixedTupleLength(checker, checker.getTypeAtLocation(node)) : null,
    isAccessor: (node) => accessorAnswer(program, checker, node, believes(node)),
    declarationOf: symbols.declarationOf,
    referencesOf: symbols.referencesOf,
    isGlobal: symbols.isGlobal,
    libraryYear: () => libraryYear(compilerOptions),
    iteratesFreely: () => iteratesFreely(compilerOptions),
  };
}

/** An array in every member of the type that is neither null nor undefined. */
function presentIsArray(checker: ts.TypeChecker, node: ts.Node): boolean {
  return arrayShape(checker, checker.getNonNullableType(checker.getTypeAtLocation(node))) === 'yes';
}

function hasLibrary(program: ts.Program): boolean {
  return program.getSourceFiles().some((file) => program.isSourceFileDefaultLibrary(file));
}

function oneKind(kinds: Kinds | null): ValueKind {
  const [first] = kinds ?? [];
  if (kinds === null || first === undefined) return 'unknown';
  return kinds.size === 1 ? first : 'mixed';
}

function listOf(kinds: Kinds | null): readonly ValueKind[] | null {
  return kinds === null ? null : [...kinds].toSorted();
}

/** Values that are there whatever `strictNullChecks` says. */
function isFreshValue(node: ts.Node): boolean {
  return (
    ts.isLiteralExpression(node) ||
    ts.isTemplateExpression(node) ||
    ts.isArrayLiteralExpression(node) ||
    ts.isObjectLiteralExpression(node) ||
    ts.isNewExpression(node) ||
    ts.isFunctionLike(node)
  );
}

/** `a[i]` beyond the end or in a hole is undefined, whatever the element type says; also one variable further. */
function mayMissElement(
  node: ts.Node,
  declarationOf: (node: ts.Identifier) => ts.Declaration | null,
  checker: ts.TypeChecker,
): boolean {
  const isTuple = (owner: ts.Node): boolean => checker.isTupleType(checker.getTypeAtLocation(owner));
  if (ts.isElementAccessExpression(node))
    return !(ts.isNumericLiteral(node.argumentExpression) && isTuple(node.expression));
  if (ts.isParenthesizedExpression(node)) return mayMissElement(node.expression, declarationOf, checker);
  if (!ts.isIdentifier(node)) return false;
  const declaration = declarationOf(node);
  if (declaration === null) return false;
  if (ts.isBindingElement(declaration))
    return ts.isArrayBindingPattern(declaration.parent) && !isTuple(declaration.parent);
  return (
    ts.isVariableDeclaration(declaration) &&
    declaration.initializer !== undefined &&
    ts.isElementAccessExpression(declaration.initializer) &&
    mayMissElement(declaration.initializer, declarationOf, checker)
  );
}

function elementTypes(checker: ts.TypeChecker, type: ts.Type): readonly ts.Type[] | null {
  if (type.isUnion()) {
    const members = type.types.map((member) => elementTypes(checker, member));
    return members.includes(null) ? null : members.flatMap((member) => member ?? []);
  }
  if (!checker.isArrayType(type) && !checker.isTupleType(type)) return null;
  const element = checker.getIndexTypeOfType(type, ts.IndexKind.Number);
  return element === undefined ? null : [element];
}

function elementKindsOfType(checker: ts.TypeChecker, type: ts.Type): Kinds | null {
  const elements = elementTypes(checker, type);
  return elements === null ? null : unionOf(elements.map((element) => kindsOfType(checker, element)));
}

function fixedTupleLength(checker: ts.TypeChecker, type: ts.Type): number | null {
  if (!checker.isTupleType(type)) return null;
  const target = (type as ts.TupleTypeReference).target;
  return target.hasRestElement || target.minLength !== target.fixedLength ? null : target.fixedLength;
}

/** The language's own properties (`length`, `size`) run no foreign code; those of the DOM may. */
function accessorAnswer(
  program: ts.Program,
  checker: ts.TypeChecker,
  node: ts.PropertyAccessExpression,
  believed: boolean,
): Tri {
  const declarations = checker.getSymbolAtLocation(node.name)?.declarations ?? [];
  if (declarations.length === 0) return 'unknown';
  if (declarations.some((one) => ts.isGetAccessor(one) || ts.isSetAccessor(one))) return 'yes';
  if (!believed) return 'unknown';
  const data = declarations.every((one) => {
    if (ts.isEnumMember(one) || ts.isPropertyAssignment(one) || ts.isShorthandPropertyAssignment(one))
      return true;
    if (ts.isParameter(one)) return true;
    if (ts.isPropertyDeclaration(one))
      return (
        (ts.getCombinedModifierFlags(one) & (ts.ModifierFlags.Accessor | ts.ModifierFlags.Abstract)) === 0
      );
    const file = one.getSourceFile();
    return program.isSourceFileDefaultLibrary(file) && /lib\.(es|decorators)/.test(file.fileName);
  });
  return data ? 'no' : 'unknown';
}
