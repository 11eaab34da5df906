/** Expressions whose value is known when the plan is made. */
import ts from 'typescript';
import { bare } from './nodes.js';

export interface ConstantRecord {
  readonly [key: string]: Constant;
}
export type Constant = string | number | boolean | undefined | ConstantRecord;

export function isRecord(value: Constant): value is ConstantRecord {
  return typeof value === 'object';
}

/** The value of literals and of object literals made of them; null when it is not constant. */
export function constantOf(expression: ts.Expression): { readonly value: Constant } | null {
  const at = bare(expression);
  if (ts.isStringLiteralLike(at)) return { value: at.text };
  if (ts.isNumericLiteral(at)) return { value: Number(at.text) };
  if (at.kind === ts.SyntaxKind.TrueKeyword) return { value: true };
  if (at.kind === ts.SyntaxKind.FalseKeyword) return { value: false };
  if (!ts.isObjectLiteralExpression(at)) return null;
  const entries: [string, Constant][] = [];
  for (const property of at.properties) {
    if (!ts.isPropertyAssignment(property)) return null;
    if (!ts.isIdentifier(property.name) && !ts.isStringLiteral(property.name)) return null;
    const value = constantOf(property.initializer);
    if (value === null || property.name.text === '__proto__') return null;
    entries.push([property.name.text, value.value]);
  }
  return { value: Object.fromEntries(entries) };
}
