/** Built-ins that an edit names must mean the built-in: a file that declares such a name gets `globalThis.Name`. */
import ts from 'typescript';
import type { RuleContext } from '../../../analysis/types.js';
import { need } from './refusal.js';

const builtins = [
  'Object',
  'Array',
  'Set',
  'Map',
  'Math',
  'Number',
  'Intl',
  'RegExp',
  'JSON',
  'Infinity',
  'undefined',
];

const declared = new WeakMap<ts.SourceFile, ReadonlySet<string>>();

/** Names of all bindings that the file declares, in any scope: cheaper than resolving, and on the safe side. */
function declaredNames(file: ts.SourceFile): ReadonlySet<string> {
  const known = declared.get(file);
  if (known !== undefined) return known;
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && isBindingName(node)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  declared.set(file, names);
  return names;
}

function isBindingName(name: ts.Identifier): boolean {
  const { parent } = name;
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isBindingElement(parent))
    return parent.name === name;
  if (ts.isFunctionDeclaration(parent) || ts.isFunctionExpression(parent)) return parent.name === name;
  if (ts.isClassDeclaration(parent) || ts.isClassExpression(parent)) return parent.name === name;
  if (ts.isEnumDeclaration(parent) || ts.isModuleDeclaration(parent)) return parent.name === name;
  return ts.isImportClause(parent) || ts.isImportSpecifier(parent) || ts.isNamespaceImport(parent);
}

/** How the file says the built-in: by its name, or by way of `globalThis` where the name means something else. */
export function builtInName(name: string, { sourceFile, oracle }: RuleContext): string {
  const names = declaredNames(sourceFile);
  if (!names.has(name)) return name;
  const reachable =
    !names.has('globalThis') &&
    (/(?<![\w$.])globalThis\./.test(sourceFile.text) || (oracle.libraryYear() ?? 0) >= 2020);
  need(reachable, `\`${name}\` means something else in this file`);
  return `globalThis.${name}`;
}

/** The first built-in that `newText` names, `oldText` does not, and the file means otherwise; null when there is none. */
export function shadowedBuiltin(file: ts.SourceFile, oldText: string, newText: string): string | null {
  const names = declaredNames(file);
  const used = (text: string, name: string) => new RegExp(`(?<![\\w$.])${name}(?![\\w$])`).test(text);
  return builtins.find((name) => names.has(name) && used(newText, name) && !used(oldText, name)) ?? null;
}
