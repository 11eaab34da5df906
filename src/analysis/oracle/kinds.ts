/** What a value can be at run time, member by member of its type; null wherever the checker proves nothing. */
import ts from 'typescript';
import type { ValueKind } from '../types.js';

type Kinds = ReadonlySet<ValueKind>;

const primitives: readonly (readonly [ts.TypeFlags, ValueKind])[] = [
  [ts.TypeFlags.StringLike, 'string'],
  [ts.TypeFlags.NumberLike, 'number'],
  [ts.TypeFlags.BigIntLike, 'bigint'],
  [ts.TypeFlags.BooleanLike, 'boolean'],
  [ts.TypeFlags.ESSymbolLike, 'symbol'],
  [ts.TypeFlags.Null | ts.TypeFlags.Undefined, 'nullish'],
];

/** `void` proves nothing: a function typed to return it may return anything. */
const opaque =
  ts.TypeFlags.Any |
  ts.TypeFlags.Unknown |
  ts.TypeFlags.Never |
  ts.TypeFlags.Void |
  ts.TypeFlags.Substitution;

/** Every kind that a value of the type can have, or null when that is not proved. */
export function kindsOfType(checker: ts.TypeChecker, type: ts.Type): Kinds | null {
  if (type.flags & opaque) return null;
  for (const [flag, kind] of primitives) if (type.flags & flag) return new Set([kind]);
  if (type.isUnion()) return unionOf(type.types.map((member) => kindsOfType(checker, member)));
  if (type.isIntersection()) return kindsOfIntersection(checker, type);
  if (type.flags & ts.TypeFlags.Instantiable) {
    const constraint = checker.getBaseConstraintOfType(type);
    return constraint === undefined || constraint === type ? null : kindsOfType(checker, constraint);
  }
  if (type.flags & ts.TypeFlags.NonPrimitive) return new Set<ValueKind>(['object', 'function']);
  return type.flags & ts.TypeFlags.Object ? kindsOfObject(checker, type) : null;
}

/** A union with one unproved member is unproved. */
export function unionOf(members: readonly (Kinds | null)[]): Kinds | null {
  const all = new Set<ValueKind>();
  for (const member of members) {
    if (member === null) return null;
    for (const kind of member) all.add(kind);
  }
  return all.size === 0 ? null : all;
}

/** Branded primitives (`string & { __brand }`) are the primitive. */
function kindsOfIntersection(checker: ts.TypeChecker, type: ts.IntersectionType): Kinds | null {
  const members = type.types.map((member) => kindsOfType(checker, member));
  for (const kinds of members) {
    const [only] = kinds ?? [];
    if (kinds?.size === 1 && only !== undefined && only !== 'object' && only !== 'function') return kinds;
  }
  return unionOf(members);
}

/** A structural type such as `{ length: number }` also admits primitives. */
function kindsOfObject(checker: ts.TypeChecker, type: ts.Type): Kinds {
  const kinds = new Set<ValueKind>();
  kinds.add(
    type.getCallSignatures().length + type.getConstructSignatures().length > 0 ? 'function' : 'object',
  );
  const candidates: readonly (readonly [ts.Type, ValueKind])[] = [
    [checker.getStringType(), 'string'],
    [checker.getNumberType(), 'number'],
    [checker.getBigIntType(), 'bigint'],
    [checker.getBooleanType(), 'boolean'],
    [checker.getESSymbolType(), 'symbol'],
  ];
  for (const [primitive, kind] of candidates)
    if (checker.isTypeAssignableTo(primitive, type)) kinds.add(kind);
  return kinds;
}

/** Proved never to be NaN: no number at all, or number literals only. */
export function typeExcludesNaN(checker: ts.TypeChecker, type: ts.Type): boolean {
  if (type.isUnion()) return type.types.every((member) => typeExcludesNaN(checker, member));
  if (type.flags & ts.TypeFlags.EnumLike) return false;
  if (type.isNumberLiteral()) return !Number.isNaN(type.value);
  const kinds = kindsOfType(checker, type);
  return kinds !== null && !kinds.has('number');
}
