/**
 * Which functions of a patch can be watched on both sides: the changed ones, private and nested ones too, then those
 * around them and those of the same file that call them. Purely syntactic.
 */
import ts from 'typescript';
import { changesOf } from '../../equivalence/changes.js';
import { declarationsOf, type Declaration } from '../../equivalence/declarations.js';
import { isCalledInPlace } from '../../equivalence/in-place.js';

/** How near a function is to the change; nearer ones say more about it. */
export type Nearness = 'changed' | 'around' | 'caller';

export interface WatchedFunction {
  /** "src/a.ts#Cart.add". */
  readonly id: string;
  readonly file: string;
  readonly nearness: Nearness;
  readonly base: Declaration;
  readonly candidate: Declaration;
}

const callersMaximum = 6;

/** A call of it can be made again inside the process that made it, without waiting. */
export function isWatchable({ node, kind }: Declaration): boolean {
  if (kind === 'constructor' || kind === 'setter' || node.body === undefined) return false;
  if (!ts.isArrowFunction(node) && !ts.isBlock(node.body)) return false;
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  return !modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.AsyncKeyword);
}

function identifiersIn(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const visit = (at: ts.Node): void => {
    if (ts.isIdentifier(at) || ts.isPrivateIdentifier(at)) names.add(at.text);
    ts.forEachChild(at, visit);
  };
  visit(node);
  return names;
}

/** The function whose calls are measured: for a callback written in place, the one around it. */
function aroundInPlace(declaration: Declaration): Declaration {
  let at = declaration;
  while (isCalledInPlace(at) && at.parent !== null) at = at.parent;
  return isWatchable(at) ? at : declaration;
}

/** The last part of a declaration's name: what callers in the same file write. */
const calledAs = ({ name, binding, member }: Declaration): string =>
  member ?? binding ?? name.replace(/~\d+$/, '').split(/[.>]/).at(-1) ?? name;

/** Watchable functions of one changed file, nearest first. */
export function watchedFunctions(file: string, before: string, after: string): WatchedFunction[] {
  const sides = [declarationsOf(file, before), declarationsOf(file, after)] as const;
  const [base, candidate] = sides;
  const changed = changesOf(file, base, candidate).declarations.flatMap(({ before, after }) =>
    before === null || after === null ? [] : [before],
  );
  const found = new Map<string, WatchedFunction>();
  const add = (declaration: Declaration, nearness: Nearness): void => {
    const other = candidate.declarations.find(({ name }) => name === declaration.name);
    if (found.has(declaration.name) || other === undefined || other.kind !== declaration.kind) return;
    if (!isWatchable(declaration) || !isWatchable(other)) return;
    const id = `${file}#${declaration.name}`;
    found.set(declaration.name, { id, file, nearness, base: declaration, candidate: other });
  };
  // Functions around come before those inside them: a loop says more than its body.
  for (const declaration of changed) add(aroundInPlace(declaration), 'changed');
  for (const declaration of changed) {
    for (let at = declaration.parent; at !== null; at = at.parent) add(at, 'around');
  }
  const callees = new Set([...changed, ...[...found.values()].map(({ base }) => base)].map(calledAs));
  const calling = base.declarations.filter((declaration) => {
    if (found.has(declaration.name)) return false;
    const names = identifiersIn(declaration.node);
    return [...callees].some((name) => names.has(name) && name !== calledAs(declaration));
  });
  for (const declaration of calling.slice(0, callersMaximum)) add(declaration, 'caller');
  return [...found.values()];
}
