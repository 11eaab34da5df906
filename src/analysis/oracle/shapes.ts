/** Is a type an Array, a Map, a thenable …: yes and no only when proved for every union member. */
import ts from 'typescript';
import type { Tri } from '../types.js';
import { kindsOfType } from './kinds.js';

const opaque = ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Never | ts.TypeFlags.Void;

/** Asks every union member; different answers make `unknown`. Type parameters are never proved. */
function everyMember(type: ts.Type, ask: (member: ts.Type) => Tri): Tri {
  if (type.flags & (opaque | ts.TypeFlags.Instantiable)) return 'unknown';
  if (!type.isUnion()) return ask(type);
  const answers = new Set(type.types.map((member) => everyMember(member, ask)));
  const [only] = answers;
  return answers.size === 1 && only !== undefined ? only : 'unknown';
}

function isPrimitiveOnly(checker: ts.TypeChecker, type: ts.Type): boolean {
  const kinds = kindsOfType(checker, type);
  return kinds !== null && !kinds.has('object') && !kinds.has('function');
}

/** Real arrays and tuples; a class that extends Array is not one, a structural type may be one. */
export function arrayShape(checker: ts.TypeChecker, type: ts.Type): Tri {
  return everyMember(type, (member) => {
    if (checker.isArrayType(member) || checker.isTupleType(member)) return 'yes';
    if (isPrimitiveOnly(checker, member)) return 'no';
    return isClassInstance(member) ? 'no' : 'unknown';
  });
}

/** The named interface of the standard library (Map, Set, RegExp, Date). */
export function builtInShape(program: ts.Program, type: ts.Type, name: string): Tri {
  const checker = program.getTypeChecker();
  return everyMember(type, (member) => {
    if (isLibraryType(program, member, name)) return 'yes';
    if (isPrimitiveOnly(checker, member)) return 'no';
    if (checker.isArrayType(member) || checker.isTupleType(member)) return 'no';
    return isClassInstance(member) ? 'no' : 'unknown';
  });
}

export function stringShape(checker: ts.TypeChecker, type: ts.Type): Tri {
  return everyMember(type, (member) => {
    const kinds = kindsOfType(checker, member);
    if (kinds === null) return 'unknown';
    if (!kinds.has('string')) return 'no';
    return kinds.size === 1 ? 'yes' : 'unknown';
  });
}

/** `no` for primitives and for object types without a `then`; empty types (`{}`, `object`) prove nothing. */
export function thenableShape(checker: ts.TypeChecker, type: ts.Type): Tri {
  if (type.flags & (opaque | ts.TypeFlags.Instantiable)) return 'unknown';
  if (type.isUnion()) {
    const answers = type.types.map((member) => thenableShape(checker, member));
    if (answers.includes('yes')) return 'yes';
    return answers.includes('unknown') ? 'unknown' : 'no';
  }
  if (checker.getPropertyOfType(type, 'then') !== undefined) return 'yes';
  if (isPrimitiveOnly(checker, type)) return 'no';
  if (type.flags & ts.TypeFlags.NonPrimitive) return 'unknown';
  const empty = checker.getPropertiesOfType(type).length === 0 && type.getCallSignatures().length === 0;
  return empty || type.getStringIndexType() !== undefined ? 'unknown' : 'no';
}

/** Library types are recognised by name and by the file that declares them: nothing else may pose as one. */
function isLibraryType(program: ts.Program, type: ts.Type, name: string): boolean {
  const symbol = type.getSymbol();
  if (symbol === undefined || symbol.getName() !== name) return false;
  return (symbol.declarations ?? []).some((declaration) =>
    program.isSourceFileDefaultLibrary(declaration.getSourceFile()),
  );
}

function isClassInstance(type: ts.Type): boolean {
  return type.isClass() && (type.flags & ts.TypeFlags.Object) !== 0 && type.getCallSignatures().length === 0;
}
