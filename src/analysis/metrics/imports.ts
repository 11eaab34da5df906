/** Which modules a file names, and whether they are needed at load time, later, or only by its types. */
import ts from 'typescript';
import type { ImportKind } from '../types.js';

export type References = Map<string, ImportKind>;

const rank: Readonly<Record<ImportKind, number>> = { lazy: 0, type: 1, value: 2 };

/** The strongest kind counts when a module is named more than once. */
export function refer(references: References, module: string, kind: ImportKind): void {
  const known = references.get(module);
  if (known === undefined || rank[known] < rank[kind]) references.set(module, kind);
}

/** Import and export declarations; calls are added by the walk, see `referOfCall`. */
export function referencesOf(sourceFile: ts.SourceFile): References {
  const references: References = new Map();
  for (const statement of sourceFile.statements) {
    if (ts.isImportDeclaration(statement))
      note(references, statement.moduleSpecifier, kindOfImport(statement));
    else if (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined)
      note(references, statement.moduleSpecifier, kindOfExport(statement));
    else if (
      ts.isImportEqualsDeclaration(statement) &&
      ts.isExternalModuleReference(statement.moduleReference)
    )
      note(references, statement.moduleReference.expression, statement.isTypeOnly ? 'type' : 'value');
  }
  return references;
}

function note(references: References, module: ts.Expression, kind: ImportKind): void {
  if (ts.isStringLiteralLike(module)) refer(references, module.text, kind);
}

function kindOfImport({ importClause }: ts.ImportDeclaration): ImportKind {
  if (importClause === undefined) return 'value';
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return 'type';
  const bindings = importClause.namedBindings;
  if (importClause.name !== undefined || bindings === undefined || ts.isNamespaceImport(bindings))
    return 'value';
  return bindings.elements.length > 0 && bindings.elements.every((one) => one.isTypeOnly) ? 'type' : 'value';
}

function kindOfExport({ isTypeOnly, exportClause }: ts.ExportDeclaration): ImportKind {
  if (isTypeOnly) return 'type';
  if (exportClause === undefined || ts.isNamespaceExport(exportClause)) return 'value';
  const { elements } = exportClause;
  return elements.length > 0 && elements.every((one) => one.isTypeOnly) ? 'type' : 'value';
}

/** `import('x')`, and `require('x')` which inside a function runs later. */
export function referOfCall(references: References, call: ts.CallExpression, inFunction: boolean): void {
  const [module] = call.arguments;
  if (module === undefined || !ts.isStringLiteralLike(module)) return;
  if (call.expression.kind === ts.SyntaxKind.ImportKeyword) refer(references, module.text, 'lazy');
  else if (
    ts.isIdentifier(call.expression) &&
    call.expression.text === 'require' &&
    call.arguments.length === 1
  )
    refer(references, module.text, inFunction ? 'lazy' : 'value');
}
