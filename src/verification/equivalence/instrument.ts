/** The text that records one call, for the start of a function. */
import ts from 'typescript';
import type { Declaration } from './declarations.js';

/** A function to be recorded under an id. */
export interface Recorded {
  readonly id: string;
  readonly declaration: Declaration;
}

/** A member of a class that is constructed without code of its own: the first call is the first that is seen of it. */
function isBare(declaration: Declaration): boolean {
  const owner = declaration.owner?.node;
  if (owner === null || owner === undefined || !ts.isClassLike(owner) || declaration.kind === 'constructor')
    return false;
  const isExtending =
    owner.heritageClauses?.some((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword) === true;
  return !isExtending && !owner.members.some(ts.isConstructorDeclaration);
}

/** @returns source text by the expressions for `this` and for the arguments */
export function recordingOf({ id, declaration }: Recorded): (self: string, args: string) => string {
  const bare = isBare(declaration);
  return (self, args) =>
    ` __ratchetRecord(${JSON.stringify(id)}, '${declaration.kind}', ${bare}, ${self}, ${args});`;
}
