/** Which declarations of a file did a patch change? Compared by tokens, so that layout and comments do not count. */
import ts from 'typescript';
import type { Declaration, FileDeclarations } from './declarations.js';

export interface DeclarationChange {
  readonly name: string;
  /** Null for a new helper. */
  readonly before: Declaration | null;
  /** Null for a removed one. */
  readonly after: Declaration | null;
}

export interface FileChange {
  readonly file: string;
  readonly before: FileDeclarations;
  readonly after: FileDeclarations;
  readonly declarations: readonly DeclarationChange[];
  /** Top-level code outside of all functions differs; the names that its changed statements bind. */
  readonly topLevel: readonly string[];
}

/** Tokens of a node's own text: nested declarations appear as a mark, comments and white space not at all. */
export function ownTokens(node: ts.Node, nested: ReadonlySet<ts.Node>): string {
  const parts: string[] = [];
  const visit = (current: ts.Node): void => {
    if (current !== node && nested.has(current)) {
      parts.push('<declaration>');
      return;
    }
    const children = current.getChildren();
    if (children.length === 0) {
      if (current.kind !== ts.SyntaxKind.EndOfFileToken) parts.push(current.getText());
      return;
    }
    if (current.kind === ts.SyntaxKind.JSDoc) return;
    for (const child of children) {
      if (child.kind !== ts.SyntaxKind.JSDoc) visit(child);
    }
  };
  visit(node);
  return parts.join(' ');
}

function tokensByName(file: FileDeclarations): Map<string, { declaration: Declaration; tokens: string }> {
  const nodes = new Set<ts.Node>(file.declarations.map((declaration) => declaration.node));
  return new Map(
    file.declarations.map((declaration) => [
      declaration.name,
      { declaration, tokens: ownTokens(declaration.node, nodes) },
    ]),
  );
}

/** Statement texts of the file's top level without function bodies, with the names that each binds. */
function topLevelStatements(file: FileDeclarations): Map<string, string[]> {
  const nodes = new Set<ts.Node>(file.declarations.map((declaration) => declaration.node));
  const found = new Map<string, string[]>();
  for (const statement of file.sourceFile.statements) {
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) continue;
    if (nodes.has(statement)) continue;
    found.set(ownTokens(statement, nodes), boundNames(statement));
  }
  return found;
}

function boundNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap((d) =>
      ts.isIdentifier(d.name) ? [d.name.text] : [],
    );
  }
  if (ts.isClassDeclaration(statement) || ts.isEnumDeclaration(statement)) {
    return statement.name === undefined ? [] : [statement.name.text];
  }
  if (ts.isImportDeclaration(statement)) {
    const clause = statement.importClause;
    const named = clause?.namedBindings;
    return [
      ...(clause?.name === undefined ? [] : [clause.name.text]),
      ...(named === undefined
        ? []
        : ts.isNamespaceImport(named)
          ? [named.name.text]
          : named.elements.map((element) => element.name.text)),
    ];
  }
  return [];
}

/** Compares two versions of one file. */
export function changesOf(file: string, before: FileDeclarations, after: FileDeclarations): FileChange {
  const old = tokensByName(before);
  const fresh = tokensByName(after);
  const declarations: DeclarationChange[] = [];
  for (const [name, { declaration, tokens }] of fresh) {
    const other = old.get(name);
    if (other?.tokens !== tokens) {
      declarations.push({ name, before: other?.declaration ?? null, after: declaration });
    }
  }
  for (const [name, { declaration }] of old) {
    if (!fresh.has(name)) declarations.push({ name, before: declaration, after: null });
  }
  const statementsBefore = topLevelStatements(before);
  const statementsAfter = topLevelStatements(after);
  const topLevel = [
    ...[...statementsAfter].filter(([tokens]) => !statementsBefore.has(tokens)),
    ...[...statementsBefore].filter(([tokens]) => !statementsAfter.has(tokens)),
  ].flatMap(([, names]) => names);
  return { file, before, after, declarations, topLevel: [...new Set(topLevel)] };
}
